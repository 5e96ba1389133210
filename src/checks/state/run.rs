//! Runs it: the road first, then the data alone, then each recording at all checkpoints; and what was found, three times more.

use super::calls::{Calls, MOST};
use super::data;
use super::point::Point;
use super::roads::{self, Known};
use super::sheet::{Focus, Sheet};
use super::stage::Stage;
use super::stand::{Kind, Refusal};
use super::tally::{Candidate, Chapter, Road, Tally, Up};
use crate::checks::concluding::RUNS;
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::model::{Event, Severity, Side};

/// All of it. What ends it early takes nothing from what was written down by then.
pub(super) async fn run(job: &Job<'_>) -> (Tally, Option<CheckError>) {
    let mut tally = Tally::default();
    // A shard has it whole, and the others have none of it.
    if job.shard.is_some_and(|shard| shard.part != 1) {
        return (tally, None);
    }
    let trouble = whole(job, &mut tally).await.err();
    (tally, trouble)
}

async fn whole(job: &Job<'_>, tally: &mut Tally) -> Result<(), CheckError> {
    let road = match roads::find(job).await? {
        Known::Road(road) => road,
        Known::Refused(why) => return refused(job, tally, why).await,
    };
    tally.road = Some(road);
    let states = job.manifest.states.iter().filter(|state| state.migrate_new.is_some() && state.migrate_down.is_none());
    if road.up == Up::Commands {
        tally.one_way = states.map(|state| state.name.clone()).collect();
    }
    if !proof(job, road, tally).await? {
        tally.ended = Some("the migration fails, and there is no store for NEW".to_owned());
        return Ok(());
    }
    let mut is_sent = false;
    for (spec, recording) in job.manifest.recordings.iter().zip(&job.part.recordings) {
        if job.only.as_ref().is_some_and(|only| only.recording != spec.name) {
            continue;
        }
        is_sent = true;
        let calls = Calls::of(job, spec, recording)?;
        if calls.is_cut {
            tally.notes.push(format!(
                "{}: the first {MOST} calls are sent at each checkpoint, and not those after",
                spec.name
            ));
        }
        chapter(job, road, &calls, tally).await?;
    }
    if !is_sent && job.only.is_none() {
        chapter(job, road, &Calls::none(job), tally).await?;
    }
    Ok(())
}

/// NEW does not start on what OLD left behind: by chance, or always?
async fn refused(job: &Job<'_>, tally: &mut Tally, why: String) -> Result<(), CheckError> {
    let mut sheet = Sheet::default();
    sheet.refusal(job, Refusal::Start(Point::C6, Side::New, why));
    let mut candidates = sheet.candidates;
    for _ in 0..RUNS {
        let place = job.bench.place(Side::Old).await?;
        match roads::start(&place, Side::New, "again").await? {
            Ok(standing) => standing.take_down().await?,
            Err(_) => candidates.iter_mut().for_each(|candidate| candidate.mixed += 1),
        }
        place.remove().await?;
    }
    tally.proof.extend(candidates);
    tally.ended = Some("NEW does not start on OLD's store".to_owned());
    Ok(())
}

/// What the stores alone show. Says whether they can be migrated at all.
async fn proof(job: &Job<'_>, road: Road, tally: &mut Tally) -> Result<bool, CheckError> {
    let mut sheet = Sheet::default();
    let goes = data::prove(job, road, &mut sheet).await?;
    let mut candidates = sheet.candidates;
    if !candidates.is_empty() {
        (job.events)(Event::Confirming { candidates: candidates.len() });
        for _ in 0..RUNS {
            let mut again = Sheet::default();
            data::prove(job, road, &mut again).await?;
            for candidate in &mut candidates {
                candidate.again(&again);
            }
        }
    }
    tally.proof.extend(candidates);
    Ok(goes)
}

async fn chapter(job: &Job<'_>, road: Road, calls: &Calls<'_>, tally: &mut Tally) -> Result<(), CheckError> {
    let mut chapter = Chapter { recording: calls.name(), of_new: calls.of_new, ..Chapter::default() };
    for kind in [Kind::Kept, Kind::Turned] {
        let done = stage(job, road, (kind, calls), &mut chapter).await;
        if done.is_err() {
            tally.chapters.push(chapter);
            return done;
        }
    }
    for candidate in chapter.candidates.iter().filter(|candidate| candidate.stands()) {
        (job.events)(Event::Found {
            severity: candidate.raw.severity,
            rule: candidate.raw.rule.clone(),
            subject: candidate.raw.subject.clone(),
            direction: candidate.raw.direction(),
            at: candidate.raw.at.clone(),
        });
    }
    tally.chapters.push(chapter);
    Ok(())
}

async fn stage(
    job: &Job<'_>,
    road: Road,
    (kind, calls): (Kind, &Calls<'_>),
    chapter: &mut Chapter,
) -> Result<(), CheckError> {
    let first = Stage::new(job, road, kind, calls);
    if first.is_empty() {
        return Ok(());
    }
    if let Some(why) = job.deadline.as_ref().and_then(Deadline::passed) {
        chapter.cut = Some(why);
        return Ok(());
    }
    if let Some(recording) = calls.name() {
        let direction = crate::model::Direction::mixed_from(calls.judge.home);
        (job.events)(Event::Replaying { recording, direction, exchanges: calls.exchanges.len() as u64 });
    }
    let mut sheet = Sheet::default();
    first.run(&mut sheet, &mut Focus::default()).await?;
    let mut candidates = std::mem::take(&mut sheet.candidates);
    for candidate in candidates.iter_mut().filter(|candidate| candidate.raw.replay.is_none()) {
        // All of it shows what no one call does.
        candidate.raw.replay = calls.replay(calls.exchanges.last());
    }
    chapter.take(sheet);
    let (mut known, mut open): (Vec<_>, Vec<_>) =
        candidates.drain(..).partition(|candidate| candidate.raw.severity == Severity::Info);
    // What is only worth knowing is told as it was seen.
    for candidate in &mut known {
        candidate.mixed = RUNS;
    }
    let done = confirm(job, road, (kind, calls), &mut open).await;
    chapter.candidates.extend(known);
    chapter.candidates.extend(open);
    done
}

/// Tries again what was found, with none but those stands that show it.
async fn confirm(
    job: &Job<'_>,
    road: Road,
    (kind, calls): (Kind, &Calls<'_>),
    candidates: &mut [Candidate],
) -> Result<(), CheckError> {
    if candidates.is_empty() {
        return Ok(());
    }
    (job.events)(Event::Confirming { candidates: candidates.len() });
    let mut focus = Focus::on(candidates);
    for _ in 0..RUNS {
        if let Some(why) = job.deadline.as_ref().and_then(Deadline::passed) {
            for candidate in candidates {
                candidate.cut = Some(why.clone());
            }
            return Ok(());
        }
        focus.begin();
        let mut again = Sheet::default();
        let stage = Stage::new(job, road, kind, calls).with(candidates);
        stage.run(&mut again, &mut focus).await?;
        for (number, candidate) in candidates.iter_mut().enumerate() {
            let (control, noisy) = focus.says(number);
            candidate.control += u32::from(control);
            candidate.noisy |= noisy;
            candidate.again(&again);
        }
    }
    Ok(())
}

impl Candidate {
    /// Whether it stands.
    pub(super) fn stands(&self) -> bool {
        self.mixed == RUNS && self.control == 0
    }

    /// Takes in another run.
    fn again(&mut self, sheet: &Sheet) {
        let Some(found) = sheet.candidates.iter().find(|other| other.raw.is_same(&self.raw)) else { return };
        self.mixed += 1;
        let (mut evidence, known) = (found.raw.evidence.clone(), &self.raw.evidence);
        if self.raw.rule.starts_with("state/") {
            for (now, before) in [(&mut evidence.expected, &known.expected), (&mut evidence.got, &known.got)] {
                if now != before {
                    *now = "«something else each time»".into();
                }
            }
        }
        self.raw.evidence = evidence;
    }
}

impl Chapter {
    /// Takes in what a stage came to, but for its candidates.
    fn take(&mut self, sheet: Sheet) {
        for (point, counts) in sheet.points {
            let known = self.points.entry(point).or_default();
            known.reached |= counts.reached;
            known.steps += counts.steps;
            known.compared += counts.compared;
            for (why, count) in counts.reasons {
                *known.reasons.entry(why).or_default() += count;
            }
        }
        for (name, both) in sheet.surfaces {
            let known = self.surfaces.entry(name).or_default();
            for side in Side::BOTH {
                known.get_mut(side).steps += both.get(side).steps;
                known.get_mut(side).compared += both.get(side).compared;
            }
        }
        // Each stage has its own controls, which see the same: the wider view counts.
        self.held = self.held.max(sheet.held);
        self.faithful = self.faithful.max(sheet.faithful);
        self.leaves += sheet.leaves;
        self.compared += sheet.compared;
        self.assets += sheet.assets;
        for side in Side::BOTH {
            self.troubles.get_mut(side).extend(sheet.troubles.get(side).iter().cloned());
        }
        self.cut = self.cut.take().or(sheet.cut);
    }
}
