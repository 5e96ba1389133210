//! What a killed straddle leaves: looked at from outside, by what stands in `/proc` and on disk.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::MARK;
use super::commands::Lane;

/// How long the guardian may take to end what is left.
const PATIENCE: Duration = Duration::from_secs(20);
/// A killed run leaves the file that it was writing; the next one that writes there removes it. One for each command may lie
/// about.
const MOST_TEMPORARY: usize = 8;

/// What one kill left.
pub struct Left<'a> {
    pub lane: &'a Lane,
    pub mark: &'a str,
}

impl Left<'_> {
    /// All that is wrong.
    pub fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !eventually(|| marked(self.mark).is_empty()) {
            wrong.push(format!("processes are left: {:?}", marked(self.mark)));
        }
        if !eventually(|| self.lane.scratches().is_empty()) {
            wrong.push(format!("scratch folders are left: {:?}", self.lane.scratches()));
        }
        wrong.extend(self.lane.wrong_with_part(self.mark));
        wrong.extend(self.lane.files().into_iter().filter_map(|file| is_torn(&file)));
        let temporary = self.lane.temporary();
        if temporary.len() > MOST_TEMPORARY {
            wrong.push(format!("temporary files pile up: {temporary:?}"));
        }
        wrong
    }
}

fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if begun.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The living processes that inherited this mark.
fn marked(mark: &str) -> Vec<PathBuf> {
    let wanted = format!("{MARK}={mark}");
    let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let is_marked = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    processes.filter(is_marked).collect()
}

/// Why a file at its final name is not whole. One that is not there is none.
fn is_torn(file: &PathBuf) -> Option<String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(format!("{}: {error}", file.display())),
    };
    let is_whole = match file.extension().and_then(|end| end.to_str()) {
        Some("xml") => text.trim_end().ends_with("</testsuites>"),
        Some("jsonl") => {
            text.ends_with('\n')
                && text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok())
                && has_ends(&text)
        }
        _ => serde_json::from_str::<Value>(&text).is_ok_and(|report| report["format"] == "straddle-report"),
    };
    (!is_whole).then(|| format!("{} is torn", file.display()))
}

/// A recording begins with a header, and each of its sessions has an end.
fn has_ends(text: &str) -> bool {
    let mut lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_recording = lines.next().is_some_and(|header| header["format"] == "straddle-recording");
    let mut open = std::collections::BTreeSet::new();
    for line in lines {
        let session = line["session"].as_u64();
        if line["last"] == true {
            open.remove(&session)
        } else {
            open.insert(session)
        };
    }
    is_recording && open.is_empty()
}
