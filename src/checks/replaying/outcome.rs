//! What is concluded from a tally: a pure function, the same for one run and for the shards of one.

use std::collections::{BTreeMap, BTreeSet};

use super::books::Books;
use super::ledger::not_sent;
use super::tally::{Candidate, Chapter, ProcessCandidate, Tally, Tried};
use crate::checks::concluding::{Key, RUNS, share};
use crate::checks::conduct;
use crate::checks::seam::{Outcome, Shown};
use crate::model::{
    CheckFacts, Direction, Evidence, Finding, Pair, Question, Replay, Severity, Side, Status, Unstable,
};

/// What a check says of what it sends.
#[derive(Debug, Clone, Copy)]
pub(in crate::checks) struct Words {
    /// Its name.
    pub(in crate::checks) check: &'static str,
    /// Where what it sends comes from: `recording`.
    pub(in crate::checks) source: &'static str,
    /// What it sends: `exchange`.
    pub(in crate::checks) unit: &'static str,
    /// What it does with that: `replayed`.
    pub(in crate::checks) done: &'static str,
    /// Whether the replies that are expected come from a recording at all.
    pub(in crate::checks) is_recorded: bool,
}

/// What a tally comes to.
pub(in crate::checks) fn outcome(tally: &Tally, words: Words) -> Outcome {
    Conclusion::of(tally, words).outcome()
}

/// What stands of a chapter, and what came and went.
pub(super) fn verdicts(chapter: &Chapter) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for candidate in &chapter.candidates {
        verdicts.candidate(candidate, chapter.cut.as_deref());
    }
    for process in &chapter.processes {
        verdicts.process(process, chapter);
    }
    verdicts
}

/// How the trials of a chapter ended.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) standing: Vec<Standing>,
    unstable: Vec<Unstable>,
}

/// A candidate that stands.
#[derive(Debug, Clone)]
pub(in crate::checks) struct Standing {
    pub(in crate::checks) key: Key,
    pub(in crate::checks) severity: Severity,
    message: String,
    count: u64,
    pub(in crate::checks) replay: Replay,
    evidence: Evidence,
}

impl Verdicts {
    fn candidate(&mut self, candidate: &Candidate, cut: Option<&str>) {
        let Candidate { key, severity, count, trials } = candidate;
        let steady = |tried: &&Tried| tried.mixed == RUNS && tried.control == 0;
        if let Some(tried) = trials.iter().find(steady) {
            self.standing.push(Standing {
                key: key.clone(),
                severity: *severity,
                message: tried.message.clone().unwrap_or_default(),
                count: *count,
                replay: tried.replay.clone(),
                evidence: tried.evidence.clone().unwrap_or_default(),
            });
        } else if let Some(tried) = trials.iter().find(|tried| key.is_told_of(tried.noisy)) {
            let seen =
                format!("seen in {} of {RUNS} further runs, and in {} runs of the control", tried.mixed, tried.control);
            self.unstable.push(key.doubt(*severity, &seen, cut));
        }
    }

    fn process(&mut self, process: &ProcessCandidate, chapter: &Chapter) {
        let key = Key {
            subject: format!("process {}", process.service),
            direction: chapter.direction,
            rule: process.rule.clone(),
            at: process.at.clone(),
        };
        if process.seen < RUNS {
            let seen = format!("seen in {} of {RUNS} further runs", process.seen);
            return self.unstable.push(key.doubt(process.severity, &seen, chapter.cut.as_deref()));
        }
        let (recording, digest) = (chapter.recording.clone(), chapter.digest.clone());
        self.standing.push(Standing {
            key,
            severity: process.severity,
            message: process.message.clone(),
            count: 1,
            replay: Replay { recording, digest, session: 0, exchange: 0 },
            evidence: conduct::evidence(),
        });
    }
}

/// A tally, looked at.
struct Conclusion<'a> {
    tally: &'a Tally,
    words: Words,
    books: Books,
    /// What stands, each finding once over all recordings.
    standing: BTreeMap<Key, Standing>,
    unstable: Vec<Unstable>,
    /// What became of each generation's process as a control.
    controls: Pair<Option<&'a str>>,
}

impl<'a> Conclusion<'a> {
    fn of(tally: &'a Tally, words: Words) -> Self {
        let (mut standing, mut unstable) = (BTreeMap::<Key, Standing>::new(), Vec::new());
        let mut controls = Pair::default();
        for chapter in &tally.chapters {
            let verdicts = verdicts(chapter);
            unstable.extend(verdicts.unstable);
            for found in verdicts.standing {
                match standing.get_mut(&found.key) {
                    // The same one from another recording only counts.
                    Some(known) => {
                        known.count += found.count;
                        known.severity = known.severity.max(found.severity);
                    }
                    None => {
                        standing.insert(found.key.clone(), found);
                    }
                }
            }
            if let Some(death) = &chapter.control {
                *controls.get_mut(chapter.direction.from) = Some(death.how.as_str());
            }
        }
        Self { tally, words, books: Books::of(&tally.chapters), standing, unstable, controls }
    }

    fn outcome(self) -> Outcome {
        let mut worst = BTreeMap::<(String, Direction), Severity>::new();
        for (key, found) in &self.standing {
            let entry = worst.entry((key.subject.clone(), key.direction)).or_insert(found.severity);
            *entry = (*entry).max(found.severity);
        }
        // A cell whose only candidates came and went is not fine: nothing can be said of it.
        let doubtful = self.unstable.iter().filter(|unstable| unstable.severity > Severity::Info);
        let unsure: BTreeSet<(&str, Direction)> =
            doubtful.map(|unstable| (unstable.subject.as_str(), unstable.direction)).collect();
        Outcome {
            facts: Some(self.facts()),
            matrix: self.books.matrix(&worst, &unsure),
            coverage: self.books.coverage(),
            shown: [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD].map(|direction| self.shown(direction)).into(),
            asides: self.asides(),
            notes: self.notes(),
            unstable: self.unstable,
            findings: self.standing.into_values().map(|found| finding(found, self.words.check)).collect(),
            ..Outcome::default()
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = self.tally.notes.clone();
        let counts = &self.books.counts;
        if counts.held > 0 && counts.faithful == 0 {
            notes.push(
                "nothing that was recorded is answered as it was recorded: the seed doesn't match the recording, or the recording is of another service; seed the store with what it held when the recording was made".to_owned(),
            );
        } else {
            let is_strange = |chapter: &&Chapter| {
                let counts = &chapter.ledger.counts;
                counts.held > 0 && counts.faithful == 0
            };
            for Chapter { recording, .. } in self.tally.chapters.iter().filter(is_strange) {
                notes.push(format!("{recording}: no exchange is answered as it was recorded; check its seed, and whether it is of this service"));
            }
        }
        if counts.unrecorded > 0 && self.words.is_recorded {
            notes.push(format!(
                "fidelity unknown for {} exchanges that were recorded without replies",
                counts.unrecorded
            ));
        }
        for Chapter { recording, direction, ledger, .. } in &self.tally.chapters {
            if ledger.counts.downgraded > 0 {
                notes.push(format!(
                    "{recording}: {} exchanges were recorded by HTTP/2, which the {} build does not speak: all were sent HTTP/1.1",
                    ledger.counts.downgraded, direction.from
                ));
            }
        }
        for (why, count) in self.books.cuts() {
            notes.push(format!("{why}: {}", not_sent(count)));
        }
        notes
    }

    /// What was made up and shows nothing: it is no more than was hoped for, and the coverage says that it is missing.
    fn asides(&self) -> Vec<(Question, String)> {
        let mut asides = Vec::new();
        for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
            let mut alike = BTreeMap::<String, Vec<&str>>::new();
            for (name, why) in self.books.silent(direction).filter(|_| !self.words.is_recorded) {
                alike.entry(why).or_default().push(name);
            }
            for (why, names) in alike {
                let why = format!("{} ({direction}): {why}", names.join(", "));
                asides.extend(direction.breaks().iter().map(|question| (*question, why.clone())));
            }
        }
        asides
    }

    fn shown(&self, direction: Direction) -> Shown {
        let Words { source, unit, done, .. } = self.words;
        let mut gaps = self.books.unsent(direction);
        if self.words.is_recorded {
            gaps.extend(self.books.silent(direction).map(|(name, why)| format!("{name} ({direction}): {why}")));
        }
        let here = self.tally.chapters.iter().filter(|chapter| chapter.direction == direction);
        gaps.extend(here.clone().filter_map(|chapter| chapter.withheld.clone()));
        gaps.extend(here.flat_map(|chapter| &chapter.halves).cloned().collect::<BTreeSet<String>>());
        if !self.tally.recorded.contains(&direction) {
            gaps.push(format!("no {source} of {} clients ({direction})", direction.from));
        } else if gaps.is_empty() && !self.books.tried(direction) {
            gaps.push(format!("no {unit} of {} clients was {done} ({direction})", direction.from));
        }
        if let Some(trouble) = self.controls.get(direction.from) {
            gaps.push(format!("the {} build with its own clients {trouble}", direction.from));
        }
        Shown { direction, something: self.books.something(direction), gaps }
    }

    fn facts(&self) -> CheckFacts {
        let control = |side: Side| match (self.controls.get(side), self.books.troubles.get(&side)) {
            (Some(trouble), _) => (*trouble).to_owned(),
            (None, Some(troubles)) => troubles.iter().next().cloned().unwrap_or_default(),
            (None, None) if self.books.sent(Direction::mixed_from(side)) => "healthy".to_owned(),
            (None, None) => "unshown".to_owned(),
        };
        let counts = &self.books.counts;
        CheckFacts {
            name: self.words.check.to_owned(),
            status: Status::Ran,
            reason: None,
            observations: counts.observations,
            faithful: share(counts.faithful, counts.held),
            compared: share(counts.compared, counts.leaves),
            assets: counts.assets,
            controls: Pair::new(control(Side::Old), control(Side::New)),
        }
    }
}

fn finding(found: Standing, check: &str) -> Finding {
    let Standing { key, severity, message, count, replay, evidence } = found;
    Finding { count, message, evidence, replay: Some(replay), ..key.finding(check, severity) }
}
