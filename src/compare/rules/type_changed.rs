//! `http/type-changed`: a value is of another type.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Kind, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/type-changed",
    severity: Severity::Breaking,
    summary: "A value is of another type",
    explanation: "A number that became a string, an array that became an object, a scalar that became an envelope: typed readers fail on it, and untyped ones go wrong later.",
    remedy: "Add the new form under a new name, and keep the old one until nobody reads it.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control: Some(control), mixed: Some(mixed), .. } = spot.what else { return None };
    let (ours, theirs) = (control.kind(), mixed.kind());
    // What comes from null or goes to it is another rule's.
    if ours == theirs || ours == Kind::Null || theirs == Kind::Null {
        return None;
    }
    Hit::new(Severity::Breaking, format!("{} sends {theirs} where {} read {ours}", spot.server(), spot.readers()))
}
