//! Two contracts, read from where they stand and compared.

use crate::checks::seam::{CheckError, Job};
use crate::contract::{self, Comparison, ContractError, Source, Terms, UnknownFields};
use crate::fleet::{FleetError, Reach, Texts};
use crate::manifest::{ContractAt, ContractKind, ContractSpec};
use crate::model::{Pair, Side};

/// The contracts that a manifest names, compared on its terms.
pub(super) async fn of_manifest(job: &Job<'_>, spec: &ContractSpec) -> Result<Comparison, CheckError> {
    let at = Pair::new(Side::Old, Side::New).map(|side| spec.at.get(job.bench.played(side)));
    let unknown_fields = if spec.rejects_unknown_fields { UnknownFields::Rejected } else { UnknownFields::Ignored };
    let terms = |kind| match kind {
        ContractKind::JsonSchema => Terms::DOCUMENTS,
        ContractKind::OpenApi | ContractKind::Protobuf => Terms { unknown_fields, ..Terms::SERVICE },
    };
    compared(at, Some(spec.kind), terms, job.bench.texts(), &spec.service).await
}

/// Both contracts of a service, read and compared; `kind` where it is known.
pub async fn compared(
    at: Pair<&ContractAt>,
    kind: Option<ContractKind>,
    terms: impl Fn(ContractKind) -> Terms,
    texts: Texts<'_>,
    service: &str,
) -> Result<Comparison, CheckError> {
    let compare = |sources: &Pair<Source>| -> Result<Comparison, ContractError> {
        let kind = kind.map_or_else(|| contract::kind(sources), Ok)?;
        contract::compare(kind, sources, &terms(kind))
    };
    // What a contract refers to may stand anywhere in its repository, and what was not read must not pass for the same.
    Ok(compare(&both(at, kind, texts, service, Reach::Repository).await?)?)
}

async fn both(
    at: Pair<&ContractAt>,
    kind: Option<ContractKind>,
    texts: Texts<'_>,
    service: &str,
    reach: Reach,
) -> Result<Pair<Source>, FleetError> {
    let old = texts.read(at.old, kind, service, Side::Old, reach).await?;
    Ok(Pair::new(old, texts.read(at.new, kind, service, Side::New, reach).await?))
}
