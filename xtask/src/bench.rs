//! `cargo xtask bench`: what is measured, never a timed test. The benchmarks themselves are under `benches/`.

use crate::steps::{self, Done};

/// Runs them in the release profile; `length [--exchanges N]` measures what the length of a recording costs.
pub fn run(options: &[String]) -> Done {
    let mut cargo = steps::cargo(&["bench", "--package", "straddle", "--all-features"]);
    if options.first().is_some_and(|first| first == "length") {
        cargo.args(["--bench", "straddle", "--"]);
    }
    Ok(steps::passed_on(steps::status(cargo.args(options))?))
}
