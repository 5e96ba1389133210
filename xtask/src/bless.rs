//! `cargo xtask bless`: takes what the tests give now for right. The diff is then for a person to read.

use crate::steps::{self, Done};

/// Runs the tests with every golden written anew, and says what changed.
pub fn run(options: &[String]) -> Done {
    let tests = steps::status(
        steps::cargo(&["test", "--workspace"])
            .args(options)
            .envs([("INSTA_UPDATE", "always"), ("INSTA_FORCE_PASS", "1")]),
    )?;
    eprintln!("\nxtask: read this before you commit it: git diff snapshots contracts docs");
    steps::must(std::process::Command::new("git").args(["diff", "--stat"]).current_dir(steps::root()))?;
    Ok(steps::passed_on(tests))
}
