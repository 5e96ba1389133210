//! What is concluded from a tally: a pure function, the same for one run and for the shards of one.

use std::collections::{BTreeMap, BTreeSet};

use super::NAME;
use super::tally::{Candidate, Chapter, Surface, Tally};
use crate::checks::concluding::{Key, RUNS, Seen, Sums, coverage, row, share};
use crate::checks::seam::{Outcome, Shown};
use crate::model::{CheckFacts, Direction, Finding, Pair, Question, Side, Status, Unstable};

/// The candidates of a session that stand.
pub(super) fn standing(chapter: &Chapter) -> impl Iterator<Item = &Candidate> {
    chapter.candidates.iter().filter(|candidate| candidate.mixed == RUNS && candidate.control == 0)
}

/// What a tally comes to.
pub(super) fn outcome(tally: &Tally) -> Outcome {
    let mut findings = BTreeMap::<Key, Finding>::new();
    let mut unstable = BTreeMap::<Key, Unstable>::new();
    for chapter in &tally.chapters {
        for candidate in standing(chapter) {
            match findings.get_mut(&key(candidate)) {
                Some(known) => {
                    known.count += candidate.count;
                    known.severity = known.severity.max(candidate.severity);
                }
                None => drop(findings.insert(key(candidate), finding(candidate))),
            }
        }
        for candidate in chapter.candidates.iter().filter(|candidate| is_unstable(candidate)) {
            unstable.entry(key(candidate)).or_insert_with(|| doubt(candidate));
        }
    }
    unstable.retain(|key, _| !findings.contains_key(key));
    let mut surfaces = BTreeMap::<&str, Pair<Surface>>::new();
    let mut counts = Sums::default();
    for chapter in &tally.chapters {
        counts.add(chapter.counts);
        for (name, both) in &chapter.surfaces {
            let known = surfaces.entry(name).or_default();
            for side in Side::BOTH {
                // What two of a kind have stirred up shows nothing.
                let surface = both.get(side).clone();
                let nothing = Surface { steps: surface.steps, ..Surface::default() };
                known.get_mut(side).add(&if is_troubled(chapter) { nothing } else { surface });
            }
        }
    }
    let troubles = Pair::new(Side::Old, Side::New)
        .map(|side| tally.chapters.iter().flat_map(|c| c.troubles.get(side)).next().cloned());
    let controls = troubles.map(|trouble| trouble.unwrap_or_else(|| health(&surfaces)));
    let findings: Vec<Finding> = findings.into_values().collect();
    let unstable: Vec<Unstable> = unstable.into_values().collect();
    let seen = || surfaces.iter().map(|(name, both)| (*name, Pair::new(both.old.seen(), both.new.seen())));
    Outcome {
        facts: Some(CheckFacts {
            name: NAME.to_owned(),
            status: Status::Ran,
            reason: tally.apart.clone(),
            observations: counts.observations,
            faithful: share(counts.faithful, counts.held),
            compared: share(counts.compared, counts.leaves),
            assets: counts.assets,
            controls,
        }),
        matrix: seen().map(|(name, both)| row(name, both, &findings, &unstable)).collect(),
        coverage: coverage(seen()),
        shown: [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD]
            .map(|direction| shown(tally, direction))
            .into_iter()
            .flatten()
            .collect(),
        gaps: if tally.is_stateless { Vec::new() } else { gaps(tally) },
        asides: if tally.is_stateless { gaps(tally) } else { Vec::new() },
        notes: notes(tally),
        findings,
        unstable,
        ..Outcome::default()
    }
}

/// Whether two of a kind did something to each other in it.
fn is_troubled(chapter: &Chapter) -> bool {
    Side::BOTH.iter().any(|side| !chapter.troubles.get(*side).is_empty())
}

fn health(surfaces: &BTreeMap<&str, Pair<Surface>>) -> String {
    if surfaces.is_empty() { "unshown".to_owned() } else { "healthy".to_owned() }
}

fn key(candidate: &Candidate) -> Key {
    Key {
        subject: candidate.subject.clone(),
        direction: candidate.direction,
        rule: candidate.rule.clone(),
        at: candidate.at.clone(),
    }
}

/// Whether it came and went, and that is told.
fn is_unstable(candidate: &Candidate) -> bool {
    let stands = candidate.mixed == RUNS && candidate.control == 0;
    !stands && key(candidate).is_told_of(candidate.noisy)
}

fn doubt(candidate: &Candidate) -> Unstable {
    let Candidate { message, mixed, control, .. } = candidate;
    let seen = format!("{message}: seen in {mixed} of {RUNS} further runs, and in {control} runs of the control");
    key(candidate).doubt(candidate.severity, &seen, candidate.cut.as_deref())
}

fn finding(candidate: &Candidate) -> Finding {
    let finding = key(candidate).finding(NAME, candidate.severity);
    Finding {
        count: candidate.count,
        // It takes both to do a thing twice.
        breaks: if candidate.rule.starts_with("state/") { vec![Question::Coexist] } else { finding.breaks },
        message: candidate.message.clone(),
        evidence: candidate.evidence.clone(),
        replay: Some(candidate.replay.clone()),
        story: candidate.story.clone(),
        ..finding
    }
}

/// What was shown in a direction; none where that is nothing, and nothing was in the way but what only coexisting needs.
fn shown(tally: &Tally, direction: Direction) -> Option<Shown> {
    let crossed = |chapter: &Chapter| chapter.surfaces.values().any(|both| both.get(direction.to).crossed > 0);
    let something = tally.chapters.iter().filter(|chapter| !is_troubled(chapter)).any(crossed);
    let gaps: BTreeSet<String> = tally.chapters.iter().filter_map(cut).collect();
    (something || !gaps.is_empty()).then(|| Shown { direction, something, gaps: gaps.into_iter().collect() })
}

/// What the budget left out of a session.
fn cut(chapter: &Chapter) -> Option<String> {
    let (why, splices) = chapter.cut.as_ref()?;
    let left = match splices {
        0 => "it was not spliced".to_owned(),
        1 => "1 splice was not sent".to_owned(),
        n => format!("{n} splices were not sent"),
    };
    Some(format!("{} session {}: {left}: {why}", chapter.recording, chapter.session))
}

/// What had to be shown of both on one store, and was not.
fn gaps(tally: &Tally) -> Vec<(Question, String)> {
    let mut gaps: Vec<String> = tally.apart.iter().cloned().collect();
    for chapter in &tally.chapters {
        let name = format!("{} session {}", chapter.recording, chapter.session);
        gaps.extend(
            chapter.apart.iter().map(|why| format!("{name}: two servers could not be put on one store: {why}")),
        );
        let troubles = Side::BOTH.iter().flat_map(|side| chapter.troubles.get(*side));
        gaps.extend(troubles.map(|trouble| format!("{name}: {trouble}")));
    }
    let mut silent = BTreeMap::<String, String>::new();
    for chapter in tally.chapters.iter().filter(|chapter| !is_troubled(chapter)) {
        for (subject, both) in &chapter.surfaces {
            for side in Side::BOTH {
                let surface = both.get(side);
                let compared =
                    tally.chapters.iter().any(|c| c.surfaces.get(subject).is_some_and(|s| s.get(side).compared > 0));
                if let (false, 0, Some(why)) = (compared, surface.told_elsewhere, surface.reasons.keys().next()) {
                    silent.entry(format!("{subject} at {side}")).or_insert_with(|| why.clone());
                }
            }
        }
    }
    gaps.extend(silent.into_iter().map(|(surface, why)| format!("{surface}, on one store: {why}")));
    gaps.into_iter().map(|gap| (Question::Coexist, gap)).collect()
}

fn notes(tally: &Tally) -> Vec<String> {
    let mut notes = tally.notes.clone();
    notes.extend(tally.chapters.iter().filter_map(cut).collect::<BTreeSet<_>>());
    notes
}

impl Surface {
    fn seen(&self) -> Seen {
        Seen { steps: self.steps, compared: self.compared, crossed: self.crossed }
    }

    fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.compared += other.compared;
        self.crossed += other.crossed;
        self.told_elsewhere += other.told_elsewhere;
        for (why, count) in &other.reasons {
            *self.reasons.entry(why.clone()).or_default() += count;
        }
    }
}
