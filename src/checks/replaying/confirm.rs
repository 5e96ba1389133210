//! Candidates are tried again before they are findings: their sessions run three times more on fresh copies.
//!
//! A candidate stands if the mixed cell always shows it and the control never does. Each run is one more witness: what
//! looked stable by chance is found to be noise here, and the candidate falls without a word.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{CONTROL, Cells, MIXED, MIXED_TWIN, TWIN};
use super::pass::Visited;
use super::tally::{Candidate, MOST_SHOWN, Tried};
use crate::checks::concluding::Key;
use crate::compare::{Found, Judgement, View, judge, reply_evidence, request_evidence};
use crate::model::{Evidence, Fold, Observation, Replay};

/// What earlier runs gave for an exchange, kept only for exchanges that show a candidate.
#[derive(Debug, Default)]
struct Kept {
    control: Vec<(Observation, Fold)>,
    mixed: Vec<(Observation, Fold)>,
}

/// Candidates of one recording in one direction, on their way to being findings.
#[derive(Debug, Default)]
pub(super) struct Trials {
    candidates: BTreeMap<Key, Candidate>,
    kept: BTreeMap<u64, Kept>,
}

impl Trials {
    /// Takes in what the first run found in one exchange.
    pub(super) fn add(&mut self, cells: &Cells<'_>, visited: &Visited, found: Vec<Found>) {
        if found.is_empty() {
            return;
        }
        let mut once = BTreeMap::<Key, Found>::new();
        for found in found {
            // Many rows of one exchange show the same thing: the worst of them counts, once.
            let key = cells.key(&visited.subject, &found);
            match once.get_mut(&key) {
                Some(known) if known.severity >= found.severity => {}
                _ => {
                    once.insert(key, found);
                }
            }
        }
        for (key, found) in once {
            let replay = cells.replay(&visited.exchange);
            match self.candidates.get_mut(&key) {
                Some(candidate) => candidate.again(&found, replay),
                None => {
                    self.candidates.insert(key.clone(), Candidate::new(key, &found, replay));
                }
            }
        }
        // A worse one may have moved a candidate to this exchange.
        let wanted = self.exchanges();
        self.kept.retain(|exchange, _| wanted.contains(exchange));
        if wanted.contains(&visited.exchange.index) {
            self.keep(visited);
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.candidates.len()
    }

    /// The sessions that must run again.
    pub(super) fn sessions(&self) -> BTreeSet<u64> {
        self.replays().map(|replay| replay.session).collect()
    }

    fn exchanges(&self) -> BTreeSet<u64> {
        self.replays().map(|replay| replay.exchange).collect()
    }

    fn replays(&self) -> impl Iterator<Item = &Replay> {
        self.candidates.values().flat_map(|candidate| &candidate.trials).map(|tried| &tried.replay)
    }

    fn keep(&mut self, visited: &Visited) {
        let lane = |lane: usize| {
            let observation = visited.step.observations.get(lane)?.clone();
            Some((observation, visited.session.fold(lane).clone()))
        };
        let kept = self.kept.entry(visited.exchange.index).or_default();
        kept.control.extend([CONTROL, TWIN].into_iter().filter_map(lane));
        kept.mixed.extend([MIXED, MIXED_TWIN].into_iter().filter_map(lane));
    }

    /// Takes in one exchange of a further run.
    pub(super) fn again(&mut self, cells: &Cells<'_>, visited: &Visited) {
        let index = visited.exchange.index;
        if !self.replays().any(|replay| replay.exchange == index) {
            return;
        }
        let (mixed, control, evidence) = {
            let empty = Kept::default();
            let kept = self.kept.get(&index).unwrap_or(&empty);
            let mixed = judge(&cells.trial(visited, MIXED, earlier(&kept.control), earlier(&kept.mixed)));
            // The twin in the mixed cell's place: does the control show it too?
            let control = judge(&cells.trial(visited, TWIN, Vec::new(), Vec::new()));
            (mixed, control, evidence(visited, kept))
        };
        for (key, candidate) in &mut self.candidates {
            let Some(tried) = candidate.trials.iter_mut().find(|tried| tried.replay.exchange == index) else {
                continue;
            };
            let shows = |judgement: &Judgement| {
                judgement.found.iter().find(|found| found.rule.id == key.rule && found.at == key.at).cloned()
            };
            if let Some(found) = shows(&mixed) {
                tried.mixed += 1;
                let mut evidence = evidence.clone();
                evidence.expected = found.expected;
                evidence.got = found.got;
                tried.evidence = Some(evidence);
                tried.message = Some(found.message);
            }
            tried.control += u32::from(shows(&control).is_some());
            tried.noisy |= mixed.noisy.contains(&key.at);
        }
        self.keep(visited);
    }

    /// What came of it.
    pub(super) fn end(self) -> Vec<Candidate> {
        self.candidates.into_values().collect()
    }
}

impl Candidate {
    /// What a rule said of the first exchange that shows it.
    fn new(key: Key, found: &Found, replay: Replay) -> Self {
        Self { key, severity: found.severity, count: 1, trials: vec![Tried::new(replay)] }
    }

    /// One more exchange shows it; the worst that it says counts, and the first exchanges that say so are tried again.
    fn again(&mut self, found: &Found, replay: Replay) {
        self.count += 1;
        if found.severity > self.severity {
            self.severity = found.severity;
            self.trials = vec![Tried::new(replay)];
        } else if found.severity == self.severity {
            // Sessions side by side end in any order; which exchanges are shown must not hang on that.
            let at = self.trials.partition_point(|known| known.replay.exchange < replay.exchange);
            self.trials.insert(at, Tried::new(replay));
            self.trials.truncate(MOST_SHOWN);
        }
    }
}

impl Tried {
    fn new(replay: Replay) -> Self {
        Self { replay, mixed: 0, control: 0, noisy: false, message: None, evidence: None }
    }
}

/// Observations of earlier runs, as witnesses.
fn earlier(kept: &[(Observation, Fold)]) -> Vec<View<'_>> {
    kept.iter().map(|(observation, fold)| View { observation, fold }).collect()
}

fn evidence(visited: &Visited, kept: &Kept) -> Evidence {
    let lane = |lane: usize| (&visited.step.observations[lane], visited.session.fold(lane));
    let all = |first: usize, second: usize, kept: &'_ [(Observation, Fold)]| -> serde_json::Value {
        let mut witnesses: Vec<(&Observation, &Fold)> = vec![lane(second)];
        witnesses.extend(kept.iter().map(|(observation, fold)| (observation, fold)));
        let (observation, fold) = lane(first);
        reply_evidence(observation, fold, &witnesses)
    };
    let call = &visited.exchange.call;
    Evidence {
        expected: serde_json::Value::Null,
        got: serde_json::Value::Null,
        request: request_evidence(
            call,
            visited.step.carried.as_ref().map(crate::model::Content::document),
            visited.session.recorded_fold(),
        ),
        expected_reply: all(CONTROL, TWIN, &kept.control),
        reply: all(MIXED, MIXED_TWIN, &kept.mixed),
    }
}
