//! Runs it: one session after the other, each on stores of its own.

use super::choose::{before, choose, requests};
use super::plan::{apart, notes};
use super::session::Splicing;
use super::tally::{Chapter, Tally};
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::model::Event;

/// As many calls of other sessions go before one that needs what they did.
const MOST_BEFORE: usize = 2_000;

/// All sessions that are chosen. What ends this early takes nothing from what was written down by then.
pub(super) async fn run(job: &Job<'_>) -> (Tally, Option<CheckError>) {
    let is_stateless = job.manifest.states.is_empty();
    let mut tally = Tally { apart: apart(job.manifest), is_stateless, ..Tally::default() };
    let trouble = if tally.apart.is_some() { None } else { sessions(job, &mut tally).await.err() };
    // As shards are joined: where a session ends says nothing of it.
    tally.chapters.sort_by_key(|chapter| (chapter.number, chapter.session));
    (tally, trouble)
}

async fn sessions(job: &Job<'_>, tally: &mut Tally) -> Result<(), CheckError> {
    let choice = choose(job.manifest, &job.part.recordings, job.only.as_ref())?;
    tally.notes = notes(job.manifest, &choice);
    for chosen in &choice.chosen {
        let (spec, recording) = (&job.manifest.recordings[chosen.recording], &job.part.recordings[chosen.recording]);
        if job.shard.is_some_and(|shard| !shard.has(&recording.digest, chosen.session)) {
            continue;
        }
        let mut chapter = Chapter::new(chosen.recording, spec.name.clone(), chosen.session);
        if let Some(why) = job.deadline.as_ref().and_then(Deadline::passed) {
            chapter.cut = Some((why, 0));
            tally.chapters.push(chapter);
            continue;
        }
        let exchanges = requests(job.manifest, &spec.service, recording, chosen.session)?;
        let earlier = match exchanges.first() {
            Some(first) => before(job.manifest, &spec.service, recording, first, MOST_BEFORE)?,
            None => Vec::new(),
        };
        let (chapter, trouble) = Splicing::new(job, spec, recording, chosen, (exchanges, earlier)).all().await;
        for stands in super::outcome::standing(&chapter) {
            (job.events)(Event::Found {
                severity: stands.severity,
                rule: stands.rule.clone(),
                subject: stands.subject.clone(),
                direction: stands.direction,
                at: stands.at.clone(),
            });
        }
        tally.chapters.push(chapter);
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
    }
    Ok(())
}
