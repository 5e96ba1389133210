//! `http/field-added`: a field that the control lacks.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/field-added",
    severity: Severity::Info,
    summary: "A field that the control lacks",
    explanation: "Readers that ignore what they don't know are not touched. It breaks readers that are declared to reject unknown fields.",
    remedy: "Nothing to do, unless readers are strict: then teach them the field one release before it is sent.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control: None, mixed: Some(_), .. } = spot.what else { return None };
    if spot.reader.rejects_unknown {
        let message = format!("{} sends a field that {} reject", spot.server(), spot.readers());
        return Hit::new(Severity::Breaking, message);
    }
    Hit::new(Severity::Info, format!("{} sends a field that {} don't know", spot.server(), spot.readers()))
}
