//! What became of each request: a line each, held until somebody takes it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The client's connection, counted from 0 in the order in which they were taken.
    pub connection: u64,
    /// The request, counted from 0 over all connections in the order in which their heads had come whole: the number that
    /// plans go by.
    pub number: u64,
    /// Its method and target, shortened.
    pub call: String,
    /// The instance that it was sent to, or was to be; none where there was nobody to choose.
    pub instance: Option<Arc<str>>,
    /// Whether it went over a connection to the instance that earlier requests had used.
    pub reused: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a request. It was sent once, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The instance answered, and its reply came whole.
    Answered {
        /// The status code.
        status: u16,
    },
    /// The connection switched to another protocol, and is a tunnel to that instance.
    Switched {
        /// The status code: 101, or that of a CONNECT.
        status: u16,
    },
    /// The plan has nobody for it; the client was told 503.
    Nobody,
    /// The instance takes no connections: why; the client was told 502.
    Refused(String),
    /// The instance ended the connection, or reset the stream, before the head of its reply was whole.
    Dropped,
    /// It did so within the body.
    Cut {
        /// The status code.
        status: u16,
    },
    /// It was silent for too long.
    TimedOut {
        /// The status code, where a head had come.
        status: Option<u16>,
    },
    /// What it answers can't be passed on: why.
    Unreadable(String),
    /// What the client sent can't be passed on: why.
    BadCall(String),
    /// The client went away before it had the whole reply, or the balancer ended.
    Abandoned {
        /// The status code, where a head had come.
        status: Option<u16>,
    },
}

impl Outcome {
    /// Whether a client saw less than an instance's whole reply, and not by its own doing.
    pub fn is_loss(&self) -> bool {
        match self {
            Self::Answered { .. } | Self::Switched { .. } | Self::BadCall(_) | Self::Abandoned { .. } => false,
            Self::Nobody
            | Self::Refused(_)
            | Self::Dropped
            | Self::Cut { .. }
            | Self::TimedOut { .. }
            | Self::Unreadable(_) => true,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instance = self.instance.as_deref().unwrap_or("nobody");
        write!(out, "{}@{instance}: {}", self.call, self.outcome)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status } => write!(out, "{status}"),
            Self::Switched { status } => write!(out, "switched by {status}"),
            Self::Nobody => out.write_str("no instance"),
            Self::Refused(why) => write!(out, "refused: {why}"),
            Self::Dropped => out.write_str("dropped before a reply"),
            Self::Cut { status } => write!(out, "{status}, cut in the body"),
            Self::TimedOut { status: None } => out.write_str("no reply in time"),
            Self::TimedOut { status: Some(status) } => write!(out, "{status}, and then nothing more in time"),
            Self::Unreadable(why) => write!(out, "not passed on: {why}"),
            Self::BadCall(why) => write!(out, "not sent on: {why}"),
            Self::Abandoned { status: None } => out.write_str("the client went before a reply"),
            Self::Abandoned { status: Some(status) } => write!(out, "{status}, and the client went before its end"),
        }
    }
}

/// The lines that nobody has taken yet.
///
/// A line is there before its client can have seen the end of its reply: who has the reply finds the line.
#[derive(Debug)]
pub struct Log {
    most: usize,
    held: Mutex<Taken>,
}

/// What was taken out of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// The lines, in the order in which requests ended.
    pub lines: VecDeque<Line>,
    /// How many were let go of since nobody took them in time.
    pub lost: u64,
}

impl Log {
    pub(super) fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    /// All there is, which is gone from the log then.
    pub fn take(&self) -> Taken {
        std::mem::take(&mut *self.held())
    }

    pub(super) fn push(&self, line: Line) {
        let mut held = self.held();
        if held.lines.len() >= self.most {
            held.lines.pop_front();
            held.lost += 1;
        }
        held.lines.push_back(line);
    }

    fn held(&self) -> MutexGuard<'_, Taken> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_takes_is_let_go_of_and_counted() {
        let log = Log::new(2);
        for number in 0..5 {
            let (call, outcome) = (String::new(), Outcome::Nobody);
            log.push(Line { connection: 0, number, call, instance: None, reused: false, outcome });
        }
        let taken = log.take();
        assert_eq!((taken.lines.iter().map(|line| line.number).collect::<Vec<_>>(), taken.lost), (vec![3, 4], 3));
        assert_eq!(log.take(), Taken::default());
    }
}
