//! `state`: migrations and rollback. The builds are small shops whose stores go from one schema to another: faults of the public
//! catalogue, and changes that look like them and are fine.

#![expect(clippy::unwrap_used, reason = "a test")]

mod shop;
mod truth;

use std::fmt::Write as _;
use std::process::Command;

use straddle::model::{Run, Severity, Verdict};
use tempfile::TempDir;

const ITEMS: &[&str] = &["GET /items", r#"POST /items {"name":"rye"}"#, "GET /items/{id}"];
const BOTH_WAYS: &str = "new = UP\ndown = DOWN";

/// A project in a folder of its own.
struct Project {
    folder: TempDir,
}

/// What came of a command.
struct Said {
    code: Option<i32>,
    text: String,
}

impl Project {
    fn new(case: &str, migrate: &str, calls: &[&str]) -> Self {
        Self::with(case, migrate, "", &[("old", calls)])
    }

    fn with(case: &str, migrate: &str, state: &str, recordings: &[(&str, &[&str])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text =
            shop::manifest(case, migrate).replace("kind = \"sqlite\"\n", &format!("kind = \"sqlite\"\n{state}"));
        for (client, calls) in recordings {
            let recorded = shop::record(case, *client == "new", calls, folder.path());
            std::fs::write(folder.path().join(format!("{client}.har")), recorded.to_string()).unwrap();
            writeln!(text, "[[recording]]\nfile = \"{client}.har\"\nservice = \"shop\"\nclient = \"{client}\"")
                .unwrap();
        }
        std::fs::write(folder.path().join("seed.sql"), shop::SEED).unwrap();
        std::fs::write(folder.path().join("straddle.toml"), text).unwrap();
        Self { folder }
    }

    fn straddle(&self, args: &[&str]) -> Said {
        let output =
            Command::new(env!("CARGO_BIN_EXE_straddle")).current_dir(self.folder.path()).args(args).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Said { code: output.status.code(), text }
    }

    #[track_caller]
    fn check(&self, options: &[&str]) -> (Run, Said) {
        let mut args = vec!["check", "--only", "state", "--report", "json=report.json", "--report", "terminal"];
        args.extend(options);
        let said = self.straddle(&args);
        let text = std::fs::read_to_string(self.folder.path().join("report.json"))
            .unwrap_or_else(|e| panic!("{e}: {}", said.text));
        (serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")), said)
    }
}

/// Findings that break something, as `RULE DIRECTION SUBJECT at AT against QUESTIONS in CHECKPOINTS`.
fn told(run: &Run) -> Vec<String> {
    let line = |finding: &straddle::model::Finding| {
        let questions = finding.breaks.iter().map(|question| format!("{question:?}")).collect::<Vec<_>>().join(" ");
        let (rule, subject, at) = (&finding.rule, &finding.subject, &finding.at);
        format!(
            "{rule} {} {subject} at {at} against {questions} in {}",
            finding.direction,
            finding.checkpoints.join(", ")
        )
    };
    run.findings.iter().filter(|finding| finding.severity == Severity::Breaking).map(line).collect()
}

/// A fault is told so, and nothing else breaks.
#[track_caller]
fn is_caught(project: &Project, expected: &[&str]) -> Run {
    let (run, said) = project.check(&[]);
    assert_eq!(told(&run), expected, "{}", said.text);
    assert!(run.unstable.is_empty(), "{:#?}", run.unstable);
    assert_eq!(said.code, Some(1), "{}", said.text);
    run
}

/// Nothing breaks, and all three answers are yes.
#[track_caller]
fn is_green(project: &Project) -> Run {
    let (run, said) = project.check(&[]);
    assert!(run.findings.iter().all(|finding| finding.severity == Severity::Info), "{:#?}", run.findings);
    assert!(run.unstable.is_empty(), "{:#?}", run.unstable);
    assert_eq!((run.verdict, said.code), (Verdict::Compatible, Some(0)), "{}", said.text);
    run
}

const LOGIN: &[&str] = &[r#"POST /login {"user":"ann"}"#];
const CACHED: &[&str] = &["GET /cached"];
const ORDERS: &[&str] = &[r#"POST /orders {"state":"paid","amount":5}"#, "GET /orders"];

/// Faults of the catalogue in their barest dress, and ways for a migration to fail.
mod broken {
    use super::{BOTH_WAYS, CACHED, ITEMS, LOGIN, ORDERS, Project, is_caught};

    #[test]
    fn f24_column_dropped() {
        let project = Project::new("column-dropped", BOTH_WAYS, ITEMS);
        let run = is_caught(
            &project,
            &[
                "http/status-changed new->old GET /items at status against Coexist in C2, C3, C5, C7 code",
                "http/status-changed new->old GET /items/{} at status against Coexist in C2, C5, C7 code",
                "http/status-changed new->old POST /items at status against Coexist in C2, C3, C5, C7 code",
                "state/data-lost new->old state db at items.note against RollBack in C7 down",
            ],
        );
        let lost = run.findings.iter().find(|finding| finding.rule == "state/data-lost").unwrap();
        assert_eq!(lost.evidence.expected, serde_json::json!({ "id": "1", "note": "green" }));
        assert_eq!(lost.evidence.got, serde_json::json!({ "id": "1", "note": "NULL" }));
        for id in [&run.findings[0].id, &lost.id] {
            let again = project.straddle(&["reproduce", id, "--run", "report.json"]);
            assert_eq!(again.code, Some(1), "{}", again.text);
            assert!(again.text.contains(&format!("CONFIRMED {id}")), "{}", again.text);
        }
    }

    #[test]
    fn f25_column_required() {
        is_caught(
            &Project::new("column-required", BOTH_WAYS, ITEMS),
            &["http/status-changed new->old POST /items at status against Coexist in C2, C3, C5, C7 code"],
        );
    }

    #[test]
    fn f27_store_unguarded() {
        is_caught(
            &Project::new("cents", "new = UP", ORDERS),
            &["http/value-changed new->old GET /orders at $[].amount against Coexist RollBack in C2, C3, C5, C7 code"],
        );
    }

    #[test]
    fn f11_enum_ordinal() {
        is_caught(
            &Project::new("enum-ordinal", BOTH_WAYS, ORDERS),
            &[
                "http/value-changed old->new GET /orders at $[].state against RollForward Coexist in C5",
                "http/value-changed new->old GET /orders at $[].state against Coexist RollBack in C5, C7 code, C7 down",
            ],
        );
    }

    #[test]
    fn f05_cache_format() {
        is_caught(
            &Project::new("cache-format", "", CACHED),
            &["http/status-changed new->old GET /cached at status against Coexist RollBack in C5, C7 code"],
        );
    }

    #[test]
    fn f36_password_rehash() {
        is_caught(
            &Project::new("password-rehash", "", LOGIN),
            &["http/status-changed new->old POST /login at status against Coexist RollBack in C5, C7 code"],
        );
    }

    #[test]
    fn a_build_that_refuses_to_start() {
        is_caught(
            &Project::new("refuses", "new = UP", ITEMS),
            &["state/refuses-to-start new->old process shop at start against Coexist RollBack in C3, C5, C7 code"],
        );
    }

    #[test]
    fn a_build_that_migrates_when_it_starts() {
        is_caught(
            &Project::new("migrates-at-start", "", ITEMS),
            &[
                "http/status-changed new->old GET /items at status against Coexist RollBack in C2, C3, C5, C7 code",
                "http/status-changed new->old GET /items/{} at status against Coexist RollBack in C2, C5, C7 code",
                "http/status-changed new->old POST /items at status against Coexist RollBack in C2, C3, C5, C7 code",
            ],
        );
    }

    #[test]
    fn a_way_back_that_fails_after_new_wrote() {
        is_caught(
            &Project::new("way-back-fails", BOTH_WAYS, ITEMS),
            &["state/down-failed new->old state db at migrate.down against RollBack in C7 down"],
        );
    }

    #[test]
    fn a_migration_that_fails_half_way() {
        is_caught(
            &Project::new("half-way", BOTH_WAYS, ITEMS),
            &["state/migration-failed old->new state db at migrate.new against RollForward in C1"],
        );
    }

    #[test]
    fn a_migration_that_waits_for_input_gets_none_and_one_that_hangs_is_ended() {
        is_caught(
            &Project::new("nullable", "new = { sh = 'read answer' }", ITEMS),
            &["state/migration-failed old->new state db at migrate.new against RollForward in C1"],
        );
        is_caught(
            &Project::new("nullable", "new = { sh = 'sleep 60' }\ntimeout = \"500ms\"", ITEMS),
            &["state/migration-failed old->new state db at migrate.new against RollForward in C1"],
        );
    }

    #[test]
    fn a_second_way_up_that_fails() {
        is_caught(
            &Project::new("once", BOTH_WAYS, ITEMS),
            &["state/migration-failed old->new state db at migrate.new again against RollBack in C8"],
        );
    }

    #[test]
    fn a_build_that_keeps_the_database_locked() {
        is_caught(
            &Project::new("locked", BOTH_WAYS, &["GET /items"]),
            &["state/migration-failed old->new state db at migrate.new against RollForward in C2, C5"],
        );
    }

    #[test]
    fn a_new_build_that_does_not_start_on_the_old_store() {
        is_caught(
            &Project::new("does-not-start", "", ITEMS),
            &["state/refuses-to-start old->new process shop at start against RollForward Coexist in C6"],
        );
    }
}

/// What looks like a fault and is fine.
mod fine {
    use super::{BOTH_WAYS, CACHED, ITEMS, LOGIN, ORDERS, Project, is_green};

    #[test]
    fn a_nullable_column_with_a_way_back_and_without_one() {
        let run = is_green(&Project::new("nullable", BOTH_WAYS, ITEMS));
        let points: Vec<&str> = run.checkpoints.iter().map(|point| point.name.as_str()).collect();
        assert_eq!(points, ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7 code", "C7 down", "C7 restore", "C8"]);
        is_green(&Project::new("nullable", "new = UP", ITEMS));
    }

    #[test]
    fn b4_expand_contract() {
        is_green(&Project::new("expand-contract", BOTH_WAYS, ITEMS));
    }

    #[test]
    fn a_store_that_nothing_migrates() {
        is_green(&Project::new("plain", "", &[ITEMS, LOGIN, CACHED, ORDERS].concat()));
    }

    #[test]
    fn a_call_that_works_only_once() {
        is_green(&Project::new("nullable", BOTH_WAYS, &[r#"POST /users {"name":"bob"}"#, "GET /items"]));
    }

    #[test]
    fn a_build_against_itself() {
        for side in ["old", "new"] {
            let project = Project::with("column-dropped", BOTH_WAYS, "", &[("any", ITEMS)]);
            let (run, said) = project.check(&["--self", side]);
            assert!(
                run.findings.iter().all(|finding| finding.severity == straddle::model::Severity::Info),
                "{:#?}",
                run.findings
            );
            assert!(run.unstable.is_empty(), "{:#?}", run.unstable);
            assert_eq!(said.code, Some(0), "{}", said.text);
        }
    }
}

#[test]
fn what_only_new_clients_write_is_met_by_the_way_back() {
    let new_only: &[&str] = &[r#"POST /items {"name":"oil"}"#, "GET /items/{id}"];
    let project = Project::with("way-back-fails", BOTH_WAYS, "", &[("old", &["GET /items"]), ("new", new_only)]);
    is_caught(&project, &["state/down-failed new->old state db at migrate.down against RollBack in C7 down"]);
}

#[test]
fn a_store_that_both_can_not_use_at_once_leaves_coexisting_open_and_shows_the_rest() {
    let project = Project::with("nullable", BOTH_WAYS, "shared = false\n", &[("old", ITEMS)]);
    let (run, said) = project.check(&[]);
    assert_eq!(told(&run), Vec::<String>::new(), "{}", said.text);
    let verdicts =
        [&run.answers.roll_forward, &run.answers.coexist, &run.answers.roll_back].map(|answer| answer.verdict);
    assert_eq!(verdicts, [Verdict::Compatible, Verdict::Inconclusive, Verdict::Compatible], "{}", said.text);
}

#[test]
fn without_recordings_starts_and_rows_are_shown_and_nothing_is_green() {
    let (run, said) = Project::with("column-dropped", BOTH_WAYS, "", &[]).check(&[]);
    assert_eq!(
        told(&run),
        ["state/data-lost new->old state db at items.note against RollBack in C7 down"],
        "{}",
        said.text
    );
    assert_eq!(run.answers.roll_forward.verdict, Verdict::Inconclusive);
}

#[test]
fn the_shards_of_a_run_joined_are_that_run() {
    let project = Project::new("column-dropped", BOTH_WAYS, ITEMS);
    let (_, said) = project.check(&[]);
    assert_eq!(said.code, Some(1), "{}", said.text);
    let whole = std::fs::read_to_string(project.folder.path().join("report.json")).unwrap();
    for part in ["1", "2"] {
        let report = format!("json=part-{part}.json");
        project.straddle(&["check", "--only", "state", "--shard", &format!("{part}/2"), "--report", &report]);
    }
    let merged = project.straddle(&["merge", "part-1.json", "part-2.json", "--out", "merged.json"]);
    assert_eq!(merged.code, Some(1), "{}", merged.text);
    assert_eq!(std::fs::read_to_string(project.folder.path().join("merged.json")).unwrap(), whole);
}

#[test]
fn a_plan_names_each_checkpoint_and_starts_nothing() {
    let said = Project::new("nullable", BOTH_WAYS, ITEMS).straddle(&["check", "--only", "state", "--plan"]);
    for word in ["check state", "C2: OLD serves", "C3: OLD", "C5:", "C6, C7:", "C8:"] {
        assert!(said.text.contains(word), "{}", said.text);
    }
    assert!(!said.text.contains("starting"), "{}", said.text);
}
