//! `http/improved`: the control fails and the other version does not.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Code, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/improved",
    severity: Severity::Info,
    summary: "The control fails and the other version does not",
    explanation: "Clients are used to a failure (a 5xx, a gRPC status like it, or a dropped connection) that the other version no longer shows. Nothing breaks; it is told so that a changed reply is not a surprise.",
    remedy: "Nothing to do.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let (control, mixed) = match spot.what {
        What::Replies { control, mixed: Ok(mixed @ ..500) } if control.map_or(true, |status| status >= 500) => {
            (control.map_or_else(ToString::to_string, |status| status.to_string()), mixed.to_string())
        }
        What::Calls { control, mixed: Ok(mixed) } if !mixed.is_fault() && control.map_or(true, Code::is_fault) => {
            (control.map_or_else(ToString::to_string, |code| code.to_string()), mixed.to_string())
        }
        _ => return None,
    };
    Hit::new(Severity::Info, format!("{} answers {mixed} where the control fails: {control}", spot.server()))
}
