//! The ledger of one recording in one direction: how its exchanges came out, candidates apart.
//!
//! All of it adds up: the ledgers of shards make the ledger of the whole. So nothing here is a share, an order of arrival or
//! a verdict; those are made at the end, by `books`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::compare::{Judgement, Standing, subject};
use crate::model::{At, Exchange};

/// What was written down of one recording in one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger {
    pub(super) subjects: BTreeMap<String, Subject>,
    /// Subjects of exchanges that were not sent: by plain name, and with those segments open that are bound to something.
    pub(super) unsent_subjects: BTreeSet<(String, String)>,
    /// Why exchanges were not sent, with how many there are of each.
    pub(super) unsent: BTreeMap<String, u64>,
    /// What went wrong with the generation of the clients by itself.
    pub(super) troubles: BTreeSet<String>,
    pub(super) counts: Counts,
}

/// Sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) leaves: u64,
    pub(super) compared: u64,
    /// Exchanges whose control was held against a recording, and those that agreed with it.
    pub(super) held: u64,
    pub(super) faithful: u64,
    pub(super) observations: u64,
    pub(super) assets: u64,
    /// Exchanges that were recorded without replies.
    pub(super) unrecorded: u64,
    /// Exchanges that were recorded by HTTP/2, and sent by HTTP/1.1 since the control doesn't speak it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) downgraded: u64,
}

/// A subject as the clients of one generation saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    pub(super) exchanges: u64,
    pub(super) compared: u64,
    /// Exchanges whose control answered as it should, and whose mixed cell was not asked.
    pub(super) blocked: u64,
    /// Why exchanges show nothing, with how many there are of each.
    pub(super) reasons: BTreeMap<String, u64>,
    pub(super) control_trouble: bool,
}

impl Ledger {
    /// Writes down how an exchange came out, candidates apart.
    pub(super) fn note(&mut self, subject: &str, judgement: &Judgement) {
        if judgement.standing == Standing::Asset {
            self.counts.assets += 1;
            return;
        }
        let entry = self.subjects.entry(subject.to_owned()).or_default();
        entry.exchanges += 1;
        let mut reason = |text: &str| *entry.reasons.entry(text.to_owned()).or_default() += 1;
        let counts = &mut self.counts;
        match &judgement.standing {
            Standing::Compared { recorded } => {
                entry.compared += 1;
                counts.observations += 1;
                if *recorded {
                    counts.held += 1;
                    counts.faithful += 1;
                } else {
                    counts.unrecorded += 1;
                }
            }
            Standing::Stale(how) => {
                counts.held += 1;
                reason(&format!("the control has left its recording: {how}"));
            }
            Standing::ControlTrouble(how) => {
                entry.control_trouble = true;
                reason(how);
                self.troubles.insert(format!("{subject}: {how}"));
            }
            Standing::Blocked => {
                entry.blocked += 1;
                reason("blocked by a finding of an earlier exchange");
            }
            Standing::NotSent(why) => reason(&format!("not sent: {why}")),
            Standing::MostlyNoise => {
                counts.held += 1;
                counts.faithful += 1;
                reason("nearly all of the reply is noise");
            }
            Standing::Asset => {}
        }
        counts.leaves += judgement.leaves;
        counts.compared += judgement.compared;
    }

    /// Writes down that the control refuses what was made up, as the mixed cell does: that says nothing of what it would do.
    pub(super) fn note_refused(&mut self, subject: &str, outcome: &str) {
        let entry = self.subjects.entry(subject.to_owned()).or_default();
        entry.exchanges += 1;
        *entry.reasons.entry(format!("its own build refuses what was made up: {outcome}")).or_default() += 1;
    }

    /// Writes down an exchange that was not sent any more.
    pub(super) fn note_unsent(&mut self, exchange: &Exchange, surface: Option<&String>, why: &str) {
        *self.unsent.entry(why.to_owned()).or_default() += 1;
        if let Some(surface) = surface {
            self.unsent_subjects.insert((surface.clone(), surface.clone()));
            return;
        }
        // What its segments are bound to was not made, so whether it would have been made anew is a guess.
        let is_bound = |segment| {
            let at = At::Segment(segment);
            exchange.bindings.iter().any(|binding| binding.at.within.is_empty() && binding.at.at == at)
        };
        self.unsent_subjects.insert((subject(&exchange.call, |_| false), subject(&exchange.call, is_bound)));
    }

    /// Adds what another one holds of other exchanges.
    pub(super) fn add(&mut self, other: Self) {
        for (name, subject) in other.subjects {
            self.subjects.entry(name).or_default().add(&subject);
        }
        self.unsent_subjects.extend(other.unsent_subjects);
        for (why, count) in other.unsent {
            *self.unsent.entry(why).or_default() += count;
        }
        self.troubles.extend(other.troubles);
        self.counts.add(other.counts);
    }
}

impl Subject {
    pub(super) fn add(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.compared += other.compared;
        self.blocked += other.blocked;
        for (why, count) in &other.reasons {
            *self.reasons.entry(why.clone()).or_default() += count;
        }
        self.control_trouble |= other.control_trouble;
    }
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.leaves += other.leaves;
        self.compared += other.compared;
        self.held += other.held;
        self.faithful += other.faithful;
        self.observations += other.observations;
        self.assets += other.assets;
        self.unrecorded += other.unrecorded;
        self.downgraded += other.downgraded;
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// So many exchanges were not sent.
pub(super) fn not_sent(count: u64) -> String {
    if count == 1 { "1 exchange was not sent".to_owned() } else { format!("{count} exchanges were not sent") }
}
