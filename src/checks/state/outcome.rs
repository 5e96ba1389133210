//! What was written down becomes findings, the matrix and the checklist: a pure function, the same for one run and for the
//! shards of one.

use std::collections::BTreeMap;

use super::NAME;
use super::checklist::stops;
use super::point::Point;
use super::tally::{Candidate, Chapter, Surface, Tally, Up};
use crate::checks::concluding::{Key, RUNS, Seen, coverage, row, share};
use crate::checks::seam::{Outcome, Shown};
use crate::compare::{What, rules};
use crate::model::{CheckFacts, Direction, Evidence, Finding, Pair, Question, Severity, Side, Status, Unstable};

/// What a tally comes to.
pub(super) fn outcome(tally: &Tally) -> Outcome {
    let mut findings = findings(tally);
    findings.extend(one_way(tally, &findings));
    let mut unstable = BTreeMap::<Key, Unstable>::new();
    for candidate in candidates(tally).filter(|candidate| is_unstable(candidate)) {
        if !findings.iter().any(|finding| key_of(finding) == candidate.raw.key()) {
            unstable.entry(candidate.raw.key()).or_insert_with(|| doubt(candidate));
        }
    }
    let unstable: Vec<Unstable> = unstable.into_values().collect();
    let all = surfaces(tally);
    let surfaces = || all.iter().map(|(name, both)| (*name, both.map(seen)));
    let sum = |of: fn(&Chapter) -> u64| tally.chapters.iter().map(of).sum::<u64>();
    let troubles =
        |side: Side| tally.chapters.iter().flat_map(move |chapter| chapter.troubles.get(side)).next().cloned();
    let health = || if all.is_empty() { "unshown" } else { "healthy" }.to_owned();
    Outcome {
        facts: Some(CheckFacts {
            name: NAME.to_owned(),
            status: Status::Ran,
            reason: tally.ended.clone(),
            observations: sum(|chapter| chapter.points.values().map(|counts| counts.compared).sum()),
            faithful: share(sum(|chapter| chapter.faithful), sum(|chapter| chapter.held)),
            compared: share(sum(|chapter| chapter.compared), sum(|chapter| chapter.leaves)),
            assets: sum(|chapter| chapter.assets),
            controls: Pair::new(Side::Old, Side::New).map(|side| troubles(side).unwrap_or_else(health)),
        }),
        matrix: surfaces().map(|(name, both)| row(name, both, &findings, &unstable)).collect(),
        coverage: coverage(surfaces()),
        shown: [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD]
            .into_iter()
            .filter_map(|direction| shown(tally, direction))
            .collect(),
        gaps: gaps(tally),
        stops: stops(tally, &findings),
        notes: tally.notes.clone(),
        findings,
        unstable,
        ..Outcome::default()
    }
}

fn candidates(tally: &Tally) -> impl Iterator<Item = &Candidate> {
    tally.proof.iter().chain(tally.chapters.iter().flat_map(|chapter| &chapter.candidates))
}

fn key_of(finding: &Finding) -> Key {
    Key {
        subject: finding.subject.clone(),
        direction: finding.direction,
        rule: finding.rule.clone(),
        at: finding.at.clone(),
    }
}

/// What stands, each told once with all checkpoints at which it was seen.
fn findings(tally: &Tally) -> Vec<Finding> {
    let has_way_back = tally.road.is_some_and(|road| road.down);
    let migrates = tally.road.is_none_or(|road| road.up != Up::Nothing);
    let mut all = BTreeMap::<Key, Vec<&Candidate>>::new();
    for candidate in candidates(tally).filter(|candidate| candidate.stands()) {
        all.entry(candidate.raw.key()).or_default().push(candidate);
    }
    all.into_values().filter_map(|same| finding(same, has_way_back, migrates)).collect()
}

fn finding(mut same: Vec<&Candidate>, has_way_back: bool, migrates: bool) -> Option<Finding> {
    same.sort_by_key(|candidate| candidate.raw.point);
    let first = &same.first()?.raw;
    // The way back that the manifest gives goes before the one that would do without it.
    let is_aside = |candidate: &&&Candidate| has_way_back && candidate.raw.point == Point::C7Code;
    let counting: Vec<&&Candidate> = same.iter().filter(|candidate| !is_aside(candidate)).collect();
    let questions = |candidate: &Candidate| {
        let raw = &candidate.raw;
        raw.breaks.clone().unwrap_or_else(|| raw.point.questions(raw.side == Side::New).to_vec())
    };
    let mut breaks: Vec<Question> = counting.iter().flat_map(|candidate| questions(candidate)).collect();
    let mut severity = counting.iter().map(|candidate| candidate.raw.severity).max().unwrap_or(Severity::Info);
    if counting.is_empty() {
        breaks = vec![Question::RollBack];
        severity = Severity::Risk.min(same.iter().map(|candidate| candidate.raw.severity).max()?);
    }
    breaks.sort_unstable();
    breaks.dedup();
    let mut checkpoints: Vec<String> = same.iter().map(|candidate| candidate.raw.point.name().to_owned()).collect();
    checkpoints.dedup();
    Some(Finding {
        count: same.iter().map(|candidate| candidate.count).sum(),
        breaks,
        message: format!("{}, {}: {}", first.point.name(), first.point.title(migrates), first.message),
        evidence: whole(first.evidence.clone()),
        replay: first.replay.clone(),
        checkpoints,
        ..first.key().finding(NAME, severity)
    })
}

/// Where no call shows it, the call and its replies are empty, and still what readers of reports expect.
fn whole(mut evidence: Evidence) -> Evidence {
    for part in [&mut evidence.request, &mut evidence.expected_reply, &mut evidence.reply] {
        if part.is_null() {
            *part = serde_json::json!({});
        }
    }
    evidence
}

/// States that no command takes back: how bad that is, by what OLD did on what NEW had left.
fn one_way(tally: &Tally, findings: &[Finding]) -> Vec<Finding> {
    let name = Point::C7Code.name();
    let here = || findings.iter().filter(|finding| finding.checkpoints.iter().any(|point| point == name));
    let compared = tally.chapters.iter().filter_map(|chapter| chapter.points.get(&Point::C7Code));
    let serves = match here().map(|finding| finding.severity).max() {
        Some(Severity::Breaking) => Some(false),
        _ if compared.map(|counts| counts.compared).sum::<u64>() > 0 => Some(true),
        _ => None,
    };
    let direction = Direction::NEW_TO_OLD;
    let of = |state: &String| {
        let (rule, hit) = rules::beyond_replies(What::NoDown { serves }, direction)?;
        let (subject, at) = (format!("state {state}"), "migrate.down".to_owned());
        Some(Finding {
            breaks: vec![Question::RollBack],
            message: hit.message,
            evidence: whole(Evidence::default()),
            checkpoints: vec![Point::C7Down.name().to_owned()],
            ..Key { subject, direction, rule: rule.id.to_owned(), at }.finding(NAME, hit.severity)
        })
    };
    // Where the way there can't be gone, nobody asks for the way back.
    if tally.ended.is_some() { Vec::new() } else { tally.one_way.iter().filter_map(of).collect() }
}

/// Whether it came and went, and that is told.
fn is_unstable(candidate: &Candidate) -> bool {
    !candidate.stands() && candidate.raw.key().is_told_of(candidate.noisy)
}

fn doubt(candidate: &Candidate) -> Unstable {
    let Candidate { raw, mixed, control, .. } = candidate;
    let seen = format!("seen in {mixed} of {RUNS} further runs, and in {control} runs of the control");
    let seen = format!("{}, {}: {seen}", raw.point.name(), raw.message);
    raw.key().doubt(raw.severity, &seen, candidate.cut.as_deref())
}

fn surfaces(tally: &Tally) -> BTreeMap<&str, Pair<Surface>> {
    let mut all = BTreeMap::<&str, Pair<Surface>>::new();
    for (name, both) in tally.chapters.iter().flat_map(|chapter| &chapter.surfaces) {
        let known = all.entry(name).or_default();
        for side in Side::BOTH {
            known.get_mut(side).steps += both.get(side).steps;
            known.get_mut(side).compared += both.get(side).compared;
        }
    }
    all
}

/// Where a reply was compared, the other side had been there before.
fn seen(surface: Surface) -> Seen {
    Seen { steps: surface.steps, compared: surface.compared, crossed: surface.compared }
}

/// What was shown in a direction; none where that is nothing, and nothing was in the way.
fn shown(tally: &Tally, direction: Direction) -> Option<Shown> {
    let compared = |chapter: &Chapter| chapter.surfaces.values().any(|both| both.get(direction.to).compared > 0);
    let something = tally.chapters.iter().any(compared);
    let gaps: Vec<String> = tally.chapters.iter().filter_map(cut).collect();
    (something || !gaps.is_empty()).then_some(Shown { direction, something, gaps })
}

fn cut(chapter: &Chapter) -> Option<String> {
    let why = chapter.cut.as_ref()?;
    Some(match &chapter.recording {
        Some(recording) => format!("{recording}: not all checkpoints were reached: {why}"),
        None => format!("not all checkpoints were reached: {why}"),
    })
}

/// What had to be shown and was not.
fn gaps(tally: &Tally) -> Vec<(Question, String)> {
    let mut gaps = Vec::new();
    if let Some(why) = &tally.ended {
        gaps.extend(Question::ALL.map(|question| (question, format!("state: {why}"))));
        return gaps;
    }
    let Some(road) = tally.road else { return gaps };
    if !road.shared {
        gaps.push((Question::Coexist, "`shared = false`: both builds can't use the store at once".to_owned()));
    }
    let troubles = tally.chapters.iter().flat_map(|chapter| chapter.troubles.iter().flat_map(|(_, all)| all));
    gaps.extend(troubles.map(|trouble| (Question::Coexist, trouble.clone())));
    if tally.chapters.iter().all(|chapter| chapter.recording.is_none() || chapter.of_new) {
        let why = "no recording of old clients shows what becomes of stored data: only starts and rows were looked at";
        gaps.extend(Question::ALL.map(|question| (question, why.to_owned())));
        return gaps;
    }
    for point in Point::ALL {
        let counts = || tally.chapters.iter().filter_map(|chapter| chapter.points.get(&point));
        let steps = counts().map(|counts| counts.steps).sum::<u64>();
        if steps > 0 && counts().all(|counts| counts.compared == 0) {
            let why = counts().flat_map(|counts| counts.reasons.keys()).next().cloned().unwrap_or_default();
            let question = match point {
                Point::C7Code | Point::C7Down => Question::RollBack,
                Point::C6 => Question::RollForward,
                Point::C4 => continue,
                _ => Question::Coexist,
            };
            gaps.push((question, format!("{}: no reply could be compared: {why}", point.name())));
        }
    }
    gaps
}
