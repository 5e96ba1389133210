//! The check's part of the release checklist: at each checkpoint what going on rests on, and what going back rests on.

use super::point::Point;
use super::tally::{Tally, Up};
use crate::model::{Finding, Ground, Question, Severity, Stop};

/// The checkpoints that this release has.
pub(super) fn stops(tally: &Tally, findings: &[Finding]) -> Vec<Stop> {
    Point::ALL.into_iter().filter(|point| has(tally, *point)).map(|point| stop(tally, findings, point)).collect()
}

fn has(tally: &Tally, point: Point) -> bool {
    // A shard without a part in it has no checklist.
    let Some(road) = tally.road else { return tally.ended.is_some() && point == Point::C6 };
    match point {
        Point::C0 | Point::C1 | Point::C5 | Point::C6 | Point::C7Code => true,
        Point::C2 | Point::C3 | Point::C7Restore => road.up != Up::Nothing,
        Point::C4 => road.up == Up::Commands,
        Point::C7Down | Point::C8 => road.up == Up::Commands && road.down,
    }
}

fn stop(tally: &Tally, findings: &[Finding], point: Point) -> Stop {
    let has_way_back = tally.road.is_some_and(|road| road.down);
    let way_back = if has_way_back { Point::C7Down } else { Point::C7Code };
    let (forward, back) = (&[Question::RollForward, Question::Coexist][..], &[Question::RollBack][..]);
    let ground = |questions: &[Question], points: &[Point]| Ground {
        questions: questions.to_vec(),
        seen_at: points.iter().map(|point| point.name().to_owned()).collect(),
        unshown: points.iter().filter_map(|point| unshown(tally, findings, *point)).collect(),
    };
    let (on, back) = match point {
        // Nothing has happened yet, and nothing is to be taken back.
        Point::C0 => (Ground { unshown: troubles(tally), ..Ground::default() }, Ground::default()),
        Point::C1 => (ground(forward, &[Point::C1]), Ground::default()),
        Point::C2 | Point::C3 | Point::C5 | Point::C6 => (ground(forward, &[point]), ground(back, &[way_back])),
        Point::C4 => (Ground { unshown: early(findings), ..Ground::default() }, Ground::default()),
        Point::C7Code => (ground(&Question::ALL, &[point]), Ground::default()),
        Point::C7Down => (ground(&Question::ALL, &[point]), ground(back, &[Point::C8])),
        Point::C7Restore => (ground(&[], &[point]), Ground::default()),
        Point::C8 => (ground(&Question::ALL, &[point]), ground(back, &[Point::C7Down])),
    };
    let migrates = tally.road.is_none_or(|road| road.up != Up::Nothing);
    let observations = counts(tally, point).map(|counts| counts.compared).sum();
    Stop { name: point.name().to_owned(), title: point.title(migrates).to_owned(), observations, on, back }
}

fn counts(tally: &Tally, point: Point) -> impl Iterator<Item = &super::tally::Counts> {
    tally.chapters.iter().filter_map(move |chapter| chapter.points.get(&point))
}

/// Why a checkpoint shows nothing, where that is so.
fn unshown(tally: &Tally, findings: &[Finding], point: Point) -> Option<String> {
    let breaks = findings.iter().filter(|finding| finding.severity == Severity::Breaking);
    let is_told = breaks.flat_map(|finding| &finding.checkpoints).any(|name| name == point.name());
    let reached = counts(tally, point).any(|counts| counts.reached);
    let sends = !matches!(point, Point::C1 | Point::C6 | Point::C7Restore | Point::C8);
    if is_told || (reached && !sends) || (point == Point::C1 && tally.ended.is_none()) {
        return None;
    }
    if let Some(why) = &tally.ended {
        return Some(why.clone());
    }
    let name = point.name();
    if !reached {
        let is_apart = tally.road.is_some_and(|road| !road.shared) && matches!(point, Point::C2 | Point::C5);
        let cut = tally.chapters.iter().find_map(|chapter| chapter.cut.clone());
        let why = if is_apart { Some("`shared = false`".to_owned()) } else { cut };
        return Some(format!("{name}: {}", why.unwrap_or_else(|| "it was not reached".to_owned())));
    }
    if counts(tally, point).any(|counts| counts.compared > 0) {
        return None;
    }
    let why = counts(tally, point).flat_map(|counts| counts.reasons.keys()).next().cloned();
    let why = why.unwrap_or_else(|| "there was nothing to send; that builds start is all that was shown".to_owned());
    Some(format!("{name}: {why}"))
}

fn troubles(tally: &Tally) -> Vec<String> {
    tally.chapters.iter().flat_map(|chapter| chapter.troubles.iter().flat_map(|(_, all)| all)).cloned().collect()
}

/// What NEW does before the migration says in which order they have to go, and not that they can't.
fn early(findings: &[Finding]) -> Vec<String> {
    let needs = findings.iter().any(|finding| finding.rule == "state/needs-migration");
    if needs { vec!["NEW needs the migration first: migrate, then start it".to_owned()] } else { Vec::new() }
}
