//! Why bytes were not understood, and why a value could not be written.

/// Why a frame could not be decoded. Nothing of the frame is trusted before it is checked, so that
/// every variant can be caused by whoever sits at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("{needed} more bytes expected at position {position}, but {remaining} remain")]
    Truncated {
        /// Where the value begins.
        position: usize,
        /// How many bytes the value needs.
        needed: usize,
        /// How many bytes there are.
        remaining: usize,
    },
    /// A length is negative and does not mean null.
    #[error("length {length} at position {position} is negative")]
    NegativeLength {
        /// Where the length ends.
        position: usize,
        /// The length as read.
        length: i64,
    },
    /// A count of elements, more than the remaining bytes can hold.
    #[error("{count} elements claimed at position {position}, but only {remaining} bytes remain")]
    Count {
        /// Where the count ends.
        position: usize,
        /// The count as read.
        count: usize,
        /// How many bytes there are.
        remaining: usize,
    },
    /// A count of elements that would take far more memory than the frame has bytes.
    #[error(
        "{count} elements at position {position} would take {bytes} bytes, too many for this frame"
    )]
    Dense {
        /// Where the count ends.
        position: usize,
        /// The count as read.
        count: usize,
        /// The memory that the elements would take.
        bytes: usize,
    },
    /// A value that this version does not allow to be null is null.
    #[error("null at position {position}, where this version needs a value")]
    Null {
        /// Where the length or the mark of null ends.
        position: usize,
    },
    /// A variable-length integer with too many bytes.
    #[error("the variable-length integer at position {position} does not end")]
    Varint {
        /// Where the integer begins.
        position: usize,
    },
    /// A string that is not UTF-8.
    #[error("the string at position {position} is not UTF-8")]
    Utf8 {
        /// Where the string begins.
        position: usize,
    },
    /// A tagged field whose size differs from what it holds.
    #[error("tagged field {tag} ends at position {position} instead of {expected}")]
    TagSize {
        /// The number of the tag.
        tag: u32,
        /// Where the value ended.
        position: usize,
        /// Where its size said that it would end.
        expected: usize,
    },
    /// The message does not exist in this version.
    #[error("{message} has no version {version}; versions {min} to {max} exist")]
    Version {
        /// The name of the message.
        message: &'static str,
        /// The version that was asked for.
        version: i16,
        /// The oldest version.
        min: i16,
        /// The newest version.
        max: i16,
    },
    /// Bytes are left over after the message.
    #[error("{remaining} bytes remain after the message, from position {position}")]
    Trailing {
        /// Where the message ended.
        position: usize,
        /// How many bytes are left over.
        remaining: usize,
    },
}

/// Why a message could not be encoded: the caller set what the version cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The message does not exist in this version.
    #[error("{message} has no version {version}; use one of {min} to {max}")]
    Version {
        /// The name of the message.
        message: &'static str,
        /// The version that was asked for.
        version: i16,
        /// The oldest version.
        min: i16,
        /// The newest version.
        max: i16,
    },
    /// A field that this version lacks is set, and dropping it would change the meaning.
    #[error(
        "{message} v{version} has no field `{field}`; leave it at its default or use a version that has it"
    )]
    FieldNotInVersion {
        /// The name of the message.
        message: &'static str,
        /// The name of the field.
        field: &'static str,
        /// The version that was asked for.
        version: i16,
    },
    /// A field is null, which this version does not allow.
    #[error("field `{field}` of {message} must not be null in v{version}")]
    Null {
        /// The name of the message.
        message: &'static str,
        /// The name of the field.
        field: &'static str,
        /// The version that was asked for.
        version: i16,
    },
    /// A string, byte string or array is longer than its length prefix can say.
    #[error("{length} bytes or elements in {message}: at most {max} fit")]
    TooLong {
        /// The name of the message.
        message: &'static str,
        /// The length.
        length: u64,
        /// The greatest length.
        max: u64,
    },
    /// A message with file ranges was to be encoded into memory.
    #[error("{message} holds file ranges and cannot be encoded into one buffer; send its chunks")]
    FileRange {
        /// The name of the message.
        message: &'static str,
    },
}
