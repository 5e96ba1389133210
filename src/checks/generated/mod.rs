//! `generated`: messages that contracts allow, against both builds.
//!
//! By OLD's contract stands what old clients may send, by NEW's what new ones will: both are made up, sent side by side as recordings
//! are, and judged by the same rules. `gather` reads the contracts, `written` makes recordings of cases, `shrink` looks for the
//! smallest message that still shows a finding, `kept` holds on to that for the next time, and `round_trip` sends messages of
//! protobuf there and back without a build. Refuses to judge: that is `replaying`'s.

mod books;
mod gather;
mod kept;
mod plan;
mod round_trip;
mod run;
mod shrink;
mod written;

use self::books::Books;
use super::replaying::Words;
use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::Manifest;
use crate::model::Rule;
use crate::model::secret::Secrets;

/// The rules that only this check has: the others are those of replies.
pub(super) static RULES: [&Rule; 1] = [&round_trip::RULE];

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Generated;

/// Its name.
const NAME: &str = "generated";

const WORDS: Words = Words { check: NAME, source: "contract", unit: "message", done: "sent", is_recorded: false };

#[async_trait::async_trait]
impl Check for Generated {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, manifest: &Manifest, _secrets: &Secrets) -> Result<Option<Part>, CheckError> {
        Ok(plan::plan(manifest))
    }

    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError> {
        let (books, trouble) = run::run(job).await;
        let kept = job.shard.and_then(|_| serde_json::to_value(&books).ok());
        Ok(Outcome { books: kept, trouble, ..books.outcome() })
    }

    fn join(&self, books: Vec<serde_json::Value>) -> Result<Outcome, serde_json::Error> {
        let all = books.into_iter().map(serde_json::from_value).collect::<Result<Vec<Books>, _>>()?;
        Ok(Books::join(all).outcome())
    }
}
