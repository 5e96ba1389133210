//! The descriptors by which messages of gRPC are read, out of the contracts that the manifest names.

use std::path::Path;

use super::EngineError;
use crate::checks::Readings;
use crate::contract::{Source, Tree, protobuf};
use crate::manifest::{ContractAt, ContractKind, Manifest};
use crate::model::Side;
use crate::wire::grpc::Descriptors;

/// Reads those that stand in files. With `only`, both sides are that one.
pub(super) fn readings(manifest: &Manifest, only: Option<Side>) -> Result<Readings, EngineError> {
    let mut readings = Readings::default();
    for contract in manifest.contracts.iter().filter(|contract| contract.kind == ContractKind::Protobuf) {
        for side in Side::BOTH {
            // What stands at a ref or on a running build is not there yet: without it messages are compared as bytes.
            let ContractAt::Path(path) = contract.at.get(only.unwrap_or(side)) else { continue };
            let schema = protobuf::load(&source(path)).map_err(|error| {
                let (service, path) = (&contract.service, path.display());
                EngineError::Usage(format!("the protobuf contract `{path}` of {side} {service}: {error}"))
            })?;
            readings.insert(&contract.service, side, Descriptors::new(schema.pool));
        }
    }
    Ok(readings)
}

/// A folder as it is; a file in the folder that it stands in.
fn source(path: &Path) -> Source {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    match (path.is_dir(), path.parent(), name) {
        (false, Some(folder), Some(path)) => Source { tree: Tree::Folder(folder.to_owned()), path },
        _ => Source { tree: Tree::Folder(path.to_owned()), path: String::new() },
    }
}
