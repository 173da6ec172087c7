//! What to say about a name that is not there: the one that was meant, if one is near.

/// That there is no `kind` of a name.
pub(crate) fn missing<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match config::nearest(name, known) {
        Some(near) => format!("there is no {kind} {name}; did you mean {near}?"),
        None => format!("there is no {kind} {name}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_if_one_is_near() {
        let known = ["orders", "payments"];
        let near = missing("topic", "ordres", known.into_iter());
        assert_eq!(near, "there is no topic ordres; did you mean orders?");
        assert_eq!(missing("group", "x", known.into_iter()), "there is no group x.");
    }
}
