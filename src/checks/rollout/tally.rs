//! What a roll-out wrote down, so that a shard's report can hold it. Nothing here is concluded; that is `outcome`'s.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::schedule::Stage;
use crate::checks::concluding::{Key, Sums};
use crate::model::{Direction, Evidence, Pair, Question, Replay, Severity};

/// What was written down; nothing in a shard that leaves it to another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Whether this is where it ran.
    pub(super) ran: bool,
    /// What a person must know of the choice of sessions.
    pub(super) notes: Vec<String>,
    /// Why nothing could be shown at all.
    pub(super) apart: Option<String>,
    pub(super) book: Book,
    pub(super) candidates: Vec<Candidate>,
}

/// What the first run through all stages came to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Book {
    /// The checkpoints, in their order.
    pub(super) stages: Vec<StageBook>,
    pub(super) surfaces: BTreeMap<String, Pair<Surface>>,
    pub(super) counts: Sums,
    /// What the dances of one kind did by themselves.
    pub(super) troubles: Pair<BTreeSet<String>>,
    /// What had to be shown and could not be, with the questions that it leaves open.
    pub(super) gaps: Vec<(Vec<Question>, String)>,
    /// Calls that were under way when their replica was asked to end.
    pub(super) drains: Drains,
}

/// A checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct StageBook {
    /// What a person calls it.
    pub(super) name: String,
    /// Who serves there, on what.
    pub(super) title: String,
    /// Whether it was come to.
    pub(super) reached: bool,
    /// Calls that were compared, by whose replica took them.
    pub(super) compared: Pair<u64>,
    /// Calls that were compared after all had gone back to OLD from there; none where going back was not tried.
    pub(super) back: Option<u64>,
}

/// A surface as one side's replicas answered it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Surface {
    pub(super) calls: u64,
    pub(super) compared: u64,
    /// Those of them that found what the other side had left.
    pub(super) crossed: u64,
    /// Why a call shows nothing.
    pub(super) reasons: BTreeMap<String, u64>,
}

/// Calls that were under way when their replica was asked to end: of each of the dances.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Drains {
    /// The service that was called.
    pub(super) service: String,
    /// A replica of OLD that OLD replaces, and one of NEW that NEW replaces.
    pub(super) same: Pair<Drain>,
    /// A replica of OLD that NEW replaces.
    pub(super) mixed: Drain,
}

/// How such calls ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Drain {
    /// Answered whole.
    pub(super) whole: u64,
    /// Lost.
    pub(super) lost: u64,
    /// How the first was lost.
    pub(super) how: Option<String>,
    /// On the way to which checkpoints.
    pub(super) stages: Vec<String>,
}

/// Something that a roll-out showed, and in how many further ones it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) raw: Raw,
    pub(super) again: u32,
    /// A further run showed that the place is noise.
    pub(super) noisy: bool,
    /// What kept it from being tried as often as it should be.
    pub(super) cut: Option<String>,
}

/// Something that a roll-out showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Raw {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) subject: String,
    pub(super) direction: Direction,
    pub(super) at: String,
    /// What happened, without where.
    pub(super) what: String,
    pub(super) breaks: BTreeSet<Question>,
    /// The checkpoints at which it was seen, the first one first.
    pub(super) stages: Vec<String>,
    pub(super) count: u64,
    pub(super) replay: Option<Replay>,
    pub(super) evidence: Evidence,
}

impl StageBook {
    /// Of a checkpoint that was not come to so far.
    pub(super) fn of(stage: &Stage) -> Self {
        Self { name: stage.name.clone(), title: stage.title.to_owned(), ..Self::default() }
    }

    /// What the way back from it is called.
    pub(super) fn back_from(name: &str) -> String {
        format!("back from {name}")
    }
}

impl Raw {
    pub(super) fn key(&self) -> Key {
        Key { subject: self.subject.clone(), direction: self.direction, rule: self.rule.clone(), at: self.at.clone() }
    }
}

impl Tally {
    /// The tally of the run of which these are the shards': one of them ran it.
    pub(super) fn join(tallies: Vec<Self>) -> Self {
        tallies.into_iter().find(|tally| tally.ran).unwrap_or_default()
    }
}
