//! Replies as bytes, without a socket: the end of the bytes is the end of the connection.

use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::BytesMut;
use proptest::prelude::*;

use crate::model::{Fault, Reply};
use crate::wire::Limits;
use crate::wire::http::connection::{Incoming, receive};

const LIMITS: Limits = Limits { timeout: Duration::from_secs(10), max_body: 1000 };

/// What a reply to `GET` is received as: its status, its body and its trailers, and whether the connection may be kept.
fn check(bytes: impl AsRef<[u8]>, expected: &str) {
    check_for("GET", bytes, expected);
}

fn check_for(method: &str, bytes: impl AsRef<[u8]>, expected: &str) {
    let bytes = bytes.as_ref();
    // All at once, and a byte at a time: where the network cuts must not matter.
    for step in [usize::MAX, 1] {
        let shown = match received(method, bytes, step) {
            Ok((reply, kept)) => {
                let body = reply.body.bytes().unwrap();
                let mut shown = format!("{} {:?}", reply.status, String::from_utf8_lossy(&body));
                for (name, value) in reply.trailers.iter() {
                    write!(shown, " {name}={value}").unwrap();
                }
                shown + if kept { " kept" } else { "" }
            }
            Err(fault) => fault.to_string(),
        };
        assert_eq!(shown, expected, "{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(300)]));
    }
}

fn received(method: &str, bytes: &[u8], step: usize) -> Result<(Reply, bool), Fault> {
    let mut buffer = BytesMut::new();
    let mut incoming = Incoming::new(Dripping { bytes, step }, &mut buffer);
    let head_came = AtomicBool::new(false);
    let receiving = receive(&mut incoming, method, &LIMITS, &head_came);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let (received, keep) = runtime.block_on(receiving)?;
    Ok((received.reply, keep.is_some()))
}

/// Bytes that come at most `step` at a time.
struct Dripping<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl tokio::io::AsyncRead for Dripping<'_> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        into: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let (now, later) = self.bytes.split_at(self.step.min(self.bytes.len()).min(into.remaining()));
        into.put_slice(now);
        self.bytes = later;
        std::task::Poll::Ready(Ok(()))
    }
}

#[test]
fn every_framing_is_read() {
    check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", r#"200 "hi" kept"#);
    check("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", r#"200 "" kept"#);
    check("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nhi", r#"200 "hi" kept"#);
    check("HTTP/1.1 200 OK\r\n\r\nuntil the end", r#"200 "until the end""#);
    check("HTTP/1.1 200 OK\n\nbare line breaks", r#"200 "bare line breaks""#);
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n00a;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
        r#"200 "hi0123456789" kept"#,
    );
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1 \r\nx\r\n0\r\nDigest: abc\r\nA: b\r\n\r\n",
        r#"200 "x" Digest=abc A=b kept"#,
    );
}

#[test]
fn a_reply_without_a_body_has_none_whatever_its_headers_say() {
    check("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", r#"204 "" kept"#);
    check("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", r#"304 "" kept"#);
    check_for("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", r#"200 "" kept"#);
}

#[test]
fn interim_replies_are_passed_over() {
    check(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
        r#"201 "" kept"#,
    );
    check("HTTP/1.1 100 Continue\r\n\r\n", "connection closed without a reply");
    check("HTTP/1.1 102 P\r\n\r\n".repeat(5000), "not an HTTP reply: more than 32 interim replies");
    check(
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "not an HTTP reply: it switches protocols, which the call did not ask for",
    );
}

#[test]
fn a_connection_is_kept_only_where_the_server_means_it() {
    for (head, kept) in [
        ("HTTP/1.1 200 OK\r\n", true),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n", false),
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n", false),
        ("HTTP/1.0 200 OK\r\n", false),
        ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n", true),
        ("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=100\r\n", true),
        ("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\n", false),
    ] {
        let expected = if kept { r#"200 "hi" kept"# } else { r#"200 "hi""# };
        check(format!("{head}Content-Length: 2\r\n\r\nhi"), expected);
    }
    check("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", r#"200 """#);
}

#[test]
fn a_reply_that_breaks_off_is_told_apart_from_none() {
    check("", "connection closed without a reply");
    let within = "connection closed within the reply";
    check("HTTP/1.1 200 O", within);
    check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", within);
    check("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", within);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", within);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", within);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi", within);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n", within);
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n", within);
}

#[test]
fn bytes_that_are_no_reply_are_refused_by_name() {
    check("SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP reply: it does not begin with HTTP/1");
    check("HTTP/2 200\r\n\r\n", "not an HTTP reply: it does not begin with HTTP/1");
    check("\0\0\0", "not an HTTP reply: it does not begin with HTTP/1");
    check("HTTP/1.1 2x0 OK\r\n\r\n", "not an HTTP reply: a status line that can't be read");
    check("HTTP/1.1 099 OK\r\n\r\n", "not an HTTP reply: a status of 99");
    check("HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", "not an HTTP reply: a header name with a character that none may have");
    check("HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n", "not an HTTP reply: a header value with a character that none may have");
    for (length, shown) in [
        ("5, 6", "several values of content-length: 5, 6"),
        ("5\r\nContent-Length: 6", "several values of content-length: 5, 6"),
        ("-1", "a content-length of `-1`"),
        ("0x5", "a content-length of `0x5`"),
        ("99999999999999999999", "a content-length of `99999999999999999999`"),
    ] {
        check(
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello"),
            &format!("not an HTTP reply: {shown}"),
        );
    }
    check(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "not an HTTP reply: transfer coding `gzip`, which no client asked for",
    );
    for (chunks, shown) in [
        ("x\r\n", "a chunk size of `x`"),
        ("\r\n", "a chunk size of ``"),
        ("-1\r\n", "a chunk size of `-1`"),
        ("11111111111111111\r\n", "a chunk size of `11111111111111111`"),
        ("1\r\nhi\r\n", "a chunk that is longer than its size"),
        ("0\r\nA b: c\r\n\r\n", "a header name with a character that none may have"),
    ] {
        check(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
            &format!("not an HTTP reply: {shown}"),
        );
    }
}

#[test]
fn what_is_too_long_is_refused_before_it_is_held() {
    let long = "x".repeat(1001);
    let most = "x".repeat(1000);
    check(format!("HTTP/1.1 200 OK\r\n\r\n{most}"), &format!("200 {most:?}"));
    check("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", "reply longer than 1000 bytes");
    check("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", "reply longer than 1000 bytes");
    check(format!("HTTP/1.1 200 OK\r\n\r\n{long}"), "reply longer than 1000 bytes");
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    check(format!("{chunked}3e9\r\n{long}\r\n0\r\n\r\n"), "reply longer than 1000 bytes");
    check(format!("{chunked}{}", "1\r\nx\r\n".repeat(2000)), "reply longer than 1000 bytes");
    check(format!("{chunked}1;{}", "x".repeat(20_000)), "not an HTTP reply: a chunk's line of more than 16384 bytes");
    let header = "A: b\r\n";
    check(format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", header.repeat(999)), r#"200 "" kept"#);
    check(format!("HTTP/1.1 200 OK\r\n{}\r\n", header.repeat(1001)), "not an HTTP reply: more than 1000 headers");
    check(
        format!("HTTP/1.1 200 OK\r\nA: {}", "x".repeat(300_000)),
        "not an HTTP reply: a head of more than 262144 bytes",
    );
    check(format!("{chunked}0\r\nA: {}", "x".repeat(300_000)), "not an HTTP reply: trailers of more than 262144 bytes");
}

#[test]
fn headers_keep_their_order_case_number_and_bytes() {
    let (reply, _) =
        received("GET", b"HTTP/1.1 200 OK\r\nB: 1\r\na:2 \r\nb:\t\xe9\xff\r\nC:\r\nContent-Length: 0\r\n\r\n", 7)
            .unwrap();
    let headers: Vec<_> = reply.metadata.iter().collect();
    assert_eq!(headers, [("B", "1"), ("a", "2"), ("b", "éÿ"), ("C", ""), ("Content-Length", "0")]);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = received("GET", &bytes, 3);
        for start in ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"] {
            let _ = received("GET", &[start.as_bytes(), &bytes].concat(), 3);
        }
    }

    #[test]
    fn a_body_survives_any_chunking(body in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..50, step in 1_usize..9) {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in body.chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        let (reply, kept) = received("GET", &bytes, step).unwrap();
        prop_assert_eq!(reply.body.bytes().unwrap().to_vec(), body);
        prop_assert!(kept);
    }
}
