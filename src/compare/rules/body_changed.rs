//! `http/body-changed`: bytes, text or a page of the same type say something else.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/body-changed",
    severity: Severity::Info,
    summary: "Bytes, text or a page of the same type say something else",
    explanation: "The body is not looked into: a page of another version differs nearly everywhere. What a later request takes from a page is judged as a field.",
    remedy: "Nothing to do.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Body = spot.what else { return None };
    Hit::new(Severity::Info, format!("{} sends another body of the same type", spot.server()))
}
