//! `http/rows-changed`: a list has lost or gained rows.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/rows-changed",
    severity: Severity::Breaking,
    summary: "A list has lost or gained rows",
    explanation: "The control and its twin agree on the rows; the mixed cell has others. A default page size, a filter or a sort that changed shows like this, and so does a write that never arrived.",
    remedy: "Keep the defaults that old clients rely on; state them in the request before changing them.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Rows { control, mixed, lost, gained } = spot.what else { return None };
    if lost + gained == 0 {
        return None;
    }
    let message = if control == mixed {
        format!("{} sends other rows: {lost} of {control} are not those that {} read", spot.server(), spot.readers())
    } else {
        format!("{} sends {mixed} rows where {} read {control}", spot.server(), spot.readers())
    };
    Hit::new(Severity::Breaking, message)
}
