//! What the check wrote down, stage by stage. Nothing here is concluded; that is `outcome`'s.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::point::Point;
use crate::checks::concluding::Key;
use crate::model::{Direction, Evidence, Pair, Question, Replay, Severity, Side};

/// What was written down of all stages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// What a person must know of the choice of exchanges.
    pub(super) notes: Vec<String>,
    /// How the store comes to what NEW expects.
    pub(super) road: Option<Road>,
    /// States that are migrated and that no command takes back.
    pub(super) one_way: Vec<String>,
    /// Why nothing could be shown at all.
    pub(super) ended: Option<String>,
    /// What was found of the stores alone.
    pub(super) proof: Vec<Candidate>,
    /// One for each recording, in their order; one without calls where there is no recording.
    pub(super) chapters: Vec<Chapter>,
}

/// How the store comes to what NEW expects, and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Road {
    pub(super) up: Up,
    /// There is a way back.
    pub(super) down: bool,
    /// Two can use the store at once.
    pub(super) shared: bool,
}

/// What migrates the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Up {
    /// The manifest's commands.
    Commands,
    /// NEW itself, when it starts.
    Start,
    /// Nothing: both expect the same.
    Nothing,
}

/// One recording, at all checkpoints.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Chapter {
    /// Its name in the manifest; none where there is none.
    pub(super) recording: Option<String>,
    /// Calls of NEW's own clients, which only NEW takes.
    pub(super) of_new: bool,
    pub(super) surfaces: BTreeMap<String, Pair<Surface>>,
    pub(super) points: BTreeMap<Point, Counts>,
    pub(super) held: u64,
    pub(super) faithful: u64,
    pub(super) leaves: u64,
    pub(super) compared: u64,
    pub(super) assets: u64,
    /// What the controls did by themselves.
    pub(super) troubles: Pair<BTreeSet<String>>,
    /// Why it was cut short.
    pub(super) cut: Option<String>,
    pub(super) candidates: Vec<Candidate>,
}

/// A surface as one side answered it, on a store that the other had to do with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Surface {
    pub(super) steps: u64,
    pub(super) compared: u64,
}

/// How replies came out at a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// It was reached.
    pub(super) reached: bool,
    pub(super) steps: u64,
    pub(super) compared: u64,
    /// Why some show nothing.
    pub(super) reasons: BTreeMap<String, u64>,
}

/// Something that was seen, and how it went when it was tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) raw: Raw,
    /// How often it was seen in the first run.
    pub(super) count: u64,
    /// In how many further runs it was seen, and in how many the control showed it.
    pub(super) mixed: u32,
    pub(super) control: u32,
    /// Further runs showed that the place is noise.
    pub(super) noisy: bool,
    /// What kept it from being tried as often as it should be.
    pub(super) cut: Option<String>,
}

/// Something that was seen once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Raw {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) subject: String,
    pub(super) at: String,
    pub(super) point: Point,
    /// Who stumbled over it.
    pub(super) side: Side,
    pub(super) message: String,
    /// What it is against, where that is not what all breaks at that checkpoint are against.
    pub(super) breaks: Option<Vec<Question>>,
    pub(super) evidence: Evidence,
    pub(super) replay: Option<Replay>,
    /// Where in a stage: the pass, and the exchange.
    pub(super) moment: Option<(u8, u64)>,
}

impl Raw {
    /// Who left it, and who stumbled over it.
    pub(super) fn direction(&self) -> Direction {
        Direction::mixed_from(self.side.other())
    }

    pub(super) fn key(&self) -> Key {
        Key { subject: self.subject.clone(), direction: self.direction(), rule: self.rule.clone(), at: self.at.clone() }
    }

    /// Whether both say the same of the same at the same checkpoint.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.rule, &self.subject, &self.at, self.side, self.point)
            == (&other.rule, &other.subject, &other.at, other.side, other.point)
    }
}

impl Candidate {
    /// What was seen for the first time.
    pub(super) fn first(raw: Raw) -> Self {
        Self { raw, count: 1, mixed: 0, control: 0, noisy: false, cut: None }
    }
}

impl Tally {
    /// The tally of the run of which these are the shards'.
    pub(super) fn join(tallies: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        for tally in tallies {
            whole.notes.extend(tally.notes);
            whole.road = whole.road.or(tally.road);
            whole.one_way.extend(tally.one_way);
            whole.ended = whole.ended.or(tally.ended);
            whole.proof.extend(tally.proof);
            whole.chapters.extend(tally.chapters);
        }
        whole
    }
}
