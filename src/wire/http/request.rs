//! A call's bytes.
//!
//! Everything goes out as recorded but what belongs to the recorded connection and not to the call:
//!
//! - dropped: `Connection` and the headers it names, `Keep-Alive`, `Proxy-*`, `Upgrade`, `HTTP2-Settings`, `Trailer`, `Expect`
//!   (the body follows at once), `TE` unless it says `trailers`, and HTTP/2's pseudo-headers (`:path`);
//! - mended where it stands: a `Content-Length` that is not the body's; a `Transfer-Encoding` becomes `chunked`, the body one
//!   chunk, and a `Content-Length` beside it goes;
//! - added: `Host` at the top where there is none, `Content-Length` at the end where a body has neither framing.

use std::borrow::Cow;

use crate::model::Call;
use crate::wire::Endpoint;

/// Why `call` can't be sent as HTTP/1.1, where it can't: it would say something else than was recorded, or two things.
pub(super) fn refuse(call: &Call) -> Option<String> {
    if call.method.is_empty() || !call.method.bytes().all(is_token) {
        return Some(format!("the method `{}` is not a word", call.method.escape_debug()));
    }
    if call.method == "CONNECT" {
        return Some("`CONNECT` asks a proxy for a tunnel, and no server for anything".to_owned());
    }
    if call.target.is_empty() || call.target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Some(format!("the target `{}` is empty, or has a space in it", call.target.escape_debug()));
    }
    for (name, value) in call.metadata.iter().filter(|(name, _)| !name.starts_with(':')) {
        if name.is_empty() || !name.bytes().all(is_token) {
            return Some(format!("the header name `{}` is not a word", name.escape_debug()));
        }
        if value.contains(['\r', '\n', '\0']) {
            return Some(format!("the header `{name}` has a line break or a NUL in its value"));
        }
    }
    None
}

/// The bytes of `call`, which [`refuse`] has nothing against, head and body together.
pub(super) fn write(to: &Endpoint, call: &Call) -> Vec<u8> {
    // Nobody knows an unknown body; all that can be sent in its place is none.
    let body = call.body.bytes().unwrap_or(Cow::Borrowed(&[]));
    let chunked = call.metadata.has("transfer-encoding");
    let mut out = Vec::with_capacity(256 + call.target.len() + 48 * call.metadata.len() + body.len());
    for part in [call.method.as_bytes(), b" ", call.target.as_bytes(), b" HTTP/1.1\r\n"] {
        out.extend_from_slice(part);
    }
    if !call.metadata.has("host") {
        header(&mut out, "Host", &to.to_string());
    }
    let mut framed = false;
    let named = options(call);
    for (name, value) in call.metadata.iter() {
        if name.eq_ignore_ascii_case("content-length") {
            if !chunked && !framed {
                let length = body.len().to_string();
                header(&mut out, name, if value.trim() == length { value } else { &length });
                framed = true;
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if !framed {
                header(&mut out, name, if value.eq_ignore_ascii_case("chunked") { value } else { "chunked" });
                framed = true;
            }
        } else if !belongs_to_the_connection(name, value, &named) {
            header(&mut out, name, value);
        }
    }
    if !framed && !body.is_empty() {
        header(&mut out, "content-length", &body.len().to_string());
    }
    out.extend_from_slice(b"\r\n");
    if chunked && !body.is_empty() {
        out.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        out.extend_from_slice(&body);
        out.extend_from_slice(b"\r\n");
    } else {
        out.extend_from_slice(&body);
    }
    if chunked {
        out.extend_from_slice(b"0\r\n\r\n");
    }
    out
}

/// The headers that `Connection` names.
pub(super) fn options(call: &Call) -> Vec<&str> {
    call.metadata.all("connection").flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// Whether a header belongs to the connection that it was recorded on, whose `Connection` named those.
pub(super) fn belongs_to_the_connection(name: &str, value: &str, named: &[&str]) -> bool {
    const ALWAYS: [&str; 6] = ["connection", "keep-alive", "upgrade", "http2-settings", "trailer", "expect"];
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    // What every call needs stays, even where a careless client names it in `Connection`.
    let end_to_end = is("host") || is("authorization") || is("cookie");
    name.starts_with(':')
        || ALWAYS.into_iter().any(is)
        || name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("proxy-"))
        || (is("te") && !value.trim().eq_ignore_ascii_case("trailers"))
        || (!end_to_end && !is("te") && named.iter().any(|option| is(option)))
}

fn header(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(&on_the_wire(value));
    out.extend_from_slice(b"\r\n");
}

/// A value's bytes: a character a byte, where it came so.
pub(super) fn on_the_wire(value: &str) -> Cow<'_, [u8]> {
    if value.is_ascii() {
        return Cow::Borrowed(value.as_bytes());
    }
    let latin1 = value.chars().map(|character| u8::try_from(character).ok()).collect::<Option<Vec<_>>>();
    latin1.map_or(Cow::Borrowed(value.as_bytes()), Cow::Owned)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Body;

    fn call(headers: &[(&str, &str)], body: &str) -> Call {
        Call {
            method: "POST".to_owned(),
            target: "/a%2Fb//c/../d?x=1&&y".to_owned(),
            metadata: headers.iter().copied().collect(),
            body: Body::of(body.to_owned()),
        }
    }

    /// What follows the request line, a character a byte, line breaks shown as `|`.
    fn check(headers: &[(&str, &str)], body: &str, expected: &str) {
        let call = call(headers, body);
        assert_eq!(refuse(&call), None);
        let bytes: String = write(&Endpoint::new("::1", 8080), &call).into_iter().map(char::from).collect();
        let rest = bytes.strip_prefix("POST /a%2Fb//c/../d?x=1&&y HTTP/1.1\r\n").unwrap();
        assert_eq!(rest.replace("\r\n", "|"), expected);
    }

    #[test]
    fn headers_go_out_in_their_order_case_and_number() {
        check(&[("b", "1"), ("HOST", "shop.test"), ("A", " 2 "), ("B", "")], "", "b: 1|HOST: shop.test|A:  2 |B: ||");
    }

    #[test]
    fn a_host_is_added_only_where_there_is_none() {
        check(&[("A", "1")], "", "Host: [::1]:8080|A: 1||");
    }

    #[test]
    fn framing_is_right_for_the_body_at_hand() {
        let host = ("Host", "x");
        check(&[host], "hi", "Host: x|content-length: 2||hi");
        check(&[host, ("Content-Length", "2"), ("A", "b")], "hi", "Host: x|Content-Length: 2|A: b||hi");
        check(&[host, ("Content-Length", "77"), ("A", "b")], "hi", "Host: x|Content-Length: 2|A: b||hi");
        check(&[host, ("Content-Length", "2"), ("content-length", "2")], "hi", "Host: x|Content-Length: 2||hi");
        check(&[host, ("Content-Length", "9")], "", "Host: x|Content-Length: 0||");
        let chunked = ("Transfer-Encoding", "chunked");
        check(&[host, chunked, ("Content-Length", "2")], "hi", "Host: x|Transfer-Encoding: chunked||2|hi|0||");
        check(&[host, ("Content-Length", "2"), chunked], "hi", "Host: x|Transfer-Encoding: chunked||2|hi|0||");
        check(&[host, chunked], "", "Host: x|Transfer-Encoding: chunked||0||");
        check(&[host, ("Transfer-Encoding", "gzip, chunked")], "hi", "Host: x|Transfer-Encoding: chunked||2|hi|0||");
    }

    #[test]
    fn what_belongs_to_the_recorded_connection_stays_behind() {
        for dropped in [
            ("Connection", "close, X-Hop"),
            ("Keep-Alive", "timeout=5"),
            ("Proxy-Connection", "keep-alive"),
            ("proxy-authorization", "Basic x"),
            ("Upgrade", "h2c"),
            ("HTTP2-Settings", "AAMA"),
            ("TE", "gzip"),
            ("Trailer", "Digest"),
            ("Expect", "100-continue"),
            (":authority", "shop.test"),
        ] {
            check(&[("Host", "x"), dropped, ("A", "b")], "", "Host: x|A: b||");
        }
        check(&[("Host", "x"), ("TE", "trailers"), ("Connection", "TE, Host")], "", "Host: x|TE: trailers||");
        check(&[("Host", "x"), ("x-hop", "1"), ("Connection", "X-Hop")], "", "Host: x||");
    }

    #[test]
    fn a_value_goes_back_in_the_bytes_in_which_it_came() {
        check(&[("Host", "x"), ("Cookie", "a=é\u{80}")], "", "Host: x|Cookie: a=\u{e9}\u{80}||");
        check(&[("Host", "x"), ("Cookie", "a=€")], "", "Host: x|Cookie: a=\u{e2}\u{82}\u{ac}||");
    }

    #[test]
    fn a_call_that_would_say_something_else_is_refused() {
        let refused = |change: &dyn Fn(&mut Call)| {
            let mut call = call(&[], "");
            change(&mut call);
            refuse(&call).unwrap_or_default()
        };
        for value in ["a\r\nb", "a\nb", "a\rb", "a\0b"] {
            let reason = refused(&|call| call.metadata.push("X", value));
            assert_eq!(reason, "the header `X` has a line break or a NUL in its value");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "é"] {
            assert!(refused(&|call| call.metadata.push(name, "x")).starts_with("the header name"), "{name:?}");
        }
        for target in ["", "/a b", "/a\r\nX: y", "/\0", "/\u{7f}"] {
            assert!(refused(&|call| call.target = target.to_owned()).starts_with("the target"), "{target:?}");
        }
        for method in ["", "GET /", "G\r\n"] {
            assert!(refused(&|call| call.method = method.to_owned()).starts_with("the method"), "{method:?}");
        }
        assert!(refused(&|call| call.method = "CONNECT".to_owned()).contains("asks a proxy"));
    }
}
