//! A connection that begins as HTTP/1.1 and turns to HTTP/2 (RFC 7540, 3.2), as if it had begun so.
//!
//! The request that asks for the turn is stream 1, which its client has sent already. It is put where a client would have put
//! it: after the preface, as a HEADERS frame that uses nothing of the compression's state.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::model::Metadata;
use crate::proxy::Limits;
use crate::proxy::http1::{Incoming, RequestHead, members, send};

/// What says that the turn is taken.
const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
/// The preface before a client's first frame.
const PREFACE: usize = 24;
/// The head of each frame.
const FRAME_HEAD: usize = 9;
/// The longest frame that any peer takes without having said so.
const LONGEST: usize = 16_384;

/// A connection of which something has been read already.
#[derive(Debug)]
pub(in crate::proxy) struct Ahead {
    front: Bytes,
    stream: TcpStream,
}

impl Ahead {
    pub fn new(front: Bytes, stream: TcpStream) -> Self {
        Self { front, stream }
    }
}

impl AsyncRead for Ahead {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.front.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, out);
        }
        let here = out.remaining().min(self.front.len());
        out.put_slice(&self.front[..here]);
        self.front.advance(here);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Ahead {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Takes the turn: the connection as it would be if the client had begun with it. None where the client goes away.
pub(super) async fn take(
    mut stream: TcpStream,
    buffer: BytesMut,
    first: &RequestHead,
    limits: &Limits,
) -> Option<Ahead> {
    send(&mut stream, SWITCHING, limits.stall).await.ok()?;
    let mut incoming = Incoming::new(&mut stream, buffer);
    let taken = async {
        loop {
            if let Some(end) = after_settings(&incoming.buffer) {
                return Some(end);
            }
            if incoming.buffer.len() > PREFACE + FRAME_HEAD + LONGEST || incoming.fill(limits.stall).await.ok()? == 0 {
                return None;
            }
        }
    };
    let end = tokio::time::timeout(limits.head_time, taken).await.ok()??;
    let mut front = incoming.buffer;
    let rest = front.split_off(end);
    front.extend_from_slice(&frames(&block(first)));
    front.extend_from_slice(&rest);
    Some(Ahead::new(front.freeze(), stream))
}

/// Where the client's first frame ends, which is its SETTINGS.
fn after_settings(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(PREFACE..PREFACE + 3)?;
    let length = usize::from(length[0]) << 16 | usize::from(length[1]) << 8 | usize::from(length[2]);
    let end = PREFACE + FRAME_HEAD + length;
    (bytes.len() >= end).then_some(end)
}

/// HEADERS, and CONTINUATION where one frame is not enough, for stream 1, whose request has no body.
fn frames(block: &[u8]) -> Vec<u8> {
    const HEADERS: u8 = 1;
    const CONTINUATION: u8 = 9;
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;
    let mut out = Vec::with_capacity(block.len() + FRAME_HEAD);
    let pieces = block.chunks(LONGEST);
    let last = pieces.len().saturating_sub(1);
    for (number, piece) in pieces.enumerate() {
        let (kind, ends) = if number == 0 { (HEADERS, END_STREAM) } else { (CONTINUATION, 0) };
        let flags = ends | if number == last { END_HEADERS } else { 0 };
        let length = u32::try_from(piece.len()).unwrap_or_default().to_be_bytes();
        out.extend_from_slice(&length[1..]);
        out.extend_from_slice(&[kind, flags, 0, 0, 0, 1]);
        out.extend_from_slice(piece);
    }
    out
}

/// The request's fields as HPACK literals that are never indexed (RFC 7541, 6.2.2).
fn block(head: &RequestHead) -> Vec<u8> {
    let mut out = Vec::new();
    literal(&mut out, ":method", &head.method);
    literal(&mut out, ":scheme", "http");
    if let Some(host) = head.metadata.get("host") {
        literal(&mut out, ":authority", host);
    }
    literal(&mut out, ":path", &head.target);
    for (name, value) in of_the_request(&head.metadata) {
        literal(&mut out, &name, value);
    }
    out
}

/// The headers that are not about the turn and the connection it is taken on.
fn of_the_request(metadata: &Metadata) -> impl Iterator<Item = (String, &str)> {
    let named = members(metadata, "connection");
    metadata.iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).filter(move |(name, value)| {
        let of_the_connection =
            ["connection", "upgrade", "http2-settings", "keep-alive", "proxy-connection", "host", "content-length"];
        !of_the_connection.contains(&name.as_str())
            && !named.contains(name)
            && (name != "te" || value.trim().eq_ignore_ascii_case("trailers"))
    })
}

fn literal(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(0);
    text(out, name);
    text(out, value);
}

/// A string literal, not compressed; characters beyond ASCII are bytes of Latin-1.
fn text(out: &mut Vec<u8>, text: &str) {
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    // An integer of a prefix of seven bits (RFC 7541, 5.1).
    if bytes.len() < 127 {
        out.push(u8::try_from(bytes.len()).unwrap_or_default());
    } else {
        out.push(127);
        let mut rest = bytes.len() - 127;
        while rest >= 128 {
            out.push(u8::try_from(rest % 128).unwrap_or_default() | 128);
            rest /= 128;
        }
        out.push(u8::try_from(rest).unwrap_or_default());
    }
    out.extend_from_slice(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_has_its_length_in_groups_of_seven_bits() {
        let check = |length: usize, expected: &[u8]| {
            let mut out = Vec::new();
            text(&mut out, &"x".repeat(length));
            assert_eq!(&out[..expected.len()], expected);
            assert_eq!(out.len(), expected.len() + length);
        };
        check(0, &[0]);
        check(126, &[126]);
        check(127, &[127, 0]);
        check(254, &[127, 127]);
        check(255, &[127, 128, 1]);
        check(1337 + 127, &[127, 185, 10]);
    }

    #[test]
    fn a_block_that_is_too_long_for_one_frame_goes_on_in_another() {
        let out = frames(&vec![7; LONGEST + 3]);
        assert_eq!(out[..9], [0, 0x40, 0, 1, 1, 0, 0, 0, 1]);
        assert_eq!(out[9 + LONGEST..][..12], [0, 0, 3, 9, 4, 0, 0, 0, 1, 7, 7, 7]);
        assert_eq!(frames(&[7])[..9], [0, 0, 1, 1, 5, 0, 0, 0, 1]);
    }
}
