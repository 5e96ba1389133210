//! The gate: a run's exit code.

use crate::manifest::Gate;
use crate::model::{Run, Verdict};

/// The exit code of a run, by the precedence that the interface promises: a gating finding (1), then trouble with the
/// environment (3), then what could not be shown (4), else 0.
pub fn gate(run: &Run, gate: &Gate, environment_failed: bool) -> u8 {
    let gating = run.findings.iter().any(|finding| finding.severity >= gate.fail_on && finding.accepted.is_none());
    if gating || run.verdict == Verdict::Incompatible {
        1
    } else if environment_failed {
        3
    } else if run.verdict == Verdict::Inconclusive && gate.inconclusive_fails {
        4
    } else {
        0
    }
}
