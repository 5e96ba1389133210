//! One exchange in all its cells, as comparing is given it, and what it makes of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::noise::Part;
use super::spot::{Reader, Spoken};
use crate::model::Fold;
use crate::model::Sent;
use crate::model::{At, Code, Direction, Document, Observation, Place, Rule, Severity};

/// What one cell gave, and under which names its things go there.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What it gave.
    pub observation: &'a Observation,
    /// Its names.
    pub fold: &'a Fold,
}

/// One exchange in one mixed direction.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The mixed direction.
    pub direction: Direction,
    /// The call's method.
    pub method: &'a str,
    /// Whether the call says that it fetches a sub-resource of a page (`Sec-Fetch-Dest`).
    pub fetch_dest: Option<&'a str>,
    /// The control: the same clients with their own server.
    pub control: View<'a>,
    /// The same clients with the other server.
    pub mixed: View<'a>,
    /// The recorded reply; none where nothing was recorded.
    pub recorded: Option<View<'a>>,
    /// The control's twin, and its answers in earlier runs.
    pub control_witnesses: Vec<View<'a>>,
    /// The mixed cell's twin, and its answers in earlier runs.
    pub mixed_witnesses: Vec<View<'a>>,
    /// Places of the reply whose values later calls use.
    pub used: &'a [Place],
    /// What the client has sent in this session.
    pub sent: &'a Sent,
    /// What the reader's contract says.
    pub reader: Reader<'a>,
    /// Places that the manifest leaves out.
    pub ignored: &'a [At],
    /// Lists whose order nobody promised.
    pub unordered: &'a [At],
    /// Ask the witnesses of every place, also of those at which control and mixed cell agree.
    pub thorough: bool,
}

/// What comparing made of one exchange in one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// How far the exchange came.
    pub standing: Standing,
    /// What the rules said; in the order of places. What many rows show alike is here once, and once more where it is worse.
    pub found: Vec<Found>,
    /// Places on which witnesses don't agree.
    pub noisy: BTreeSet<String>,
    /// Leaves of the control's reply.
    pub leaves: u64,
    /// Those of them that were compared by value or shape.
    pub compared: u64,
}

/// How far an exchange came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Compared. `recorded` is false where no recorded reply was there to hold the control against.
    Compared {
        /// Fidelity is known.
        recorded: bool,
    },
    /// The control has left its recording: how.
    Stale(String),
    /// The control does not agree with its own twin, or gives no reply: how.
    ControlTrouble(String),
    /// The mixed cell was not asked: a finding of an earlier exchange stands in the way.
    Blocked,
    /// Straddle left it out: why.
    NotSent(String),
    /// A sub-resource of a page: another check's matter.
    Asset,
    /// Compared, but so much was noise that it shows nothing.
    MostlyNoise,
}

/// What one rule said at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Which rule.
    pub rule: &'static Rule,
    /// Where.
    pub at: String,
    /// How bad.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// What the control gave there.
    pub expected: Value,
    /// What the mixed cell gave there.
    pub got: Value,
}

impl Trial<'_> {
    /// Whether a later request uses the value at `at`, or one below it.
    pub(super) fn is_used(&self, at: &At) -> bool {
        self.used.iter().any(|place| match (&place.at, at) {
            (At::Body(used), At::Body(path)) => used.general().0.starts_with(&path.0),
            (used, at) => used == at,
        })
    }

    /// Whether the manifest says that this place is not compared.
    pub(super) fn is_ignored(&self, at: &At) -> bool {
        self.ignored.contains(at)
    }

    /// What the call is of.
    pub(super) fn spoken(&self) -> Spoken {
        if self.is_rpc() { Spoken::Rpc } else { Spoken::Http }
    }

    /// Whether a remote procedure was called.
    pub(super) fn is_rpc(&self) -> bool {
        [&self.control, &self.mixed].into_iter().filter_map(|view| view.observation.answer()).any(|a| a.rpc.is_some())
    }

    /// Whether the control, in any of its witnesses, has null at `at`.
    pub(super) fn has_null_at(&self, at: &At) -> bool {
        let At::Body(path) = at else { return false };
        let controls = std::iter::once(&self.control).chain(&self.control_witnesses).chain(&self.recorded);
        controls.filter_map(|view| view.observation.answer()).any(|answer| has_null(answer.content.document(), &path.0))
    }
}

fn has_null(document: &Document, path: &[crate::model::Step]) -> bool {
    use crate::model::Step;
    match (path.split_first(), document) {
        (None, document) => *document == Document::Null,
        (Some((Step::Field(name), rest)), Document::Fields(fields)) => fields
            .iter()
            .filter(|(known, _)| known == name || (&**name == "{}" && super::walk::is_generated(known)))
            .any(|(_, value)| has_null(value, rest)),
        (Some((_, rest)), Document::List(rows)) => rows.iter().any(|row| has_null(row, rest)),
        _ => false,
    }
}

impl<'a> View<'a> {
    /// The body that this view saw, as a witness.
    pub(super) fn body(self, live: bool) -> Part<'a> {
        let known = self.observation.answer().filter(|answer| answer.content.bytes.is_some());
        Part { document: known.map(|answer| answer.content.document()), fold: self.fold, live }
    }

    /// The status, where there is a whole reply; of a remote procedure also its own.
    pub(super) fn status(self) -> Option<(u16, Option<Code>)> {
        self.observation.answer().map(|answer| (answer.status, answer.rpc.as_ref().map(|rpc| rpc.code)))
    }
}
