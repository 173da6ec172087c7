//! One table of every configuration; parsing, validation and documentation come from it.
