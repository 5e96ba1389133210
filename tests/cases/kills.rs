//! straddle killed at any moment: nothing of it goes on, no file is torn, and the next run works.
//!
//! A temporary file that a killed run was writing may lie beside its report until somebody writes there again: the next run
//! removes it. Scratch folders are the guardian's to remove, and it does so at once.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::demo::Demo;
use crate::support::eventually;

/// Marks straddle, its guardian and its builds: they all inherit it.
const MARK: &str = "STRADDLE_TEST_KILLED";
/// So many kills, each at another moment.
const KILLS: u32 = 20;
/// So many at a time, each in a folder of its own.
const LANES: u32 = 4;

#[test]
fn straddle_can_be_killed_at_any_moment_and_leaves_nothing_behind() {
    let whole = {
        let demo = Shortened::new();
        let begun = Instant::now();
        assert_eq!(demo.start("whole").wait().unwrap().code(), Some(0));
        begun.elapsed()
    };
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            scope.spawn(move || {
                let demo = Shortened::new();
                for number in (lane..KILLS).step_by(LANES as usize) {
                    demo.is_killed(number, whole);
                }
                assert_eq!(demo.start(&format!("after-{lane}")).wait().unwrap().code(), Some(0), "a clean run follows");
                demo.is_clean();
            });
        }
    });
}

/// The demo with its old clients' recording alone.
struct Shortened {
    demo: Demo,
}

impl Shortened {
    fn new() -> Self {
        let demo = Demo::clean();
        let manifest = demo.folder().join("straddle.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let (kept, _) = text.rsplit_once("[[recording]]").unwrap();
        fs::write(manifest, kept.replace("client = \"old\"", "client = \"any\"")).unwrap();
        let recording = demo.folder().join("recordings/old.har");
        let mut har: Value = serde_json::from_slice(&fs::read(&recording).unwrap()).unwrap();
        har["log"]["entries"].as_array_mut().unwrap().truncate(12);
        fs::write(recording, har.to_string()).unwrap();
        Self { demo }
    }

    fn start(&self, mark: &str) -> Child {
        Command::new(env!("CARGO_BIN_EXE_straddle"))
            .current_dir(self.demo.folder())
            .args(["check", "--report", "json=report.json", "--report", "junit=report.xml"])
            .env(MARK, self.mark(mark))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn mark(&self, name: &str) -> String {
        format!("{}-{name}", self.demo.folder().display())
    }

    fn is_killed(&self, number: u32, whole: Duration) {
        let signal = [Signal::KILL, Signal::TERM, Signal::INT][number as usize % 3];
        // The moments are spread over the run and beyond its end, in no order (a multiplicative sequence, so that each
        // run of this test has the same), and more of them when little has happened yet.
        let share = f64::from((number * 7 + 3) % KILLS) / f64::from(KILLS - 1);
        let moment = whole.mul_f64(share * 1.3);
        let name = number.to_string();
        let mut child = self.start(&name);
        std::thread::sleep(moment);
        if child.try_wait().unwrap().is_none() {
            kill_process(Pid::from_child(&child), signal).unwrap();
        }
        let status = child.wait().unwrap();
        let what = format!("kill {number} with {signal:?} after {moment:?}, {status}");
        if signal != Signal::KILL
            && let Some(code) = status.code()
        {
            assert!(code == 0 || code == 130, "{what}");
        }
        eventually(&format!("all is gone: {what}"), || marked(&self.mark(&name)).is_empty());
        eventually(&format!("no scratch folder is left: {what}"), || self.scratches().is_empty());
        for file in [".straddle/last.json", "report.json"] {
            if let Ok(bytes) = fs::read(self.demo.folder().join(file)) {
                let run: Result<Value, _> = serde_json::from_slice(&bytes);
                assert!(run.is_ok_and(|run| run["format"] == "straddle-report"), "{file} is torn: {what}");
            }
        }
        if let Ok(xml) = fs::read_to_string(self.demo.folder().join("report.xml")) {
            assert!(xml.trim_end().ends_with("</testsuites>"), "report.xml is torn: {what}");
        }
    }

    fn scratches(&self) -> Vec<PathBuf> {
        let runs = fs::read_dir(self.demo.folder().join(".straddle/runs")).into_iter().flatten().flatten();
        runs.map(|run| run.path().join("scratch")).filter(|scratch| scratch.exists()).collect()
    }

    /// No temporary name stands beside what was written.
    fn is_clean(&self) {
        for folder in [self.demo.folder().to_owned(), self.demo.folder().join(".straddle")] {
            let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
            let left: Vec<_> =
                names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "tmp")).collect();
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

/// The living processes that inherited this mark.
fn marked(mark: &str) -> Vec<PathBuf> {
    let wanted = format!("{MARK}={mark}");
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let is_marked = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    processes.filter(is_marked).collect()
}
