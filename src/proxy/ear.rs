//! Who hears of an HTTP/2 stream while it is passed on: the recorder, or the balancer's log.

use std::sync::Arc;

use super::http1::Refusal;
use super::mix::Passing;
use super::tape::{CallHalf, ReplyHalf, Unrecorded};
use crate::model::Metadata;

/// Hears of what the client sends.
#[derive(Debug)]
pub(super) enum CallEar {
    /// It is recorded.
    Tape(CallHalf),
    /// The balancer tells who answers it.
    Mix(Arc<Passing>),
}

/// Hears of what the target answers.
#[derive(Debug)]
pub(super) enum ReplyEar {
    /// It is recorded.
    Tape(ReplyHalf),
    /// The balancer tells who answers it.
    Mix(Arc<Passing>),
}

impl CallEar {
    /// The target can't be reached.
    pub fn unreached(&self, refusal: &Refusal) {
        match self {
            Self::Tape(half) => half.give_up(Unrecorded::Unreached),
            Self::Mix(passing) => passing.refused(refusal),
        }
    }

    /// It goes over a connection that was used before, or over a new one.
    pub fn over(&self, used: bool) {
        if let Self::Mix(passing) = self {
            passing.over(used);
        }
    }

    /// Content of the body.
    pub fn push(&self, bytes: &[u8]) {
        if let Self::Tape(half) = self {
            half.push(bytes);
        }
    }

    /// The call has come whole, and has gone to the target.
    pub fn end(&self) {
        if let Self::Tape(half) = self {
            half.end();
        }
    }
}

impl ReplyEar {
    /// An interim reply has gone through.
    pub fn interim(&self, status: u16) {
        if let Self::Tape(half) = self {
            half.interim(status);
        }
    }

    /// The reply's head.
    pub fn head(&self, status: u16, metadata: Metadata, length: Option<u64>) {
        match self {
            Self::Tape(half) => half.head(status, metadata, length),
            Self::Mix(passing) => passing.head(status, &metadata),
        }
    }

    /// Content of the body.
    pub fn push(&self, bytes: &[u8]) {
        if let Self::Tape(half) = self {
            half.push(bytes);
        }
    }

    /// Whether all of it has come, before the last of it goes to the client.
    pub fn ends(&self, whole: bool) {
        if let (Self::Mix(passing), true) = (self, whole) {
            passing.answered();
        }
    }

    /// The reply has come whole, and has gone to the client.
    pub fn end(&self, trailers: Metadata) {
        if let Self::Tape(half) = self {
            half.end(trailers);
        }
    }

    /// The target closed without one.
    pub fn dropped(&self) {
        if let Self::Mix(passing) = self {
            passing.broke_off();
        }
    }

    /// The target did not answer in time.
    pub fn late(&self) {
        if let Self::Mix(passing) = self {
            passing.timed_out();
        }
    }

    /// The reply can't be read: what is wrong with it.
    pub fn unreadable(&self, why: &str) {
        match self {
            Self::Tape(half) => half.unreadable(why),
            Self::Mix(passing) => passing.unreadable(why),
        }
    }
}
