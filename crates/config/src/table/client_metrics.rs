//! Filled next.
use crate::def::ConfigDef;
pub(super) const CONFIGS: &[ConfigDef] = &[];
