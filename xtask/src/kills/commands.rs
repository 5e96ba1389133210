//! The commands that are killed, each on the demo in a folder of its lane. The main type is [`Lane`].

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::MARK;
use crate::manifest;
use crate::steps::{self, Failure};

/// What is killed, where this release has it.
pub const COMMANDS: [&str; 5] = ["check", "replay", "import", "record", "merge"];
/// What is recorded, and what is being recorded.
const RECORDED: [&str; 2] = ["recorded.jsonl", "recorded.jsonl.part"];
/// A recording goes on until it is ended; so long it is let be.
pub const RECORDING: Duration = Duration::from_millis(800);
/// The demo's recording so many times over makes an import that takes a while.
const LONGER: usize = 20;

/// A folder with the demo in it, and the demo running for those who want it to run already.
#[derive(Debug)]
pub struct Lane {
    straddle: PathBuf,
    folder: PathBuf,
    shops: Vec<Shop>,
    /// Where the recording proxy listens.
    listen: String,
}

/// The demo shop, running until this is dropped.
#[derive(Debug)]
struct Shop {
    process: Child,
    url: String,
}

impl Lane {
    /// Lays it out under `target/kills`.
    pub fn lay_out(straddle: &Path, number: u32) -> Result<Self, Failure> {
        let folder = steps::target().join("kills").join(format!("lane-{number}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let shop = steps::binary("straddle-demo-shop");
        manifest::lay_out(&steps::root().join("tests/demo"), &shop, &folder, None, manifest::Engine::Sqlite)?;
        let mut har: Value = serde_json::from_slice(&fs::read(folder.join("recordings/old.har"))?)?;
        let entries = har["log"]["entries"].as_array().cloned().unwrap_or_default();
        har["log"]["entries"] = std::iter::repeat_n(entries, LONGER).flatten().collect();
        fs::write(folder.join("long.har"), har.to_string())?;
        let shops = vec![Shop::start(&shop, "old")?, Shop::start(&shop, "new")?];
        let listen = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let lane = Self { straddle: straddle.to_owned(), folder, shops, listen };
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
        if name == "record" {
            self.forget_recorded();
            let listen = self.listen.clone();
            thread::spawn(move || ask(&listen));
        }
        Ok(self.command(&self.args(name), mark).spawn()?)
    }

    /// Runs a command to its end, which has to be a good one.
    pub fn finish(&self, name: &str, mark: &str) -> Result<(), Failure> {
        if name == "record" {
            return self.finish_recording(mark);
        }
        let output = self.command(&self.args(name), mark).stderr(Stdio::piped()).output()?;
        if output.status.code().is_some_and(|code| self.is_fine(name, code)) {
            return Ok(());
        }
        Err(format!("`straddle {name}` gave {}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into())
    }

    fn finish_recording(&self, mark: &str) -> Result<(), Failure> {
        let mut child = self.begin("record", mark)?;
        thread::sleep(RECORDING);
        let status = super::end(&mut child, "TERM")?;
        let recorded = self.folder.join(RECORDED[0]);
        if status.success() && recorded.is_file() {
            return Ok(());
        }
        Err(format!("`straddle record` gave {status}, and {} is there: {}", recorded.display(), recorded.is_file())
            .into())
    }

    /// What is wrong with a recording that was left half-made: a recording is made of it as of any other.
    pub fn wrong_with_part(&self, mark: &str) -> Option<String> {
        let part = self.folder.join(RECORDED[1]);
        let text = fs::read_to_string(&part).ok()?;
        // The header alone, or half of it: nothing had come through.
        if text.lines().count() < 2 || (text.lines().count() == 2 && !text.ends_with('\n')) {
            return None;
        }
        let output =
            self.command(&["import", RECORDED[1], "--out", "saved.jsonl"], mark).stderr(Stdio::piped()).output();
        match output {
            Ok(output) if output.status.success() => None,
            Ok(output) => {
                Some(format!("{} can't be imported: {}", part.display(), String::from_utf8_lossy(&output.stderr)))
            }
            Err(error) => Some(error.to_string()),
        }
    }

    fn forget_recorded(&self) {
        for name in RECORDED {
            // Where none is there, there is none to forget.
            let _ = fs::remove_file(self.folder.join(name));
        }
    }

    /// Whether a command that nobody disturbs ends so. What the demo's running shops were sent before decides on what a replay
    /// to them shows.
    #[expect(clippy::unused_self, reason = "it is the lane's command that ends")]
    pub fn is_fine(&self, name: &str, code: i32) -> bool {
        match name {
            "replay" => matches!(code, 0 | 1 | 4),
            // Nothing may have come through yet.
            "check" | "record" => matches!(code, 0 | 4),
            _ => code == 0,
        }
    }

    fn args(&self, name: &str) -> Vec<&str> {
        let (old, new) = (self.shops[0].url.as_str(), self.shops[1].url.as_str());
        match name {
            "check" => vec!["check", "--report", "json=report.json", "--report", "junit=report.xml"],
            "replay" => vec!["replay", old, new, "recordings/old.har", "--report", "json=replay.json"],
            "record" => vec!["record", "--target", old, "--out", RECORDED[0], "--listen", &self.listen],
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
        let names = [
            ".straddle/last.json",
            "report.json",
            "report.xml",
            "replay.json",
            "imported.jsonl",
            "saved.jsonl",
            RECORDED[0],
            "merged.json",
        ];
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
            name.starts_with(".tmp") || path.extension().is_some_and(|end| end == "tmp")
        };
        files.map(|entry| entry.path()).filter(is_temporary).collect()
    }
}

/// Asks what listens there, again and again, for as long as a recording goes on.
fn ask(address: &str) {
    let begun = Instant::now();
    while begun.elapsed() < RECORDING * 2 {
        if let Ok(mut stream) = TcpStream::connect(address) {
            let asked = stream.write_all(b"GET /products HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n");
            // Whoever is killed meanwhile owes no answer.
            let _ = asked.and_then(|()| stream.read_to_end(&mut Vec::new()));
        }
        thread::sleep(Duration::from_millis(5));
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
