//! The descriptors by which messages of gRPC are read, out of the contracts that the manifest names.

use super::EngineError;
use crate::checks::Readings;
use crate::contract::protobuf;
use crate::fleet::{Bench, Reach, Texts};
use crate::manifest::{ContractAt, ContractKind, ContractSpec, Manifest};
use crate::model::{Event, Events, Side};
use crate::wire::grpc::Descriptors;

/// Reads those that stand in files: what is wrong with them is known before anything is started. With `only`, both sides are that one.
pub(super) fn readings(manifest: &Manifest, only: Option<Side>) -> Result<Readings, EngineError> {
    let mut readings = Readings::default();
    // As the check of contracts reads them, so that what the one can read the other can.
    let texts = Texts { folder: &manifest.folder, guardian: None, bench: None };
    for (contract, side) in contracts(manifest) {
        let ContractAt::Path(path) = contract.at.get(only.unwrap_or(side)) else { continue };
        let schema = protobuf::load(&texts.local(path)).map_err(|error| {
            let (service, path) = (&contract.service, path.display());
            EngineError::Usage(format!("the protobuf contract `{path}` of {side} {service}: {error}"))
        })?;
        readings.insert(&contract.service, side, Descriptors::new(schema.pool));
    }
    Ok(readings)
}

/// Adds those that stand in a commit, or that a build itself gives. Without one messages are compared as bytes, which is told.
pub(super) async fn completed(mut readings: Readings, manifest: &Manifest, bench: &Bench, events: &Events) -> Readings {
    for (contract, side) in contracts(manifest) {
        let (at, service) = (contract.at.get(bench.played(side)), &contract.service);
        if matches!(at, ContractAt::Path(_)) {
            continue;
        }
        let source = bench.texts().read(at, Some(contract.kind), service, side, Reach::Repository).await;
        let schema = source
            .map_err(|error| error.to_string())
            .and_then(|source| protobuf::load(&source).map_err(|error| error.to_string()));
        match schema {
            Ok(schema) => readings.insert(service, side, Descriptors::new(schema.pool)),
            Err(why) => events(Event::Warning(format!(
                "the messages of {side} {service} are compared as bytes, since its protobuf contract can't be read: {why}"
            ))),
        }
    }
    readings
}

fn contracts(manifest: &Manifest) -> impl Iterator<Item = (&ContractSpec, Side)> {
    let of_messages = manifest.contracts.iter().filter(|contract| contract.kind == ContractKind::Protobuf);
    of_messages.flat_map(|contract| Side::BOTH.map(|side| (contract, side)))
}
