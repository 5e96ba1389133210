//! Messages out of a body and into one: five bytes before each.
//!
//! The first byte is 1 where the message is compressed, by what `grpc-encoding` names; the next four are its length. gRPC-Web
//! sends the trailers as a last frame, whose first byte has its high bit set.

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::model::Metadata;
use crate::wire::encode;
use crate::wire::encoding::{self, MAX_DECODED};
use crate::wire::text::latin1;

/// As many messages of one stream are read, beyond which nobody looks.
const MOST_MESSAGES: usize = 100_000;
/// The bytes before each message.
const HEAD: usize = 5;

/// The messages of a body.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Frames {
    /// Each by itself, compression taken off.
    pub messages: Vec<Bytes>,
    /// The trailers, where they are part of the body.
    pub trailers: Option<Metadata>,
    /// Bytes after the last whole message.
    pub rest: usize,
}

/// Takes a body apart; where it is cut short, as far as it goes. The error says what is wrong with it.
pub(super) fn split(body: &Bytes, compression: Option<&str>) -> Result<Frames, String> {
    let mut frames = Frames::default();
    let encodings = encoding::named(compression);
    let mut left = MAX_DECODED;
    let mut at = 0;
    while let Some(head) = body.get(at..at + HEAD) {
        let length = head[1..].iter().fold(0, |length: usize, byte| (length << 8) | usize::from(*byte));
        let number = frames.messages.len() + 1;
        if length as u64 > MAX_DECODED {
            return Err(format!("message {number} has {length} bytes, more than {MAX_DECODED}"));
        }
        let Some(end) = Some(at + HEAD + length).filter(|end| *end <= body.len()) else { break };
        let bytes = body.slice(at + HEAD..end);
        at = end;
        match head[0] {
            0x80 => {
                frames.trailers = Some(block(&bytes));
                continue;
            }
            0 => frames.messages.push(bytes),
            1 if encodings.is_empty() => {
                return Err(format!("message {number} is compressed, and no `grpc-encoding` says how"));
            }
            1 => {
                let plain = encoding::decode(&encodings, &bytes, left);
                frames.messages.push(plain.map_err(|why| format!("message {number}: {why}"))?);
            }
            flag => return Err(format!("message {number} begins with the byte {flag}, which is no flag")),
        }
        let own = frames.messages.last().map_or(0, Bytes::len) as u64;
        left = left.checked_sub(own).ok_or_else(|| format!("messages of more than {MAX_DECODED} bytes"))?;
        if number >= MOST_MESSAGES && at < body.len() {
            return Err(format!("more than {MOST_MESSAGES} messages"));
        }
    }
    frames.rest = body.len() - at;
    Ok(frames)
}

/// Messages as a body, none of them compressed.
pub fn written<'a>(messages: impl IntoIterator<Item = &'a Bytes>) -> Bytes {
    let mut out = BytesMut::new();
    for message in messages {
        out.put_u8(0);
        // Nothing that is longer is ever held here.
        out.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
        out.extend_from_slice(message);
    }
    out.freeze()
}

/// Messages as a body, each compressed by gzip.
pub(super) fn packed(messages: &[Bytes]) -> Bytes {
    let gzip = ["gzip".to_owned()];
    let mut out = BytesMut::new();
    for message in messages {
        match encode::put_on(&gzip, message).filter(|_| !message.is_empty()) {
            Some(packed) => {
                out.put_u8(1);
                out.put_u32(u32::try_from(packed.len()).unwrap_or(u32::MAX));
                out.extend_from_slice(&packed);
            }
            None => out.extend_from_slice(&written([message])),
        }
    }
    out.freeze()
}

/// Trailers that stand in a body, as HTTP/1 has them.
fn block(bytes: &[u8]) -> Metadata {
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        Some((latin1(line[..colon].trim_ascii()), latin1(line[colon + 1..].trim_ascii())))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(body: &[u8], compression: Option<&str>, expected: Result<(&[&str], usize), &str>) {
        let got = split(&Bytes::copy_from_slice(body), compression);
        let shown = got.as_ref().map(|frames| {
            let messages = frames.messages.iter().map(|message| String::from_utf8_lossy(message).into_owned());
            (messages.collect::<Vec<_>>(), frames.rest)
        });
        let expected = expected.map(|(messages, rest)| (messages.iter().map(ToString::to_string).collect(), rest));
        assert_eq!(shown.map_err(String::as_str), expected, "{body:?}");
    }

    #[test]
    fn a_body_is_one_message_after_the_other() {
        check(b"", None, Ok((&[], 0)));
        check(b"\0\0\0\0\0", None, Ok((&[""], 0)));
        check(b"\0\0\0\0\x02hi\0\0\0\0\x01!", None, Ok((&["hi", "!"], 0)));
        check(b"\0\0\0\0\x02hi\0\0\0", None, Ok((&["hi"], 3)));
        check(b"\0\0\0\0\x03hi", None, Ok((&[], 7)));
    }

    #[test]
    fn what_is_no_message_is_named() {
        check(b"<html>", None, Err("message 1 has 1752460652 bytes, more than 33554432"));
        check(b"\x07\0\0\0\0", None, Err("message 1 begins with the byte 7, which is no flag"));
        check(b"\x01\0\0\0\0", None, Err("message 1 is compressed, and no `grpc-encoding` says how"));
        check(b"\x01\0\0\0\x01x", Some("snappy"), Err("message 1: content encoding `snappy` is not known"));
        let packed = encode::put_on(&["gzip".to_owned()], &Bytes::from_static(b"hello")).unwrap();
        let mut body = vec![1, 0, 0, 0, u8::try_from(packed.len()).unwrap()];
        body.extend_from_slice(&packed);
        check(&body, Some("gzip"), Ok((&["hello"], 0)));
        check(&body, Some("deflate"), Err("message 1: not deflate: corrupt deflate stream"));
    }

    #[test]
    fn trailers_may_stand_in_the_body() {
        let got = split(&Bytes::from_static(b"\0\0\0\0\0\x80\0\0\0\x10grpc-status: 5\r\n"), None).unwrap();
        assert_eq!(got.trailers.unwrap().get("grpc-status"), Some("5"));
        assert_eq!(got.messages.len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6)) {
            let messages: Vec<Bytes> = messages.into_iter().map(Bytes::from).collect();
            let frames = split(&written(&messages), None).unwrap();
            prop_assert_eq!(frames.messages, messages);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = split(&bytes.into(), Some("gzip"));
        }
    }
}
