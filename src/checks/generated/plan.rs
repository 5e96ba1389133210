//! What will be made up and sent, in words.

use super::NAME;
use crate::checks::concluding::RUNS;
use crate::checks::seam::Part;
use crate::manifest::{ContractKind, ContractSpec, Manifest};

/// The plan; none where no contract says what may be sent to a server.
pub(super) fn plan(manifest: &Manifest) -> Option<Part> {
    let mut steps: Vec<String> = fit(manifest)
        .map(|spec| {
            let what = if spec.kind == ContractKind::Protobuf { "method" } else { "operation" };
            format!(
                "{}: up to {} messages for each {what} of each side's contract, first those that the other's doesn't allow, then what lies at the edges, then random ones",
                spec.service, manifest.generated.messages
            )
        })
        .collect();
    if steps.is_empty() {
        return None;
    }
    steps.push(format!(
        "what showed something before is sent first, and what does now is made as small as it goes and kept in {}",
        manifest.generated.cases.display()
    ));
    steps.push(format!("each candidate's sessions run {RUNS} times more on fresh copies before it is a finding"));
    Some(Part { check: NAME.to_owned(), steps, recordings: Vec::new() })
}

/// Contracts that say what may be sent to a server.
pub(super) fn fit(manifest: &Manifest) -> impl Iterator<Item = &ContractSpec> {
    manifest.contracts.iter().filter(|spec| spec.kind != ContractKind::JsonSchema)
}
