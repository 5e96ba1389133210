//! Data from one stream to another, no faster than it is taken.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use h2::{RecvStream, SendStream};

/// A piece could not be sent: the stream was reset, its connection is gone, or nothing was taken for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsent;

/// Sends `data`, in as many frames as the peer's window asks for.
pub(super) async fn push(to: &mut SendStream<Bytes>, mut data: Bytes, stall: Duration) -> Result<(), Unsent> {
    while !data.is_empty() {
        to.reserve_capacity(data.len());
        if to.capacity() == 0 {
            match tokio::time::timeout(stall, poll_fn(|context| to.poll_capacity(context))).await {
                Ok(Some(Ok(_))) => {}
                Ok(_) | Err(_) => return Err(Unsent),
            }
        }
        let piece = data.split_to(to.capacity().min(data.len()));
        if !piece.is_empty() {
            to.send_data(piece, false).map_err(|_| Unsent)?;
        }
    }
    Ok(())
}

/// The next piece of a body; none at its end. It may be sent on before [`took`] says so to its sender.
pub(super) async fn next(body: &mut RecvStream, stall: Duration) -> Option<Result<Bytes, Lost>> {
    match tokio::time::timeout(stall, body.data()).await {
        Ok(Some(Ok(data))) => Some(Ok(data)),
        Ok(Some(Err(error))) => Some(Err(Lost::Reset(error))),
        Ok(None) => None,
        Err(_) => Some(Err(Lost::Stalled)),
    }
}

/// Why a body did not come on.
#[derive(Debug)]
pub(super) enum Lost {
    /// Its stream was reset, or its connection is gone.
    Reset(h2::Error),
    /// Nothing came for too long.
    Stalled,
}

/// Gives a body's sender room for so many bytes more.
pub(super) fn took(body: &mut RecvStream, bytes: usize) {
    // A stream that is over needs no room.
    let _ = body.flow_control().release_capacity(bytes);
}
