//! `sessions`: OLD and NEW on one store, and a user between them. The builds are small shops that differ in what they leave
//! behind: faults of the public catalogue, and changes that look like them and are fine.

#![expect(clippy::unwrap_used, reason = "a test")]

pub mod shop;

use std::path::{Path, PathBuf};
use std::process::Command;

use straddle::model::{Run, Severity, Verdict};
use tempfile::TempDir;

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
    /// The shop with that case between its two sides, and what one of its users did.
    fn new(case: &str, calls: &[&str]) -> Self {
        Self::with(case, "any", calls, "")
    }

    fn with(case: &str, client: &str, calls: &[&str], more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Self { folder };
        let recorded = shop::record(case, client == "new", calls, project.path());
        std::fs::write(project.path().join("user.har"), recorded.to_string()).unwrap();
        std::fs::write(project.path().join("seed.sql"), shop::SEED).unwrap();
        let state = "[state.db]\nkind = \"sqlite\"\nseed = \"seed.sql\"\n";
        let recording = format!("[[recording]]\nfile = \"user.har\"\nservice = \"shop\"\nclient = \"{client}\"\n");
        let text = format!("[project]\nname = \"shop\"\n{}{state}{more}{recording}", shop::builds(case));
        std::fs::write(project.path().join("straddle.toml"), text).unwrap();
        project
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn straddle(&self, args: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_straddle")).current_dir(self.path()).args(args).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Said { code: output.status.code(), text }
    }

    fn report(&self) -> PathBuf {
        self.path().join("report.json")
    }

    /// The report of this check with these options.
    #[track_caller]
    fn check(&self, options: &[&str]) -> (Run, Said) {
        let mut args = vec!["check", "--only", "sessions", "--report", "json=report.json"];
        args.extend(options);
        let said = self.straddle(&args);
        let text = std::fs::read_to_string(self.report()).unwrap_or_else(|e| panic!("{e}: {}", said.text));
        (serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")), said)
    }
}

/// Findings as `RULE DIRECTION SUBJECT at AT against QUESTIONS`.
fn told(run: &Run) -> Vec<String> {
    let questions = |finding: &straddle::model::Finding| {
        finding.breaks.iter().map(|question| format!("{question:?}")).collect::<Vec<_>>().join(" ")
    };
    let line = |finding: &straddle::model::Finding| {
        assert_eq!((finding.severity, finding.check.as_str()), (Severity::Breaking, "sessions"), "{finding:#?}");
        let (rule, subject, at) = (&finding.rule, &finding.subject, &finding.at);
        format!("{rule} {} {subject} at {at} against {}", finding.direction, questions(finding))
    };
    run.findings.iter().map(line).collect()
}

fn stories(run: &Run) -> Vec<&str> {
    run.findings.iter().map(|finding| finding.message.as_str()).collect()
}

/// A fault is told so, with these stories, and each of its findings is confirmed by itself.
#[track_caller]
fn is_caught(case: &str, calls: &[&str], expected: &[&str], expected_stories: &[&str]) {
    let project = Project::new(case, calls);
    let (run, said) = project.check(&[]);
    assert_eq!(told(&run), expected, "{:#?}\n{}", run.answers, said.text);
    assert_eq!(stories(&run), expected_stories);
    assert_eq!(said.code, Some(1), "{}", said.text);
    assert!(run.unstable.is_empty(), "{:#?}", run.unstable);
    for finding in &run.findings {
        let again = project.straddle(&["reproduce", &finding.id, "--run", "report.json"]);
        assert_eq!(again.code, Some(1), "{}", again.text);
        assert!(again.text.contains(&format!("CONFIRMED {}", finding.id)), "{}", again.text);
    }
}

/// Nothing is found, and both may serve at once.
#[track_caller]
fn is_green(case: &str, calls: &[&str]) {
    let (run, said) = Project::new(case, calls).check(&[]);
    assert!(run.findings.is_empty() && run.unstable.is_empty(), "{:#?}{:#?}", run.findings, run.unstable);
    assert_eq!(run.answers.coexist.verdict, Verdict::Compatible, "{:#?}\n{}", run.answers, said.text);
    assert_eq!(said.code, Some(0), "{}", said.text);
}

const LOGIN: &[&str] = &[r#"POST /login {"user":"ann"}"#, "GET /items", "GET /me"];
const PAGES: &[&str] = &["GET /items", "GET /items?cursor={next}"];
const ITEM: &[&str] = &[r#"POST /items {"name":"tea"}"#, r#"PUT /items/{id} {"name":"jam"}"#, "GET /items/{id}"];
const CHARGE: &[&str] = &[
    r#"POST /charges {"amount":5} idempotency-key=k-31-once"#,
    r#"POST /charges {"amount":5} idempotency-key=k-31-once"#,
];
const MATCH: &[&str] = &["GET /items/1", r#"PUT /items/1 {"name":"tea"} if-match={etag}"#];

/// Faults of the catalogue in their barest dress; the demo shop has them in its own.
mod broken {
    use super::{CHARGE, ITEM, LOGIN, MATCH, PAGES, is_caught};

    #[test]
    fn f01_cookie_serializer() {
        is_caught(
            "cookie-serializer",
            LOGIN,
            &["http/status-changed new->old GET /me at status against Coexist RollBack"],
            &["POST /login@new → GET /me@old: 401 instead of 200"],
        );
    }

    #[test]
    fn f17_page_token() {
        is_caught(
            "page-token",
            PAGES,
            &[
                "http/status-changed old->new GET /items at status against RollForward Coexist",
                "http/status-changed new->old GET /items at status against Coexist RollBack",
            ],
            &[
                "GET /items@old → GET /items@new: 400 instead of 200",
                "GET /items@new → GET /items@old: 400 instead of 200",
            ],
        );
    }

    #[test]
    fn f28_unknown_field_dropped() {
        is_caught(
            "unknown-field-dropped",
            ITEM,
            &["http/null-introduced new->old GET /items/{} at $.tag against Coexist RollBack"],
            &[
                "POST /items@new → PUT /items/{}@old → GET /items/{}@new: $.tag: the new server sends null where clients of new always read string",
            ],
        );
    }

    #[test]
    fn f31_lock_key() {
        is_caught(
            "lock-key",
            CHARGE,
            &[
                "state/effects-changed old->new state db at charges against Coexist",
                "state/effects-changed new->old state db at charges against Coexist",
            ],
            &[
                "POST /charges@old → POST /charges@new: charges: 2 new rows where either build by itself leaves 1 new row",
                "POST /charges@new → POST /charges@old: charges: 2 new rows where either build by itself leaves 1 new row",
            ],
        );
    }

    #[test]
    fn f37_etag_algorithm() {
        is_caught(
            "etag-algorithm",
            MATCH,
            &[
                "http/status-changed old->new PUT /items/{} at status against RollForward Coexist",
                "http/status-changed new->old PUT /items/{} at status against Coexist RollBack",
            ],
            &[
                "GET /items/{}@old → PUT /items/{}@new: 412 instead of 200",
                "GET /items/{}@new → PUT /items/{}@old: 412 instead of 200",
            ],
        );
    }
}

mod fine {
    use super::{ITEM, LOGIN, PAGES, is_green};

    #[test]
    fn b1_field_added() {
        is_green("field-added", ITEM);
    }

    #[test]
    fn b2_nonces() {
        is_green("nonces", ITEM);
    }

    #[test]
    fn b5_cookie_dual_read() {
        is_green("cookie-dual-read", LOGIN);
    }

    #[test]
    fn b9_ids_and_order() {
        is_green("ids-and-order", PAGES);
    }
}

#[test]
fn a_session_that_works_only_once_is_spliced_on_fresh_copies() {
    let calls = [r#"POST /users {"name":"ann"}"#, r#"POST /login {"user":"ann"}"#, "GET /me"];
    let (run, said) = Project::new("cookie-serializer", &calls).check(&[]);
    let expected = ["http/status-changed new->old GET /me at status against Coexist RollBack"];
    assert_eq!(told(&run), expected, "{:#?}\n{}", run.answers, said.text);
    assert_eq!(stories(&run), ["POST /login@new → GET /me@old: 401 instead of 200"]);
}

#[test]
fn what_two_of_a_kind_do_to_each_other_is_their_own_trouble_and_no_incompatibility() {
    let calls = [r#"POST /notes {"text":"x"}"#, "GET /notes"];
    let (run, said) = Project::new("none", &calls).check(&[]);
    assert!(run.findings.is_empty() && run.unstable.is_empty(), "{:#?}", run.findings);
    assert_eq!(run.answers.coexist.verdict, Verdict::Inconclusive);
    let trouble = "GET /notes: two new servers on one store answer 404, one alone 200";
    assert!(run.answers.coexist.unshown.iter().any(|gap| gap.contains(trouble)), "{:#?}", run.answers.coexist);
    assert_eq!(run.checks.iter().find(|check| check.name == "sessions").unwrap().controls.new, trouble);
    assert_eq!(said.code, Some(4), "{}", said.text);
}

#[test]
fn a_store_that_two_processes_cannot_use_at_once_is_said_to_be_so_and_starts_nothing() {
    let (run, said) = Project::with("none", "any", LOGIN, "shared = false\n").check(&[]);
    let gap = "state db says `shared = false`: both builds can't use it at once";
    assert!(run.answers.coexist.unshown.iter().any(|unshown| unshown == gap), "{:#?}", run.answers.coexist);
    assert_eq!(run.answers.coexist.verdict, Verdict::Inconclusive);
    assert!(!said.text.contains("starting"), "{}", said.text);
}

#[test]
fn a_process_that_the_other_builds_row_kills_is_told() {
    let (run, said) = Project::new("kills-the-other", ITEM).check(&[]);
    let died = "process/died new->old process shop at process against Coexist RollBack";
    assert!(told(&run).iter().any(|line| line == died), "{:#?}\n{}", told(&run), said.text);
    let story = run.findings.iter().find(|finding| finding.rule == "process/died").unwrap();
    assert_eq!(
        story.message,
        "POST /items@new → PUT /items/{}@old: the old server ended under this traffic: exit code 3"
    );
}

#[test]
fn clients_of_either_generation_are_spliced_and_what_replay_tells_is_not_told_again() {
    for client in ["old", "new"] {
        let (run, said) = Project::with("field-added", client, ITEM, "").check(&[]);
        assert!(run.findings.is_empty() && run.unstable.is_empty(), "{client}: {:#?}", run.findings);
        assert_eq!(said.code, Some(0), "{client}: {:#?}\n{}", run.answers, said.text);
    }
}

#[test]
fn shards_together_give_the_report_of_one_run_and_two_runs_the_same() {
    let project = Project::new("cookie-serializer", LOGIN);
    let more = shop::record("cookie-serializer", false, &["GET /items/1", r#"PUT /items/1 {"name":"x"}"#], &{
        let folder = project.path().join("more");
        std::fs::create_dir(&folder).unwrap();
        folder
    });
    std::fs::write(project.path().join("more.har"), more.to_string()).unwrap();
    let manifest = project.path().join("straddle.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let second = "[[recording]]\nfile = \"more.har\"\nservice = \"shop\"\nclient = \"any\"\n";
    std::fs::write(&manifest, format!("{text}{second}")).unwrap();
    let whole = || {
        project.check(&[]);
        std::fs::read_to_string(project.report()).unwrap()
    };
    let (first, again) = (whole(), whole());
    assert_eq!(first, again);
    for part in ["1", "2", "3"] {
        let report = format!("json=shard-{part}.json");
        project.straddle(&["check", "--only", "sessions", "--shard", &format!("{part}/3"), "--report", &report]);
    }
    let said = project.straddle(&["merge", "shard-1.json", "shard-2.json", "shard-3.json", "--out", "merged.json"]);
    let merged =
        std::fs::read_to_string(project.path().join("merged.json")).unwrap_or_else(|e| panic!("{e}: {}", said.text));
    assert_eq!(merged, first, "{}", said.text);
}

#[test]
fn a_side_against_itself_is_silent_whatever_the_seed() {
    // Few, and short: the gate has twenty for each side of the demo, by `cargo xtask compat --seeds`.
    std::thread::scope(|scope| {
        for (side, first) in [("old", 0), ("new", 2)] {
            scope.spawn(move || {
                let project = Project::new("nonces", ITEM);
                for seed in first..first + 2 {
                    let (run, said) = project.check(&["--self", side, "--seed", &seed.to_string()]);
                    assert!(run.findings.is_empty() && run.unstable.is_empty(), "seed {seed}: {:#?}", run.findings);
                    assert_eq!(said.code, Some(0), "seed {seed}: {:#?}\n{}", run.answers, said.text);
                }
            });
        }
    });
}

#[test]
fn the_plan_says_which_sessions_are_spliced_in_how_many_ways() {
    let said = Project::new("none", ITEM).straddle(&["check", "--plan"]);
    let line = "user.har session 0, 3 requests: 2 by one build, 4 with one switch, 2 with two, 0 with more; 8 in all";
    assert!(said.text.contains(line), "{}", said.text);
}
