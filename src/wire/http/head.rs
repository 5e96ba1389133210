//! A reply's head: status line and headers, within limits; interim replies before it are passed over.

use bytes::Buf as _;
use tokio::io::AsyncRead;

use super::block;
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
        if let Some(end) = block::end(incoming.buffer, &mut searched) {
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
        if let Some(end) = block::end(incoming.buffer, &mut searched) {
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

/// A server that doesn't speak HTTP/1 is told by its first bytes.
fn refuse_other_protocols(bytes: &[u8]) -> Result<(), Fault> {
    if block::may_be_reply(bytes) { Ok(()) } else { Err(Fault::Malformed("it does not begin with HTTP/1".to_owned())) }
}

fn parse(bytes: &[u8]) -> Result<Head, Fault> {
    let mut headers = room(bytes)?;
    let mut response = httparse::Response::new(&mut headers);
    match (response.parse(bytes), response.code, response.version) {
        (Ok(httparse::Status::Complete(_)), Some(status), Some(version)) => {
            if status < 100 {
                return Err(Fault::Malformed(format!("a status of {status}")));
            }
            Ok(Head { status, is_1_1: version == 1, metadata: block::metadata(response.headers) })
        }
        (Err(error), ..) => Err(Fault::Malformed(block::wrong(error).to_owned())),
        _ => Err(Fault::Malformed("a head that ends too early".to_owned())),
    }
}

fn parse_trailers(bytes: &[u8]) -> Result<Metadata, Fault> {
    block::trailers(bytes, room(bytes)?).map_err(|wrong| Fault::Malformed(wrong.to_owned()))
}

fn room(bytes: &[u8]) -> Result<Vec<httparse::Header<'static>>, Fault> {
    block::room(bytes, MAX_HEADERS).ok_or_else(|| Fault::Malformed(format!("more than {MAX_HEADERS} headers")))
}
