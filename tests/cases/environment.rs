//! What is left of a run when the environment fails it: what stood before stays, and there always is a report.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use straddle::model::{Run, Status, Verdict};
use tempfile::TempDir;

/// Builds that answer `["a"]` and `[1]`, started by a script in the manifest's folder; two recordings of old clients.
fn shop(script: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let server = std::env::current_exe().unwrap_or_else(|error| panic!("{error}"));
    let build = |side: &str, says: &str| {
        format!(
            "[service.shop.{side}]\npath = \".\"\nenv = {{ STRADDLE_TEST_PORT = \"{{port}}\", STRADDLE_TEST_MANNER = 'says {says}' }}\n\
             run = {{ sh = \"{script}; exec {} support::project::server --exact --nocapture\" }}\n",
            server.display()
        )
    };
    let recording = |file: &str| format!("[[recording]]\nfile = \"{file}\"\nservice = \"shop\"\nclient = \"old\"\n");
    let manifest = [
        "[project]\nname = \"shop\"\n[service.shop]\nready = \"/healthz\"\n".to_owned(),
        build("old", "[\"a\"]"),
        build("new", "[1]"),
        recording("a.har"),
        recording("b.jsonl"),
    ];
    write(&folder.path().join("straddle.toml"), &manifest.concat());
    write(&folder.path().join("a.har"), &har("/a", &json!({ "broken": true })).to_string());
    // Our own format is read as a stream, so that it may be gone when its turn comes.
    let line = r#"{"index":0,"call":{"method":"GET","target":"/b"}}"#;
    let ours = format!("{{\"format\":\"straddle-recording\",\"major\":1,\"minor\":0}}\n{line}\n");
    write(&folder.path().join("b.jsonl"), &ours);
    folder
}

/// An exchange, and an entry that can't be read.
fn har(path: &str, more: &Value) -> Value {
    json!({ "log": { "version": "1.2", "entries": [{
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "request": { "method": "GET", "url": format!("http://127.0.0.1:1{path}"), "headers": [] },
        "response": { "status": 200, "headers": [{ "name": "Content-Type", "value": "application/json" }],
                      "content": { "mimeType": "application/json", "text": "[\"a\"]" } },
    }, more] } })
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn straddle(folder: &TempDir, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.current_dir(folder.path()).args(args).output().unwrap_or_else(|error| panic!("{error}"))
}

fn last(folder: &TempDir) -> Run {
    let path = folder.path().join(".straddle/last.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_stands_stays_when_a_later_recording_can_not_be_replayed() {
    let folder = shop("rm -f b.jsonl");
    let out = straddle(&folder, &["check"]);
    let err = String::from_utf8_lossy(&out.stderr);
    let run = last(&folder);
    assert_eq!((out.status.code(), run.verdict), (Some(1), Verdict::Incompatible), "{err}");
    assert_eq!(run.findings[0].subject, "GET /a");
    let replay = run.checks.iter().find(|check| check.name == "replay").unwrap_or_else(|| panic!("{:?}", run.checks));
    assert_eq!(replay.status, Status::Failed);
    assert!(replay.reason.as_ref().is_some_and(|reason| reason.contains("b.jsonl")), "{:?}", replay.reason);
    assert!(err.contains("found ") && err.contains("b.jsonl"), "{err}");
    assert_eq!(
        run.notes.iter().filter(|note| note.starts_with("a.har: entry 1 is left out")).count(),
        1,
        "{:?}",
        run.notes
    );
}

#[test]
fn a_build_that_does_not_start_leaves_a_run_that_shows_nothing() {
    let folder = shop("for n in $(seq 30); do echo line $n; done; exit 7");
    std::fs::create_dir(folder.path().join(".straddle")).unwrap_or_else(|error| panic!("{error}"));
    write(&folder.path().join(".straddle/last.json"), "of another day");
    let out = straddle(&folder, &["check", "--report", "junit=out.xml"]);
    let err = String::from_utf8_lossy(&out.stderr);
    let run = last(&folder);
    assert_eq!((out.status.code(), run.verdict), (Some(3), Verdict::Inconclusive), "{err}");
    let replay = run.checks.iter().find(|check| check.name == "replay").unwrap_or_else(|| panic!("{:?}", run.checks));
    let reason = replay.reason.clone().unwrap_or_default();
    assert_eq!(replay.status, Status::Failed);
    assert!(reason.contains("did not become ready") && !reason.contains("line"), "{reason}");
    assert!(err.contains("line 11\n") && err.contains("line 30") && !err.contains("line 10\n"), "{err}");
    let unshown = &run.answers.roll_forward.unshown;
    assert!(!unshown.iter().any(|reason| reason.contains("no recording of old clients")), "{unshown:?}");
    let junit = std::fs::read_to_string(folder.path().join("out.xml")).unwrap_or_else(|error| panic!("{error}"));
    assert!(junit.contains("did not become ready"), "{junit}");
}

#[test]
fn what_a_recording_leaves_out_stands_in_the_plan() {
    let folder = shop("exit 7");
    let out = straddle(&folder, &["check", "--plan"]);
    let plan = String::from_utf8_lossy(&out.stdout);
    assert_eq!(plan.matches("a.har: entry 1 is left out").count(), 1, "{plan}");
}
