//! The gate: a run's exit code.

use crate::manifest::Gate;
use crate::model::{Run, Verdict};

/// The exit code of a run, by the precedence that the interface promises: a finding that gates (1), then trouble with
/// the environment (3), then what could not be shown (4), else 0. What gates is in the verdict already, so that a report and
/// the exit code never say different things.
pub fn gate(run: &Run, gate: &Gate, environment_failed: bool) -> u8 {
    if run.verdict == Verdict::Incompatible {
        1
    } else if environment_failed {
        3
    } else if run.verdict == Verdict::Inconclusive && gate.inconclusive_fails {
        4
    } else {
        0
    }
}
