//! `http/improved`: the control fails and the other version does not.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/improved",
    severity: Severity::Info,
    summary: "The control fails and the other version does not",
    explanation: "Clients are used to a failure (a 5xx or a dropped connection) that the other version no longer shows. Nothing breaks; it is told so that a changed reply is not a surprise.",
    remedy: "Nothing to do.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Replies { control, mixed: Ok(mixed) } = spot.what else { return None };
    if mixed >= 500 || control.is_ok_and(|status| status < 500) {
        return None;
    }
    let control = control.map_or_else(ToString::to_string, |status| status.to_string());
    Hit::new(Severity::Info, format!("{} answers {mixed} where the control fails: {control}", spot.server()))
}
