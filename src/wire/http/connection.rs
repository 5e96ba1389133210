//! One TCP connection: a request out, its reply in.

use std::io;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::BytesMut;
use rustix::net::RecvFlags;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::window::{MAX_STREAM, Window};
use super::{body, head};
use crate::model::{Fault, Metadata, Reply};
use crate::wire::{Endpoint, Limits, Received};

/// How many bytes to ask the kernel for at a time.
const READ: usize = 16 << 10;

/// An open connection and the buffer into which it is read.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Connection {
    /// Connects to `to`.
    pub async fn open(to: &Endpoint) -> Result<Self, Fault> {
        let stream = TcpStream::connect((to.host.as_str(), to.port)).await.map_err(|_| Fault::Refused)?;
        // A connection without it is slower, not wrong.
        let _ = stream.set_nodelay(true);
        Ok(Self { stream, buffer: BytesMut::with_capacity(READ) })
    }

    /// Whether nothing has arrived since the last reply, neither bytes nor the end. Asks the kernel itself: the runtime
    /// may not have heard yet.
    pub fn is_clean(&self) -> bool {
        let mut byte = [0_u8; 1];
        let peeked = rustix::net::recv(&self.stream, &mut byte, RecvFlags::PEEK | RecvFlags::DONTWAIT);
        self.buffer.is_empty() && matches!(peeked, Err(rustix::io::Errno::AGAIN))
    }

    /// Sends `request` and reads the reply; how long the connection may be kept idle, where it may be used again.
    ///
    /// Reading begins while still writing: a server may refuse a long body before it has come, and close.
    pub async fn exchange(
        &mut self,
        method: &str,
        request: &[u8],
        limits: &Limits,
        head_came: &AtomicBool,
    ) -> Result<(Received, Option<Duration>), Fault> {
        let (from, mut to) = self.stream.split();
        let mut incoming = Incoming::new(from, &mut self.buffer);
        let mut written = None;
        let received = {
            let write = to.write_all(request);
            let read = receive(&mut incoming, method, limits, head_came);
            tokio::pin!(write, read);
            loop {
                tokio::select! {
                    biased;
                    result = &mut write, if written.is_none() => written = Some(result.is_ok()),
                    received = &mut read => break received?,
                }
            }
        };
        let (received, keep) = received;
        Ok((received, keep.filter(|_| written == Some(true))))
    }
}

/// What arrives, and has not been used yet.
pub(super) struct Incoming<'a, R> {
    /// What has come.
    pub buffer: &'a mut BytesMut,
    /// Whether the connection broke, which is another end than being closed.
    pub broke: bool,
    /// Whether it is none of both, but a stream of which no more is waited for.
    pub enough: bool,
    /// How long is waited, where it may be for ever.
    pub window: Option<Window>,
    from: R,
}

impl<'a, R: AsyncRead + Unpin> Incoming<'a, R> {
    /// What comes `from` there, after what is in `buffer` already.
    pub fn new(from: R, buffer: &'a mut BytesMut) -> Self {
        Self { buffer, broke: false, enough: false, window: None, from }
    }

    /// Waits for more bytes; false at the end.
    pub async fn fill(&mut self) -> bool {
        self.buffer.reserve(READ);
        let reading = self.from.read_buf(self.buffer);
        let read: io::Result<usize> = match &self.window {
            None => reading.await,
            Some(window) => {
                let Ok(read) = tokio::time::timeout(window.patience(), reading).await else {
                    self.enough = true;
                    return false;
                };
                read
            }
        };
        self.broke = read.is_err();
        matches!(read, Ok(1..))
    }
}

/// Reads one reply.
pub(super) async fn receive<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<'_, R>,
    method: &str,
    limits: &Limits,
    head_came: &AtomicBool,
) -> Result<(Received, Option<Duration>), Fault> {
    let head = head::read(incoming).await?;
    head_came.store(true, std::sync::atomic::Ordering::Relaxed);
    let framing = head.framing(method)?;
    let keep = head.keeps(framing);
    incoming.window = Window::of(&head.metadata, limits);
    let is_stream = incoming.window.is_some();
    let mut body = body::Collected::new(if is_stream { limits.max_body.min(MAX_STREAM) } else { limits.max_body });
    let read = body::read(incoming, framing, &mut body).await;
    incoming.window = None;
    let (trailers, open) = match read {
        Ok(trailers) => (trailers, false),
        // What has come of a stream is what is looked at.
        Err(_) if incoming.enough => (Metadata::new(), true),
        Err(Fault::TooLong(_)) if is_stream => (Metadata::new(), true),
        Err(fault) => return Err(fault),
    };
    let reply = Reply { status: head.status, metadata: head.metadata, body: body.whole(), trailers };
    Ok((Received { reply, open }, keep.filter(|_| !open)))
}
