//! The half of an exchange that goes to the instance.

use std::future::pending;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::proxy::Limits;
use crate::proxy::http1::{Flow, Framing, Incoming, Refusal, send};

/// How much of what comes after a request is read before it is answered, in bytes: enough to see its client go away.
const AHEAD: usize = 64 << 10;

/// What the other half knows of the call.
#[derive(Debug, Default)]
pub(super) struct Said {
    whole: AtomicBool,
    hung_up: AtomicBool,
}

impl Said {
    /// Whether the call has gone to the instance whole.
    pub fn is_whole(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    /// Whether its client sends nothing more: it is gone, or only waits for its reply.
    pub fn is_hung_up(&self) -> bool {
        self.hung_up.load(Ordering::Relaxed)
    }
}

/// Why it goes on no longer. Where it is whole it doesn't end: it looks whether the client is still there.
#[derive(Debug)]
pub(super) enum Stop {
    /// The instance takes no more. What it has said before is still to be read.
    Instance,
    /// The client is gone.
    Client,
    /// The client's body can't be passed on.
    Refused(Refusal),
}

/// Sends `head` bytes of the buffer, the body that follows them, and the end of what the client has to say.
pub(super) async fn calling<R, W>(
    incoming: &mut Incoming<R>,
    to: &mut W,
    head: usize,
    framing: Framing,
    said: &Said,
    limits: &Limits,
) -> Stop
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut flow = Flow::new(framing, limits);
    let mut at = head;
    loop {
        let taken = match flow.take(&incoming.buffer[at..], |_| {}) {
            Ok(taken) => taken,
            Err(bad) => {
                return Stop::Refused(Refusal::new(400, format!("the request's body can't be read: {}", bad.0)));
            }
        };
        let sent = send(to, &incoming.buffer[..at + taken], limits.stall).await;
        incoming.buffer.advance(at + taken);
        at = 0;
        if sent.is_err() {
            return Stop::Instance;
        }
        if flow.ended() {
            break;
        }
        match incoming.fill(limits.stall).await {
            Ok(1..) => {}
            Ok(0) => return hang_up(to, said).await,
            Err(error) if error.kind() == ErrorKind::TimedOut => {
                let why = format!("the request's body did not come on within {} s", limits.stall.as_secs());
                return Stop::Refused(Refusal::new(408, why));
            }
            Err(_) => return Stop::Client,
        }
    }
    said.whole.store(true, Ordering::Relaxed);
    while incoming.buffer.len() < AHEAD {
        match incoming.fill(Duration::MAX).await {
            Ok(1..) => {}
            Ok(0) => return hang_up(to, said).await,
            Err(_) => return Stop::Client,
        }
    }
    pending().await
}

/// Tells the instance that nothing more comes, which may still answer.
async fn hang_up<W: AsyncWrite + Unpin>(to: &mut W, said: &Said) -> Stop {
    said.hung_up.store(true, Ordering::Relaxed);
    // It may be gone already.
    let _ = to.shutdown().await;
    pending().await
}
