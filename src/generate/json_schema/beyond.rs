//! What one schema allows and another doesn't: the difference of two contracts, as messages.

use std::collections::BTreeSet;

use proptest::prelude::Rng;
use serde_json::Value;

use super::seen::Seen;
use super::{Messages, Weight};
use crate::contract::json_schema::{Inclusion, inclusion};
use crate::contract::{Sender, Terms};

/// Documents that are drawn, to find some that the other refuses.
const DRAWS: usize = 400;
/// Edges that are looked at.
const EDGES: usize = 1_000;
/// Steps down from one that was found.
const STEPS: usize = 200;

impl Messages {
    /// What these are and others aren't, the most telling first: what the comparison of both schemas shows, then edges and draws that
    /// the other refuses, each as simple as it gets, those first that are refused for another reason than all before.
    pub fn beyond(&self, other: &Messages, rng: &mut impl Rng, most: usize) -> Vec<Value> {
        let mut found = Found { these: self, other, reasons: BTreeSet::new(), new: Vec::new(), more: Vec::new() };
        let terms = Terms { sender: Sender::Closed, ..Terms::DOCUMENTS };
        if let Inclusion::Breaks(breaks) = inclusion(self.schema(), other.schema(), &terms) {
            for broken in &breaks {
                found.give(&broken.written);
            }
        }
        for edge in self.edges(EDGES) {
            found.give(&edge);
        }
        for _ in 0..DRAWS {
            if found.new.len() >= most {
                break;
            }
            if let Some(drawn) = self.draw(rng) {
                found.give_simplified(drawn);
            }
        }
        let mut all = found.new;
        found.more.sort_by_cached_key(Weight::of);
        all.extend(found.more);
        let mut seen = Seen::default();
        all.retain(|document| seen.is_new(document));
        all.truncate(most);
        all
    }
}

struct Found<'a> {
    these: &'a Messages,
    other: &'a Messages,
    /// By which keywords of the other, and where.
    reasons: BTreeSet<String>,
    /// Each refused for a reason that was new,
    new: Vec<Value>,
    /// and the others.
    more: Vec<Value>,
}

impl Found<'_> {
    fn is_beyond(&self, document: &Value) -> bool {
        !self.other.allows(document) && self.these.allows(document)
    }

    fn give(&mut self, document: &Value) {
        if !self.is_beyond(document) {
            return;
        }
        let is_new = self.learn(document);
        if is_new { &mut self.new } else { &mut self.more }.push(document.clone());
    }

    fn give_simplified(&mut self, mut document: Value) {
        if !self.is_beyond(&document) {
            return;
        }
        let known = |document: &Value| self.reasons(document).is_subset(&self.reasons);
        if known(&document) {
            self.more.push(document);
            return;
        }
        // Down, as long as the reason that is new stays.
        for _ in 0..STEPS {
            let mut steps = self.these.simpler(&document).into_iter();
            let Some(step) = steps.find(|step| !self.other.allows(step) && !known(step)) else { break };
            document = step;
        }
        self.learn(&document);
        self.new.push(document);
    }

    /// Whether there is a reason that is new.
    fn learn(&mut self, document: &Value) -> bool {
        let before = self.reasons.len();
        let reasons = self.reasons(document);
        self.reasons.extend(reasons);
        self.reasons.len() > before
    }

    fn reasons(&self, document: &Value) -> BTreeSet<String> {
        let errors = self.other.judge().refusals(document);
        errors.iter().map(|error| error.schema_path().to_string()).collect()
    }
}
