//! What is concluded from a tally: a pure function, the same for one run and for the shards of one.

use std::collections::{BTreeMap, BTreeSet};

use super::NAME;
use super::session::RUNS;
use super::tally::{Candidate, Chapter, Counts, Surface, Tally};
use crate::checks::seam::{Outcome, Shown};
use crate::model::{
    CheckFacts, Coverage, Direction, Finding, Mark, MatrixRow, Pair, Question, Severity, Side, Status, Unstable,
    fingerprint,
};

/// What names a finding: rule, subject, direction and place.
type Key = (String, String, Direction, String);

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
    let mut counts = Counts::default();
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
        matrix: matrix(&surfaces, &findings, &unstable),
        coverage: coverage(&surfaces),
        shown: [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD]
            .map(|direction| shown(tally, direction))
            .into_iter()
            .flatten()
            .collect(),
        gaps: if tally.is_stateless { Vec::new() } else { gaps(tally) },
        asides: if tally.is_stateless { gaps(tally) } else { Vec::new() },
        notes: notes(tally),
        findings: findings.into_values().collect(),
        unstable: unstable.into_values().collect(),
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
    (candidate.rule.clone(), candidate.subject.clone(), candidate.direction, candidate.at.clone())
}

/// Whether it came and went: what further runs show to be noise of values falls silently.
fn is_unstable(candidate: &Candidate) -> bool {
    let stands = candidate.mixed == RUNS && candidate.control == 0;
    let is_of_values = matches!(
        candidate.rule.as_str(),
        "http/value-changed" | "http/format-changed" | "http/order-changed" | "http/body-changed" | "http/emptied"
    );
    !(stands || (candidate.noisy && is_of_values))
}

fn doubt(candidate: &Candidate) -> Unstable {
    let Candidate { mixed, control, .. } = candidate;
    let seen = format!("seen in {mixed} of {RUNS} further runs, and in {control} runs of the control");
    let reason = candidate.cut.as_ref().map_or_else(|| seen.clone(), |why| format!("{seen}; {why}"));
    Unstable {
        rule: candidate.rule.clone(),
        subject: candidate.subject.clone(),
        direction: candidate.direction,
        at: candidate.at.clone(),
        severity: candidate.severity,
        reason: format!("{}: {reason}", candidate.message),
    }
}

fn finding(candidate: &Candidate) -> Finding {
    let direction = candidate.direction;
    // It takes both to do a thing twice.
    let breaks =
        if candidate.rule.starts_with("state/") { vec![Question::Coexist] } else { direction.breaks().to_vec() };
    Finding {
        id: fingerprint(&candidate.rule, &candidate.subject, direction, &candidate.at),
        rule: candidate.rule.clone(),
        check: NAME.to_owned(),
        severity: candidate.severity,
        subject: candidate.subject.clone(),
        direction,
        at: candidate.at.clone(),
        count: candidate.count,
        breaks,
        message: candidate.message.clone(),
        evidence: candidate.evidence.clone(),
        replay: Some(candidate.replay.clone()),
        reproduce: String::new(),
        accepted: None,
        story: candidate.story.clone(),
        checkpoints: Vec::new(),
    }
}

fn matrix(
    surfaces: &BTreeMap<&str, Pair<Surface>>,
    findings: &BTreeMap<Key, Finding>,
    unstable: &BTreeMap<Key, Unstable>,
) -> Vec<MatrixRow> {
    let row = |(name, both): (&&str, &Pair<Surface>)| {
        let control = |side: Side| match both.get(side) {
            surface if surface.compared > 0 => Mark::Ok,
            surface if surface.steps > 0 => Mark::Unknown,
            _ => Mark::Unshown,
        };
        let mixed = |direction: Direction| {
            let here = |(_, subject, of, _): &&Key| subject == name && *of == direction;
            let worst = findings.iter().filter(|(key, _)| here(key)).map(|(_, found)| found.severity).max();
            let is_doubtful = unstable.iter().any(|(key, doubt)| here(&key) && doubt.severity > Severity::Info);
            match (worst, both.get(direction.to)) {
                (Some(severity), _) => Mark::from(severity),
                (None, surface) if surface.crossed > 0 && !is_doubtful => Mark::Ok,
                // The first call of all has nothing before it that the other side could have left.
                (None, surface) if surface.steps > surface.compared || is_doubtful => Mark::Unknown,
                _ => Mark::Unshown,
            }
        };
        MatrixRow {
            subject: (*name).to_owned(),
            observations: both.old.compared + both.new.compared,
            old_old: control(Side::Old),
            new_new: control(Side::New),
            old_new: mixed(Direction::OLD_TO_NEW),
            new_old: mixed(Direction::NEW_TO_OLD),
        }
    };
    surfaces.iter().map(row).collect()
}

fn coverage(surfaces: &BTreeMap<&str, Pair<Surface>>) -> Coverage {
    let is_seen = |both: &Pair<Surface>| both.old.compared + both.new.compared > 0;
    Coverage {
        seen: surfaces.values().filter(|both| is_seen(both)).count() as u64,
        known: surfaces.len() as u64,
        missing: surfaces.iter().filter(|(_, both)| !is_seen(both)).map(|(name, _)| (*name).to_owned()).collect(),
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

/// A share in hundredths, rounded down: what is shown is never more than what was.
fn share(part: u64, whole: u64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    let hundredths = u32::try_from(u128::from(part) * 100 / u128::from(whole)).unwrap_or(100);
    Some(f64::from(hundredths) / 100.0)
}
