//! The one writer: a thread that puts exchanges into the file, one after the other as they have ended.

use std::sync::mpsc::{Receiver, Sender};

use super::recorder::Inner;
use super::redacting::Ready;
use super::tally::Unrecorded;
use crate::model::Exchange;
use crate::proxy::ProxyError;
use crate::traffic::{Part, Written};

/// Writes for as long as anything can come, and says of each exchange when it needs no more memory. After a failure it writes
/// no more.
pub(super) fn write(mut part: Part, ready: &Receiver<Ready>, written: &Sender<u64>, inner: &Inner) -> Part {
    for Ready { exchange, bytes } in ready {
        if !inner.has_failed()
            && let Err(error) = push(&mut part, &exchange, inner)
        {
            inner.fail(error);
        }
        drop(exchange);
        // Nobody waits for it once the last one has come.
        let _ = written.send(bytes);
        inner.one_less_unwritten();
    }
    part
}

fn push(part: &mut Part, exchange: &Exchange, inner: &Inner) -> Result<(), ProxyError> {
    let why = match part.push(exchange)? {
        Written::Whole => {
            inner.tally.recorded();
            return Ok(());
        }
        Written::Shortened => Unrecorded::TooLong,
        Written::LeftOut => Unrecorded::LongHead,
    };
    let example = format!("{} {}", exchange.call.method, exchange.call.target);
    inner.tally.unrecorded(why, &example);
    if why == Unrecorded::TooLong {
        inner.tally.recorded();
    }
    Ok(())
}
