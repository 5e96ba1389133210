//! One exchange while it goes on: the half that the client sends and the half that the target answers, each seen by another
//! task. When both have been let go of, what there is of it goes to the writer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

use super::kept::Kept;
use super::recorder::Inner;
use super::tally::Unrecorded;
use crate::model::{Body, Call, Metadata, Reply, Via};

/// An exchange that has ended, whole or not.
#[derive(Debug)]
pub(in crate::proxy) struct Ended {
    pub index: u64,
    pub offset_ms: u64,
    pub via: Via,
    pub call: Call,
    pub call_body: Kept,
    /// What was answered, or why nothing was that came whole.
    pub reply: Result<(Reply, Kept), Unanswered>,
    /// Lets go of the room that its heads take.
    pub room: Option<OwnedSemaphorePermit>,
}

impl Ended {
    /// How many bytes its bodies have.
    pub(super) fn bytes(&self) -> u64 {
        self.call_body.len() + self.reply.as_ref().map_or(0, |(_, body)| body.len())
    }
}

/// Why there is no reply: it can't be read, and what is wrong with it, or it did not come.
pub(in crate::proxy) type Unanswered = Option<String>;

/// What the client sends.
#[derive(Debug)]
pub(in crate::proxy) struct CallHalf(Arc<Take>);

/// What the target answers.
#[derive(Debug)]
pub(in crate::proxy) struct ReplyHalf(Arc<Take>);

#[derive(Debug)]
struct Take {
    inner: Arc<Inner>,
    parts: Mutex<Parts>,
}

#[derive(Debug)]
struct Parts {
    ended: Option<Ended>,
    call_is_whole: bool,
    reply: Option<(Reply, Kept)>,
    reply_is_whole: bool,
    unreadable: Unanswered,
    /// Why it is not to be recorded, where it isn't.
    not: Option<Unrecorded>,
}

/// Begins one.
pub(super) fn begin(inner: &Arc<Inner>, ended: Ended) -> (CallHalf, ReplyHalf) {
    let parts = Parts {
        ended: Some(ended),
        call_is_whole: false,
        reply: None,
        reply_is_whole: false,
        unreadable: None,
        not: None,
    };
    let take = Arc::new(Take { inner: Arc::clone(inner), parts: Mutex::new(parts) });
    (CallHalf(Arc::clone(&take)), ReplyHalf(take))
}

impl Take {
    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, pushed: std::io::Result<()>) {
        if let Err(error) = pushed {
            self.inner.fail_to_hold(error);
        }
    }
}

impl CallHalf {
    /// Content of the body.
    pub fn push(&self, bytes: &[u8]) {
        if let Some(ended) = &mut self.0.parts().ended {
            self.0.keep(ended.call_body.push(bytes));
        }
    }

    /// The call has come whole, and has gone to the target.
    pub fn end(&self) {
        self.0.parts().call_is_whole = true;
    }

    /// It is not to be recorded.
    pub fn give_up(&self, why: Unrecorded) {
        self.0.parts().not.get_or_insert(why);
    }
}

impl ReplyHalf {
    /// An interim reply has gone through, which has no place in a recording. That of 100 only says to go on.
    pub fn interim(&self, status: u16) {
        if status == 100 {
            return;
        }
        if let Some(Ended { call, .. }) = &self.0.parts().ended {
            let example = format!("{status} to {} {}", call.method, call.target);
            self.0.inner.tally.unrecorded(Unrecorded::Interim, &example);
        }
    }

    /// The reply's head, and how long its body will be where that is known.
    pub fn head(&self, status: u16, metadata: Metadata, length: Option<u64>) {
        let reply = Reply { status, metadata, body: Body::Empty, trailers: Metadata::new() };
        let kept = Kept::expecting(&self.0.inner.budget, length.unwrap_or_default());
        self.0.parts().reply = Some((reply, kept));
    }

    /// Content of the body.
    pub fn push(&self, bytes: &[u8]) {
        if let Some((_, kept)) = &mut self.0.parts().reply {
            self.0.keep(kept.push(bytes));
        }
    }

    /// The reply has come whole.
    pub fn end(&self, trailers: Metadata) {
        let mut parts = self.0.parts();
        parts.reply_is_whole = true;
        if let Some((reply, _)) = &mut parts.reply {
            reply.trailers = trailers;
        }
    }

    /// The reply can't be read: what is wrong with it.
    pub fn unreadable(&self, why: &str) {
        self.0.parts().unreadable = Some(why.to_owned());
    }

    /// It is not to be recorded.
    pub fn give_up(&self, why: Unrecorded) {
        self.0.parts().not.get_or_insert(why);
    }
}

impl Drop for Take {
    fn drop(&mut self) {
        self.inner.open.fetch_sub(1, Ordering::AcqRel);
        let parts = self.parts.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Some(mut ended) = parts.ended.take() else { return };
        let subject = || format!("{} {}", ended.call.method, ended.call.target);
        // A server may answer before it has the whole of a call, and close: what it did was not by that call.
        let not = parts.not.take().or((!parts.call_is_whole).then_some(Unrecorded::CutOff));
        if let Some(why) = not {
            self.inner.tally.unrecorded(why, &subject());
        } else {
            let reply = parts.reply.take().filter(|_| parts.reply_is_whole);
            ended.reply = reply.ok_or_else(|| parts.unreadable.take());
            self.inner.submit(ended);
        }
        self.inner.changed.notify_waiters();
    }
}
