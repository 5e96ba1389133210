//! `state/needs-migration`: NEW does not serve before the migration.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/needs-migration",
    severity: Severity::Info,
    summary: "NEW needs the migration first",
    explanation: "NEW is also started on a store as OLD left it, before `migrate.new`. Where it doesn't start there, or answers otherwise than on a migrated store, the migration must have ended before the first instance of NEW starts. That is the usual order, and so no break.",
    remedy: "Keep that order: migrate, then start NEW.",
};

/// Looks at one start, or at what was served after it.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    match spot.what {
        What::Start { refused: Some(why), early: true } => {
            Hit::new(Severity::Info, format!("NEW does not start before the migration: {why}"))
        }
        What::Early { differ: 1 } => Hit::new(Severity::Info, "1 reply of NEW is another before the migration"),
        What::Early { differ } if differ > 0 => {
            Hit::new(Severity::Info, format!("{differ} replies of NEW are others before the migration"))
        }
        _ => None,
    }
}
