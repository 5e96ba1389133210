//! `accept/expired`: an acceptance has expired.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "accept/expired",
    severity: Severity::Risk,
    summary: "An acceptance has expired",
    explanation: "A break was accepted until a day that is over. It counts as a break again. Where the gate fails on risks, the acceptance itself counts against the questions of its direction.",
    remedy: "Mend the break, or decide again and set another day.",
};

/// Looks at one acceptance.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Acceptance { expired: Some(day), rule, line } = spot.what else { return None };
    Hit::new(Severity::Risk, format!("the acceptance of {rule} in line {line} of the manifest expired on {day}"))
}
