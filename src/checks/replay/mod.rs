//! `replay`: recorded traffic, side by side.
//!
//! Old clients' traffic fills the control `old->old` and the mixed cell `old->new`, new clients' the other two; each cell
//! has a twin, and each stands on its own copy of the same seeded store, fresh for each recording. The expectation is the
//! control's live reply. Candidates are confirmed by running their sessions again before they are findings. What is written
//! down on the way (`tally`) is kept apart from what is concluded (`outcome`), so that the work can be split over shards.

mod books;
mod cells;
mod confirm;
mod ledger;
mod needs;
mod outcome;
mod pass;
mod plan;
mod processes;
mod run;
mod stretches;
mod tally;
mod watch;
mod withheld;

use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replay;

/// Its name.
pub(super) const NAME: &str = "replay";

#[async_trait::async_trait]
impl Check for Replay {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
        plan::plan(manifest, secrets)
    }

    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError> {
        let (tally, trouble) = run::Run::new(job).all().await;
        let books = job.shard.and_then(|_| serde_json::to_value(&tally).ok());
        Ok(Outcome { books, trouble, ..outcome::outcome(&tally) })
    }

    fn join(&self, books: Vec<serde_json::Value>) -> Result<Outcome, serde_json::Error> {
        let tallies = books.into_iter().map(serde_json::from_value).collect::<Result<Vec<tally::Tally>, _>>()?;
        Ok(outcome::outcome(&tally::Tally::join(tallies)))
    }
}
