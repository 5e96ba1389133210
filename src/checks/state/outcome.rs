//! What was written down becomes findings, the matrix and the checklist: a pure function, the same for one run and for the
//! shards of one.

use std::collections::BTreeMap;

use super::NAME;
use super::checklist::stops;
use super::point::Point;
use super::run::RUNS;
use super::sheet::asked;
use super::tally::{Candidate, Chapter, Raw, Surface, Tally, Up};
use crate::checks::seam::{Outcome, Shown};
use crate::compare::What;
use crate::model::{
    CheckFacts, Coverage, Direction, Evidence, Finding, Mark, MatrixRow, Pair, Question, Severity, Side, Status,
    Unstable, fingerprint,
};

/// What names a finding: rule, subject, direction and place.
type Key = (String, String, Direction, String);

/// What a tally comes to.
pub(super) fn outcome(tally: &Tally) -> Outcome {
    let mut findings = findings(tally);
    findings.extend(one_way(tally, &findings));
    let mut unstable = BTreeMap::<Key, Unstable>::new();
    for candidate in candidates(tally).filter(|candidate| is_unstable(candidate)) {
        if !findings.iter().any(|finding| key_of(finding) == key(&candidate.raw)) {
            unstable.entry(key(&candidate.raw)).or_insert_with(|| doubt(candidate));
        }
    }
    let surfaces = surfaces(tally);
    let sum = |of: fn(&Chapter) -> u64| tally.chapters.iter().map(of).sum::<u64>();
    let troubles =
        |side: Side| tally.chapters.iter().flat_map(move |chapter| chapter.troubles.get(side)).next().cloned();
    let health = || if surfaces.is_empty() { "unshown" } else { "healthy" }.to_owned();
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
        matrix: matrix(&surfaces, &findings, &unstable),
        coverage: coverage(&surfaces),
        shown: [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD]
            .into_iter()
            .filter_map(|direction| shown(tally, direction))
            .collect(),
        gaps: gaps(tally),
        stops: stops(tally, &findings),
        notes: tally.notes.clone(),
        findings,
        unstable: unstable.into_values().collect(),
        ..Outcome::default()
    }
}

fn candidates(tally: &Tally) -> impl Iterator<Item = &Candidate> {
    tally.proof.iter().chain(tally.chapters.iter().flat_map(|chapter| &chapter.candidates))
}

fn key(raw: &Raw) -> Key {
    (raw.rule.clone(), raw.subject.clone(), raw.direction(), raw.at.clone())
}

fn key_of(finding: &Finding) -> Key {
    (finding.rule.clone(), finding.subject.clone(), finding.direction, finding.at.clone())
}

/// What stands, each told once with all checkpoints at which it was seen.
fn findings(tally: &Tally) -> Vec<Finding> {
    let has_way_back = tally.road.is_some_and(|road| road.down);
    let migrates = tally.road.is_none_or(|road| road.up != Up::Nothing);
    let mut all = BTreeMap::<Key, Vec<&Candidate>>::new();
    for candidate in candidates(tally).filter(|candidate| candidate.stands()) {
        all.entry(key(&candidate.raw)).or_default().push(candidate);
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
        id: fingerprint(&first.rule, &first.subject, first.direction(), &first.at),
        rule: first.rule.clone(),
        check: NAME.to_owned(),
        severity,
        subject: first.subject.clone(),
        direction: first.direction(),
        at: first.at.clone(),
        count: same.iter().map(|candidate| candidate.count).sum(),
        breaks,
        message: format!("{}, {}: {}", first.point.name(), first.point.title(migrates), first.message),
        evidence: whole(first.evidence.clone()),
        replay: first.replay.clone(),
        reproduce: String::new(),
        accepted: None,
        story: Vec::new(),
        checkpoints,
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
        let (rule, hit) = asked(What::NoDown { serves }, direction)?;
        let (subject, at) = (format!("state {state}"), "migrate.down");
        Some(Finding {
            id: fingerprint(rule.id, &subject, direction, at),
            rule: rule.id.to_owned(),
            check: NAME.to_owned(),
            severity: hit.severity,
            subject,
            direction,
            at: at.to_owned(),
            count: 1,
            breaks: vec![Question::RollBack],
            message: hit.message,
            evidence: whole(Evidence::default()),
            replay: None,
            reproduce: String::new(),
            accepted: None,
            story: Vec::new(),
            checkpoints: vec![Point::C7Down.name().to_owned()],
        })
    };
    // Where the way there can't be gone, nobody asks for the way back.
    if tally.ended.is_some() { Vec::new() } else { tally.one_way.iter().filter_map(of).collect() }
}

/// Whether it came and went: what further runs show to be noise of values falls silently.
fn is_unstable(candidate: &Candidate) -> bool {
    let is_of_values = matches!(
        candidate.raw.rule.as_str(),
        "http/value-changed" | "http/format-changed" | "http/order-changed" | "http/body-changed" | "http/emptied"
    );
    !(candidate.stands() || (candidate.noisy && is_of_values))
}

fn doubt(candidate: &Candidate) -> Unstable {
    let Candidate { raw, mixed, control, .. } = candidate;
    let seen = format!("seen in {mixed} of {RUNS} further runs, and in {control} runs of the control");
    let reason = candidate.cut.as_ref().map_or_else(|| seen.clone(), |why| format!("{seen}; {why}"));
    Unstable {
        rule: raw.rule.clone(),
        subject: raw.subject.clone(),
        direction: raw.direction(),
        at: raw.at.clone(),
        severity: raw.severity,
        reason: format!("{}, {}: {reason}", raw.point.name(), raw.message),
    }
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

fn matrix(
    surfaces: &BTreeMap<&str, Pair<Surface>>,
    findings: &[Finding],
    unstable: &BTreeMap<Key, Unstable>,
) -> Vec<MatrixRow> {
    let row = |(name, both): (&&str, &Pair<Surface>)| {
        let plain = |side: Side| match both.get(side) {
            surface if surface.compared > 0 => Mark::Ok,
            surface if surface.steps > 0 => Mark::Unknown,
            _ => Mark::Unshown,
        };
        let mixed = |direction: Direction| {
            let here = findings.iter().filter(|found| found.subject == *name && found.direction == direction);
            let is_doubtful = unstable.iter().any(|((_, subject, of, _), doubt)| {
                subject == name && *of == direction && doubt.severity > Severity::Info
            });
            match here.map(|found| found.severity).max() {
                Some(severity) => Mark::from(severity),
                None if is_doubtful => Mark::Unknown,
                None => plain(direction.to),
            }
        };
        MatrixRow {
            subject: (*name).to_owned(),
            observations: both.old.compared + both.new.compared,
            old_old: plain(Side::Old),
            new_new: plain(Side::New),
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

/// A share in hundredths, rounded down: what is shown is never more than what was.
fn share(part: u64, whole: u64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    let hundredths = u32::try_from(u128::from(part) * 100 / u128::from(whole)).unwrap_or(100);
    Some(f64::from(hundredths) / 100.0)
}
