//! `process/logged-panic`: a server process logged a panic or exception that its control never logs.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "process/logged-panic",
    severity: Severity::Breaking,
    summary: "A server process logged a panic or exception that its control never logs",
    explanation: "The reply may look fine, yet the server met something that it was not written for. Its control takes the same traffic in silence.",
    remedy: "Read the log of that instance, and handle what it tripped over.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Process { died: None, trouble: Some(line) } = spot.what else { return None };
    Hit::new(Severity::Breaking, format!("{} logged: {line}", spot.server()))
}
