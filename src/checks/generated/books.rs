//! What the check wrote down: what came of the messages, and which operations there are.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::WORDS;
use super::round_trip::Losses;
use crate::checks::replaying::{Tally, outcome};
use crate::checks::seam::Outcome;

/// What came of the messages, and which operations there are.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Books {
    pub(super) tally: Tally,
    /// All that the contracts know of, whether or not anything could be sent to it.
    pub(super) known: BTreeSet<String>,
    /// What messages of protobuf lose on their way there and back.
    pub(super) losses: Losses,
}

impl Books {
    /// The books of the run of which these are the shards'.
    pub(super) fn join(all: Vec<Self>) -> Self {
        let (mut tallies, mut known, mut losses) = (Vec::new(), BTreeSet::new(), Vec::new());
        for books in all {
            tallies.push(books.tally);
            known.extend(books.known);
            losses.push(books.losses);
        }
        Self { tally: Tally::join(tallies), known, losses: Losses::join(losses) }
    }

    pub(super) fn outcome(self) -> Outcome {
        let mut outcome = outcome(&self.tally, WORDS);
        outcome.findings.extend(self.losses.findings());
        Outcome { known: self.known.into_iter().collect(), ..outcome }
    }
}
