//! What the command line adds to a manifest.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::secret::Secrets;
use crate::model::{Finding, Side};
use crate::process::Launch;

/// What the command line adds to a manifest, and what only it can know of the world.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only these checks.
    pub only: Vec<String>,
    /// All but these checks.
    pub skip: Vec<String>,
    /// That side as both: must be silent.
    pub self_side: Option<Side>,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// Part I of N.
    pub shard: Option<(u32, u32)>,
    /// Stop when this much time has passed, and say so.
    pub budget: Option<Duration>,
    /// How many sessions at once where their order is free.
    pub jobs: Option<usize>,
    /// Give every binding its cell's own value, also where the recorded one would do.
    pub force_bindings: bool,
    /// What `[secrets]` names and the environment has: it fills recordings, and is shown nowhere.
    pub secrets: Secrets,
    /// Today, `YYYY-MM-DD` in UTC.
    pub today: String,
    /// The `.straddle` folder beside the manifest.
    pub home: PathBuf,
    /// Where builds of git refs are kept.
    pub cache: PathBuf,
    /// How straddle runs itself again, as the guardian.
    pub launch: Launch,
    /// How a person is told to see a finding again.
    pub again: Again,
    /// Show one finding again, and nothing else.
    pub reproduce: Option<Target>,
}

impl Options {
    /// What was asked for that another run would have to ask for too, so that the two look at the same.
    pub(super) fn asked(&self) -> String {
        let mut words = Vec::new();
        if !self.only.is_empty() {
            words.push(format!("--only {}", self.only.join(",")));
        }
        if !self.skip.is_empty() {
            words.push(format!("--skip {}", self.skip.join(",")));
        }
        words.extend(self.self_side.map(|side| format!("--self {side}")));
        words.extend(self.force_bindings.then(|| "--force-bindings".to_owned()));
        words.join(" ")
    }
}

/// How a person is told to see a finding again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Again {
    /// `straddle reproduce ID`: there is a manifest.
    #[default]
    ById,
    /// The same command with the one recording that shows it: there is no manifest.
    Replay {
        /// What stands before the recording: `straddle replay OLD_URL NEW_URL`.
        before: String,
        /// What stands after it.
        after: String,
    },
    /// The same command: it takes no time.
    Same(String),
}

impl Again {
    /// The command for a finding.
    pub(super) fn command(&self, finding: &Finding) -> String {
        match (self, &finding.replay) {
            (Self::Same(command), _) => command.clone(),
            (Self::Replay { before, after }, Some(replay)) => {
                format!("{before} {}{after}", quoted(&replay.recording))
            }
            _ => format!("straddle reproduce {}", finding.id),
        }
    }
}

/// A word as a shell takes it for one.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The finding to show again.
#[derive(Debug, Clone)]
pub struct Target {
    /// As an earlier run reported it.
    pub finding: Finding,
}

#[cfg(test)]
mod tests {
    use super::{Again, quoted};

    #[test]
    fn a_finding_of_a_replay_without_a_manifest_is_seen_again_by_the_same_replay() {
        let sample = include_bytes!("../../tests/formats/report-1.0.json");
        let run: crate::model::Run = serde_json::from_slice(sample).unwrap_or_else(|e| panic!("{e}"));
        let finding = &run.findings[0];
        assert_eq!(Again::ById.command(finding), "straddle reproduce 3f9c1a20");
        let again =
            Again::Replay { before: "straddle replay http://a http://b".to_owned(), after: " --client old".to_owned() };
        let expected = "straddle replay http://a http://b recordings/checkout.har --client old";
        assert_eq!(again.command(finding), expected);
    }

    #[test]
    fn a_word_that_a_shell_would_take_apart_is_quoted() {
        for (word, expected) in [
            ("a/b-1.har", "a/b-1.har"),
            ("my file.har", "'my file.har'"),
            ("it's", "'it'\\''s'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
