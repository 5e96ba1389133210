//! What arrives on one half of a connection, and has not been passed on yet.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// How many bytes to ask the kernel for at a time.
const READ: usize = 64 << 10;
/// With less room than this a read would be a waste.
const ROOM: usize = 8 << 10;

/// A half that is read, and its buffer.
#[derive(Debug)]
pub(in crate::proxy) struct Incoming<R> {
    /// What has come and was not taken out.
    pub buffer: BytesMut,
    from: R,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    /// What comes `from` there, after what is in `buffer` already.
    pub fn new(from: R, buffer: BytesMut) -> Self {
        Self { buffer, from }
    }

    /// Waits for more bytes, but not for ever; 0 at the end.
    pub async fn fill(&mut self, limit: Duration) -> io::Result<usize> {
        if self.buffer.capacity() - self.buffer.len() < ROOM {
            self.buffer.reserve(READ);
        }
        let read = self.from.read_buf(&mut self.buffer);
        if limit == Duration::MAX {
            return read.await;
        }
        match tokio::time::timeout(limit, read).await {
            Ok(read) => read,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}
