//! The command line: what it says, where it says it, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

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
    let output = straddle(folder).args(args).output().unwrap_or_else(|error| panic!("{error}"));
    let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|error| panic!("{error}"));
    Said { exit: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn run(args: &[&str]) -> Said {
    run_in(folder().path(), args)
}

/// An empty folder.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"))
}

/// A folder with this manifest.
fn with_manifest(text: &str) -> TempDir {
    let made = folder();
    std::fs::write(made.path().join("straddle.toml"), text).unwrap_or_else(|error| panic!("{error}"));
    made
}

#[track_caller]
fn golden(name: &str, args: &[&str]) {
    golden_in(&folder(), name, args);
}

#[track_caller]
fn golden_in(folder: &TempDir, name: &str, args: &[&str]) {
    let said = run_in(folder.path(), args);
    let exit = said.exit.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let text = format!("$ straddle {}\n{}{}exit {exit}", args.join(" "), said.out, said.err);
    let text = text.replace(&folder.path().display().to_string(), "FOLDER").replace(SAMPLE, "REPORT");
    crate::support::golden(&format!("cli-{name}"), &text);
}

#[test]
fn help_says_what_there_is_and_what_is_later_is_not_listed() {
    golden("help", &["--help"]);
    let said = run(&["--help"]);
    for later in ["assets", "init"] {
        assert!(!said.out.contains(&format!("\n  {later}")), "{later}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "check",
        "replay",
        "contracts",
        "import",
        "export",
        "reproduce",
        "report",
        "merge",
        "explain",
        "rules",
        "schema",
        "completions",
        "man",
    ] {
        golden(&format!("help-{command}"), &[command, "--help"]);
        let said = run(&[command, "--help"]);
        let examples = said.out.split("Example").nth(1).unwrap_or_default();
        assert!(examples.contains(&format!("straddle {command}")), "{command}: {}", said.out);
        assert_eq!((said.exit, said.err.as_str()), (Some(0), ""));
    }
}

#[test]
fn every_shell_gets_completions_that_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = run(&["completions", shell]);
        assert_eq!((said.exit, said.err.as_str()), (Some(0), ""), "{shell}");
        assert!(said.out.contains("reproduce") && said.out.contains("manifest"), "{shell}: {}", said.out);
    }
}

#[test]
fn bash_completes_by_what_it_is_given() {
    let script = run(&["completions", "bash"]).out;
    let ask = "\nCOMP_WORDS=(straddle reprod); COMP_CWORD=1; _straddle straddle reprod straddle; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let bash = Command::new("bash").arg("-c").arg(script + ask).output();
    let bash = bash.unwrap_or_else(|e| panic!("bash: {e}"));
    assert_eq!(String::from_utf8_lossy(&bash.stdout), "reproduce\n", "{}", String::from_utf8_lossy(&bash.stderr));
}

#[test]
fn every_command_has_a_manual_page() {
    let said = run(&["man"]);
    assert!(said.out.contains(".TH straddle 1") && said.out.contains("straddle\\-check(1)"), "{}", said.out);
    for command in ["check", "man"] {
        let said = run(&["man", command]);
        assert!(said.out.contains(&format!(".TH straddle-{command} 1")), "{}", said.out);
        assert!(said.out.contains("straddle") && said.exit == Some(0), "{}", said.out);
    }
    golden("error-man-unknown", &["man", "chekc"]);
}

#[test]
fn a_wrong_command_line_is_exit_2_and_says_the_next_step() {
    for (name, args) in [
        ("no-command", &[] as &[&str]),
        ("unknown-command", &["chekc"]),
        ("later-command", &["init"]),
        ("merge-no-shard", &["merge", SAMPLE, "--out", "merged.json"]),
        ("merge-out", &["merge", SAMPLE]),
        ("merge-overwrites", &["merge", SAMPLE, "--out", SAMPLE]),
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
    let folder = folder();
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
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let said = run_in(folder.path(), &["report", SAMPLE, "--report", "junit=file/a.xml", "--report", "json=b.json"]);
    assert_eq!(said.exit, Some(3));
    assert!(said.err.starts_with("error: can't write file/a.xml: "), "{}", said.err);
    assert!(folder.path().join("b.json").exists());
}

#[test]
fn a_torn_report_is_an_error_with_its_place() {
    let folder = folder();
    std::fs::write(folder.path().join("torn.json"), "{\"format\": \"straddle-rep").unwrap();
    let said = run_in(folder.path(), &["report", "torn.json"]);
    assert_eq!(said.exit, Some(2));
    assert!(said.err.starts_with("error: can't read torn.json: it is not JSON: EOF while parsing"), "{}", said.err);
}

#[test]
fn a_closed_standard_output_is_no_trouble() {
    let folder = folder();
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

/// Both builds are started by `run`; a recording is there.
fn shop(run: &str) -> TempDir {
    let folder = with_manifest(&format!(
        r#"
[project]
name = "shop"

[service.shop]
ready = "/healthz"

[service.shop.old]
path = "."
run = {{ sh = "{run}" }}

[service.shop.new]
path = "."
run = {{ sh = "{run}" }}

[[recording]]
file = "a.har"
service = "shop"
client = "old"
"#
    ));
    let har = r#"{"log":{"version":"1.2","entries":[{"startedDateTime":"2026-01-01T00:00:00.000Z","time":1,
        "request":{"method":"GET","url":"http://127.0.0.1:1/a","headers":[]},
        "response":{"status":200,"headers":[],"content":{"mimeType":"application/json","text":"{}"}}}]}}"#;
    std::fs::write(folder.path().join("a.har"), har).unwrap_or_else(|error| panic!("{error}"));
    folder
}

#[test]
fn a_manifest_that_is_wrong_is_shown_with_its_line_and_the_fix() {
    let folder = with_manifest("[project]\nname = \"shop\"\n\n[service.shop]\nredy = \"/healthz\"\n");
    golden_in(&folder, "error-manifest", &["check"]);
    golden("error-no-manifest", &["check"]);
}

#[test]
fn a_plan_is_printed_and_nothing_is_started() {
    let folder = shop("exit 3");
    let said = run_in(folder.path(), &["check", "--plan", "--seed", "7"]);
    assert_eq!((said.exit, said.err.as_str()), (Some(0), ""), "{}", said.out);
    assert!(said.out.contains("a.har"), "{}", said.out);
    assert!(!folder.path().join(".straddle/last.json").exists());
}

#[test]
fn a_build_that_does_not_start_is_exit_3_and_says_its_last_lines() {
    let folder = shop("echo no licence; exit 7");
    let said = run_in(folder.path(), &["check"]);
    assert_eq!(said.exit, Some(3), "{}{}", said.out, said.err);
    assert!(said.err.contains("error: ") && said.err.contains("no licence"), "{}", said.err);
}

#[test]
fn ctrl_c_and_sigterm_end_a_run_with_exit_130() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = shop("sleep 600");
        let mut child =
            straddle(folder.path()).arg("check").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let starting = lines.any(|line| line.unwrap().starts_with("starting "));
        assert!(starting, "no line says that builds are started");
        kill_process(Pid::from_child(&child), signal).unwrap();
        let rest: Vec<String> = lines.map_while(Result::ok).collect();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
        assert!(rest.iter().any(|line| line.starts_with("interrupted: ")), "{rest:?}");
    }
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_a_build_that_ignores_the_first() {
    let folder = shop("trap '' TERM; echo deaf; sleep 600");
    let mut child = straddle(folder.path()).arg("check").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for beginning in ["starting ", "interrupted: "] {
        assert!(lines.any(|line| line.unwrap().starts_with(beginning)), "no line begins with {beginning}");
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_full_disk_under_standard_output_is_exit_3() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = straddle(folder().path()).args(["report", SAMPLE]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: standard output can't be written: "));
}

#[test]
fn a_finding_that_no_run_has_is_exit_2_and_names_those_that_it_has() {
    let folder = shop("exit 3");
    golden_in(&folder, "error-reproduce-no-run", &["reproduce", "3f9c1a20"]);
    golden_in(&folder, "error-reproduce-unknown", &["reproduce", "zzz", "--run", SAMPLE]);
    golden_in(&folder, "error-reproduce-several", &["reproduce", "a", "--run", SAMPLE]);
}

#[test]
fn a_finding_whose_recording_is_another_now_is_changed_and_one_of_the_manifest_is_no_exchanges() {
    let folder = shop("exit 3");
    let sample = std::fs::read_to_string(SAMPLE).unwrap();
    let reproduce = |text: &str| {
        std::fs::write(folder.path().join("run.json"), text).unwrap();
        run_in(folder.path(), &["reproduce", "3f9c1a20", "--run", "run.json"])
    };
    let gone = reproduce(&sample);
    assert_eq!(gone.exit, Some(4), "{}", gone.err);
    assert!(gone.out.contains("CHANGED 3f9c1a20") && gone.out.contains("doesn't name the recording"), "{}", gone.out);
    let another = reproduce(&sample.replace("recordings/checkout.har", "a.har"));
    assert_eq!(another.exit, Some(4), "{}", another.err);
    assert!(another.out.contains("the recording a.har is another"), "{}", another.out);
    let mut run: straddle::model::Run = serde_json::from_str(&sample).unwrap();
    run.findings[0].rule = "accept/unused".to_owned();
    let about = reproduce(&serde_json::to_string(&run).unwrap());
    assert_eq!(about.exit, Some(2), "{}", about.out);
    assert!(about.err.contains("about the manifest and not about the builds"), "{}", about.err);
}

#[test]
fn an_import_says_what_it_wrote() {
    let folder = shop("exit 3");
    let said = run_in(folder.path(), &["import", "a.har", "--out", "a.jsonl"]);
    let expected = "a.jsonl: 1 exchange in 1 session, 0 values bound to the replies that give them out\n";
    assert_eq!((said.exit, said.out.as_str(), said.err.as_str()), (Some(0), expected, ""));
    let said = run_in(folder.path(), &["import", "a.har", "--out", "a.jsonl", "--no-redact"]);
    let warning = "warning: credentials are written as they are: keep the file where you keep passwords\n";
    assert_eq!((said.exit, said.out.as_str(), said.err.as_str()), (Some(0), expected, warning));
    golden_in(&folder, "error-import-overwrites", &["import", "a.har", "--out", "a.har"]);
    std::fs::write(folder.path().join("torn.har"), "{\"log\":").unwrap();
    golden_in(&folder, "error-import-torn", &["import", "torn.har", "--out", "b.jsonl"]);
    assert!(!folder.path().join("b.jsonl").exists());
}
