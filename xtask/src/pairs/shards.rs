//! A pair in shards: their reports, merged, are the report of one run, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::steps::{self, Failure};

/// What the shards of a pair came to.
#[derive(Debug)]
pub struct Sharded {
    /// Whether the merged report is the one of the whole run.
    pub same: bool,
    /// How long one run took.
    pub whole: Duration,
    /// How long each shard took.
    pub parts: Vec<Duration>,
}

/// A pair that is laid out: straddle, its folder, and the report of one run.
#[derive(Debug)]
pub struct Laid<'a> {
    pub straddle: &'a Path,
    pub folder: &'a Path,
}

impl Laid<'_> {
    /// Runs it whole, then in parts, and merges them.
    pub fn in_shards(&self, of: u32) -> Result<Sharded, Failure> {
        let whole = self.folder.join("whole.json");
        let took = self.check(&whole, &[])?;
        let (mut parts, mut files) = (Vec::new(), Vec::new());
        for part in 1..=of {
            let file = self.folder.join(format!("shard-{part}.json"));
            parts.push(self.check(&file, &["--shard", &format!("{part}/{of}")])?);
            files.push(file);
        }
        let merged = self.folder.join("merged.json");
        let _ = fs::remove_file(&merged);
        let mut command = Command::new(self.straddle);
        command.arg("merge").args(&files).arg("--out").arg(&merged).args(["--report", "junit=/dev/null"]);
        ended(&mut command)?;
        Ok(Sharded { same: fs::read(&whole)? == fs::read(&merged)?, whole: took, parts })
    }

    fn check(&self, report: &PathBuf, more: &[&str]) -> Result<Duration, Failure> {
        let _ = fs::remove_file(report);
        let mut command = Command::new(self.straddle);
        command.arg("check").arg("--manifest").arg(self.folder.join("straddle.toml")).args(["--only", "replay"]);
        command.args(more).arg("--report").arg(format!("json={}", report.display()));
        let begun = Instant::now();
        ended(&mut command)?;
        Ok(begun.elapsed())
    }
}

fn ended(command: &mut Command) -> Result<(), Failure> {
    let status = steps::status(command)?;
    match status.code() {
        Some(0 | 1 | 4) => Ok(()),
        _ => Err(format!("straddle gave {status}").into()),
    }
}
