//! Where a message's body ends (RFC 9112, 6.3). What could be read in two ways is refused: nobody could say which of the two
//! was recorded.

use super::refusal::Refusal;
use crate::model::{HttpVersion, Metadata};

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::proxy) enum Framing {
    /// There is none.
    Nothing,
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// Where the connection ends.
    UntilClose,
}

impl Framing {
    /// How long the body is, where the head says so.
    pub fn length(self) -> Option<u64> {
        match self {
            Self::Length(length) => Some(length),
            Self::Nothing | Self::Chunked | Self::UntilClose => None,
        }
    }
}

/// Where a request's body ends.
pub(super) fn of_request(http: HttpVersion, metadata: &Metadata) -> Result<Framing, Refusal> {
    let refuse = |why: String| Err(Refusal::new(400, why));
    let codings = members(metadata, "transfer-encoding");
    let lengths: Vec<&str> = metadata.all("content-length").collect();
    if metadata.has("transfer-encoding") {
        if !lengths.is_empty() {
            return refuse("the request has both Content-Length and Transfer-Encoding".to_owned());
        }
        if http == HttpVersion::Http10 {
            return refuse("the request has Transfer-Encoding, and HTTP/1.0 knows none".to_owned());
        }
        return match codings.as_slice() {
            [only] if only == "chunked" => Ok(Framing::Chunked),
            _ => {
                Err(Refusal::new(501, format!("the request has the transfer coding `{}`", shown(&codings.join(", ")))))
            }
        };
    }
    match lengths.as_slice() {
        [] => Ok(Framing::Nothing),
        [only] => length(only).map_or_else(
            || refuse(format!("the request has a Content-Length of `{}`", shown(only))),
            |length| Ok(if length == 0 { Framing::Nothing } else { Framing::Length(length) }),
        ),
        _ => refuse("the request has several Content-Length headers".to_owned()),
    }
}

/// Where a reply's body ends, for a request of that method.
pub(super) fn of_reply(method: &str, status: u16, metadata: &Metadata) -> Result<Framing, Refusal> {
    let refuse = |why: String| Err(Refusal::new(502, why));
    if method == "HEAD" || matches!(status, 100..200 | 204 | 304) {
        return Ok(Framing::Nothing);
    }
    let codings = members(metadata, "transfer-encoding");
    let lengths = members(metadata, "content-length");
    if !codings.is_empty() {
        if !lengths.is_empty() {
            return refuse("the target's reply has both Content-Length and Transfer-Encoding".to_owned());
        }
        return Ok(if codings.last().is_some_and(|last| last == "chunked") {
            Framing::Chunked
        } else {
            Framing::UntilClose
        });
    }
    let Some(first) = lengths.first() else { return Ok(Framing::UntilClose) };
    if lengths.iter().any(|other| other != first) {
        return refuse(format!("the target's reply has several lengths: {}", shown(&lengths.join(", "))));
    }
    match length(first) {
        Some(0) => Ok(Framing::Nothing),
        Some(length) => Ok(Framing::Length(length)),
        None => refuse(format!("the target's reply has a Content-Length of `{}`", shown(first))),
    }
}

/// Whether a connection outlives a message (RFC 9112, 9.3).
pub(super) fn keeps_open(is_1_1: bool, metadata: &Metadata) -> bool {
    let options = members(metadata, "connection");
    let says = |option: &str| options.iter().any(|said| said == option);
    !says("close") && (is_1_1 || says("keep-alive"))
}

fn length(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The comma-separated members of all headers of that name, in lower case.
pub(in crate::proxy) fn members(metadata: &Metadata, name: &str) -> Vec<String> {
    let all = metadata.all(name).flat_map(|value| value.split(','));
    all.map(|member| member.trim().to_ascii_lowercase()).filter(|member| !member.is_empty()).collect()
}

/// As much of a peer's text as an answer repeats.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_request(http: HttpVersion, headers: &[(&str, &str)], expected: Result<Framing, u16>) {
        let framing = of_request(http, &headers.iter().copied().collect());
        assert_eq!(framing.map_err(|refusal| refusal.status), expected, "{headers:?}");
    }

    #[test]
    fn a_request_that_could_be_read_in_two_ways_is_refused() {
        use HttpVersion::{Http10, Http11};
        const LENGTH: &str = "Content-Length";
        const CODING: &str = "Transfer-Encoding";
        check_request(Http11, &[], Ok(Framing::Nothing));
        check_request(Http11, &[(LENGTH, "0")], Ok(Framing::Nothing));
        check_request(Http11, &[(LENGTH, "12")], Ok(Framing::Length(12)));
        check_request(Http11, &[(CODING, "Chunked")], Ok(Framing::Chunked));
        check_request(Http10, &[(CODING, "chunked")], Err(400));
        check_request(Http11, &[(CODING, "chunked"), (LENGTH, "12")], Err(400));
        check_request(Http11, &[(LENGTH, "12"), (LENGTH, "12")], Err(400));
        for bad in ["+5", "5,5", "-1", "0x5", "5 5", "", "99999999999999999999"] {
            check_request(Http11, &[(LENGTH, bad)], Err(400));
        }
        for coding in ["gzip, chunked", "identity", "chunked, chunked", "xchunked", ""] {
            check_request(Http11, &[(CODING, coding)], Err(501));
        }
    }

    #[track_caller]
    fn check_reply(method: &str, status: u16, headers: &[(&str, &str)], expected: Result<Framing, u16>) {
        let framing = of_reply(method, status, &headers.iter().copied().collect());
        assert_eq!(framing.map_err(|refusal| refusal.status), expected, "{method} {status} {headers:?}");
    }

    #[test]
    fn a_reply_has_a_body_unless_its_request_or_status_says_otherwise() {
        let twelve = [("content-length", "12")];
        check_reply("GET", 200, &twelve, Ok(Framing::Length(12)));
        check_reply("HEAD", 200, &twelve, Ok(Framing::Nothing));
        check_reply("GET", 304, &twelve, Ok(Framing::Nothing));
        check_reply("GET", 204, &[], Ok(Framing::Nothing));
        check_reply("GET", 200, &[], Ok(Framing::UntilClose));
        check_reply("GET", 200, &[("transfer-encoding", "gzip, chunked")], Ok(Framing::Chunked));
        check_reply("GET", 200, &[("transfer-encoding", "gzip")], Ok(Framing::UntilClose));
    }

    #[test]
    fn a_reply_that_could_be_read_in_two_ways_is_refused() {
        check_reply("GET", 200, &[("content-length", "12"), ("transfer-encoding", "chunked")], Err(502));
        check_reply("GET", 200, &[("content-length", "12"), ("content-length", "13")], Err(502));
        check_reply("GET", 200, &[("content-length", "12, 12")], Ok(Framing::Length(12)));
        check_reply("GET", 200, &[("content-length", "twelve")], Err(502));
    }
}
