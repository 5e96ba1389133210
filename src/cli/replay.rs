//! `straddle replay`: recordings against two builds that run already, without a manifest.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::failure::Failure;
use super::reports::Reports;
use super::{job, words};
use crate::engine::{Again, Options, quoted};
use crate::manifest::{Client, Manifest, Secret};

/// Send recordings to two builds that run already, without a manifest
///
/// Only safe methods (GET, HEAD, OPTIONS, TRACE) are sent unless --writes says that the builds may be written to.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: straddle replay http://127.0.0.1:8001 http://127.0.0.1:8002 checkout.har --client old")]
pub(super) struct Replay {
    /// Where the old build runs
    old_url: String,
    /// Where the new build runs
    new_url: String,
    /// Recordings, ours or HAR
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which generation of client made the recorded requests
    #[arg(long, value_enum, default_value_t = Generation::Any)]
    client: Generation,
    /// Send unsafe methods too
    #[arg(long)]
    writes: bool,
    /// The seed of everything that is drawn
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = words::seed, allow_hyphen_values = true)]
    seed: u64,
    /// The environment variable that fills {secret:NAME#n} in redacted recordings; may stand more than once
    #[arg(long = "secret", value_name = "NAME=VARIABLE", value_parser = words::secret)]
    secrets: Vec<(String, String)>,
    #[command(flatten)]
    reports: Reports,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Generation {
    /// Clients that ship with the old build
    Old,
    /// Clients that ship with the new build
    New,
    /// Clients that don't ship with the server: counts for both directions
    Any,
}

impl Replay {
    pub fn run(self) -> Result<Exit, Failure> {
        let client = match self.client {
            Generation::Old => Client::Old,
            Generation::New => Client::New,
            Generation::Any => Client::Any,
        };
        let mut manifest = Manifest::for_urls(&self.old_url, &self.new_url, &self.files, client, self.writes)?;
        manifest.secrets = self.secrets.iter().cloned().map(|(name, env)| (name, Secret { env })).collect();
        let options = Options { seed: self.seed, again: self.again(), ..job::options(&manifest)? };
        job::check(manifest, options, &self.reports, false)
    }

    /// There is no manifest that `straddle reproduce` could read: the same command shows a finding again.
    fn again(&self) -> Again {
        let before = format!("straddle replay {} {}", quoted(&self.old_url), quoted(&self.new_url));
        let mut after = String::new();
        match self.client {
            Generation::Old => after.push_str(" --client old"),
            Generation::New => after.push_str(" --client new"),
            Generation::Any => {}
        }
        if self.writes {
            after.push_str(" --writes");
        }
        for (name, variable) in &self.secrets {
            after = format!("{after} --secret {}", quoted(&format!("{name}={variable}")));
        }
        if self.seed != 0 {
            after = format!("{after} --seed {}", self.seed);
        }
        Again::Replay { before, after }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Again, Replay};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        replay: Replay,
    }

    #[track_caller]
    fn check(args: &str, before: &str, after: &str) {
        let line = Line::try_parse_from(args.split(' ')).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(line.replay.again(), Again::Replay { before: before.to_owned(), after: after.to_owned() });
    }

    #[test]
    fn the_command_that_shows_a_finding_again_is_the_same_with_one_recording() {
        check("replay http://a http://b x.har y.har", "straddle replay http://a http://b", "");
        check(
            "replay http://a http://b x.har --client new --writes --seed 7 --report json",
            "straddle replay http://a http://b",
            " --client new --writes --seed 7",
        );
        check(
            "replay http://a http://b x.jsonl --secret password=PW --secret password#2=PW2",
            "straddle replay http://a http://b",
            " --secret password=PW --secret 'password#2=PW2'",
        );
    }
}
