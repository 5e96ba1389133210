//! `http/enum-widened`: a value outside what the reader's contract allows.

use super::type_changed::is_unknown_enum;
use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Kind, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/enum-widened",
    severity: Severity::Breaking,
    summary: "A value outside what the reader's contract allows",
    explanation: "The reader's contract lists the values that it takes. One that is not among them makes strict readers throw, often losing the whole reply. In a message of gRPC it is a number for which the reader's enum has no name: a risk, since most readers keep it and have no case for it.",
    remedy: "Teach every reader the new value one release before anybody writes it, or let readers map what they don't know to a default.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control, mixed: Some(mixed), .. } = spot.what else { return None };
    if let Some(control) = control
        && is_unknown_enum(spot.spoken, control.kind(), mixed.kind())
    {
        if mixed.kind() == Kind::Text {
            return None;
        }
        // Open enums keep the number, and the code that reads them has no case for it.
        let message = format!("{} sends a value for which the enum of {} has no name", spot.server(), spot.readers());
        return Hit::new(Severity::Risk, message);
    }
    let allowed = spot.reader.promise(&spot.at)?.values.as_ref()?;
    let value = mixed.as_scalar_text()?;
    if allowed.contains(value) {
        return None;
    }
    Hit::new(Severity::Breaking, format!("{} sends a value that the contract of {} does not have", spot.server(), spot.readers()))
}
