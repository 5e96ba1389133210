//! `straddle.toml`: what was asked for.

mod types;

pub use types::*;

use crate::model::Pair;
use std::path::{Path, PathBuf};

/// A manifest that can't be used.
#[derive(Debug, Clone, thiserror::Error, miette::Diagnostic)]
#[error("{0}")]
pub struct ManifestError(String);

/// Reads and checks a manifest.
pub fn load_with(path: &Path, _sources: &Pair<Option<SourceSpec>>) -> Result<Manifest, ManifestError> {
    std::fs::read_to_string(path).map_err(|e| ManifestError(format!("{}: {e}", path.display())))?;
    Ok(stub(path.parent().unwrap_or(Path::new("."))))
}

/// The schema.
pub fn schema() -> serde_json::Value {
    serde_json::json!({})
}

impl Manifest {
    /// Without a file.
    pub fn for_urls(_: &str, _: &str, _: &[PathBuf], _: Client, _: bool) -> Result<Self, ManifestError> {
        Ok(stub(Path::new(".")))
    }
}

fn stub(folder: &Path) -> Manifest {
    Manifest {
        file: folder.join("straddle.toml"),
        folder: folder.to_owned(),
        project: "stub".to_owned(),
        services: Vec::new(),
        states: Vec::new(),
        recordings: Vec::new(),
        secrets: std::collections::BTreeMap::new(),
        replay: ReplaySpec::default(),
        contracts: Vec::new(),
        assets: None,
        messages: std::collections::BTreeMap::new(),
        rollout: None,
        canary: None,
        compare: CompareSpec::default(),
        accept: Vec::new(),
        gate: Gate::default(),
    }
}
