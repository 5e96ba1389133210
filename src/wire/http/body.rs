//! A reply's body, by whichever framing, within a limit. What has come is kept by the caller, who may be content with it.

use bytes::Buf as _;
use memchr::memmem;
use tokio::io::AsyncRead;

use super::connection::Incoming;
use super::framing::Framing;
use super::head;
use crate::model::{Body, Fault, Metadata};

/// The longest line before a chunk, extensions included, in bytes.
const MAX_CHUNK_LINE: usize = 16 << 10;
/// How much to set aside for a body on the word of its header alone, in bytes.
const MAX_TRUST: u64 = 1 << 20;

/// Reads a body and what follows it.
pub(super) async fn read<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<'_, R>,
    framing: Framing,
    body: &mut Collected,
) -> Result<Metadata, Fault> {
    let mut trailers = Metadata::new();
    match framing {
        Framing::Nothing => {}
        Framing::Length(length) => {
            if length > body.max && incoming.window.is_none() {
                return Err(Fault::TooLong(body.max));
            }
            body.bytes.reserve(usize::try_from(length.min(MAX_TRUST)).unwrap_or_default());
            body.take(incoming, length).await?;
        }
        Framing::Chunked => {
            loop {
                let size = chunk_size(incoming).await?;
                if size == 0 {
                    break;
                }
                body.take(incoming, size).await?;
                expect_line_end(incoming).await?;
            }
            trailers = head::read_trailers(incoming).await?;
        }
        Framing::UntilClose => loop {
            let here = incoming.buffer.len();
            body.push_from(incoming, here)?;
            if !incoming.fill().await {
                if incoming.broke || incoming.enough {
                    return Err(Fault::Truncated);
                }
                break;
            }
        },
    }
    Ok(trailers)
}

/// What has come of a body.
#[derive(Debug)]
pub(super) struct Collected {
    bytes: Vec<u8>,
    max: u64,
}

impl Collected {
    /// Nothing so far, of at most `max` bytes.
    pub fn new(max: u64) -> Self {
        Self { bytes: Vec::new(), max }
    }

    /// All that has come.
    pub fn whole(self) -> Body {
        Body::of(self.bytes)
    }

    async fn take<R: AsyncRead + Unpin>(&mut self, incoming: &mut Incoming<'_, R>, length: u64) -> Result<(), Fault> {
        let mut missing = length;
        loop {
            let here = usize::try_from(missing).unwrap_or(usize::MAX).min(incoming.buffer.len());
            self.push_from(incoming, here)?;
            missing -= here as u64;
            if missing == 0 {
                return Ok(());
            }
            if !incoming.fill().await {
                return Err(Fault::Truncated);
            }
        }
    }

    /// Adds so many bytes of what has come, its framing off.
    fn push_from<R>(&mut self, incoming: &mut Incoming<'_, R>, length: usize) -> Result<(), Fault> {
        if let Some(window) = &mut incoming.window {
            window.saw(&incoming.buffer[..length]);
        }
        self.push(&incoming.buffer[..length])?;
        incoming.buffer.advance(length);
        Ok(())
    }

    /// Adds what has come.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if (self.bytes.len() + bytes.len()) as u64 > self.max {
            return Err(Fault::TooLong(self.max));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

/// Reads the line before a chunk. Its extensions mean nothing to anybody.
async fn chunk_size<R: AsyncRead + Unpin>(incoming: &mut Incoming<'_, R>) -> Result<u64, Fault> {
    loop {
        if let Some(end) = memmem::find(incoming.buffer, b"\r\n") {
            let line = &incoming.buffer[..end];
            let size = line.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii_end();
            let size = str::from_utf8(size)
                .ok()
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|digits| u64::from_str_radix(digits, 16).ok())
                .ok_or_else(|| {
                    let shown = String::from_utf8_lossy(&line[..line.len().min(40)]);
                    Fault::Malformed(format!("a chunk size of `{}`", shown.escape_debug()))
                })?;
            incoming.buffer.advance(end + 2);
            return Ok(size);
        }
        if incoming.buffer.len() > MAX_CHUNK_LINE {
            return Err(Fault::Malformed(format!("a chunk's line of more than {MAX_CHUNK_LINE} bytes")));
        }
        if !incoming.fill().await {
            return Err(Fault::Truncated);
        }
    }
}

async fn expect_line_end<R: AsyncRead + Unpin>(incoming: &mut Incoming<'_, R>) -> Result<(), Fault> {
    while incoming.buffer.len() < 2 {
        if !incoming.fill().await {
            return Err(Fault::Truncated);
        }
    }
    if !incoming.buffer.starts_with(b"\r\n") {
        return Err(Fault::Malformed("a chunk that is longer than its size".to_owned()));
    }
    incoming.buffer.advance(2);
    Ok(())
}
