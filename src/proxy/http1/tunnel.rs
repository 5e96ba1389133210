//! Bytes that nobody reads along: a connection that has switched to another protocol.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::incoming::Incoming;
use super::send::send;

/// Passes on whatever comes from here on, and the end after it.
pub(in crate::proxy) async fn pump<R, W>(incoming: &mut Incoming<R>, to: &mut W, stall: Duration)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    loop {
        let sent = send(to, &incoming.buffer, stall).await;
        incoming.buffer.clear();
        if sent.is_err() || !matches!(incoming.fill(Duration::MAX).await, Ok(1..)) {
            let _ = to.shutdown().await;
            return;
        }
    }
}
