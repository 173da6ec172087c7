//! Measuring how fast records are written and read.

pub(crate) mod consumer;
pub(crate) mod end_to_end;
pub(crate) mod producer;
mod stats;

/// A number with `digits` after the point, as Java prints it.
fn fixed(value: f64, digits: usize) -> String {
    if value.is_infinite() {
        let sign = if value < 0.0 { "-" } else { "" };
        return format!("{sign}Infinity");
    }
    format!("{value:.digits$}")
}

/// Bytes per MB in figures.
const MB: f64 = 1024.0 * 1024.0;
