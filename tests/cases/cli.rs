//! The command line: what it says, where it says it, and how it ends.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/formats/report-1.0.json");

/// straddle in a folder of its own, with nothing around it that would change what it says.
fn straddle(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.current_dir(folder).stdin(Stdio::null());
    for name in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "STRADDLE_CACHE", "RUST_BACKTRACE"]
    {
        command.env_remove(name);
    }
    command.env("HOME", folder);
    command
}

struct Said {
    exit: Option<i32>,
    out: String,
    err: String,
}

fn run_in(folder: &Path, args: &[&str]) -> Said {
    let output = straddle(folder).args(args).output().unwrap();
    Said {
        exit: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(args: &[&str]) -> Said {
    run_in(tempfile::tempdir().unwrap().path(), args)
}

#[track_caller]
fn golden(name: &str, args: &[&str]) {
    let said = run(args);
    let exit = said.exit.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let text = format!("$ straddle {}\n{}{}exit {exit}", args.join(" "), said.out, said.err);
    insta::with_settings!({
        snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("cli-{name}"), text.replace(SAMPLE, "REPORT"));
    });
}

#[test]
fn help_says_what_there_is_and_what_is_later_is_not_listed() {
    golden("help", &["--help"]);
    let said = run(&["--help"]);
    for later in ["contracts", "merge", "init", "completions"] {
        assert!(!said.out.contains(&format!("\n  {later}")), "{later}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in ["check", "replay", "import", "reproduce", "report", "explain", "rules", "schema"] {
        golden(&format!("help-{command}"), &[command, "--help"]);
        let said = run(&[command, "--help"]);
        assert!(said.out.contains(&format!("Example: straddle {command}")), "{command}: {}", said.out);
        assert_eq!((said.exit, said.err.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_wrong_command_line_is_exit_2_and_says_the_next_step() {
    for (name, args) in [
        ("no-command", &[] as &[&str]),
        ("unknown-command", &["chekc"]),
        ("later-command", &["merge", "a.json", "b.json", "--out", "c.json"]),
        ("unknown-check", &["check", "--only", "replay,canry"]),
        ("unknown-format", &["check", "--report", "xml"]),
        ("later-format", &["check", "--report", "sarif=out.sarif"]),
        ("format-without-path", &["check", "--report", "json="]),
        ("two-reports-in-one-place", &["check", "--report", "json", "--report", "junit=-"]),
        ("report-is-a-folder", &["check", "--report", "json=/"]),
        ("source-unknown", &["check", "--old", "v1.4.2"]),
        ("source-dash", &["check", "--old", "git:--upload-pack=touch"]),
        ("source-no-folder", &["check", "--new", "path:no/such"]),
        ("self-unknown", &["check", "--self", "both"]),
        ("shard", &["check", "--shard", "6/5"]),
        ("budget", &["check", "--budget", "10"]),
        ("jobs", &["check", "--jobs", "0"]),
        ("seed", &["check", "--seed", "-1"]),
        ("replay-address", &["replay", "localhost:80", "http://b", "x.har"]),
        ("replay-files", &["replay", "http://a", "http://b"]),
        ("import-out", &["import", "a.har"]),
        ("explain-nearly", &["explain", "http/feild-removed"]),
        ("explain-unknown", &["explain", "teapot"]),
        ("schema-unknown", &["schema", "har"]),
        ("report-missing", &["report", "no-such.json"]),
    ] {
        golden(&format!("error-{name}"), args);
        assert_eq!(run(args).exit, Some(2), "{args:?}");
        assert_eq!(run(args).out, "", "{args:?}: errors go to stderr");
    }
}

#[test]
fn a_saved_run_is_rendered_again() {
    let said = run(&["report", SAMPLE]);
    assert_eq!((said.exit, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("✗ Can we roll forward?"), "{}", said.out);
    assert!(!said.out.contains('\u{1b}'), "no colour where there is no terminal");
    let json = run(&["report", SAMPLE, "--report", "json"]);
    assert_eq!(json.out, std::fs::read_to_string(SAMPLE).unwrap());
}

#[test]
fn several_reports_are_written_at_once_each_whole() {
    let folder = tempfile::tempdir().unwrap();
    let said = run_in(folder.path(), &["report", SAMPLE, "--report", "json=a.json", "--report", "junit=deep/er/b.xml"]);
    assert_eq!((said.exit, said.out.as_str(), said.err.as_str()), (Some(0), "", ""));
    assert_eq!(std::fs::read(folder.path().join("a.json")).unwrap(), std::fs::read(SAMPLE).unwrap());
    let junit = std::fs::read_to_string(folder.path().join("deep/er/b.xml")).unwrap();
    assert!(junit.starts_with("<?xml") && junit.ends_with("</testsuites>\n"));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_report_that_can_not_be_written_is_exit_3_and_keeps_no_other_from_being_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let said = run_in(folder.path(), &["report", SAMPLE, "--report", "junit=file/a.xml", "--report", "json=b.json"]);
    assert_eq!(said.exit, Some(3));
    assert!(said.err.starts_with("error: can't write file/a.xml: "), "{}", said.err);
    assert!(folder.path().join("b.json").exists());
}

#[test]
fn a_torn_report_is_an_error_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("torn.json"), "{\"format\": \"straddle-rep").unwrap();
    let said = run_in(folder.path(), &["report", "torn.json"]);
    assert_eq!(said.exit, Some(2));
    assert!(said.err.starts_with("error: can't read torn.json: it is not JSON: EOF while parsing"), "{}", said.err);
}

#[test]
fn a_closed_standard_output_is_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["report", SAMPLE] as &[&str], &["schema", "report"], &["rules"], &["--help"], &["report", "--help"]]
    {
        let mut child =
            straddle(folder.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    assert_eq!(run(&["--version"]).out, format!("straddle {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_committed_report_schema_is_what_the_command_prints() {
    let committed = include_str!("../../contracts/report.schema.json");
    assert_eq!(run(&["schema", "report"]).out, committed);
}

#[test]
fn every_rule_is_listed_and_explained() {
    let list = run(&["rules"]).out;
    assert!(!list.is_empty());
    for id in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let said = run(&["explain", id]);
        assert_eq!(said.exit, Some(0), "{id}");
        assert!(said.out.starts_with(id) && said.out.contains("\nHow to make the change safely\n"), "{}", said.out);
    }
}
