//! The replicated state machine of metadata on openraft.
