//! One place at which control and mixed may differ, and all that a rule may know of it.

use super::noise::Noise;
use super::shape::Shape;
use crate::model::{At, Code, Direction, Document, Fault, Kind, Promise, Promises, Severity};

/// One place, seen in the control and in the mixed cell.
#[derive(Debug, Clone)]
pub struct Spot<'a> {
    /// Where, with every index as `[]`.
    pub at: At,
    /// The mixed cell's direction.
    pub direction: Direction,
    /// Both sides answer 400 or more: bodies differ as the structure of errors does.
    pub failing: bool,
    /// A later request of the recording uses the value that stands here.
    pub used: bool,
    /// The client sent the control's value itself, earlier in the session.
    pub sent: bool,
    /// What the call is of.
    pub spoken: Spoken,
    /// What the reader's contract says, where there is one.
    pub reader: Reader<'a>,
    /// What is seen there.
    pub what: What<'a>,
}

/// What a call is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// A resource of HTTP.
    Http,
    /// A remote procedure, whose messages are read by the descriptors of who called it.
    Rpc,
}

/// What is seen at a place.
#[derive(Debug, Clone)]
pub enum What<'a> {
    /// Status codes or faults.
    Replies {
        /// The control's.
        control: Result<u16, &'a Fault>,
        /// The mixed cell's.
        mixed: Result<u16, &'a Fault>,
    },
    /// How remote procedures ended, or faults.
    Calls {
        /// The control's.
        control: Result<Code, &'a Fault>,
        /// The mixed cell's.
        mixed: Result<Code, &'a Fault>,
    },
    /// What a failed remote procedure says of its failure beside the code, on which the control's witnesses agree: what of it
    /// is not there, or empty.
    Details(&'a str),
    /// The `Content-Type` of a reply that has a body, as it was sent.
    Media {
        /// The control's.
        control: &'a str,
        /// The mixed cell's.
        mixed: &'a str,
    },
    /// A header that the control has.
    Header {
        /// Its name, lower case; for a cookie `set-cookie`.
        name: &'a str,
        /// The control's value.
        control: &'a str,
        /// The mixed cell's, folded as the control's is.
        mixed: Option<&'a str>,
        /// What the control's witnesses say of the value.
        noise: Noise,
        /// What the mixed cell's value and its witnesses look like, all of them together.
        shape: Option<Shape>,
    },
    /// A part of the body.
    Value {
        /// The control's; none where it has no such place.
        control: Option<&'a Document>,
        /// The mixed cell's; none where it has no such place.
        mixed: Option<&'a Document>,
        /// What the control's witnesses say.
        noise: Noise,
        /// What the mixed cell's witnesses say.
        mixed_noise: Noise,
        /// The control has null here in another row or another run.
        nullable: bool,
    },
    /// A list on whose rows the control's witnesses agree, and which has others in the mixed cell.
    Rows {
        /// How many the control has.
        control: usize,
        /// How many the mixed cell has.
        mixed: usize,
        /// How many of the control's are not in the mixed cell's.
        lost: usize,
        /// How many of the mixed cell's are not in the control's.
        gained: usize,
    },
    /// The same rows in another order, on which the control's witnesses agree.
    Order,
    /// A body that is not looked into: text, a page, opaque bytes. It differs, and the witnesses agree on it.
    Body,
    /// No body at all, where the control always has one.
    NoBody,
    /// A body that can't be read as what it says it is, and why; the control's can.
    Unreadable(&'a str),
    /// An instance that its control keeps alive, or whose control stays silent.
    Process {
        /// How the mixed cell's ended, where it ended.
        died: Option<&'a str>,
        /// The line of a panic or exception that the control never logs.
        trouble: Option<&'a str>,
    },
    /// A table of a store, after calls that both builds took.
    Effects {
        /// How many rows more it has where either build by itself took them: both agree.
        control: i64,
        /// How many rows more it has.
        mixed: i64,
    },
    /// A migration of a store.
    Migration {
        /// Which way it goes.
        way: Way,
        /// How it failed, where it did.
        failed: Option<&'a str>,
    },
    /// No command takes a migrated store back.
    NoDown {
        /// Whether OLD serves on it as it is, after NEW; none where that was not shown.
        serves: Option<bool>,
    },
    /// A table or a column that went to NEW's schema and back.
    Returned {
        /// What of it came back otherwise, or not at all: rows, or values.
        lost: u64,
        /// How many there were.
        held: u64,
        /// It is a column.
        is_column: bool,
    },
    /// A table whose rows NEW knows by another key.
    Keys {
        /// How many keys of OLD's name several of its rows.
        shared: u64,
    },
    /// A build that was started on a store.
    Start {
        /// Why it is not ready, where it isn't, while it is on a store of its own.
        refused: Option<&'a str>,
        /// The store is not migrated yet.
        early: bool,
    },
    /// A build that serves on a store which is not migrated yet.
    Early {
        /// How many replies differ from those that it gives on a migrated one.
        differ: u64,
    },
    /// What was written since the migration.
    Since {
        /// Rows that came.
        added: u64,
        /// Rows that changed.
        changed: u64,
        /// Rows that went.
        gone: u64,
    },
    /// A call that is lost while replicas are replaced, where its control's replica answers it whole.
    Dropped {
        /// How it was lost.
        how: &'a str,
    },
    /// An acceptance of the manifest that no longer does anything.
    Acceptance {
        /// The last day on which it held, where that is over; else nothing used it.
        expired: Option<&'a str>,
        /// The rule that it accepts.
        rule: &'a str,
        /// The manifest's line.
        line: usize,
    },
}

/// Which way a migration goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To NEW's schema.
    Up,
    /// Back to OLD's.
    Down,
    /// To NEW's once more, after that.
    Again,
}

/// What a rule says of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
}

impl Hit {
    /// A hit of this severity.
    pub fn new(severity: Severity, message: impl Into<String>) -> Option<Self> {
        Some(Self { severity, message: message.into() })
    }
}

/// A reader's contract, as far as comparing needs it: it comes as a value from whoever has read one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reader<'a> {
    /// The reader rejects what it doesn't know.
    pub rejects_unknown: bool,
    /// What it says of the reply at hand, where it says anything.
    pub promises: Option<&'a Promises>,
}

impl Reader<'_> {
    /// What the contract says of that place, where it says anything.
    pub fn promise(&self, at: &At) -> Option<&Promise> {
        let At::Body(path) = at else { return None };
        self.promises?.get(path)
    }

    /// Whether the contract lists the kinds of values at that place, and this is one of them.
    pub fn takes(&self, at: &At, kind: Kind) -> bool {
        let kinds = self.promise(at).and_then(|promise| promise.kinds.as_ref());
        kinds.is_some_and(|kinds| kinds.contains(&kind))
    }
}

impl Spot<'_> {
    /// `old server`, `new server`: who answers in the mixed cell.
    pub fn server(&self) -> String {
        format!("the {} server", self.direction.to)
    }

    /// `old clients`, `new clients`: who reads the answer.
    pub fn readers(&self) -> String {
        format!("{} clients", self.direction.from)
    }

    /// `breaking` where old clients meet the new server, else what the rule table says for the other way.
    pub fn forward(&self, backward: Severity) -> Severity {
        if self.direction == Direction::OLD_TO_NEW { Severity::Breaking } else { backward }
    }
}
