//! Builds that fail, hang, die, flood, or leave something behind.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::{PORT, Project, run, script};

#[test]
fn a_build_that_fails_is_exit_3_with_its_last_20_lines() {
    let lines = "path = \".\"\nbuild = { sh = \"seq 1 40; echo no such thing >&2; exit 9\" }\nrun = \"true\"\n";
    let said =
        Project::asked(&["/a"]).new_lines(lines).ends(3, &["the new build of service `s` failed", "exit code 9"]);
    assert!(said.text.contains("\n  22\n") && said.text.contains("no such thing"), "{}", said.text);
    assert!(!said.text.contains("\n  21\n"), "{}", said.text);
}

#[test]
fn a_build_that_is_never_ready_is_exit_3_and_says_what_was_waited_for() {
    Project::asked(&["/a"])
        .service("ready = \"/healthz\"\nready_timeout = \"300ms\"\n")
        .new_lines(&script("", "echo warming up; sleep 1000"))
        .ends(3, &["`new", "did not become ready: waited", "GET /healthz to answer 2xx", "warming up"]);
}

#[test]
fn a_build_that_dies_before_it_is_ready_is_exit_3_with_how_it_ended() {
    Project::asked(&["/a"])
        .new_lines(&script("", "seq 1 40; echo out of beans >&2; exit 5"))
        .ends(3, &["did not become ready: it ended, exit code 5", "out of beans"]);
}

#[test]
fn a_port_that_is_taken_is_exit_3_and_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    Project::asked(&["/a"])
        .service("ready = { log = \"listening\" }\n")
        .new_lines(&script("", &format!("{PORT}={port} exec $SERVE")))
        .ends(3, &["did not become ready: it ended", "Address already in use"]);
}

#[test]
fn a_new_build_that_old_clients_kill_has_died_and_what_comes_after_is_looked_at_all_the_same() {
    let said = Project::asked(&["/a", "/x", "/b", "/c"])
        .new_build("dies")
        .ends(1, &["the new server ended under this traffic: exit code 7", "4 exchanges compared"]);
    let findings = said.findings();
    let expected = ["http/fault old->new GET /x at reply", "process/died old->new process s at process"];
    assert_eq!(findings, expected);
    assert!(!said.text.contains("not sent"), "{}", said.text);
    let after = said.run["matrix"].as_array().unwrap().iter().find(|row| row["subject"] == "GET /c").unwrap();
    assert_eq!((&after["old_new"], &after["observations"]), (&"ok".into(), &1.into()));
}

#[test]
fn a_build_that_is_killed_by_call_after_call_is_given_up_and_what_was_not_sent_is_said() {
    let said = Project::asked(&["/x", "/x", "/x", "/x", "/x", "/x", "/b", "/c"])
        .new_build("dies")
        .ends(1, &["2 exchanges were not sent", "the new died (exit code 7)"]);
    let gaps = said.run["answers"]["roll_forward"]["unshown"].to_string();
    assert!(gaps.contains("2 exchanges were not sent (old->new): the new died (exit code 7)"), "{gaps}");
    let unseen = said.run["matrix"].as_array().unwrap().iter().find(|row| row["subject"] == "GET /c").unwrap();
    assert_eq!((&unseen["old_new"], &unseen["observations"]), (&"unknown".into(), &0.into()));
}

#[test]
fn each_panic_that_the_control_never_logs_is_a_finding_though_the_reply_is_fine() {
    let said = Project::asked(&["/a", "/x", "/b"]).new_build("panics").ends(1, &["the new server logged"]);
    let findings = said.findings();
    let panics =
        findings.iter().filter(|finding| finding.starts_with("process/logged-panic old->new process s at log "));
    assert_eq!((panics.count(), findings.len()), (2, 2), "{findings:?}");
    let both = Project::asked(&["/a", "/x"]).old_build("panics").new_build("panics").check(&[]);
    assert!(both.findings().is_empty(), "{:?}", both.findings());
}

#[test]
fn an_old_build_that_new_clients_kill_breaks_the_other_direction() {
    let said = Project::asked(&["/a", "/x", "/b"]).old_build("dies").clients("new").ends(1, &["the old server ended"]);
    assert!(
        said.findings().contains(&"process/died new->old process s at process".to_owned()),
        "{:?}",
        said.findings()
    );
}

#[test]
fn a_build_that_its_own_clients_kill_is_no_break_but_inconclusive() {
    let said = Project::asked(&["/a", "/x", "/b"])
        .old_build("dies")
        .ends(4, &["the old build with its own clients died: exit code 7"]);
    assert_eq!(said.findings(), [""; 0]);
    assert_eq!(said.run["answers"]["roll_forward"]["verdict"], "inconclusive");
    let said = Project::asked(&["/a", "/x", "/b"]).old_build("dies").new_build("dies").ends(4, &["died: exit code 7"]);
    assert_eq!(said.findings(), [""; 0]);
    assert_eq!(said.run["answers"]["roll_forward"]["verdict"], "inconclusive");
}

#[test]
fn a_build_that_dies_after_its_reply_has_died_all_the_same() {
    // Enough calls that it dies under one of them.
    let calls: Vec<&str> = ["/a", "/x"].into_iter().chain(["/b"; 100]).collect();
    let said = Project::asked(&calls).new_build("dies-later").ends(1, &["ended under this traffic: exit code 7"]);
    assert!(
        said.findings().contains(&"process/died old->new process s at process".to_owned()),
        "{:?}",
        said.findings()
    );
}

#[test]
fn another_service_that_dies_behind_the_one_that_is_asked_has_died_too() {
    let asks = script("asks-another", "URL={service.t.url}; STRADDLE_TEST_HOSTILE_OTHER=${URL#http://} exec $SERVE");
    let other = format!("[service.t]\nready = \"/\"\n[service.t.old]\n{}[service.t.new]\n{}", run(""), run("dies"));
    let said = Project::asked(&["/a", "/x", "/b"])
        .old_lines(&asks)
        .new_lines(&asks)
        .more(&other)
        .ends(1, &["the new server ended under this traffic: exit code 7"]);
    assert_eq!(said.findings(), ["process/died old->new process t at process"]);
}

#[test]
fn one_twin_that_dies_is_chance_and_said() {
    let said = Project::asked(&["/a", "/x", "/b"])
        .new_build("dies-once")
        .ends(4, &["the new server ended and its twin", "went on: exit code 7"]);
    assert_eq!(said.run["answers"]["roll_forward"]["verdict"], "inconclusive");
}

#[test]
fn a_pass_in_free_order_says_what_it_did_not_send() {
    let said = Project::asked(&["/x", "/b", "/c"]).new_build("dies").more("[replay]\norder = \"free\"\n").ends(1, &[]);
    let gaps = said.run["answers"]["roll_forward"]["unshown"].to_string();
    assert!(gaps.contains("2 exchanges were not sent (old->new): the new died (exit code 7)"), "{gaps}");
}

#[test]
fn a_daemon_and_a_build_that_ignores_sigterm_are_gone_afterwards() {
    let begun = Instant::now();
    Project::asked(&["/a"])
        .clients("any")
        .new_lines(&script("", "trap '' TERM; (setsid sleep 1000 &); $SERVE & while :; do sleep 1; done"))
        .ends(0, &["compatible"]);
    assert!(begun.elapsed() < Duration::from_secs(20), "stop_timeout is 300 ms");
}

#[test]
fn a_build_that_floods_its_log_is_served_all_the_same_and_its_file_stays_small() {
    let project = Project::asked(&["/a", "/b"])
        .clients("any")
        .new_lines(&script("", "yes 'a line of a log that says nothing much' | head -c 40000000; exec $SERVE"));
    project.ends(0, &["compatible"]);
    let runs = std::fs::read_dir(project.path().join(".straddle/runs")).unwrap().flatten();
    let logs = runs.flat_map(|run| std::fs::read_dir(run.path().join("logs")).unwrap().flatten());
    let sizes: Vec<u64> = logs.map(|log| log.metadata().unwrap().len()).collect();
    assert!(sizes.len() >= 4 && sizes.iter().all(|size| *size < 17 << 20), "{sizes:?}");
}

#[test]
fn a_git_ref_that_is_none_is_exit_3_and_one_that_begins_with_a_dash_is_never_an_option() {
    let project = Project::asked(&["/a"]);
    let git = |args: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.current_dir(project.path()).args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(args);
        assert!(git.output().unwrap().status.success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["commit", "-q", "--allow-empty", "-m", "one"]);
    let project = project.new_lines("git = \"v9.9.9\"\nrun = \"true\"\n");
    project.ends(3, &["`v9.9.9` is no commit of"]);
    let project = project.new_lines("git = \"--output=stolen\"\nrun = \"true\"\n");
    let said = project.check(&[]);
    assert_eq!(said.exit, Some(2), "{}", said.text);
    assert!(said.text.contains("--output=stolen") && said.text.contains("dash"), "{}", said.text);
    assert!(!project.path().join("stolen").exists());
}

#[test]
fn what_the_budget_left_no_time_to_confirm_is_no_finding_and_not_fine_either() {
    let said = Project::asked(&["/x"; 15]).new_build("slow-and-less").check(&["--budget", "3s"]);
    assert_eq!(said.exit, Some(4), "{}", said.text);
    let unstable = &said.run["unstable"][0];
    assert_eq!(unstable["rule"], "http/field-removed");
    let reason = unstable["reason"].as_str().unwrap();
    assert!(
        reason.contains("seen in 0 of 3 further runs") && reason.ends_with("the budget of 3s cut the run short"),
        "{reason}"
    );
    assert_eq!(said.run["matrix"][0]["old_new"], "unknown");
    assert!(said.text.contains("1 candidate could not be confirmed"), "{}", said.text);
}

#[test]
fn a_budget_that_is_over_at_once_is_inconclusive_and_said() {
    let project = Project::asked(&["/a", "/b"]);
    let said = project.check(&["--budget", "1ms"]);
    assert_eq!(said.exit, Some(4), "{}", said.text);
    assert!(said.text.contains("the budget of 1ms cut the run short: 2 exchanges were not sent"), "{}", said.text);
    assert_eq!(said.run["answers"]["roll_forward"]["verdict"], "inconclusive");
}
