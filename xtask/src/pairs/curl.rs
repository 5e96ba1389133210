//! A pair recorded anew: `straddle record` before one of its builds, a program that has a new connection for each call before
//! that, and the recording against the same build. All of it must replay, though the build draws other ids each time.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::steps::{self, Failure};

/// The pair whose interface the calls below are of.
pub const PAIR: &str = "json-server";
/// The new build takes a moment to read what it has written.
const SETTLED: Duration = Duration::from_millis(200);

/// A pair that is laid out, and the build that is recorded.
#[derive(Debug)]
pub struct Laid<'a> {
    pub straddle: &'a Path,
    pub folder: &'a Path,
    pub side: &'a str,
}

impl Laid<'_> {
    /// What share of what curl did replays as it was recorded.
    pub fn faithful(&self) -> Result<f64, Failure> {
        self.record()?;
        let text = fs::read_to_string(self.folder.join("straddle.toml"))?;
        let (before, _) = text.split_once("[[recording]]").ok_or("the pair's manifest has no [[recording]]")?;
        let file = self.file("jsonl").display().to_string();
        let side = self.side;
        let recording = format!("[[recording]]\nfile = {file:?}\nservice = \"{PAIR}\"\nclient = \"{side}\"\n");
        fs::write(self.file("toml"), format!("{before}{recording}"))?;
        let report = self.file("json");
        let _ = fs::remove_file(&report);
        let mut command = self.straddle("check");
        command.arg("--manifest").arg(self.file("toml")).args(["--self", side, "--only", "replay"]);
        command.arg("--report").arg(format!("json={}", report.display()));
        let status = steps::status(&mut command)?;
        if !matches!(status.code(), Some(0 | 1 | 4)) {
            return Err(format!("straddle gave {status} for what curl did").into());
        }
        let report: Value = serde_json::from_slice(&fs::read(&report)?)?;
        let faithful = report["checks"][0]["faithful"].as_f64();
        Ok(faithful.ok_or("the report does not say how faithful the replay was")?)
    }

    fn record(&self) -> Result<(), Failure> {
        for end in ["jsonl", "jsonl.part"] {
            // Where none was left there is none to remove.
            let _ = fs::remove_file(self.file(end));
        }
        let mut command = self.straddle("record");
        command.args(["--side", self.side, "--out"]).arg(self.file("jsonl")).stderr(Stdio::piped());
        let mut recorder = Recorder(command.spawn()?);
        let mut said = BufReader::new(recorder.0.stderr.take().ok_or("the recorder has no stderr")?);
        let mut line = String::new();
        let url = loop {
            line.clear();
            if said.read_line(&mut line)? == 0 {
                return Err("the recorder ended before it listened".into());
            }
            if let Some(rest) = line.strip_prefix("recording at ") {
                break rest.split(',').next().unwrap_or_default().to_owned();
            }
        };
        // What it says further on must go somewhere.
        let rest = thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        ask(&url)?;
        steps::must(Command::new("kill").args(["-TERM", &recorder.0.id().to_string()]))?;
        let status = recorder.0.wait()?;
        let _ = rest.join();
        if status.success() { Ok(()) } else { Err(format!("`straddle record` gave {status}").into()) }
    }

    fn file(&self, end: &str) -> PathBuf {
        self.folder.join(format!("curl-{}.{end}", self.side))
    }

    fn straddle(&self, chore: &str) -> Command {
        let mut command = Command::new(self.straddle);
        command.arg(chore).current_dir(self.folder);
        command
    }
}

/// Makes things, and looks at them, changes them and removes them over connections of their own.
fn ask(url: &str) -> Result<(), Failure> {
    let call = |method: &str, target: &str, body: &str| -> Result<Value, Failure> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--max-time", "20", "--request", method]);
        if !body.is_empty() {
            command.args(["--header", "Content-Type: application/json", "--data", body]);
        }
        let said = steps::output(command.arg(format!("{url}{target}")))?;
        thread::sleep(SETTLED);
        Ok(serde_json::from_str(&said).unwrap_or_default())
    };
    let id = |made: &Value| made["id"].as_str().map(str::to_owned).ok_or(format!("nothing was made: {made}"));
    call("GET", "/posts/1", "")?;
    let post = id(&call("POST", "/posts", r#"{"title":"by curl","views":1}"#)?)?;
    let other = id(&call("POST", "/posts", r#"{"title":"by another","views":2}"#)?)?;
    call("GET", &format!("/posts/{post}"), "")?;
    call("PATCH", &format!("/posts/{post}"), r#"{"views":3}"#)?;
    let comment = id(&call("POST", "/comments", &format!(r#"{{"body":"c","postId":"{post}"}}"#))?)?;
    call("GET", &format!("/comments/{comment}"), "")?;
    call("GET", &format!("/comments?postId={post}"), "")?;
    call("DELETE", &format!("/posts/{other}"), "")?;
    call("GET", &format!("/posts/{other}"), "")?;
    call("GET", &format!("/posts/{post}"), "")?;
    Ok(())
}

/// A recorder that runs no longer than this.
struct Recorder(Child);

impl Drop for Recorder {
    fn drop(&mut self) {
        // It has ended, as a rule.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
