//! `replay`: recorded traffic, side by side.
//!
//! Old clients' traffic fills the control `old->old` and the mixed cell `old->new`, new clients' the other two; each cell
//! has a twin, and each stands on its own copy of the same seeded store, fresh for each recording. The expectation is the
//! control's live reply. Candidates are confirmed by running their sessions again before they are findings.

mod cells;
mod confirm;
mod ledger;
mod pass;
mod plan;
mod processes;
mod run;
mod watch;

use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;

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

    fn plan(&self, manifest: &Manifest) -> Result<Option<Part>, CheckError> {
        plan::plan(manifest)
    }

    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError> {
        Ok(run::Run::new(job).all().await)
    }
}
