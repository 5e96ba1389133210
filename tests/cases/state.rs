//! `state`: migrations and rollback. The builds are small shops whose stores go from one schema to another: faults of the public
//! catalogue, and changes that look like them and are fine.

#![expect(clippy::unwrap_used, reason = "a test")]

mod shop;

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
            text.push_str(&format!(
                "[[recording]]\nfile = \"{client}.har\"\nservice = \"shop\"\nclient = \"{client}\"\n"
            ));
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

mod broken {
    use super::{BOTH_WAYS, ITEMS, Project, is_caught};

    #[test]
    fn f24_column_dropped() {
        is_caught(&Project::new("column-dropped", BOTH_WAYS, ITEMS), &[]);
    }
}

mod fine {
    use super::{BOTH_WAYS, ITEMS, Project, is_green};

    #[test]
    fn a_nullable_column() {
        is_green(&Project::new("nullable", BOTH_WAYS, ITEMS));
    }
}
