//! The macro that ties each typed field to the one key it is read from.
//!
//! Invariant: a field exists exactly once per key, and `READ` lists every pair, so that a test can
//! prove that each key the table calls effective has a field, and that somebody uses the field.

use crate::value::{parse_boolean, split_list};

/// A type that a checked value is read into.
pub(crate) trait Setting: Sized {
    /// Reads a value that the table's check has let through; `None` is Kafka's null.
    fn read(text: Option<&str>) -> Option<Self>;
}

macro_rules! number_settings {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            fn read(text: Option<&str>) -> Option<Self> {
                text?.trim().parse().ok()
            }
        }
    )*};
}

number_settings!(i16, i32, i64, u16, u32, u64, usize, f64);

impl Setting for bool {
    fn read(text: Option<&str>) -> Option<Self> {
        parse_boolean(text?.trim())
    }
}

impl Setting for String {
    fn read(text: Option<&str>) -> Option<Self> {
        Some(text?.trim().to_owned())
    }
}

impl Setting for Vec<String> {
    fn read(text: Option<&str>) -> Option<Self> {
        Some(split_list(text?).map(str::to_owned).collect())
    }
}

/// A value that may be missing: null, empty, or -1 where a number is wanted that cannot be
/// negative.
impl<T: Setting> Setting for Option<T> {
    fn read(text: Option<&str>) -> Option<Self> {
        match text.map(str::trim) {
            None | Some("" | "-1") => Some(None),
            Some(text) => T::read(Some(text)).map(Some),
        }
    }
}

/// Declares a struct whose fields are read from configurations, one key each.
macro_rules! settings {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $kind:ty = $key:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $(#[doc = concat!("`", $key, "`")] pub $field: $kind,)*
        }

        impl $name {
            /// Every key that is read, with the field that holds its value.
            pub const READ: &'static [(&'static str, &'static str)] =
                &[$(($key, stringify!($field)),)*];

            /// Reads every field; a value of the wrong type counts as unset, since values are
            /// checked before they get here.
            pub(crate) fn read(
                value_of: impl Fn(&str) -> Option<String>,
                default_of: impl Fn(&str) -> Option<&'static str>,
            ) -> Self {
                Self {
                    // A value that is not there is no null: optional fields have defaults too.
                    $($field: value_of($key)
                        .and_then(|text| <$kind as $crate::settings::Setting>::read(Some(&text)))
                        .or_else(|| $crate::settings::Setting::read(default_of($key)))
                        .unwrap_or_default(),)*
                }
            }

            /// The keys whose default does not fit their field.
            #[cfg(test)]
            pub(crate) fn unreadable_defaults(
                find: impl Fn(&str) -> Option<&'static $crate::def::ConfigDef>,
            ) -> Vec<&'static str> {
                let mut unreadable = Vec::new();
                $(
                    let default = find($key).and_then(|def| def.default);
                    if <$kind as $crate::settings::Setting>::read(default).is_none() {
                        unreadable.push($key);
                    }
                )*
                unreadable
            }
        }
    };
}
pub(crate) use settings;
