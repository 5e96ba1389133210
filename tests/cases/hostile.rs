//! Builds, replies, recordings and folders that are as bad as they come, through the real program: each ends with an exit code
//! that is meant, and with a message that says what was wrong.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::eventually;

mod badly;
mod builds;
mod files;
mod recordings;
mod replies;
mod surroundings;

/// The port that the server of these tests is told; without it the test that is the server does nothing.
const PORT: &str = "STRADDLE_TEST_HOSTILE_PORT";
/// What it is told to do besides.
const MANNER: &str = "STRADDLE_TEST_HOSTILE_MANNER";
/// Marks all processes of a project.
const MARK: &str = "STRADDLE_TEST_HOSTILE_MARK";

/// No test but a build: it behaves as [`MANNER`] says.
#[test]
fn server() {
    if let Ok(port) = std::env::var(PORT) {
        badly::serve(port.parse().unwrap(), &std::env::var(MANNER).unwrap_or_default());
    }
}

/// A project in a folder of its own, whose builds are the server above.
struct Project {
    folder: TempDir,
    service: String,
    more: String,
    old: String,
    new: String,
    client: &'static str,
    recording: Vec<u8>,
}

/// What came of it.
struct Said {
    exit: Option<i32>,
    /// Both outputs.
    text: String,
    /// The last run; null where there is none.
    run: Value,
}

impl Project {
    /// Old clients ask these targets.
    fn asked(targets: &[&str]) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            service: "ready = \"/healthz\"\nready_timeout = \"20s\"\nstop_timeout = \"300ms\"\n".to_owned(),
            more: String::new(),
            old: run(""),
            new: run(""),
            client: "old",
            recording: har(targets).into_bytes(),
        }
    }

    fn old_build(mut self, manner: &str) -> Self {
        self.old = run(manner);
        self
    }

    fn new_build(mut self, manner: &str) -> Self {
        self.new = run(manner);
        self
    }

    /// The lines of the old build's section.
    fn old_lines(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.old);
        self
    }

    /// The lines of the new build's section.
    fn new_lines(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.new);
        self
    }

    fn service(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.service);
        self
    }

    /// Further sections of the manifest.
    fn more(mut self, sections: &str) -> Self {
        self.more.push_str(sections);
        self
    }

    fn clients(mut self, client: &'static str) -> Self {
        self.client = client;
        self
    }

    fn recorded(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.recording = bytes.into();
        self
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn laid_out(&self) -> Command {
        let Self { service, more, old, new, client, .. } = self;
        fs::write(self.path().join("traffic.har"), &self.recording).unwrap();
        let manifest = format!(
            "[project]\nname = \"hostile\"\n[service.s]\n{service}\n[service.s.old]\n{old}\n[service.s.new]\n{new}\n\
             [[recording]]\nfile = \"traffic.har\"\nservice = \"s\"\nclient = \"{client}\"\n{more}"
        );
        fs::write(self.path().join("straddle.toml"), manifest).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
        command.current_dir(self.path()).arg("check").stdin(Stdio::null()).env("HOME", self.path());
        command.env(MARK, self.path());
        command
    }

    fn check(&self, options: &[&str]) -> Said {
        said(self.laid_out().args(options), self.path())
    }

    /// The most memory that it takes itself, in bytes; and how it ends.
    fn peak(&self) -> (u64, Option<i32>) {
        let mut child = self.laid_out().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut peak = 0;
        loop {
            let text = fs::read_to_string(&status).unwrap_or_default();
            let most =
                text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse().ok());
            peak = peak.max(most.unwrap_or(0_u64));
            if let Some(ended) = child.try_wait().unwrap() {
                return (peak << 10, ended.code());
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// It ends with this code and says all of this.
    #[track_caller]
    fn ends(&self, exit: i32, phrases: &[&str]) -> Said {
        let said = self.check(&[]);
        assert_eq!(said.exit, Some(exit), "{}", said.text);
        let flat = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for phrase in phrases {
            assert!(flat.contains(phrase), "it doesn't say `{phrase}`:\n{}", said.text);
        }
        assert!(!said.text.contains("straddle has a bug"), "{}", said.text);
        eventually("all of its processes are gone", || self.processes().is_empty());
        said
    }

    /// Its living processes.
    fn processes(&self) -> Vec<PathBuf> {
        let wanted = format!("{MARK}={}", self.path().display());
        let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
        let is_marked = |process: &PathBuf| {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
        };
        processes.filter(is_marked).collect()
    }
}

fn said(command: &mut Command, folder: &Path) -> Said {
    let output = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let run = fs::read(folder.join(".straddle/last.json")).unwrap_or_default();
    Said { exit: output.status.code(), text, run: serde_json::from_slice(&run).unwrap_or_default() }
}

impl Said {
    /// The findings, as `RULE DIRECTION SUBJECT at AT`.
    fn findings(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let finding = |f: &Value| {
            let (from, to) = (text(&f["direction"]["from"]), text(&f["direction"]["to"]));
            format!("{} {from}->{to} {} at {}", text(&f["rule"]), text(&f["subject"]), text(&f["at"]))
        };
        self.run["findings"].as_array().unwrap().iter().map(finding).collect()
    }
}

/// The lines of a build that is the server above.
fn run(manner: &str) -> String {
    let program = std::env::current_exe().unwrap();
    sh(manner, &format!("exec {} --exact cases::hostile::server --nocapture", program.display()))
}

/// The lines of a build that is a script, in which `$SERVE` is the server above.
fn script(manner: &str, script: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let serve = format!("{} --exact cases::hostile::server --nocapture", program.display());
    sh(manner, &script.replace("$SERVE", &serve))
}

fn sh(manner: &str, script: &str) -> String {
    format!(
        "path = \".\"\nrun = {{ sh = '''{script}''' }}\nenv = {{ {PORT} = \"{{port}}\", {MANNER} = \"{manner}\" }}\n"
    )
}

/// A recording in which everything is answered as the server above does when it means well.
fn har(targets: &[&str]) -> String {
    let entry = |(n, target): (usize, &&str)| {
        json!({
            "startedDateTime": format!("2026-11-01T10:00:{:02}.000Z", n % 60),
            "request": {
                "method": "GET", "url": format!("http://shop.test{target}"), "httpVersion": "HTTP/1.1",
                "headers": [{ "name": "Host", "value": "shop.test" }],
            },
            "response": {
                "status": 200, "headers": [{ "name": "content-type", "value": "application/json" }],
                "content": { "mimeType": "application/json", "text": badly::WELL, "size": badly::WELL.len() },
            },
        })
    };
    let entries: Vec<Value> = targets.iter().enumerate().map(entry).collect();
    json!({ "log": { "version": "1.2", "entries": entries } }).to_string()
}
