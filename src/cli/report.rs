//! `straddle report`: a saved run, rendered again.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::reports::Reports;
use crate::model::Run;

/// Render a saved run again
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle report .straddle/last.json --report junit=straddle.xml")]
pub(super) struct Report {
    /// A run that `--report json` or .straddle/last.json holds
    #[arg(value_name = "REPORT")]
    file: PathBuf,
    #[command(flatten)]
    reports: Reports,
}

impl Report {
    pub fn run(self) -> Result<Exit, Failure> {
        self.reports.check()?;
        let run = read(&self.file)?;
        Ok(self.reports.write(&run))
    }
}

/// The run in a file.
pub(super) fn read(path: &Path) -> Result<Run, Failure> {
    let about = |error: &dyn std::fmt::Display| Failure::usage(format!("can't read {}: {error}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => about(&"there is no such file; `straddle check` leaves .straddle/last.json"),
        _ => about(&error),
    })?;
    crate::report::read(&bytes).map_err(|error| about(&error))
}
