//! `http/order-changed`: the same rows in another order.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/order-changed",
    severity: Severity::Risk,
    summary: "The same rows in another order",
    explanation: "The control and its twin agree on the order, and the mixed cell has another. Clients that take the first row, or show the list as it comes, see a difference.",
    remedy: "Sort explicitly, or declare the list unordered in the manifest.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Order = spot.what else { return None };
    Hit::new(Severity::Risk, format!("{} sends the same rows in another order", spot.server()))
}
