//! `cargo xtask ci`: all that CI looks at, save the tests.

use std::process::ExitCode;

use crate::steps::{self, Done};
use crate::{codegen, released, tidy};

/// Formatting, lints, docs, generated files and the habits of the source, in the order of their cost.
pub fn run() -> Done {
    say("tidy");
    if tidy::run()? != ExitCode::SUCCESS {
        return Ok(ExitCode::FAILURE);
    }
    say("formatting");
    steps::must(&mut steps::cargo(&["fmt", "--all", "--check"]))?;
    say("lints");
    let lints = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"];
    steps::must(&mut steps::cargo(&lints))?;
    say("docs");
    let docs = ["doc", "--workspace", "--no-deps", "--all-features"];
    steps::must(steps::cargo(&docs).env("RUSTDOCFLAGS", "--deny warnings"))?;
    say("generated files");
    if codegen::run(&["--check".to_owned()])? != ExitCode::SUCCESS {
        return Ok(ExitCode::FAILURE);
    }
    say("own formats");
    released::run()
}

fn say(step: &str) {
    eprintln!("ci: {step}");
}
