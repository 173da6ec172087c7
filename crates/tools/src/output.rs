//! Standard output: written whole, and padded columns as Java's `%-15s` makes them.

use std::io::{self, Write};

use crate::failure::Failure;

/// Writes `text` to standard output and flushes it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// One column: its least width, which grows with its longest value; `None` is never padded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Width {
    /// Padded to this width; longer values push the rest to the right.
    Fixed(usize),
    /// Padded to the longest value, and to no less than this.
    AtLeast(usize),
    /// The last column.
    Free,
}

/// A table: its rows, the header among them, with columns separated by a blank. Lines end as their
/// columns end, so padding stays behind the last column unless it is [`Width::Free`].
pub(crate) fn rows(widths: &[Width], rows: &[Vec<String>]) -> Vec<String> {
    let width_of = |column: usize| match widths[column] {
        Width::Fixed(width) => width,
        Width::Free => 0,
        Width::AtLeast(least) => {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(least)
        }
    };
    let columns: Vec<usize> = (0..widths.len()).map(width_of).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> =
            row.iter().zip(&columns).map(|(value, width)| format!("{value:<width$}")).collect();
        cells.join(" ")
    };
    rows.iter().map(line).collect()
}

/// `-` in the place of what is not known.
pub(crate) fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_grow_with_their_values_and_fixed_ones_do_not() {
        let table = [
            vec!["GROUP".into(), "N".into(), "LAST".into()],
            vec!["a-long-name".into(), "12345".into(), "x".into()],
        ];
        assert_eq!(
            rows(&[Width::AtLeast(6), Width::Fixed(3), Width::Free], &table),
            ["GROUP       N   LAST", "a-long-name 12345 x"]
        );
    }
}
