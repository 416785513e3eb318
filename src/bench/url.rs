//! The same server, another database. Pure.

/// A Postgres URL with this database instead of its own.
#[must_use]
pub fn with_database(url: &str, database: &str) -> String {
    let (before, query) = match url.split_once('?') {
        Some((before, query)) => (before, format!("?{query}")),
        None => (url, String::new()),
    };
    let authority_from = before.find("://").map_or(0, |place| place + 3);
    let server = match before[authority_from..].find('/') {
        Some(place) => &before[..authority_from + place],
        None => before,
    };
    format!("{server}/{database}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_changes() {
        let cases = [
            (
                "postgresql://a:b@h:5/x?host=/tmp/y",
                "postgresql://a:b@h:5/z?host=/tmp/y",
            ),
            ("postgresql://a@h", "postgresql://a@h/z"),
            ("postgresql://a@h/x", "postgresql://a@h/z"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "z"), expected);
        }
    }
}
