//! The head of a request, looked at as bytes. Pure.

use crate::Status;

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The path, without its query.
    pub(crate) path: String,
    /// Whether the text is wanted, or only what there is to say about it.
    pub(crate) wants_text: bool,
}

/// Where the head ends, once it is there as a whole: behind its first empty line.
pub(crate) fn end(head: &[u8]) -> Option<usize> {
    let ends = head.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    for at in ends {
        match head.get(at + 1..) {
            Some([b'\n', ..]) => return Some(at + 2),
            Some([b'\r', b'\n', ..]) => return Some(at + 3),
            _ => {}
        }
    }
    None
}

/// Reads a whole head, without what follows it: how much of that has come already is chance. Only
/// its first line and whether there is a `Host` matter.
pub(crate) fn parse(head: &[u8]) -> Result<Request, Status> {
    let text = std::str::from_utf8(head).map_err(|_| Status::BadRequest)?;
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Status::BadRequest);
    };
    match version {
        "HTTP/1.1" => {
            let is_host =
                |line: &str| line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("host:"));
            if !lines.any(is_host) {
                return Err(Status::BadRequest);
            }
        }
        "HTTP/1.0" => {}
        _ if version.starts_with("HTTP/") => return Err(Status::VersionNotSupported),
        _ => return Err(Status::BadRequest),
    }
    let wants_text = match method {
        "GET" => true,
        "HEAD" => false,
        _ if is_word(method) => return Err(Status::MethodNotAllowed),
        _ => return Err(Status::BadRequest),
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Status::BadRequest);
    }
    Ok(Request { path: path.to_owned(), wants_text })
}

fn is_word(method: &str) -> bool {
    !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_get_or_head() {
        let get = parse(b"GET /metrics?x=1 HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        assert_eq!(get, Request { path: "/metrics".to_owned(), wants_text: true });
        let head = parse(b"HEAD / HTTP/1.0\r\n\r\n").unwrap();
        assert_eq!(head, Request { path: "/".to_owned(), wants_text: false });
    }

    #[test]
    fn everything_else_is_refused_by_what_is_wrong_with_it() {
        for (head, status) in [
            ("POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n", Status::MethodNotAllowed),
            ("GET /metrics HTTP/1.1\r\n\r\n", Status::BadRequest),
            ("GET /metrics HTTP/2\r\nHost: a\r\n\r\n", Status::VersionNotSupported),
            ("GET /metrics\r\n\r\n", Status::BadRequest),
            ("GET http://a/metrics HTTP/1.1\r\nHost: a\r\n\r\n", Status::BadRequest),
            ("G\u{0}T / HTTP/1.0\r\n\r\n", Status::BadRequest),
            ("GET /\u{1} HTTP/1.0\r\n\r\n", Status::BadRequest),
            ("\r\n\r\n", Status::BadRequest),
        ] {
            assert_eq!(parse(head.as_bytes()), Err(status), "{head:?}");
        }
        assert_eq!(parse(&[0xff, b'\r', b'\n', b'\r', b'\n']), Err(Status::BadRequest));
    }

    #[test]
    fn the_end_of_a_head_is_an_empty_line() {
        assert_eq!(end(b"GET / HTTP/1.1\r\nHost: a\r\n"), None);
        assert_eq!(end(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\xff"), Some(27));
        assert_eq!(end(b"GET / HTTP/1.0\n\nHost: a\n\n"), Some(16));
    }
}
