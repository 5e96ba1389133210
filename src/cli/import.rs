//! `straddle import`: foreign recordings to ours.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use crate::report::visible;
use crate::traffic::redaction::Redaction;
use crate::traffic::{self, TrafficError};

/// Turn HAR and GoReplay files into a recording, with sessions and bindings found and written where a person can mend them
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle import checkout.har cart.har --out recordings/shop.jsonl")]
pub(super) struct Import {
    /// What to read
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to write; zstd where it ends in .zst
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Leave credentials as they are: whoever has the file has them
    #[arg(long)]
    no_redact: bool,
}

impl Import {
    pub fn run(self) -> Result<Exit, Failure> {
        let same = |file: &&PathBuf| match (file.canonicalize(), self.out.canonicalize()) {
            (Ok(file), Ok(out)) => file == out,
            _ => false,
        };
        if let Some(file) = self.files.iter().find(same) {
            return Err(Failure::usage(format!(
                "--out {} would overwrite what is read; name another file",
                file.display()
            )));
        }
        output::sweep_beside(&self.out);
        let redaction = if self.no_redact { Redaction::Off } else { Redaction::new() };
        let imported = traffic::import_with(&self.files, &self.out, redaction).map_err(failure)?;
        if self.no_redact {
            output::say("warning: credentials are written as they are: keep the file where you keep passwords");
        }
        for note in &imported.notes {
            output::say(&format!("note: {}", visible(note)));
        }
        let text = format!(
            "{}: {} in {}, {} bound to the replies that give them out\n",
            self.out.display(),
            counted(imported.exchanges, "exchange"),
            counted(imported.sessions, "session"),
            counted(imported.bindings, "value"),
        );
        output::print(&text).map(|()| Exit::COMPATIBLE)
    }
}

/// A full disk is no fault of the files.
fn failure(error: TrafficError) -> Failure {
    if error.is_of_the_surroundings() { Failure::environment(error) } else { Failure::usage(error) }
}

/// `1 session`, `2 sessions`.
pub(super) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
