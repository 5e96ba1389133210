//! `replay`: recorded traffic, side by side.
//!
//! Old clients' traffic fills the control `old->old` and the mixed cell `old->new`, new clients' the other two. How that goes is
//! `replaying`'s; here stands which recordings there are.

mod plan;

use super::replaying::{Recorded, Run, Tally, Words, outcome};
use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replay;

/// Its name.
const NAME: &str = "replay";

const WORDS: Words = Words { check: NAME, source: "recording", unit: "exchange", done: "replayed", is_recorded: true };

#[async_trait::async_trait]
impl Check for Replay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
        plan::plan(manifest, secrets)
    }

    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError> {
        let mut run = Run::new(job);
        let trouble = recordings(job, &mut run).await.err();
        let tally = run.end();
        let books = job.shard.and_then(|_| serde_json::to_value(&tally).ok());
        Ok(Outcome { books, trouble, ..outcome(&tally, WORDS) })
    }

    fn join(&self, books: Vec<serde_json::Value>) -> Result<Outcome, serde_json::Error> {
        let tallies = books.into_iter().map(serde_json::from_value).collect::<Result<Vec<Tally>, _>>()?;
        Ok(outcome(&Tally::join(tallies), WORDS))
    }
}

/// All recordings, one after the other. What ends this early takes nothing from what was written down by then.
async fn recordings(job: &Job<'_>, run: &mut Run<'_>) -> Result<(), CheckError> {
    for spec in &job.manifest.recordings {
        run.expect(spec.client.directions());
    }
    for (number, (spec, recording)) in job.manifest.recordings.iter().zip(&job.part.recordings).enumerate() {
        run.note(recording.notes().iter().map(|note| format!("{}: {note}", spec.name)));
        run.take(&Recorded { spec, recording, surfaces: None }, number).await?;
    }
    Ok(())
}
