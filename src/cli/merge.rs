//! `straddle merge`: the reports of shards to the report of one run.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::reports::Reports;
use super::surroundings::FILE_STYLE;
use super::{output, report};
use crate::engine;
use crate::report::renderer;

/// Join the reports of all shards into the report that one run would have given, and gate as that one
///
/// Each shard is a `straddle check --shard I/N --report json=FILE` of the same manifest, builds, recordings and seed.
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle merge shards/*.json --out run.json --report junit=straddle.xml")]
pub(super) struct Merge {
    /// The JSON reports of the shards, in any order
    #[arg(required = true, value_name = "REPORT")]
    files: Vec<PathBuf>,
    /// Where the JSON report of the whole run goes
    #[arg(long, value_name = "REPORT")]
    out: PathBuf,
    #[command(flatten)]
    reports: Reports,
}

impl Merge {
    pub fn run(self) -> Result<Exit, Failure> {
        self.reports.check()?;
        if let Some(file) = self.files.iter().find(|file| output::is_same(file, &self.out)) {
            let text = format!("--out {} would overwrite a shard's report; name another file", file.display());
            return Err(Failure::usage(text));
        }
        let read = self.files.iter().map(|file| Ok((file.display().to_string(), report::read(file)?)));
        let merged = engine::merge(read.collect::<Result<Vec<_>, Failure>>()?).map_err(Failure::usage)?;
        let json = renderer("json").map(|json| json.render(&merged.run, &FILE_STYLE)).unwrap_or_default();
        let written = match output::write(&self.out, json.as_bytes()) {
            Ok(()) => Exit::COMPATIBLE,
            Err(error) => Failure::environment(error).tell(),
        };
        Ok(Exit::of(merged.exit).over(written).over(self.reports.write(&merged.run)))
    }
}
