//! `rollout`: replicas go from OLD to NEW one by one, as in production, while sessions run through the balancer before them.
//!
//! Three dances go side by side, with the same steps at the same moments: OLD to NEW, and as controls OLD to OLD and NEW to NEW;
//! beside them one of each alone, which is never replaced. All take the same calls. So what restarting does by itself (a session that
//! was in memory only) shows in the controls, and is their own trouble. At each checkpoint every session runs, processes are looked at,
//! and going back is tried on a copy of the store: OLD is started there, and the sessions go on.

mod cells;
mod choose;
mod dance;
mod draws;
mod ledger;
mod live;
mod outcome;
mod plan;
mod processes;
mod replace;
mod run;
mod schedule;
mod stand;
mod tally;
mod trial;

use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rollout;

/// Its name.
pub(super) const NAME: &str = "rollout";

#[async_trait::async_trait]
impl Check for Rollout {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
        plan::plan(manifest, secrets)
    }

    fn seeded(&self, manifest: &Manifest, part: &Part, seed: u64) -> Result<Vec<String>, CheckError> {
        plan::seeded(manifest, part, seed)
    }

    fn unfit(&self, manifest: &Manifest) -> Option<String> {
        manifest.rollout.is_none().then(|| "the manifest has no `[rollout]`".to_owned())
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
