//! The thread before the writer: it brings ended exchanges back to memory and takes credentials out of them, while the writer
//! writes those before. How far it may be ahead is bounded in bytes.

use std::sync::mpsc::{Receiver, Sender};

use super::recorder::{Inner, Redact};
use super::take::Ended;
use super::tally::Unrecorded;
use crate::model::Exchange;
use crate::proxy::ProxyError;

/// What this thread is told.
pub(super) enum Job {
    /// Take credentials out of this.
    Exchange(Box<Ended>),
    /// Nothing more comes.
    End,
}

/// An exchange that can be written.
pub(super) struct Ready {
    pub(super) exchange: Exchange,
    /// As many bytes of bodies it came with.
    pub(super) bytes: u64,
}

/// Bytes of bodies that are in memory and wait to be written; one exchange alone may have more.
const MOST_AHEAD: u64 = 4 << 20;

/// Goes on until the end is told, or nobody is left who could tell it. After a failure it takes what comes all the same: the
/// credentials in it may stand in logs.
pub(super) fn redact(mut redact: Redact, jobs: &Receiver<Job>, ready: &Sender<Ready>, ahead: Ahead, inner: &Inner) {
    let mut ahead = ahead;
    while let Ok(Job::Exchange(ended)) = jobs.recv() {
        let bytes = ended.bytes();
        ahead.wait_for(bytes);
        let handed_on = whole(*ended, inner).and_then(|mut exchange| {
            redact(&mut exchange.call, exchange.reply.as_mut());
            ready.send(Ready { exchange, bytes }).map_err(|_| ProxyError::Finished)
        });
        match handed_on {
            Ok(()) => ahead.bytes += bytes,
            Err(error) => {
                inner.fail(error);
                inner.one_less_unwritten();
            }
        }
    }
}

/// How far this thread is ahead of the writer, who says of each exchange when its bytes are written.
pub(super) struct Ahead {
    bytes: u64,
    written: Receiver<u64>,
}

impl Ahead {
    pub(super) fn new(written: Receiver<u64>) -> Self {
        Self { bytes: 0, written }
    }

    /// Waits until so many bytes more may be held. Where the writer is gone there is nothing to wait for.
    fn wait_for(&mut self, bytes: u64) {
        self.bytes -= self.written.try_iter().sum::<u64>();
        while self.bytes > 0 && self.bytes + bytes > MOST_AHEAD {
            let Ok(written) = self.written.recv() else { return };
            self.bytes -= written;
        }
    }
}

/// The exchange, its bodies brought back to memory.
fn whole(ended: Ended, inner: &Inner) -> Result<Exchange, ProxyError> {
    let Ended { index, offset_ms, via, mut call, call_body, reply, room } = ended;
    let subject = format!("{} {}", call.method, call.target);
    let tell = |why: Unrecorded, example: &str| inner.tally.unrecorded(why, example);
    match &reply {
        Err(None) => tell(Unrecorded::Unanswered, &subject),
        Err(Some(why)) => tell(Unrecorded::BadReply, &format!("{subject}: {why}")),
        Ok((_, kept)) if kept.is_too_long() => tell(Unrecorded::TooLong, &subject),
        Ok(_) => {}
    }
    if call_body.is_too_long() {
        tell(Unrecorded::TooLong, &subject);
    }
    call.body = call_body.into_body().map_err(ProxyError::Hold)?;
    let reply = match reply {
        Ok((mut reply, kept)) => {
            reply.body = kept.into_body().map_err(ProxyError::Hold)?;
            Some(reply)
        }
        Err(_) => None,
    };
    drop(room);
    let (bindings, used) = (Vec::new(), Vec::new());
    Ok(Exchange { index, session: 0, last: false, offset_ms, call, reply, bindings, used, via })
}
