//! `sessions`: one user, two versions, one store.
//!
//! OLD and NEW stand on one store, and each recorded session goes through both in all the ways in which a balancer may split
//! it: one jar, one table of bindings, each step answered by one side. Beside them stand the controls, two of each kind, and take
//! the same calls at the same time. A step is judged against the same step of two of the kind that answered it, so that a
//! difference of protocols, which `replay` tells, is none here; what differs is what the other build left behind. What fails is
//! brought to its shortest story and tried again on fresh copies. What two of a kind do to each other is told as their own
//! trouble, and never as incompatibility.

mod attempt;
mod cells;
mod choose;
mod effects;
mod evidence;
mod outcome;
mod plan;
mod play;
mod processes;
mod run;
mod session;
mod shorten;
mod splices;
mod stand;
mod story;
mod tally;

use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sessions;

/// Its name.
pub(super) const NAME: &str = "sessions";

#[async_trait::async_trait]
impl Check for Sessions {
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
