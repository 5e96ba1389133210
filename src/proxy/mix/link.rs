//! What one connection of a client has with one instance: kept connections of HTTP/1.1, or one of HTTP/2.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use h2::client::{Connection, SendRequest};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::proxy::Limits;
use crate::proxy::http1::Refusal;
use crate::proxy::http2::{Connections, open};
use crate::wire::Endpoint;

/// How long a connection that nobody needs has to say so.
const LINGER: Duration = Duration::from_secs(1);

/// What a client's connection has with an instance.
#[derive(Debug, Default)]
pub(super) struct Link {
    /// Connections of HTTP/1.1.
    pub http1: Connections,
    http2: tokio::sync::Mutex<Option<Arc<Wire>>>,
    closed: AtomicBool,
}

/// A connection of HTTP/2, which ends when nobody has it any more.
#[derive(Debug)]
pub(super) struct Wire {
    send: SendRequest<Bytes>,
    _held: oneshot::Sender<()>,
}

impl Link {
    /// The connection of HTTP/2 to `target`, opened where there is none that takes requests; whether it was used before.
    pub async fn http2(&self, target: &Endpoint, limits: &Limits) -> Result<(Arc<Wire>, bool), Refusal> {
        let mut kept = self.http2.lock().await;
        if let Some(wire) = kept.as_ref().filter(|wire| wire.takes_requests()) {
            return Ok((Arc::clone(wire), true));
        }
        let (send, connection) = open(target, limits).await?;
        let (held, dropped) = oneshot::channel();
        tokio::spawn(keep_going(connection, dropped));
        let wire = Arc::new(Wire { send, _held: held });
        *kept = (!self.closed.load(Ordering::Acquire)).then(|| Arc::clone(&wire));
        Ok((wire, false))
    }

    /// Closes what is not in use, and keeps nothing more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.http1.close();
        // Whoever has it is opening one, and will not keep it.
        if let Ok(mut kept) = self.http2.try_lock() {
            *kept = None;
        }
    }
}

impl Wire {
    /// For one stream.
    pub fn send(&self) -> SendRequest<Bytes> {
        self.send.clone()
    }

    /// Whether the instance has neither closed it nor said that it is going away.
    fn takes_requests(&self) -> bool {
        !matches!(self.send().poll_ready(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_)))
    }
}

async fn keep_going(connection: Connection<TcpStream>, dropped: oneshot::Receiver<()>) {
    tokio::pin!(connection);
    // Its errors are told to the streams.
    tokio::select! {
        _ = &mut connection => return,
        _ = dropped => {}
    }
    let _ = tokio::time::timeout(LINGER, connection).await;
}
