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
    let named: Vec<&str> = call.metadata.all("connection").flat_map(|value| value.split(',')).map(str::trim).collect();
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

fn belongs_to_the_connection(name: &str, value: &str, named: &[&str]) -> bool {
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
    if value.is_ascii() {
        out.extend_from_slice(value.as_bytes());
    } else if let Some(latin1) = value.chars().map(|character| u8::try_from(character).ok()).collect::<Option<Vec<_>>>()
    {
        out.extend_from_slice(&latin1);
    } else {
        out.extend_from_slice(value.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
