//! `accept/unused`: an acceptance that no finding needs.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "accept/unused",
    severity: Severity::Risk,
    summary: "An acceptance that no finding needs",
    explanation: "The break that it accepts was not found. Left standing, it would hide the break when it comes back. Where the gate fails on risks, it counts against the questions of its direction.",
    remedy: "Take it out of the manifest.",
};

/// Looks at one acceptance.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Acceptance { expired: None, rule, line } = spot.what else { return None };
    Hit::new(Severity::Risk, format!("nothing needs the acceptance of {rule} in line {line} of the manifest"))
}
