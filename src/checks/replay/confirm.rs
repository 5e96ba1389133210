//! Candidates are tried again before they are findings: their sessions run three times more on fresh copies.
//!
//! A candidate stands if the mixed cell always shows it and the control never does. Each run is one more witness: what
//! looked stable by chance is found to be noise here, and the candidate falls without a word.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{CONTROL, Cells, MIXED, MIXED_TWIN, TWIN};
use super::ledger::{Candidate, Key};
use super::pass::Visited;
use crate::compare::{Found, Judgement, View, judge, reply_evidence, request_evidence};
use crate::model::{Evidence, Fold, Observation, Replay, Unstable};

/// How often a candidate's session is run again.
pub(super) const RUNS: u32 = 3;

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
    /// By candidate and exchange.
    seen: BTreeMap<(Key, u64), Tally>,
}

#[derive(Debug, Clone, Default)]
struct Tally {
    mixed: u32,
    control: u32,
    noisy: bool,
    evidence: Option<Evidence>,
    message: Option<String>,
}

/// How the trials ended.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) standing: Vec<(Key, Candidate, Evidence)>,
    pub(super) unstable: Vec<Unstable>,
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
                Some(candidate) => candidate.again(found, replay),
                None => {
                    self.candidates.insert(key, Candidate::new(found, replay));
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
        self.candidates.values().flat_map(|candidate| &candidate.shown)
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
        let shows_here = |candidate: &Candidate| candidate.shown.iter().any(|replay| replay.exchange == index);
        let keys: Vec<Key> =
            self.candidates.iter().filter(|(_, c)| shows_here(c)).map(|(key, _)| key.clone()).collect();
        if keys.is_empty() {
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
        for key in keys {
            let tally = self.seen.entry((key.clone(), index)).or_default();
            let shows = |judgement: &Judgement| {
                judgement.found.iter().find(|found| found.rule.id == key.rule && found.at == key.at).cloned()
            };
            if let Some(found) = shows(&mixed) {
                tally.mixed += 1;
                let mut evidence = evidence.clone();
                evidence.expected = found.expected;
                evidence.got = found.got;
                tally.evidence = Some(evidence);
                tally.message = Some(found.message);
            }
            tally.control += u32::from(shows(&control).is_some());
            tally.noisy |= mixed.noisy.contains(&key.at);
        }
        self.keep(visited);
    }

    /// What stands after all runs, or after those that were not cut short.
    pub(super) fn end(mut self, cut: Option<&str>) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for (key, candidate) in std::mem::take(&mut self.candidates) {
            let tallies: Vec<(Replay, Tally)> = candidate
                .shown
                .iter()
                .map(|replay| (replay.clone(), self.seen.remove(&(key.clone(), replay.exchange)).unwrap_or_default()))
                .collect();
            let steady = |tally: &Tally| tally.mixed == RUNS && tally.control == 0;
            if let Some((replay, tally)) = tallies.iter().find(|(_, tally)| steady(tally)).cloned() {
                let message = tally.message.unwrap_or(candidate.message);
                let candidate = Candidate { message, shown: vec![replay], ..candidate };
                verdicts.standing.push((key, candidate, tally.evidence.unwrap_or_default()));
            } else if let Some((_, tally)) = tallies.iter().find(|(_, tally)| !(tally.noisy && is_of_values(key.rule)))
            {
                let reason = format!(
                    "seen in {} of {RUNS} further runs, and in {} runs of the control",
                    tally.mixed, tally.control
                );
                verdicts.unstable.push(Unstable {
                    rule: key.rule.to_owned(),
                    subject: key.subject,
                    direction: key.direction,
                    at: key.at,
                    severity: candidate.severity,
                    reason: but(&reason, cut),
                });
            }
        }
        verdicts
    }
}

/// How often something was seen, and what kept it from being tried as often as it should.
pub(super) fn but(seen: &str, cut: Option<&str>) -> String {
    cut.map_or_else(|| seen.to_owned(), |why| format!("{seen}; {why}"))
}

/// Observations of earlier runs, as witnesses.
fn earlier(kept: &[(Observation, Fold)]) -> Vec<View<'_>> {
    kept.iter().map(|(observation, fold)| View { observation, fold }).collect()
}

/// Whether a rule speaks of values, which may be noise; a structure never is.
fn is_of_values(rule: &str) -> bool {
    matches!(
        rule,
        "http/value-changed" | "http/format-changed" | "http/order-changed" | "http/body-changed" | "http/emptied"
    )
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
    let body = call.body.bytes().is_some_and(|bytes| !bytes.is_empty()).then(|| crate::wire::carried(call));
    Evidence {
        expected: serde_json::Value::Null,
        got: serde_json::Value::Null,
        request: request_evidence(
            call,
            body.as_ref().map(crate::model::Content::document),
            visited.session.recorded_fold(),
        ),
        expected_reply: all(CONTROL, TWIN, &kept.control),
        reply: all(MIXED, MIXED_TWIN, &kept.mixed),
    }
}
