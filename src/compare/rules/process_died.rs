//! `process/died`: a server process ended that its control keeps alive.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "process/died",
    severity: Severity::Breaking,
    summary: "A server process ended that its control keeps alive",
    explanation: "The same traffic leaves the control running and ends the other process. Whatever its last reply said, the next client finds nobody there.",
    remedy: "Find the last request before the end in the server's log, and mend the crash before the versions meet.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Process { died: Some(how), .. } = spot.what else { return None };
    Hit::new(Severity::Breaking, format!("{} ended under this traffic: {how}", spot.server()))
}
