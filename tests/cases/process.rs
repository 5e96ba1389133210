//! Processes that behave as badly as processes do, and what is left of them: nothing.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use regex::Regex;
use straddle::process::{
    Exit, GUARDIAN_VARIABLE, Guardian, INSTANCE_VARIABLE, Launch, Process, ProcessError, Program, Spec, run_to_end,
};

use crate::support::{eventually, launch};

const LONG: Duration = Duration::from_mins(1);

async fn guardian() -> Guardian {
    Guardian::start(&launch()).await.unwrap()
}

fn sh(script: &str) -> Spec {
    Spec::new("shop (old)", Program::Sh(script.to_owned()), std::env::temp_dir())
}

/// Starts a script and waits for the line that says that it is where it should be.
async fn up(guardian: &Guardian, script: &str) -> Process {
    let process = guardian.spawn(sh(script)).await.unwrap();
    let ready = tokio::time::timeout(LONG, process.log().wait_for(&Regex::new("^up").unwrap())).await.unwrap();
    assert!(ready.is_some(), "{script}: {:?}", process.log().tail(20));
    process
}

/// The living processes whose environment has this mark.
fn marked(mark: &str) -> Vec<PathBuf> {
    let mark = format!("{INSTANCE_VARIABLE}={mark}");
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let is_marked = |process: &PathBuf| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable.starts_with(mark.as_bytes()))
    };
    processes.filter(is_marked).collect()
}

fn runs(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z"))
}

#[tokio::test]
async fn the_binary_can_be_the_guardian() {
    let guardian = Guardian::start(&Launch::of(env!("CARGO_BIN_EXE_straddle"), [""; 0])).await.unwrap();
    assert!(run_to_end(&guardian, sh("true"), LONG).await.unwrap().exit.success());
}

#[tokio::test]
async fn a_test_that_calls_main_can_be_the_guardian() {
    if std::env::var_os(GUARDIAN_VARIABLE).is_some() {
        straddle::main([]);
    }
    let guardian = Guardian::start(&Launch::detect().unwrap()).await.unwrap();
    assert!(run_to_end(&guardian, sh("true"), LONG).await.unwrap().exit.success());
}

#[tokio::test]
async fn a_command_ends_with_its_code_and_its_output() {
    let guardian = guardian().await;
    let finished = run_to_end(&guardian, sh("echo out; echo err >&2; exit 3"), LONG).await.unwrap();
    assert_eq!(finished.exit, Exit { code: Some(3), signal: None });
    assert_eq!(finished.log.tail(9), ["out", "err"]);
    let error = finished.success().unwrap_err().to_string();
    assert_eq!(error, "shop (old) failed: exit code 3; it ended with:\n  out\n  err");
}

#[tokio::test]
async fn captured_output_is_kept_apart_from_the_log() {
    let guardian = guardian().await;
    let spec = Spec { capture_stdout: true, ..sh("echo 0123abc; echo warning >&2") };
    let finished = run_to_end(&guardian, spec, LONG).await.unwrap();
    assert_eq!(
        (finished.stdout.as_slice(), finished.log.tail(9)),
        (b"0123abc\n".as_slice(), vec!["warning".to_owned()])
    );

    let spec = Spec { capture_stdout: true, ..sh("head -c 9000000 /dev/zero") };
    assert_eq!(run_to_end(&guardian, spec, LONG).await.unwrap().stdout.len(), 1024 * 1024);
}

#[tokio::test]
async fn the_environment_is_straddles_own_with_what_was_added_and_without_what_was_removed() {
    let guardian = guardian().await;
    let spec = Spec {
        env: vec![("SHOP_PORT".into(), "8080".into())],
        without: vec!["HOME".into()],
        ..sh("echo \"$SHOP_PORT ${HOME-none} ${STRADDLE_GUARDIAN-none} ${PATH:+path}\"")
    };
    assert_eq!(run_to_end(&guardian, spec, LONG).await.unwrap().log.tail(1), ["8080 none none path"]);
}

#[tokio::test]
async fn a_program_with_a_slash_is_relative_to_its_folder() {
    let guardian = guardian().await;
    let spec = Spec::new("shop", Program::words(["bin/true"]), "/usr");
    assert!(run_to_end(&guardian, spec, LONG).await.unwrap().exit.success());
}

#[tokio::test]
async fn a_program_that_cannot_run_is_named_with_its_folder_and_the_next_step() {
    let guardian = guardian().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str, mode| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::set_permissions(folder.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    write("plain", "text", 0o644);
    write("orphan", "#!/no/such/interpreter\n", 0o755);
    std::fs::create_dir(folder.path().join("target")).unwrap();

    for (words, expected) in [
        (vec!["./shop"], "the program of shop was not found: `./shop`, in DIR; build it first, or correct its path"),
        (
            vec!["no-such-program"],
            "the program of shop was not found: `no-such-program`, in DIR; install it, or put it on the PATH",
        ),
        (
            vec!["./plain"],
            "the program of shop cannot be run: `./plain`, in DIR: Permission denied (os error 13); make it executable (chmod +x), or run it by its interpreter",
        ),
        (
            vec!["./target"],
            "the program of shop cannot be run: `./target`, in DIR: it is a folder; name the program in it",
        ),
        (
            vec!["./orphan"],
            "the program of shop cannot be run: `./orphan`, in DIR: the interpreter that its first line names, or its loader, is missing; install that, or build the program again on this machine",
        ),
        (vec![], "the command of shop is empty; give it a program to run"),
    ] {
        let error =
            guardian.spawn(Spec::new("shop", Program::words(words), folder.path())).await.unwrap_err().to_string();
        assert_eq!(error.replace(&folder.path().display().to_string(), "DIR"), expected);
    }
    let error = guardian.spawn(Spec::new("shop", Program::words(["true"]), "/no/such")).await.unwrap_err();
    assert_eq!(error.to_string(), "the folder of shop does not exist: /no/such; create it, or name another");
}

#[tokio::test]
async fn a_build_that_heeds_sigterm_ends_by_itself() {
    let guardian = guardian().await;
    let process = up(&guardian, "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done").await;
    assert_eq!(process.exited(), None);
    assert_eq!(process.stop(LONG).await, Exit { code: Some(7), signal: None });
    assert_eq!(process.log().tail(1), ["bye"]);
    assert_eq!(process.exited(), Some(Exit { code: Some(7), signal: None }));
}

#[tokio::test]
async fn the_group_has_its_grace_though_its_leader_ends_at_once() {
    let guardian = guardian().await;
    let process = up(
        &guardian,
        "sh -c 'trap \"sleep 0.1; echo drained; exit\" TERM; echo up; while :; do sleep 0.01; done' & wait",
    )
    .await;
    process.stop(LONG).await;
    assert_eq!(process.log().tail(1), ["drained"]);
}

#[tokio::test]
async fn a_build_that_ignores_sigterm_is_killed_with_its_children() {
    let guardian = guardian().await;
    let process = up(&guardian, "trap '' TERM; sleep 1000 & echo up; while :; do sleep 1000; done").await;
    assert_eq!(process.stop(Duration::from_millis(50)).await.to_string(), "killed by signal 9 (SIGKILL)");
    assert_eq!(marked(process.mark()), [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn a_daemon_that_left_its_group_and_its_parent_is_killed() {
    let guardian = guardian().await;
    let process = up(&guardian, "setsid sh -c 'setsid sleep 1000 & echo up; sleep 1000' & exec sleep 1000").await;
    process.stop(Duration::ZERO).await;
    assert_eq!(marked(process.mark()), [""; 0].map(PathBuf::from));

    // One that has washed its mark off is known as a descendant, as long as its ancestors live.
    let process = up(&guardian, "setsid env -i sh -c 'echo up $$; exec sleep 1000' & exec sleep 1000").await;
    let daemon = pid_in(&process);
    assert!(runs(daemon));
    process.stop(Duration::ZERO).await;
    assert!(!runs(daemon));
}

#[tokio::test]
async fn a_daemon_that_nobody_knows_ends_with_the_guardian() {
    let guardian = guardian().await;
    let process = up(&guardian, "(setsid env -i sh -c 'echo up $$; exec sleep 1000' &)").await;
    let daemon = pid_in(&process);
    process.wait().await;
    guardian.shutdown().await;
    assert!(!runs(daemon));
}

/// The process id that the line `up PID` tells.
fn pid_in(process: &Process) -> i32 {
    process.log().tail(1)[0].trim_start_matches("up ").parse().unwrap()
}

#[tokio::test]
async fn a_build_that_floods_its_log_is_neither_blocked_nor_remembered_whole() {
    let guardian = guardian().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("shop.log");
    let spec = Spec {
        log: Some(log.clone()),
        ..sh("yes 'a line of a log that says nothing much' | head -c 100000000; echo; echo end")
    };
    let finished = run_to_end(&guardian, spec, LONG).await.unwrap();
    assert_eq!(finished.log.tail(1), ["end"]);
    assert!(finished.log.lines_seen() > 2_000_000);
    assert!(log.metadata().unwrap().len() < 17 * 1024 * 1024);
}

#[tokio::test]
async fn a_build_that_dies_says_how() {
    let guardian = guardian().await;
    let process = up(&guardian, "echo up; kill -SEGV $$").await;
    assert_eq!(process.wait().await.to_string(), "killed by signal 11 (SIGSEGV)");
    assert_eq!(process.log().wait_for(&Regex::new("never").unwrap()).await, None);
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_and_told_with_its_last_lines() {
    let guardian = guardian().await;
    let error = run_to_end(&guardian, sh("echo waiting; sleep 1000"), Duration::from_millis(200)).await.unwrap_err();
    assert!(matches!(&error, ProcessError::TimedOut { .. }), "{error}");
    assert!(error.to_string().starts_with("shop (old) did not end within 0.2 s and was killed"), "{error}");
}

#[tokio::test]
async fn what_is_dropped_is_killed() {
    let guardian = guardian().await;
    let process = up(&guardian, "sleep 1000 & echo up; sleep 1000").await;
    let mark = process.mark().to_owned();
    drop(process);
    eventually("the dropped process is gone", || marked(&mark).is_empty());

    // A start that nobody waits for any more.
    let script = format!("echo {mark}-abandoned; sleep 1000");
    let mut spawning = Box::pin(guardian.spawn(Spec { env: vec![("ABANDONED".into(), mark.clone())], ..sh(&script) }));
    // Asked for, and perhaps started already: both must end.
    std::future::poll_fn(|context| {
        let _begun = spawning.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
    drop(spawning);
    let run = mark.split_once('.').unwrap().0;
    // Whatever is asked for later is done later.
    run_to_end(&guardian, sh("true"), LONG).await.unwrap();
    eventually("the abandoned process is gone", || marked(run).is_empty());
}

#[tokio::test]
async fn the_death_of_the_guardian_ends_all_and_is_told() {
    let guardian = guardian().await;
    let process = up(&guardian, "setsid sleep 1000 & echo up; sleep 1000").await;
    let status = std::fs::read_to_string(format!("/proc/{}/stat", process.pid())).unwrap();
    let parent: i32 = status.rsplit_once(')').unwrap().1.split_whitespace().nth(1).unwrap().parse().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(parent).unwrap(), rustix::process::Signal::KILL)
        .unwrap();

    assert_eq!(process.wait().await, Exit::UNSEEN);
    guardian.gone().await;
    assert!(guardian.is_gone());
    assert_eq!(process.stop(LONG).await.to_string(), "killed after straddle's guardian died");
    eventually("its processes are gone", || marked(process.mark()).is_empty());
    assert!(matches!(guardian.spawn(sh("true")).await, Err(ProcessError::GuardianDied)));
}

#[tokio::test]
async fn shutdown_ends_all_and_removes_scratch_folders() {
    let guardian = guardian().await;
    let process = up(&guardian, "trap '' TERM; setsid sleep 1000 & echo up; sleep 1000").await;
    let (scratch, kept) = (tempfile::tempdir().unwrap().keep(), tempfile::tempdir().unwrap());
    std::fs::write(scratch.join("shop.db"), "rows").unwrap();
    guardian.cleanup_on_exit(&scratch).unwrap();
    let announced = kept.path().join("announced");
    guardian.cleanup_on_exit(&announced).unwrap();
    std::fs::create_dir(&announced).unwrap();
    guardian.cleanup_on_exit(&kept.path().join("never made")).unwrap();
    guardian.cleanup_on_exit(kept.path()).unwrap();
    guardian.keep(kept.path()).unwrap();
    guardian.shutdown().await;
    assert_eq!(marked(process.mark()), [""; 0].map(PathBuf::from));
    assert!(!scratch.exists() && !announced.exists() && kept.path().exists());
}

#[tokio::test]
async fn no_folder_but_a_scratch_folder_is_ever_removed() {
    let guardian = guardian().await;
    for path in ["/", "relative", "/no/such/folder", "/proc/self"] {
        assert!(guardian.cleanup_on_exit(Path::new(path)).is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_program_that_is_no_straddle_is_told_apart_from_a_guardian() {
    let error = Guardian::start(&Launch::of("/bin/true", [""; 0])).await.unwrap_err().to_string();
    assert!(error.contains("`/bin/true`: it ended before it watched (exit status: 0); call straddle::main"), "{error}");
    let error = Guardian::start(&Launch::of("/no/such", [""; 0])).await.unwrap_err().to_string();
    assert!(error.contains("`/no/such`: No such file"), "{error}");
}

/// Tells the next test, when it is run again, that it is to be the parent that is killed, and where it may work.
const VICTIM: &str = "STRADDLE_TEST_VICTIM";

#[test]
fn a_parent_that_is_killed_leaves_no_process_and_no_scratch_folder() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        die_in(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "cases::process::a_parent_that_is_killed_leaves_no_process_and_no_scratch_folder",
            "--nocapture",
        ])
        .env(VICTIM, folder.path())
        .status()
        .unwrap();
    assert_eq!(status.signal(), Some(9));
    let mark = std::fs::read_to_string(folder.path().join("mark")).unwrap();
    assert!(!mark.is_empty());
    let died = Instant::now();
    eventually("all of its processes are gone", || marked(&mark).is_empty());
    eventually("its scratch folder is gone", || !folder.path().join("scratch").exists());
    assert!(died.elapsed() < Duration::from_secs(20));
}

/// Starts what is hard to end, and is killed.
fn die_in(folder: &Path) -> ! {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let guardian = guardian().await;
        let scratch = folder.join("scratch");
        std::fs::create_dir_all(scratch.join("read-only/in here")).unwrap();
        guardian.cleanup_on_exit(&scratch).unwrap();
        let stubborn = up(
            &guardian,
            "trap '' TERM HUP INT; (setsid sleep 1000 &); sleep 1000 & echo up; while :; do sleep 1000; done",
        )
        .await;
        let flooding = up(&guardian, "echo up; exec yes").await;
        let run = stubborn.mark().split_once('.').unwrap().0;
        assert!(flooding.mark().starts_with(run) && marked(run).len() >= 4, "{:?}", marked(run));
        std::fs::write(folder.join("mark"), run).unwrap();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
        std::future::pending::<()>().await;
    });
    unreachable!("it was killed")
}
