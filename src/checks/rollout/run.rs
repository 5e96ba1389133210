//! Runs it: the whole roll-out once, and what that shows three times more.

use std::collections::BTreeSet;

use super::cells::Cells;
use super::choose::choose;
use super::dance::dance;
use super::live::Cast;
use super::plan::{notes, unshown};
use super::schedule::Schedule;
use super::tally::{Candidate, StageBook, Tally};
use crate::checks::concluding::{Key, RUNS};
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::model::Event;

/// All of it, by the first shard alone. What ends it early takes nothing from what was written down by then.
pub(super) async fn run(job: &Job<'_>) -> (Tally, Option<CheckError>) {
    let mut tally = Tally::default();
    if job.shard.is_some_and(|shard| shard.part != 1) {
        return (tally, None);
    }
    tally.ran = true;
    let trouble = whole(job, &mut tally).await.err();
    (tally, trouble)
}

async fn whole(job: &Job<'_>, tally: &mut Tally) -> Result<(), CheckError> {
    let Some(spec) = &job.manifest.rollout else { return Ok(()) };
    let choice = choose(job.manifest, &job.part.recordings)?;
    tally.notes = notes(&choice);
    tally.apart = unshown(job.manifest, &choice);
    if tally.apart.is_some() {
        return Ok(());
    }
    let recordings = || job.manifest.recordings.iter().zip(&job.part.recordings);
    let cast = Cast {
        schedule: Schedule::new(job.manifest, spec, choice.pieces.len(), job.seed),
        cells: job.manifest.recordings.iter().map(|spec| Cells::new(job, spec)).collect(),
        recordings: recordings().map(|(spec, recording)| (spec.name.clone(), recording.digest.clone())).collect(),
        pieces: choice.pieces,
    };
    let stages = cast.schedule.stages.len();
    (job.events)(Event::RollingOut { replicas: cast.schedule.replicas, stages: stages as u64 });
    let first = dance(job, &cast, stages, None).await;
    let reached = first.ledger.book.stages.len();
    tally.book = first.ledger.book;
    tally.book.stages.extend(cast.schedule.stages.iter().skip(reached).map(StageBook::of));
    if let Some(trouble) = first.trouble {
        return Err(trouble);
    }
    let raws = first.ledger.raws.into_iter().filter(|raw| !first.ledger.noise.contains(&raw.key()));
    tally.candidates = raws.map(|raw| Candidate { raw, again: 0, noisy: false, cut: None }).collect();
    if tally.candidates.is_empty() {
        return Ok(());
    }
    (job.events)(Event::Confirming { candidates: tally.candidates.len() });
    for _ in 0..RUNS {
        if let Some(why) = job.deadline.as_ref().and_then(Deadline::passed) {
            tally.candidates.iter_mut().for_each(|candidate| candidate.cut = Some(why.clone()));
            break;
        }
        let again = dance(job, &cast, reached, first.probe).await;
        let (ledger, trouble) = (again.ledger, again.trouble);
        let seen: BTreeSet<Key> =
            ledger.raws.iter().map(super::tally::Raw::key).filter(|key| !ledger.noise.contains(key)).collect();
        for candidate in &mut tally.candidates {
            let raw = &candidate.raw;
            candidate.again += u32::from(seen.contains(&raw.key()));
            candidate.noisy |= ledger.noisy.contains(&(raw.subject.clone(), raw.at.clone()));
        }
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
    }
    for stands in tally.candidates.iter().filter(|candidate| candidate.again == RUNS) {
        let raw = &stands.raw;
        (job.events)(Event::Found {
            severity: raw.severity,
            rule: raw.rule.clone(),
            subject: raw.subject.clone(),
            direction: raw.direction,
            at: raw.at.clone(),
        });
    }
    Ok(())
}
