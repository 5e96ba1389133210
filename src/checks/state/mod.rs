//! `state`: migrations and rollback.
//!
//! At each checkpoint of a release the recorded calls are sent, and what a build answers there is held against what it answers
//! where the other has never been: OLD while the store is migrated under it, OLD started on the migrated store, both on it, NEW
//! after OLD, OLD after NEW, as it is and after the down-migration. The stores themselves are compared by primary key and column:
//! there and back has to leave what was. A build that does not start where the other has been, and a migration that fails, are
//! findings here, and no trouble of the environment.

mod calls;
mod checklist;
mod data;
mod outcome;
mod plan;
mod point;
mod processes;
mod roads;
mod run;
mod sheet;
mod stage;
mod stand;
mod tally;
mod weigh;

use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct State;

/// Its name.
pub(super) const NAME: &str = "state";

#[async_trait::async_trait]
impl Check for State {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
        plan::plan(manifest, secrets)
    }

    fn unfit(&self, manifest: &Manifest) -> Option<String> {
        plan::unfit(manifest)
    }

    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError> {
        let (tally, trouble) = run::run(job).await;
        let books = job.shard.and_then(|_| serde_json::to_value(&tally).ok());
        Ok(Outcome { books, trouble, ..outcome::outcome(&tally) })
    }

    fn join(&self, books: Vec<serde_json::Value>) -> Result<Outcome, serde_json::Error> {
        let tallies = books.into_iter().map(serde_json::from_value).collect::<Result<Vec<tally::Tally>, _>>()?;
        Ok(outcome::outcome(&tally::Tally::join(tallies)))
    }
}
