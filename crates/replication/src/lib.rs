//! One partition as its leader sees it: which records are committed, and what must happen before
//! more can be. Pure: inputs in, effects out; no file, socket or clock.
//!
//! The rule of commitment (ARCHITECTURE.md, "What acknowledged means") lives here and nowhere
//! else: [`Leader`] alone moves the high watermark, and both acknowledgements to `acks=all` and
//! what consumers may read follow from it.

mod durability;
mod leader;

pub use durability::{Durability, UnknownDurability};
pub use leader::{EpochCheck, Leader, Progress};
