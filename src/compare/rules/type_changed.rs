//! `http/type-changed`: a value is of another type.

use crate::compare::spot::{Hit, Spoken, Spot, What};
use crate::model::{Kind, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/type-changed",
    severity: Severity::Breaking,
    summary: "A value is of another type",
    explanation: "A number that became a string, an array that became an object, a scalar that became an envelope: typed readers fail on it, and untyped ones go wrong later. Where the reader's contract says that it takes both, it is a risk.",
    remedy: "Add the new form under a new name, and keep the old one until nobody reads it.",
};

/// Whether the reader's enum has a name for the control's value and none for the mixed cell's, or the other way round.
pub(super) fn is_unknown_enum(spoken: Spoken, ours: Kind, theirs: Kind) -> bool {
    spoken == Spoken::Rpc && matches!((ours, theirs), (Kind::Text, Kind::Number) | (Kind::Number, Kind::Text))
}

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control: Some(control), mixed: Some(mixed), .. } = spot.what else { return None };
    let (ours, theirs) = (control.kind(), mixed.kind());
    // What comes from null or goes to it is another rule's.
    if ours == theirs || ours == Kind::Null || theirs == Kind::Null {
        return None;
    }
    // A value for which the reader's enum has no name stands as its number: another rule's.
    if is_unknown_enum(spot.spoken, ours, theirs) {
        return None;
    }
    // A contract that doesn't even fit what its own server sends decides nothing.
    let takes_both = spot.reader.takes(&spot.at, ours) && spot.reader.takes(&spot.at, theirs);
    let severity = if takes_both { Severity::Risk } else { Severity::Breaking };
    Hit::new(severity, format!("{} sends {theirs} where {} read {ours}", spot.server(), spot.readers()))
}
