//! What is concluded from a tally: a pure function.

use super::NAME;
use super::tally::{Candidate, Drain, StageBook, Tally};
use crate::checks::concluding::{RUNS, Seen, coverage, row, share};
use crate::checks::seam::{Outcome, Shown};
use crate::model::{CheckFacts, Direction, Finding, Ground, Pair, Question, Severity, Side, Status, Stop, Unstable};

/// What a tally comes to.
pub(super) fn outcome(tally: &Tally) -> Outcome {
    let book = &tally.book;
    let stand = |candidate: &&Candidate| candidate.again == RUNS;
    let findings: Vec<Finding> = tally.candidates.iter().filter(stand).map(finding).collect();
    let doubtful = tally.candidates.iter().filter(|candidate| is_unstable(candidate));
    let unstable: Vec<Unstable> = doubtful.map(doubt).collect();
    let controls = Pair::new(Side::Old, Side::New).map(|side| {
        let trouble = book.troubles.get(side).iter().next().cloned();
        let shown = if book.surfaces.is_empty() { "unshown" } else { "healthy" };
        trouble.unwrap_or_else(|| shown.to_owned())
    });
    let seen = || {
        book.surfaces.iter().map(|(name, both)| {
            let of = |side: Side| {
                let surface = both.get(side);
                Seen { steps: surface.calls, compared: surface.compared, crossed: surface.crossed }
            };
            (name.as_str(), Pair::new(of(Side::Old), of(Side::New)))
        })
    };
    Outcome {
        facts: Some(CheckFacts {
            name: NAME.to_owned(),
            status: Status::Ran,
            reason: tally.apart.clone(),
            observations: book.counts.observations,
            faithful: share(book.counts.faithful, book.counts.held),
            compared: share(book.counts.compared, book.counts.leaves),
            assets: book.counts.assets,
            controls,
        }),
        matrix: seen().map(|(name, both)| row(name, both, &findings, &unstable)).collect(),
        coverage: coverage(seen()),
        shown: [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD].into_iter().filter_map(|d| shown(tally, d)).collect(),
        gaps: gaps(tally),
        asides: asides(tally),
        stops: stops(tally),
        notes: notes(tally),
        findings,
        unstable,
        ..Outcome::default()
    }
}

/// Whether it came and went, and that is told.
fn is_unstable(candidate: &Candidate) -> bool {
    candidate.again < RUNS && candidate.raw.key().is_told_of(candidate.noisy)
}

fn doubt(candidate: &Candidate) -> Unstable {
    let seen = format!("{}: seen in {} of {RUNS} further roll-outs", message(candidate), candidate.again);
    candidate.raw.key().doubt(candidate.raw.severity, &seen, candidate.cut.as_deref())
}

/// Where it was seen first, and what.
fn message(candidate: &Candidate) -> String {
    let raw = &candidate.raw;
    raw.stages.first().map_or_else(|| raw.what.clone(), |stage| format!("{stage}: {}", raw.what))
}

fn finding(candidate: &Candidate) -> Finding {
    let raw = &candidate.raw;
    Finding {
        count: raw.count,
        breaks: raw.breaks.iter().copied().collect(),
        message: message(candidate),
        evidence: raw.evidence.clone(),
        replay: raw.replay.clone(),
        checkpoints: raw.stages.clone(),
        ..raw.key().finding(NAME, raw.severity)
    }
}

/// What was shown in a direction; none where it did not run here.
fn shown(tally: &Tally, direction: Direction) -> Option<Shown> {
    if !tally.ran || tally.apart.is_some() {
        return None;
    }
    let something = tally.book.surfaces.values().any(|both| both.get(direction.to).crossed > 0);
    something.then(|| Shown { direction, something, gaps: Vec::new() })
}

/// What had to be shown, and was not.
fn gaps(tally: &Tally) -> Vec<(Question, String)> {
    let mut gaps: Vec<(Question, String)> = Vec::new();
    let mut leave = |questions: &[Question], why: String| {
        gaps.extend(questions.iter().map(|question| (*question, format!("{NAME}: {why}"))));
    };
    if let Some(why) = &tally.apart {
        leave(&Question::ALL, why.clone());
    }
    for (questions, why) in &tally.book.gaps {
        leave(questions, why.clone());
    }
    for stage in &tally.book.stages {
        if let Some(why) = nothing_on(stage) {
            leave(&[Question::RollForward, Question::Coexist], format!("{}: {why}", stage.name));
        }
        if let Some(why) = nothing_back(stage, tally) {
            leave(&[Question::RollBack], format!("{}: {why}", StageBook::back_from(&stage.name)));
        }
    }
    let back = |stages: &[StageBook]| stages.iter().any(|stage| stage.back.is_some());
    if tally.ran && tally.apart.is_none() && !back(&tally.book.stages) {
        leave(&[Question::RollBack], "going back was not tried".to_owned());
    }
    gaps
}

/// Why a checkpoint that was come to shows nothing of going on.
fn nothing_on(stage: &StageBook) -> Option<&'static str> {
    (stage.reached && stage.compared.old + stage.compared.new == 0).then_some(NOTHING)
}

/// Why going back from a checkpoint was tried and shows nothing.
fn nothing_back(stage: &StageBook, tally: &Tally) -> Option<&'static str> {
    let back = StageBook::back_from(&stage.name);
    let is_told = || {
        let stands = tally.candidates.iter().filter(|candidate| candidate.again == RUNS);
        let breaks = stands.filter(|candidate| candidate.raw.severity == Severity::Breaking);
        breaks.flat_map(|candidate| &candidate.raw.stages).any(|place| *place == back)
    };
    (stage.back == Some(0) && !is_told()).then_some(NOTHING)
}

const NOTHING: &str = "no reply could be compared";

/// The checkpoints as lines of the release checklist.
fn stops(tally: &Tally) -> Vec<Stop> {
    let stop = |(number, stage): (usize, &StageBook)| {
        let (name, back) = (stage.name.clone(), StageBook::back_from(&stage.name));
        let of = |place: &str| {
            let here = format!("{place}: ");
            let gaps = tally.book.gaps.iter().filter_map(|(_, why)| why.strip_prefix(&here));
            gaps.map(str::to_owned).collect::<Vec<_>>()
        };
        let (mut on, mut way_back) = (of(&name), of(&back));
        if !stage.reached && on.is_empty() {
            on.push("it was not come to".to_owned());
        }
        on.extend(nothing_on(stage).map(str::to_owned));
        way_back.extend(nothing_back(stage, tally).map(str::to_owned));
        // Before all else there is nothing to go back from.
        if number > 0 && stage.back.is_none() && way_back.is_empty() {
            way_back.push("it was not tried".to_owned());
        }
        let compared = stage.compared.old + stage.compared.new + stage.back.unwrap_or_default();
        Stop {
            title: stage.title.clone(),
            observations: compared,
            on: Ground {
                questions: vec![Question::RollForward, Question::Coexist],
                seen_at: vec![name.clone()],
                unshown: on,
            },
            back: Ground { questions: vec![Question::RollBack], seen_at: vec![name.clone(), back], unshown: way_back },
            name,
        }
    };
    tally.book.stages.iter().enumerate().map(stop).collect()
}

/// What an answer does not say, and need not: other checks show each surface by itself.
fn asides(tally: &Tally) -> Vec<(Question, String)> {
    let mut asides = Vec::new();
    for (name, both) in &tally.book.surfaces {
        for side in Side::BOTH {
            let surface = both.get(side);
            if let (0, Some(why)) = (surface.crossed, surface.reasons.keys().next()) {
                let direction = Direction::mixed_from(side.other());
                let aside = format!("{NAME}: {name} at {side} while both serve: {why}");
                asides.extend(direction.breaks().iter().map(|question| (*question, aside.clone())));
            }
        }
    }
    asides
}

fn notes(tally: &Tally) -> Vec<String> {
    let mut notes = tally.notes.clone();
    let drains = &tally.book.drains;
    let lost =
        |drain: &Drain| drain.how.as_ref().map(|how| format!("{} of {}: {how}", drain.lost, drain.lost + drain.whole));
    if let Some(how) = lost(&drains.same.old) {
        notes.push(format!(
            "{NAME}: draining: old servers that are asked to end (SIGTERM) do not finish requests that are under way ({how}); that is so before this release, and no incompatibility"
        ));
    }
    let all = [&drains.same.old, &drains.same.new, &drains.mixed];
    if tally.ran && tally.apart.is_none() && all.iter().all(|drain| drain.whole + drain.lost == 0) {
        notes.push(format!(
            "{NAME}: draining is not shown: no call takes long enough to be under way when a server is asked to end"
        ));
    }
    for side in Side::BOTH {
        let troubles = tally.book.troubles.get(side).iter();
        notes.extend(troubles.map(|trouble| format!("{NAME}: {trouble}: its own trouble, and no incompatibility")));
    }
    notes
}
