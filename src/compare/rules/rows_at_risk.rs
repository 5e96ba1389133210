//! `state/rows-at-risk`: what restoring a backup would lose.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/rows-at-risk",
    severity: Severity::Info,
    summary: "Restoring a backup would lose rows",
    explanation: "A backup of the moment before the migration brings OLD back whatever NEW did, and loses all that was written since. How many rows the recorded sessions wrote says what kind of rows these are; how many there will be is a matter of how long NEW serves.",
    remedy: "Know this number before choosing a backup as the way back, and keep what NEW wrote beside it.",
};

/// Looks at one store.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Since { added, changed, gone } = spot.what else { return None };
    let parts: Vec<String> = [(added, "new"), (changed, "changed"), (gone, "deleted")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let rows = if added + changed + gone == 1 { "row" } else { "rows" };
    Hit::new(
        Severity::Info,
        format!("restoring a backup from before the migration undoes what the sessions wrote since: {} {rows}", parts.join(", ")),
    )
}
