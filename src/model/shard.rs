//! What the report of a shard holds beside its own part: all that `straddle merge` needs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Part I of N of a run. Only shards of one run, made by one release of straddle, are joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which part this is, from 1.
    pub part: u32,
    /// Of how many.
    pub of: u32,
    /// The release of straddle that wrote it.
    pub release: String,
    /// The digest of the manifest's text (BLAKE3, hex).
    pub manifest: String,
    /// What the command line asked for besides, as it has to be the same for all shards.
    pub asked: String,
    /// The recordings that were split.
    pub recordings: Vec<ShardedRecording>,
    /// Whether this part came to its end.
    pub ended: Ended,
    /// By what the run is judged. Its form belongs to the release that wrote it.
    pub terms: Value,
    /// What each check wrote down of this part. Its form belongs to the release that wrote it.
    pub books: BTreeMap<String, Value>,
}

/// A recording that was split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShardedRecording {
    /// Its name, relative to the manifest.
    pub name: String,
    /// Its digest (BLAKE3, hex).
    pub digest: String,
}

/// How a part of a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was done.
    Whole,
    /// A build or a store was in the way.
    Failed,
    /// Somebody stopped it.
    Interrupted,
}
