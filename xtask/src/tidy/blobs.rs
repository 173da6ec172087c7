//! The repository holds text that a person can read and review: no binaries, nothing huge.

use super::{SourceFile, Violation};

/// Enough for the largest lock file and table, far below a stray build product.
const FILE_BYTES_MAX: usize = 1024 * 1024;

pub(super) fn check(files: &[SourceFile]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        if std::str::from_utf8(&file.bytes).is_err() || file.bytes.contains(&0) {
            violations.push(format!("{}: not text; keep bytes as hexadecimal text", file.path));
        } else if file.bytes.len() > FILE_BYTES_MAX {
            violations.push(format!(
                "{}: {} bytes, more than {FILE_BYTES_MAX}; generate or fetch it instead",
                file.path,
                file.bytes.len()
            ));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_text_are_reported() {
        let blob = SourceFile { path: "a.bin".into(), bytes: vec![0xff, 0xfe] };
        let zero = SourceFile { path: "b.txt".into(), bytes: b"a\0b".to_vec() };
        let text = SourceFile { path: "c.txt".into(), bytes: "größe".as_bytes().to_vec() };
        assert_eq!(check(&[blob, zero, text]).len(), 2);
    }
}
