//! `rollout`: replicas go from OLD to NEW one by one, and sessions run meanwhile. The builds are small shops: faults of the public
//! catalogue that only show when something is started or ended, and changes that look like them and are fine.

#![expect(clippy::unwrap_used, reason = "a test")]

pub mod shop;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use straddle::model::{Run, Severity, Verdict};
use tempfile::TempDir;

use crate::support::eventually;

/// A project in a folder of its own.
struct Project {
    folder: TempDir,
}

/// What came of a command.
struct Said {
    code: Option<i32>,
    text: String,
}

const TWO: &str = "[rollout]\nreplicas = 2\nstages = [1, 2]\n";

impl Project {
    /// The shop with that case between its two sides.
    fn new(case: &str) -> Self {
        Self::with(case, &shop::recorded(), TWO)
    }

    fn with(case: &str, recorded: &serde_json::Value, more: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(project.path().join("users.har"), recorded.to_string()).unwrap();
        std::fs::write(project.path().join("seed.sql"), shop::SEED).unwrap();
        let state = "[state.db]\nkind = \"sqlite\"\nseed = \"seed.sql\"\n";
        let recording = "[[recording]]\nfile = \"users.har\"\nservice = \"shop\"\nclient = \"any\"\n";
        let text = format!("[project]\nname = \"shop\"\n{}{state}{more}{recording}", shop::builds(case));
        std::fs::write(project.path().join("straddle.toml"), text).unwrap();
        project
    }

    /// With a migration before the first replica is new.
    fn migrated(case: &str) -> Self {
        Self::with(case, &shop::recorded(), &format!("{}{TWO}", shop::migration()))
    }

    /// And with a way back from it.
    fn with_way_back(case: &str) -> Self {
        Self::with(case, &shop::recorded(), &format!("{}{}{TWO}", shop::migration(), shop::way_back()))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn straddle(&self, args: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_straddle")).current_dir(self.path()).args(args).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Said { code: output.status.code(), text }
    }

    /// The report of this check with these options.
    #[track_caller]
    fn check(&self, options: &[&str]) -> (Run, Said) {
        let mut args = vec!["check", "--only", "rollout", "--report", "json=report.json"];
        args.extend(options);
        let said = self.straddle(&args);
        let report = self.path().join("report.json");
        let text = std::fs::read_to_string(report).unwrap_or_else(|e| panic!("{e}: {}", said.text));
        (serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")), said)
    }
}

/// Findings as `RULE DIRECTION SUBJECT at AT against QUESTIONS`.
fn told(run: &Run) -> Vec<String> {
    let questions = |finding: &straddle::model::Finding| {
        finding.breaks.iter().map(|question| format!("{question:?}")).collect::<Vec<_>>().join(" ")
    };
    let line = |finding: &straddle::model::Finding| {
        assert_eq!((finding.severity, finding.check.as_str()), (Severity::Breaking, "rollout"), "{finding:#?}");
        let (rule, subject, at) = (&finding.rule, &finding.subject, &finding.at);
        format!("{rule} {} {subject} at {at} against {}", finding.direction, questions(finding))
    };
    run.findings.iter().map(line).collect()
}

/// A fault is told so, at this checkpoint.
#[track_caller]
fn is_caught(project: &Project, expected: &str, begins: &str) {
    let (run, said) = project.check(&[]);
    assert_eq!(told(&run), [expected], "{:#?}\n{}", run.answers, said.text);
    assert!(run.findings[0].message.starts_with(begins), "{}", run.findings[0].message);
    assert!(run.unstable.is_empty(), "{:#?}", run.unstable);
    assert_eq!(said.code, Some(1), "{}", said.text);
}

/// Nothing is found, and all three answers are yes.
#[track_caller]
fn is_green(project: &Project, options: &[&str]) -> Run {
    let (run, said) = project.check(options);
    assert!(run.findings.is_empty() && run.unstable.is_empty(), "{:#?}{:#?}", run.findings, run.unstable);
    assert_eq!(run.verdict, Verdict::Compatible, "{:#?}\n{}", run.answers, said.text);
    assert_eq!(said.code, Some(0), "{}", said.text);
    run
}

mod broken {
    use straddle::model::Verdict;

    use super::{Project, is_caught, shop};

    #[test]
    fn f13_log_property() {
        let project = Project::new("log-property");
        is_caught(
            &project,
            "state/refuses-to-start new->old process shop at start against RollBack",
            "back from 1 of 2 new: the old server does not start there: it ended, exit code 3",
        );
        let report = std::fs::read_to_string(project.path().join("report.json")).unwrap();
        let run: straddle::model::Run = serde_json::from_str(&report).unwrap();
        let id = &run.findings[0].id;
        let safe: Vec<_> = run
            .checkpoints
            .iter()
            .map(|point| (point.name.as_str(), point.go_on.verdict, point.go_back.verdict))
            .collect();
        let (yes, no) = (Verdict::Compatible, Verdict::Incompatible);
        assert_eq!(safe, [("0 of 2 new", yes, yes), ("1 of 2 new", yes, no), ("2 of 2 new", yes, no)]);
        assert_eq!(run.findings[0].checkpoints, ["back from 1 of 2 new", "back from 2 of 2 new"]);
        let again = project.straddle(&["reproduce", id, "--run", "report.json"]);
        assert!(again.text.contains(&format!("CONFIRMED {id}")), "{}", again.text);
        assert_eq!(again.code, Some(1), "{}", again.text);
    }

    #[test]
    fn f26_migration_one_way() {
        is_caught(
            &Project::migrated("migration-one-way"),
            "state/refuses-to-start new->old process shop at start against RollBack",
            "back from 0 of 2 new, migrated: the old server does not start there: it ended, exit code 3",
        );
    }

    #[test]
    fn an_old_build_that_trips_over_the_migrated_store_which_the_way_back_mends() {
        is_caught(
            &Project::with_way_back("trips-over-schema"),
            "http/status-changed new->old GET /orders/{} at status against Coexist",
            "0 of 2 new, migrated: GET /orders/{}@old: 500 instead of 200",
        );
    }

    #[test]
    fn f01_cookie_serializer() {
        is_caught(
            &Project::new("cookie-serializer"),
            "http/status-changed new->old GET /me at status against Coexist RollBack",
            "1 of 2 new: GET /me@old: 401 instead of 200",
        );
    }

    #[test]
    fn a_new_build_that_drops_what_it_has_when_it_is_asked_to_end() {
        is_caught(
            &Project::with("new-drops", &shop::recorded_with_a_slow_call(), super::TWO),
            "rollout/dropped new->old process shop at stop against RollBack",
            "1 of 2 new: the new server, asked to end (SIGTERM), does not finish a request that is under way: dropped",
        );
    }

    #[test]
    fn an_old_replica_that_closes_the_connection_over_what_a_new_one_wrote() {
        is_caught(
            &Project::new("closes-over"),
            "rollout/dropped new->old GET /orders/{} at reply against Coexist RollBack",
            "1 of 2 new: the old server loses a request: dropped before a reply",
        );
    }

    #[test]
    fn an_old_replica_that_dies_over_what_a_new_one_wrote() {
        is_caught(
            &Project::new("dies-over"),
            "process/died new->old process shop at process against Coexist RollBack",
            "1 of 2 new: the old server ended under this traffic: exit code 3",
        );
    }

    #[test]
    fn a_new_replica_that_does_not_become_ready_beside_old_ones() {
        is_caught(
            &Project::new("never-ready"),
            "state/refuses-to-start old->new process shop at start against RollForward Coexist",
            "1 of 2 new: the new server does not start there: waited 4 s for",
        );
    }
}

mod fine {
    use super::{Project, TWO, is_green, shop};

    #[test]
    fn b4_expand_contract() {
        is_green(&Project::migrated("expand-contract"), &[]);
    }

    #[test]
    fn a_migration_that_old_does_not_start_on_and_that_is_taken_back_first() {
        is_green(&Project::with_way_back("migration-one-way"), &[]);
    }

    #[test]
    fn b5_cookie_dual_read() {
        is_green(&Project::new("cookie-dual-read"), &[]);
    }

    #[test]
    fn builds_that_both_drop_what_they_have_are_no_incompatibility_and_it_is_said() {
        let run = is_green(&Project::with("both-drop", &shop::recorded_with_a_slow_call(), TWO), &[]);
        let told = "draining: old servers that are asked to end (SIGTERM) do not finish requests that are under way";
        assert!(run.notes.iter().any(|note| note.contains(told)), "{:#?}", run.notes);
    }

    #[test]
    fn builds_that_both_finish_what_they_have_are_silent() {
        let run = is_green(&Project::with("none", &shop::recorded_with_a_slow_call(), TWO), &[]);
        assert!(run.notes.iter().all(|note| !note.contains("draining")), "{:#?}", run.notes);
    }

    #[test]
    fn a_side_against_itself_is_silent_whatever_the_seed() {
        let project = Project::migrated("log-property");
        for seed in ["0", "1", "2", "3"] {
            let side = if seed < "2" { "old" } else { "new" };
            is_green(&project, &["--self", side, "--seed", seed]);
        }
    }
}

#[test]
fn what_is_lost_when_a_build_replaces_itself_is_its_own_trouble_and_no_incompatibility() {
    let (run, said) = Project::new("in-memory").check(&[]);
    assert!(run.findings.is_empty() && run.unstable.is_empty(), "{:#?}{:#?}", run.findings, run.unstable);
    let trouble = "GET /me: old replaced by old answers 401, one alone that stays as it is 200";
    let facts = run.checks.iter().find(|check| check.name == "rollout").unwrap();
    assert_eq!(facts.controls.old, trouble, "{}", said.text);
}

#[test]
fn a_way_back_that_fails_leaves_going_back_open_and_nothing_else() {
    let (run, said) = Project::with_way_back("no-way-back").check(&[]);
    assert!(run.findings.is_empty() && run.unstable.is_empty(), "{:#?}{:#?}", run.findings, run.unstable);
    let verdicts = (run.answers.roll_forward.verdict, run.answers.coexist.verdict, run.answers.roll_back.verdict);
    let (yes, open) = (Verdict::Compatible, Verdict::Inconclusive);
    assert_eq!(verdicts, (yes, yes, open), "{}", said.text);
    let is_said = |why: &String| why.contains("`migrate.down` fails there: ");
    assert!(run.answers.roll_back.unshown.iter().any(is_said), "{:#?}", run.answers.roll_back);
    assert_eq!(said.code, Some(4), "{}", said.text);
}

#[test]
fn a_store_that_replicas_cannot_use_at_once_is_said_to_be_so_and_starts_nothing() {
    let (run, said) = Project::with("none", &shop::recorded(), &format!("shared = false\n{TWO}")).check(&[]);
    let gap = "rollout: state db says `shared = false`: replicas can't use it at once";
    for answer in [&run.answers.roll_forward, &run.answers.coexist, &run.answers.roll_back] {
        assert!(answer.unshown.iter().any(|unshown| unshown == gap), "{answer:#?}");
        assert_eq!(answer.verdict, Verdict::Inconclusive);
    }
    assert!(!said.text.contains("starting") && said.code == Some(4), "{}", said.text);
}

#[test]
fn without_a_section_of_its_own_there_is_no_roll_out() {
    let said = Project::with("none", &shop::recorded(), "").straddle(&["check", "--plan", "--only", "rollout"]);
    assert!(said.text.contains("check rollout: skipped, the manifest has no `[rollout]`"), "{}", said.text);
}

#[test]
fn the_plan_says_what_is_replaced_when_and_the_seed_decides_it() {
    let project = Project::with(
        "none",
        &shop::recorded(),
        &format!("{}[rollout]\nreplicas = 4\nstages = [1, 2, 4]\n", shop::migration()),
    );
    let plan = |seed: &str| project.straddle(&["check", "--plan", "--only", "rollout", "--seed", seed]).text;
    let text = plan("7");
    for line in [
        "checkpoint 0 of 4 new: every session runs\n",
        "checkpoint 0 of 4 new, migrated: `migrate.new` runs while old serves; every session runs, and going back is tried on a copy",
        "checkpoint 4 of 4 new: ",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(text, plan("7"));
    assert!((0..8).any(|seed| plan(&seed.to_string()) != text.replace("seed 7", &format!("seed {seed}"))), "{text}");
}

#[test]
fn the_first_shard_has_all_of_it_and_together_they_give_the_report_of_one_run() {
    let project = Project::new("cookie-serializer");
    project.check(&[]);
    let whole = std::fs::read_to_string(project.path().join("report.json")).unwrap();
    for part in ["1", "2"] {
        let report = format!("json=shard-{part}.json");
        project.straddle(&["check", "--only", "rollout", "--shard", &format!("{part}/2"), "--report", &report]);
    }
    let said = project.straddle(&["merge", "shard-1.json", "shard-2.json", "--out", "merged.json"]);
    let merged =
        std::fs::read_to_string(project.path().join("merged.json")).unwrap_or_else(|e| panic!("{e}: {}", said.text));
    assert_eq!(merged, whole, "{}", said.text);
}

#[test]
fn straddle_killed_in_the_middle_leaves_no_replica_behind() {
    const MARK: &str = "STRADDLE_TEST_ROLLED";
    let project = Project::new("none");
    let mark = project.path().display().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_straddle"))
        .current_dir(project.path())
        .args(["check", "--only", "rollout"])
        .env(MARK, &mark)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let wanted = format!("{MARK}={mark}");
    let marked = || -> Vec<PathBuf> {
        let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
        let is_marked = |process: &PathBuf| {
            let environment = std::fs::read(process.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
        };
        all.filter(is_marked).collect()
    };
    // straddle, its guardian, and replicas of all three dances.
    eventually("replicas serve", || marked().len() >= 8 || child.try_wait().unwrap().is_some());
    std::thread::sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("all is gone", || marked().is_empty());
}
