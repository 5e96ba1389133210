//! Manifest and options to plan, and plan to run.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::manifest::{Manifest, SourceSpec};
use crate::model::{Event, Events, Finding, Run, Side};
use crate::process::Launch;

/// What the command line adds to a manifest.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "replaced by the engine")]
pub struct Options {
    pub only: Vec<String>,
    pub skip: Vec<String>,
    pub self_side: Option<Side>,
    pub old: Option<SourceSpec>,
    pub new: Option<SourceSpec>,
    pub seed: u64,
    pub shard: Option<(u32, u32)>,
    pub budget: Option<Duration>,
    pub jobs: Option<usize>,
    pub force_bindings: bool,
    pub today: String,
    pub home: PathBuf,
    pub cache: PathBuf,
    pub launch: Launch,
    pub reproduce: Option<Target>,
}

/// The finding to show again.
#[derive(Debug, Clone)]
pub struct Target {
    /// The finding.
    pub finding: Finding,
}

/// A plan.
#[derive(Debug)]
pub struct Plan(Options);

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "seed {}", self.0.seed)
    }
}

/// Why there is no run.
#[derive(Debug, thiserror::Error)]
#[error("no run")]
pub struct EngineError;

impl EngineError {
    /// The exit code.
    pub fn exit(&self) -> u8 {
        3
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The run.
    pub run: Run,
    /// The exit code.
    pub exit: u8,
}

/// Resolves.
pub fn plan(_: Manifest, options: Options) -> Result<Plan, EngineError> {
    Ok(Plan(options))
}

/// Runs: the sample report, whatever was asked for.
pub async fn run(_: Plan, events: Events, cancel: tokio::sync::watch::Receiver<bool>) -> Result<Outcome, EngineError> {
    events(Event::Booting { instances: vec!["old".to_owned()] });
    let run = crate::report::read(include_bytes!("../../tests/formats/report-1.0.json")).map_err(|_| EngineError)?;
    Ok(Outcome { run, exit: if *cancel.borrow() { 130 } else { 1 } })
}
