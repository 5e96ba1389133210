//! `http/field-removed`: a field that the control has is gone.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/field-removed",
    severity: Severity::Breaking,
    summary: "A field that the control has is gone",
    explanation: "Old clients read what their server always sent: without it they fail or show nothing. For new clients that meet the old server it is a risk, as they may cope; it breaks them where a later request of the recording uses the value. A reader's contract decides instead where it says which fields have to be there: one that has to be breaks any client, another is a risk.",
    remedy: "Expand, migrate, contract: go on sending the old field beside the new one for as long as old clients live, and let new clients do without the new field until the old server is gone.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control: Some(_), mixed: None, .. } = spot.what else { return None };
    let severity = match spot.reader.promise(&spot.at).and_then(|promise| promise.required) {
        Some(false) if !spot.used => Severity::Risk,
        None if !spot.used => spot.forward(Severity::Risk),
        _ => Severity::Breaking,
    };
    let use_of_it = if spot.used { ", and a later request uses its value" } else { "" };
    Hit::new(severity, format!("{} does not send this field that {} read{use_of_it}", spot.server(), spot.readers()))
}
