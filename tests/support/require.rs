//! Tests that need more than Rust: where it is missing they say by name that they did not run, and fail where all must.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Set to `all` where every test must be able to run: in the gate.
const VARIABLE: &str = "STRADDLE_TEST_REQUIRE";

/// Whether what the calling test needs is there.
#[track_caller]
pub fn require(what: &str, is_there: impl FnOnce() -> bool) -> bool {
    if is_there() {
        return true;
    }
    assert!(std::env::var_os(VARIABLE).is_none_or(|which| which != "all"), "{what} is missing, and {VARIABLE}=all");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Not by a macro: what a test prints that passes is not shown.
    let _ = writeln!(std::io::stderr(), "{test} did not run: {what} is missing");
    false
}

/// Whether PostgreSQL is installed.
#[track_caller]
pub fn has_postgres() -> bool {
    require("PostgreSQL", || {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let here = versions.into_iter().any(|version| version.path().join("bin/initdb").exists());
        here || has_program("initdb", "--version")
    })
}

/// Whether that program can be run.
pub fn has_program(name: &str, argument: &str) -> bool {
    let run =
        Command::new(name).arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}
