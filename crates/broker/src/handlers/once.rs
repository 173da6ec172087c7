//! What a request names several times is answered once: an answer must not grow with repetition, of
//! which a small frame has room for thousands. Clients read answers as maps by these keys.

use std::collections::BTreeSet;

/// Keeps the first of those that have the same key.
pub(super) fn once<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(key(item)));
}
