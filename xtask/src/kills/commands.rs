//! The commands that are killed, each on the demo in a folder of its lane. The main type is [`Lane`].

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::MARK;
use crate::manifest;
use crate::steps::{self, Failure};

/// What is killed, where this release has it.
pub const COMMANDS: [&str; 4] = ["check", "replay", "import", "merge"];
/// The demo's recording so many times over makes an import that takes a while.
const LONGER: usize = 20;

/// A folder with the demo in it, and the demo running for those who want it to run already.
#[derive(Debug)]
pub struct Lane {
    straddle: PathBuf,
    folder: PathBuf,
    shops: Vec<Shop>,
}

/// The demo shop, running until this is dropped.
#[derive(Debug)]
struct Shop {
    process: Child,
    url: String,
}

impl Lane {
    /// Lays it out under `target/kills`.
    pub fn lay_out(straddle: &Path, number: u64) -> Result<Self, Failure> {
        let folder = steps::target().join("kills").join(format!("lane-{number}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let shop = steps::binary("straddle-demo-shop");
        manifest::lay_out(&steps::root().join("tests/demo"), &shop, &folder, None)?;
        let mut har: Value = serde_json::from_slice(&fs::read(folder.join("recordings/old.har"))?)?;
        let entries = har["log"]["entries"].as_array().cloned().unwrap_or_default();
        har["log"]["entries"] = std::iter::repeat_n(entries, LONGER).flatten().collect();
        fs::write(folder.join("long.har"), har.to_string())?;
        let shops = vec![Shop::start(&shop, "old")?, Shop::start(&shop, "new")?];
        let lane = Self { straddle: straddle.to_owned(), folder, shops };
        for part in ["1/2", "2/2"] {
            let report = format!("json=shard-{}.json", &part[..1]);
            let status = lane.command(&["check", "--shard", part, "--report", &report], "shards").status()?;
            if !lane.is_fine("check", status.code().unwrap_or(-1)) {
                return Err(format!("shard {part} of the demo gave {status}").into());
            }
        }
        Ok(lane)
    }

    /// A name that no other kill has.
    pub fn mark(&self, name: &str) -> String {
        format!("{}-{}-{name}", self.folder.display(), std::process::id())
    }

    /// Starts a command.
    pub fn begin(&self, name: &str, mark: &str) -> Result<Child, Failure> {
        Ok(self.command(&self.args(name), mark).spawn()?)
    }

    /// Runs a command to its end, which has to be a good one.
    pub fn finish(&self, name: &str, mark: &str) -> Result<(), Failure> {
        let output = self.command(&self.args(name), mark).stderr(Stdio::piped()).output()?;
        if output.status.code().is_some_and(|code| self.is_fine(name, code)) {
            return Ok(());
        }
        Err(format!("`straddle {name}` gave {}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into())
    }

    /// Whether a command that nobody disturbs ends so. What the demo's running shops were sent before decides on what a replay
    /// to them shows.
    #[expect(clippy::unused_self, reason = "it is the lane's command that ends")]
    pub fn is_fine(&self, name: &str, code: i32) -> bool {
        match name {
            "replay" => matches!(code, 0 | 1 | 4),
            "check" => matches!(code, 0 | 4),
            _ => code == 0,
        }
    }

    fn args(&self, name: &str) -> Vec<&str> {
        let (old, new) = (self.shops[0].url.as_str(), self.shops[1].url.as_str());
        match name {
            "check" => vec!["check", "--report", "json=report.json", "--report", "junit=report.xml"],
            "replay" => vec!["replay", old, new, "recordings/old.har", "--report", "json=replay.json"],
            "import" => vec!["import", "long.har", "--out", "imported.jsonl"],
            _ => vec!["merge", "shard-1.json", "shard-2.json", "--out", "merged.json"],
        }
    }

    fn command(&self, args: &[&str], mark: &str) -> Command {
        let mut command = Command::new(&self.straddle);
        command.current_dir(&self.folder).args(args).env(MARK, mark);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The files that commands leave at their final names.
    pub fn files(&self) -> Vec<PathBuf> {
        let names =
            [".straddle/last.json", "report.json", "report.xml", "replay.json", "imported.jsonl", "merged.json"];
        names.iter().map(|name| self.folder.join(name)).collect()
    }

    /// Scratch folders of runs.
    pub fn scratches(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.folder.join(".straddle/runs")).into_iter().flatten().flatten();
        runs.map(|run| run.path().join("scratch")).filter(|scratch| scratch.exists()).collect()
    }

    /// Files under temporary names.
    pub fn temporary(&self) -> Vec<PathBuf> {
        let folders = [self.folder.clone(), self.folder.join(".straddle")];
        let files = folders.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
        let is_temporary = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with(".tmp") || name.ends_with(".tmp")
        };
        files.map(|entry| entry.path()).filter(is_temporary).collect()
    }
}

impl Shop {
    fn start(shop: &Path, side: &str) -> Result<Self, Failure> {
        let mut command = Command::new(shop);
        let mut process = command.args(["--side", side, "--port", "0"]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("the demo shop has no output")?).read_line(&mut line)?;
        let address = line.split_whitespace().find(|word| word.contains("127.0.0.1:"));
        let address = address.ok_or_else(|| format!("the demo shop says no address: {line}"))?;
        let url = if address.starts_with("http") { address.to_owned() } else { format!("http://{address}") };
        Ok(Self { process, url })
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
