//! `contracts`: what may be sent, held against what is accepted, in both directions and without a build where none is needed.
//!
//! `gather` has the texts read from where they stand and compared, and `conclude` makes findings of it. A break of what may be
//! written is only told with something that the writer may write and the reader doesn't read as it is meant.

mod conclude;
mod gather;
mod promised;

use super::seam::{Check, CheckError, Job, Outcome, Part};
use crate::manifest::{ContractAt, ContractKind, ContractSpec, Manifest};
use crate::model::secret::Secrets;

pub use conclude::Told;
pub use gather::compared;
pub use promised::Promised;

/// The check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contracts;

/// Its name.
pub(super) const NAME: &str = "contracts";

#[async_trait::async_trait]
impl Check for Contracts {
    fn name(&self) -> &'static str {
        NAME
    }

    fn plan(&self, manifest: &Manifest, _secrets: &Secrets) -> Result<Option<Part>, CheckError> {
        let steps: Vec<String> = manifest.contracts.iter().map(step).collect();
        let is_asked = !steps.is_empty();
        Ok(is_asked.then(|| Part { check: NAME.to_owned(), steps, recordings: Vec::new() }))
    }

    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError> {
        let (mut told, mut trouble) = (Told::default(), None);
        for spec in &job.manifest.contracts {
            match gather::of_manifest(job, spec).await {
                Ok(comparison) => told.take(&comparison),
                // What the others show stands.
                Err(error) => trouble = Some(error),
            }
        }
        let books = job.shard.and_then(|_| serde_json::to_value(&told).ok());
        Ok(Outcome { books, trouble, ..told.outcome() })
    }

    fn join(&self, books: Vec<serde_json::Value>) -> Result<Outcome, serde_json::Error> {
        // Each shard has compared all of them, and shows the same.
        let first = books.into_iter().next().map(serde_json::from_value::<Told>).transpose()?;
        Ok(first.unwrap_or_default().outcome())
    }
}

fn step(spec: &ContractSpec) -> String {
    let kind = match spec.kind {
        ContractKind::OpenApi => "openapi",
        ContractKind::JsonSchema => "json-schema",
        ContractKind::Protobuf => "protobuf",
    };
    let place = |at: &ContractAt| match at {
        ContractAt::Path(path) => path.display().to_string(),
        ContractAt::Git { reference, path } => format!("{path} at {reference}"),
        ContractAt::Url(target) => format!("{target} of the running build"),
    };
    let readers = if spec.rejects_unknown_fields { "rejected" } else { "ignored" };
    format!(
        "{} ({kind}): old {}, new {}; unknown fields are {readers}",
        spec.service,
        place(&spec.at.old),
        place(&spec.at.new)
    )
}
