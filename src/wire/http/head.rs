//! A reply's head: status line and headers, within limits; interim replies before it are passed over.

use bytes::Buf as _;
use memchr::memmem;
use tokio::io::AsyncRead;

use super::connection::Incoming;
use crate::model::{Fault, Metadata};

/// The longest head to take, in bytes: several times what browsers and servers allow.
pub(super) const MAX_HEAD: usize = 256 << 10;
/// The most headers to take.
const MAX_HEADERS: usize = 1000;
/// The most interim (1xx) replies to pass over.
pub(super) const MAX_INTERIM: usize = 32;

/// A reply up to its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The status code.
    pub status: u16,
    /// Whether the server speaks HTTP/1.1, or still 1.0.
    pub is_1_1: bool,
    /// The headers.
    pub metadata: Metadata,
}

/// Reads the head of the final reply.
pub(super) async fn read<R: AsyncRead + Unpin>(incoming: &mut Incoming<'_, R>) -> Result<Head, Fault> {
    for _ in 0..=MAX_INTERIM {
        let head = read_one(incoming).await?;
        match head.status {
            101 => return Err(Fault::Malformed("it switches protocols, which the call did not ask for".to_owned())),
            100..200 => {}
            _ => return Ok(head),
        }
    }
    Err(Fault::Malformed(format!("more than {MAX_INTERIM} interim replies")))
}

async fn read_one<R: AsyncRead + Unpin>(incoming: &mut Incoming<'_, R>) -> Result<Head, Fault> {
    let mut searched = 0;
    loop {
        refuse_other_protocols(incoming.buffer)?;
        if let Some(end) = block_end(incoming.buffer, &mut searched) {
            let head = parse(&incoming.buffer[..end])?;
            incoming.buffer.advance(end);
            return Ok(head);
        }
        if incoming.buffer.len() > MAX_HEAD {
            return Err(Fault::Malformed(format!("a head of more than {MAX_HEAD} bytes")));
        }
        if !incoming.fill().await {
            return Err(if incoming.buffer.is_empty() { Fault::Closed } else { Fault::Truncated });
        }
    }
}

/// Reads what follows the last chunk: trailers, or only the empty line.
pub(super) async fn read_trailers<R: AsyncRead + Unpin>(incoming: &mut Incoming<'_, R>) -> Result<Metadata, Fault> {
    let mut searched = 0;
    loop {
        if incoming.buffer.starts_with(b"\r\n") {
            incoming.buffer.advance(2);
            return Ok(Metadata::new());
        }
        if let Some(end) = block_end(incoming.buffer, &mut searched) {
            let trailers = parse_trailers(&incoming.buffer[..end])?;
            incoming.buffer.advance(end);
            return Ok(trailers);
        }
        if incoming.buffer.len() > MAX_HEAD {
            return Err(Fault::Malformed(format!("trailers of more than {MAX_HEAD} bytes")));
        }
        if !incoming.fill().await {
            return Err(Fault::Truncated);
        }
    }
}

/// A server that doesn't speak HTTP/1 is told by its first bytes; it may never send an empty line.
fn refuse_other_protocols(bytes: &[u8]) -> Result<(), Fault> {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    let expected = &b"HTTP/1."[..(bytes.len() - start).min(7)];
    if bytes[start..].starts_with(expected) {
        Ok(())
    } else {
        Err(Fault::Malformed("it does not begin with HTTP/1".to_owned()))
    }
}

/// Where the block of lines ends that an empty line ends, that line included. `searched` remembers how far there was none,
/// so that a head which comes byte by byte isn't searched over and over.
fn block_end(bytes: &[u8], searched: &mut usize) -> Option<usize> {
    // Empty lines before the first are no end of it.
    let first = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let from = first.max(searched.saturating_sub(3)).min(bytes.len());
    *searched = bytes.len();
    let strict = memmem::find(&bytes[from..], b"\n\r\n").map(|at| from + at + 3);
    let bare = memmem::find(&bytes[from..strict.unwrap_or(bytes.len())], b"\n\n").map(|at| from + at + 2);
    bare.or(strict)
}

fn parse(block: &[u8]) -> Result<Head, Fault> {
    let mut headers = room(block)?;
    let mut response = httparse::Response::new(&mut headers);
    match (response.parse(block), response.code, response.version) {
        (Ok(httparse::Status::Complete(_)), Some(status), Some(version)) => {
            if status < 100 {
                return Err(Fault::Malformed(format!("a status of {status}")));
            }
            Ok(Head { status, is_1_1: version == 1, metadata: metadata(response.headers) })
        }
        (Err(error), ..) => Err(Fault::Malformed(wrong(error).to_owned())),
        _ => Err(Fault::Malformed("a head that ends too early".to_owned())),
    }
}

fn parse_trailers(block: &[u8]) -> Result<Metadata, Fault> {
    let mut headers = room(block)?;
    match httparse::parse_headers(block, &mut headers) {
        Ok(httparse::Status::Complete((_, headers))) => Ok(metadata(headers)),
        Ok(httparse::Status::Partial) => Err(Fault::Malformed("trailers that end too early".to_owned())),
        Err(error) => Err(Fault::Malformed(wrong(error).to_owned())),
    }
}

/// Room for the headers of `block`: one a line at most.
fn room(block: &[u8]) -> Result<Vec<httparse::Header<'static>>, Fault> {
    let lines = memchr::memchr_iter(b'\n', block).count();
    // The status line and the empty one are no headers.
    if lines > MAX_HEADERS + 2 {
        return Err(Fault::Malformed(format!("more than {MAX_HEADERS} headers")));
    }
    Ok(vec![httparse::EMPTY_HEADER; lines])
}

fn metadata(headers: &[httparse::Header<'_>]) -> Metadata {
    headers.iter().map(|header| (header.name, latin1(header.value))).collect()
}

fn latin1(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn wrong(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "a header name with a character that none may have",
        httparse::Error::HeaderValue => "a header value with a character that none may have",
        httparse::Error::NewLine => "a line break that is none",
        httparse::Error::Status => "a status line that can't be read",
        httparse::Error::Token => "a character that may not stand in a head",
        httparse::Error::TooManyHeaders => "more headers than lines",
        httparse::Error::Version => "another version of HTTP",
    }
}
