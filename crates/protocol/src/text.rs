//! [`Str`]: the string of the wire. Decoding a frame makes every string a slice of it, so that no
//! name is copied on the way through. What outlives its request by long (a group's member, a topic)
//! should be [detached](Str::detach), or it keeps the whole frame in memory.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use bytes::Bytes;
use bytestring::ByteString;

/// An immutable string that is cheap to clone.
#[derive(Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Str(ByteString);

impl Str {
    /// The empty string.
    pub const EMPTY: Self = Self(ByteString::from_static(""));

    /// A string of the program itself; nothing is copied.
    pub const fn from_static(text: &'static str) -> Self {
        Self(ByteString::from_static(text))
    }

    /// The bytes as a string, if they are UTF-8.
    pub fn from_utf8(bytes: Bytes) -> Option<Self> {
        ByteString::try_from(bytes).ok().map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes of the text, without copying them.
    pub fn as_bytes_shared(&self) -> &Bytes {
        self.0.as_bytes()
    }

    /// A copy of its own, which no longer keeps the frame in memory that it was decoded from.
    pub fn detach(&self) -> Self {
        Self::from(self.as_str())
    }
}

impl Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Hash for Str {
    /// As `str` hashes, which `Borrow<str>` asks for.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(ByteString::from(text))
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Str> for Str {
    fn from(text: &Str) -> Self {
        text.clone()
    }
}

impl From<std::sync::Arc<str>> for Str {
    fn from(text: std::sync::Arc<str>) -> Self {
        Self::from(&*text)
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Str {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn is_found_in_a_map_by_str() {
        let map = HashMap::from([(Str::from("topic"), 1)]);
        assert_eq!(map.get("topic"), Some(&1));
    }

    #[test]
    fn refuses_bytes_that_are_not_utf8() {
        assert_eq!(Str::from_utf8(Bytes::from_static(b"\xff")), None);
        assert_eq!(Str::from_utf8(Bytes::from_static("ä".as_bytes())), Some(Str::from("ä")));
    }
}
