//! `straddle check`: the main job.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::builds::Builds;
use super::exit::Exit;
use super::failure::Failure;
use super::reports::Reports;
use super::{job, words};
use crate::engine::Options;
use crate::manifest;

/// Stand both builds up, run every check that the manifest gives input for, report, and gate
///
/// Always leaves the whole run in .straddle/last.json beside the manifest.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: straddle check --old git:v1.4.2 --only replay --report terminal --report junit=straddle.xml")]
pub(super) struct Check {
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "straddle.toml")]
    manifest: PathBuf,
    #[command(flatten)]
    builds: Builds,
    /// Only these checks, and only these must be shown
    #[arg(long, value_name = "CHECKS", value_delimiter = ',', value_parser = words::check)]
    only: Vec<String>,
    /// All but these checks
    #[arg(long, value_name = "CHECKS", value_delimiter = ',', value_parser = words::check)]
    skip: Vec<String>,
    /// The seed of everything that is drawn
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = words::seed, allow_hyphen_values = true)]
    seed: u64,
    /// Judge part I of N of the sessions only; `straddle merge` joins the N reports
    #[arg(long, value_name = "I/N", value_parser = words::shard)]
    shard: Option<(u32, u32)>,
    /// Stop after this much time and say what was left out, as in 10m
    #[arg(long, value_name = "TIME", value_parser = words::duration)]
    budget: Option<Duration>,
    #[command(flatten)]
    reports: Reports,
    /// Print all that would be done, and stop
    #[arg(long)]
    plan: bool,
    /// How many sessions at once, where their order is free
    #[arg(long, value_name = "N", value_parser = words::jobs)]
    jobs: Option<usize>,
    /// Give every binding its cell's own value, also where the recorded one would do: for straddle's own tests
    #[arg(long, hide = true)]
    force_bindings: bool,
}

impl Check {
    pub fn run(self) -> Result<Exit, Failure> {
        self.reports.check()?;
        let manifest = manifest::load_with(&self.manifest, &self.builds.sources())?;
        let options = Options {
            only: self.only,
            skip: self.skip,
            self_side: self.builds.self_side,
            seed: self.seed,
            shard: self.shard,
            budget: self.budget,
            jobs: self.jobs,
            force_bindings: self.force_bindings,
            ..job::options(&manifest)?
        };
        job::check(manifest, options, &self.reports, self.plan)
    }
}
