//! What splicing wrote down: of each session apart, so that the tallies of shards make that of the whole.
//!
//! Nothing here is concluded; that is `outcome`'s.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::checks::concluding::Sums;
use crate::model::{Direction, Evidence, Pair, Replay, Severity, StoryStep};

/// What was written down of all sessions, or of a shard's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// What a person must know of the choice of sessions.
    pub(super) notes: Vec<String>,
    /// The manifest names no state: builds need share nothing, and what each keeps to itself is no trouble of theirs.
    pub(super) is_stateless: bool,
    /// Why nothing could be shown at all.
    pub(super) apart: Option<String>,
    /// In the order of the recordings, and of the sessions in them.
    pub(super) chapters: Vec<Chapter>,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Chapter {
    /// The recording's place in the manifest.
    pub(super) number: usize,
    /// Its name there.
    pub(super) recording: String,
    pub(super) session: u64,
    pub(super) surfaces: BTreeMap<String, Pair<Surface>>,
    pub(super) counts: Sums,
    /// What the two controls did by themselves.
    pub(super) troubles: Pair<BTreeSet<String>>,
    /// Why two builds could not be put on one store.
    pub(super) apart: Option<String>,
    /// Why splices were left out, and how many.
    pub(super) cut: Option<(String, u64)>,
    pub(super) candidates: Vec<Candidate>,
}

/// A surface as one side answered it, with the other on the same store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Surface {
    pub(super) steps: u64,
    /// Steps that were compared, and those of them that the other side had gone before.
    pub(super) compared: u64,
    pub(super) crossed: u64,
    /// Steps that only say what `replay` tells: this side doesn't serve the other's clients so.
    pub(super) told_elsewhere: u64,
    /// Why steps show nothing.
    pub(super) reasons: BTreeMap<String, u64>,
}

/// Something that a splice showed, and how that went when its shortest story ran again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) subject: String,
    pub(super) direction: Direction,
    pub(super) at: String,
    pub(super) message: String,
    /// In how many splices it was seen.
    pub(super) count: u64,
    pub(super) story: Vec<StoryStep>,
    pub(super) replay: Replay,
    pub(super) evidence: Evidence,
    /// In how many further runs OLD and NEW together showed it, and in how many the control did.
    pub(super) mixed: u32,
    pub(super) control: u32,
    /// Further runs showed that the place is noise.
    pub(super) noisy: bool,
    /// What kept it from being tried as often as it should be.
    pub(super) cut: Option<String>,
}

impl Chapter {
    pub(super) fn new(number: usize, recording: String, session: u64) -> Self {
        Self {
            number,
            recording,
            session,
            surfaces: BTreeMap::new(),
            counts: Sums::default(),
            troubles: Pair::default(),
            apart: None,
            cut: None,
            candidates: Vec::new(),
        }
    }
}

impl Tally {
    /// The tally of the run of which these are the shards'.
    pub(super) fn join(tallies: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        for tally in tallies {
            let news: Vec<String> = tally.notes.into_iter().filter(|note| !whole.notes.contains(note)).collect();
            whole.notes.extend(news);
            whole.is_stateless |= tally.is_stateless;
            whole.apart = whole.apart.or(tally.apart);
            whole.chapters.extend(tally.chapters);
        }
        whole.chapters.sort_by_key(|chapter| (chapter.number, chapter.session));
        whole
    }
}
