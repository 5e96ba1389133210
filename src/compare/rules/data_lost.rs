//! `state/data-lost`: a way to NEW's schema and back loses data.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/data-lost",
    severity: Severity::Breaking,
    summary: "The migration and its way back lose data",
    explanation: "The store is migrated and taken back, once as it was seeded and once after NEW has served, and compared with what it was: rows by primary key, in the columns of both. Both commands say that all went well, and rows are gone, or values are others: a column that is dropped and comes back empty, a number that has lost its cents. Where there is no way back at all, what the migration itself drops is lost.",
    remedy: "Keep what the migration drops until no way back is needed: rename instead of dropping, copy aside instead of overwriting.",
};

/// Looks at one table or column.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Returned { lost, held, is_column } = spot.what else { return None };
    if lost == 0 {
        return None;
    }
    let what = if is_column { "values" } else { "rows" };
    let are = if lost == 1 { "is" } else { "are" };
    Hit::new(Severity::Breaking, format!("{lost} of {held} {what} {are} lost on the way there and back"))
}
