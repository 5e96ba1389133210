//! `straddle schema`: the JSON Schema of each file format.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use crate::{manifest, report, traffic};

/// Print the JSON Schema of a file format
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle schema manifest > straddle.schema.json")]
pub(super) struct Schema {
    /// Which format
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// straddle.toml
    Manifest,
    /// What `--report json` writes
    Report,
    /// A line of a recording
    Recording,
}

impl Schema {
    pub fn run(self) -> Result<Exit, Failure> {
        let schema = match self.format {
            Format::Manifest => manifest::schema(),
            Format::Report => report::schema(),
            Format::Recording => traffic::schema(),
        };
        output::print(&format!("{schema:#}\n")).map(|()| Exit::COMPATIBLE)
    }
}
