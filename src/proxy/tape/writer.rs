//! The one writer: a thread that takes ended exchanges and puts them into the file, credentials taken out before.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use super::recorder::{Inner, Redact};
use super::take::Ended;
use super::tally::Unrecorded;
use crate::model::Exchange;
use crate::proxy::ProxyError;
use crate::traffic::{Part, Written};

/// What the writer is told.
pub(super) enum Job {
    /// Write this.
    Exchange(Box<Ended>),
    /// Nothing more comes.
    End,
}

/// Writes until the end is told, or nobody is left who could tell it. After a failure it takes what comes and writes no more:
/// the credentials in it may stand in logs all the same.
pub(super) fn write(mut part: Part, mut redact: Redact, jobs: &Receiver<Job>, inner: &Arc<Inner>) -> Part {
    while let Ok(Job::Exchange(ended)) = jobs.recv() {
        if inner.has_failed() {
            if let Ok(mut exchange) = whole(*ended, inner) {
                redact(&mut exchange.call, exchange.reply.as_mut());
            }
        } else {
            let written = whole(*ended, inner).and_then(|mut exchange| {
                redact(&mut exchange.call, exchange.reply.as_mut());
                let why = match part.push(&exchange)? {
                    Written::Whole => return Ok(true),
                    Written::Shortened => Unrecorded::TooLong,
                    Written::LeftOut => Unrecorded::LongHead,
                };
                let example = format!("{} {}", exchange.call.method, exchange.call.target);
                inner.tally.unrecorded(why, &example);
                Ok(why == Unrecorded::TooLong)
            });
            match written {
                Ok(true) => inner.tally.recorded(),
                Ok(false) => {}
                Err(error) => inner.fail(error),
            }
        }
        inner.unwritten.fetch_sub(1, Ordering::AcqRel);
        inner.changed.notify_waiters();
    }
    part
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
