//! `http/error-shape-changed`: the body of an error has another structure.

use super::emptied::may_be_empty;
use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Document, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/error-shape-changed",
    severity: Severity::Risk,
    summary: "The body of an error has another structure",
    explanation: "Both sides refuse the request, and say why in different structures, or one of them leaves empty what the other says. Clients that read the reason fail on the error path only, which is the one that is tried last.",
    remedy: "Keep the fields of the old error body beside the new ones.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    if !spot.failing {
        return None;
    }
    let message = match spot.what {
        What::Value { control: Some(_), mixed: None, .. } => format!("{} leaves out this part of the error", spot.server()),
        What::Value { control: None, mixed: Some(_), .. } => {
            return Hit::new(Severity::Info, format!("{} adds this part to the error", spot.server()));
        }
        What::Value { control: Some(control), mixed: Some(mixed), .. } if control.kind() != mixed.kind() => {
            format!("{} sends {} in the error where {} read {}", spot.server(), mixed.kind(), spot.readers(), control.kind())
        }
        What::Value { control: Some(Document::Text(ours)), mixed: Some(Document::Text(theirs)), noise, .. }
            if theirs.is_empty() && !ours.is_empty() && !may_be_empty(noise) =>
        {
            format!("{} leaves this part of the error empty", spot.server())
        }
        What::Rows { mixed: 0, .. } => format!("{} leaves this part of the error empty", spot.server()),
        What::NoBody => format!("{} sends no body with the error", spot.server()),
        _ => return None,
    };
    Hit::new(Severity::Risk, message)
}
