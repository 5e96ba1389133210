//! `http/enum-widened`: a value outside what the reader's contract allows.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/enum-widened",
    severity: Severity::Breaking,
    summary: "A value outside what the reader's contract allows",
    explanation: "The reader's contract lists the values that it takes. One that is not among them makes strict readers throw, often losing the whole reply.",
    remedy: "Teach every reader the new value one release before anybody writes it, or let readers map what they don't know to a default.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { mixed: Some(mixed), .. } = spot.what else { return None };
    let allowed = spot.reader.promise(&spot.at)?.values.as_ref()?;
    let value = mixed.as_scalar_text()?;
    if allowed.contains(value) {
        return None;
    }
    Hit::new(Severity::Breaking, format!("{} sends a value that the contract of {} does not have", spot.server(), spot.readers()))
}
