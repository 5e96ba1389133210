//! `cargo xtask bench`: what is measured, never a timed test. The benchmarks themselves are under `benches/`.

use crate::steps::{self, Done};

/// Runs them in the release profile.
pub fn run(options: &[String]) -> Done {
    Ok(steps::passed_on(steps::status(
        steps::cargo(&["bench", "--package", "straddle", "--all-features"]).args(options),
    )?))
}
