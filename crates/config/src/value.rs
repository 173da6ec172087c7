//! Whether a value is of its configuration's type and range, and what is allowed in words.

use crate::def::{ConfigDef, ConfigType, Validator};

/// Checks one value; the error is what is allowed, in words.
pub(crate) fn check(def: &ConfigDef, value: &str) -> Result<(), String> {
    let value = value.trim();
    if has_type(def.kind, value) && in_range(def, value) { Ok(()) } else { Err(allowed(def)) }
}

fn has_type(kind: ConfigType, value: &str) -> bool {
    match kind {
        ConfigType::Boolean => parse_boolean(value).is_some(),
        ConfigType::Int => value.parse::<i32>().is_ok(),
        ConfigType::Short => value.parse::<i16>().is_ok(),
        ConfigType::Long => value.parse::<i64>().is_ok(),
        ConfigType::Double => value.parse::<f64>().is_ok(),
        ConfigType::String | ConfigType::List | ConfigType::Class | ConfigType::Password => true,
    }
}

fn in_range(def: &ConfigDef, value: &str) -> bool {
    let words = |known: &dyn Fn(&str) -> bool| match def.kind {
        ConfigType::List => split_list(value).all(known),
        _ => known(value),
    };
    match def.validator {
        Validator::Any => true,
        Validator::Range(least, most) => {
            value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number))
        }
        Validator::Fraction(least, most) => {
            value.parse::<f64>().is_ok_and(|number| (least..=most).contains(&number))
        }
        Validator::OneOf(known) => words(&|word| known.contains(&word)),
        Validator::OneOfAnyCase(known) => {
            words(&|word| known.iter().any(|other| other.eq_ignore_ascii_case(word)))
        }
        Validator::NonEmpty => !value.is_empty(),
        Validator::Custom(rule, _) => rule(value),
    }
}

/// The allowed values of a configuration, in words.
pub(crate) fn allowed(def: &ConfigDef) -> String {
    let each = if def.kind == ConfigType::List { "a list of " } else { "one of " };
    match def.validator {
        Validator::Any => String::from(match def.kind {
            ConfigType::Boolean => "true or false",
            ConfigType::Int => "a whole number of 32 bits",
            ConfigType::Short => "a whole number of 16 bits",
            ConfigType::Long => "a whole number of 64 bits",
            ConfigType::Double => "a number",
            ConfigType::List => "a list separated by commas",
            ConfigType::String | ConfigType::Class | ConfigType::Password => "any text",
        }),
        Validator::Range(least, i64::MAX) => match def.kind {
            ConfigType::Int => format!("a whole number from {least} to {}", i32::MAX),
            ConfigType::Short => format!("a whole number from {least} to {}", i16::MAX),
            _ => format!("a whole number from {least}"),
        },
        Validator::Range(least, most) => format!("a whole number from {least} to {most}"),
        Validator::Fraction(least, most) => format!("a number from {least} to {most}"),
        Validator::OneOf(words) => format!("{each}{}", words.join(", ")),
        Validator::OneOfAnyCase(words) => format!("{each}{}, in any case", words.join(", ")),
        Validator::NonEmpty => String::from("text that is not empty"),
        Validator::Custom(_, words) => String::from(words),
    }
}

/// `true` and `false` in any case, as Kafka takes them.
pub(crate) fn parse_boolean(value: &str) -> Option<bool> {
    match value {
        _ if value.eq_ignore_ascii_case("true") => Some(true),
        _ if value.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The elements of a list; blanks around them do not count, nor do empty ones.
pub(crate) fn split_list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|element| !element.is_empty())
}
