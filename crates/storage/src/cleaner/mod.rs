mod offset_map;
pub use offset_map::OffsetMap;
