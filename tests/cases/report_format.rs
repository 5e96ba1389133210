//! The files that straddle writes, held against what is promised of them: the report's public names, the committed schemas,
//! and the samples of every version.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::demo::{Demo, case};
use crate::support::schema::Schema;

/// The names that are public, as places of the report, with their types and, of closed sets, their words.
const NAMES: &str = "
    $.format string straddle-report
    $.major integer
    $.minor integer
    $.project string
    $.seed integer
    $.old.label string
    $.old.commit string|null
    $.old.dirty boolean
    $.new.label string
    $.new.commit string|null
    $.new.dirty boolean
    $.verdict string compatible|incompatible|inconclusive
    $.answers.roll_forward.verdict string compatible|incompatible|inconclusive
    $.answers.roll_forward.findings[] string
    $.answers.roll_forward.rests_on[] string
    $.answers.roll_forward.unshown array
    $.answers.coexist.verdict string compatible|incompatible|inconclusive
    $.answers.coexist.findings[] string
    $.answers.coexist.rests_on[] string
    $.answers.coexist.unshown[] string
    $.answers.roll_back.verdict string compatible|incompatible|inconclusive
    $.answers.roll_back.findings[] string
    $.answers.roll_back.rests_on[] string
    $.answers.roll_back.unshown array
    $.checks[].name string contracts|replay|generated|assets|sessions|state|messages|rollout|canary
    $.checks[].status string ran|skipped|unavailable|failed
    $.checks[].reason string|null
    $.checks[].observations integer
    $.checks[].faithful number|null
    $.checks[].compared number|null
    $.checks[].controls.old string
    $.checks[].controls.new string
    $.matrix[].subject string
    $.matrix[].observations integer
    $.matrix[].old_old string ok|info|risk|breaking|unknown|unshown
    $.matrix[].new_new string ok|info|risk|breaking|unknown|unshown
    $.matrix[].old_new string ok|info|risk|breaking|unknown|unshown
    $.matrix[].new_old string ok|info|risk|breaking|unknown|unshown
    $.findings[].id string
    $.findings[].rule string
    $.findings[].check string
    $.findings[].severity string breaking|risk|info
    $.findings[].subject string
    $.findings[].direction.from string old|new
    $.findings[].direction.to string old|new
    $.findings[].at string
    $.findings[].count integer
    $.findings[].breaks[] string roll_forward|coexist|roll_back
    $.findings[].message string
    $.findings[].evidence.expected any
    $.findings[].evidence.got any
    $.findings[].evidence.request object
    $.findings[].evidence.expected_reply object
    $.findings[].evidence.reply object
    $.findings[].replay.recording string
    $.findings[].replay.digest string
    $.findings[].replay.session integer
    $.findings[].replay.exchange integer
    $.findings[].reproduce string
    $.findings[].accepted object|null
    $.unstable array
    $.coverage.seen integer
    $.coverage.known integer
    $.coverage.missing array
";

/// Every value at a place; `[]` is each item, of which there must be one at least.
fn values<'a>(report: &'a Value, place: &str) -> Vec<&'a Value> {
    let mut found = vec![report];
    for step in place.split('.').skip(1) {
        let (key, is_list) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
        found = found
            .into_iter()
            .map(|value| value.get(key).unwrap_or_else(|| panic!("{place}: no `{key}` in {value:#}")))
            .collect();
        if is_list {
            found = found.into_iter().flat_map(|list| list.as_array().into_iter().flatten()).collect();
            assert!(!found.is_empty(), "{place}: `{key}` has no items, so that nothing is shown");
        }
    }
    found
}

fn is_a(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => true,
    }
}

/// Breaks in all three answers and in both directions.
fn report() -> Value {
    Demo::with(case("field-renamed")).check(&[]).report
}

#[test]
fn a_report_has_every_public_name_with_its_type() {
    let report = report();
    for line in NAMES.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let (place, kinds, set) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next());
        for value in values(&report, place) {
            assert!(kinds.split('|').any(|kind| is_a(kind, value)), "{place} is no {kinds}: {value}");
            let is_known = |set: &str| set.split('|').any(|word| value == word);
            assert!(set.is_none_or(is_known), "{place} is none of {set:?}: {value}");
        }
    }
}

#[test]
fn the_committed_schema_accepts_a_report_and_no_other() {
    let schema = Schema::committed("report");
    let report = report();
    assert_eq!(schema.against(&report), [""; 0]);
    for (pointer, wrong) in [
        ("/seed", Value::from(-1)),
        ("/verdict", Value::from("fine")),
        ("/findings/0/direction/from", Value::from("newer")),
        ("/checks/0/controls", Value::Null),
    ] {
        let mut changed = report.clone();
        *changed.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = wrong;
        assert_ne!(schema.against(&changed), [""; 0], "{pointer}");
    }
}

#[test]
fn each_schema_is_printed_as_it_is_committed() {
    for name in ["manifest", "report", "recording"] {
        let output = Command::new(env!("CARGO_BIN_EXE_straddle")).args(["schema", name]).output();
        let printed = output.unwrap_or_else(|e| panic!("{e}")).stdout;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("contracts/{name}.schema.json"));
        let committed = fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert!(printed == committed, "{} is not what is printed: run `cargo xtask codegen`", file.display());
    }
}

#[test]
fn samples_of_every_version_are_read_and_are_as_their_schema_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap_or_else(|e| panic!("{e}")).flatten().map(|entry| entry.path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (kind, version) = name.split_once('-').unwrap_or_else(|| panic!("{name} is no FORMAT-VERSION"));
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        let documents: Vec<Value> = match kind {
            "report" => {
                straddle::report::read(text.as_bytes()).unwrap_or_else(|e| panic!("{name}: {e}"));
                vec![parsed(&text)]
            }
            "recording" => {
                let recording = straddle::traffic::open(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
                let exchanges = recording.exchanges().unwrap_or_else(|e| panic!("{name}: {e}"));
                let read: Vec<_> = exchanges.collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{name}: {e}"));
                assert_eq!(read.len() + 1, text.lines().count(), "{name}: a header and the exchanges");
                text.lines().map(parsed).collect()
            }
            other => panic!("{name}: no test reads the format `{other}`"),
        };
        let schema = Schema::committed(kind);
        for document in &documents {
            assert_eq!(schema.against(document), [""; 0], "{name}");
        }
        let said = format!("{}.{}", documents[0]["major"], documents[0]["minor"]);
        assert!(version.starts_with(&format!("{said}.")), "{name} says that it is of {said}");
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e} in {text}"))
}
