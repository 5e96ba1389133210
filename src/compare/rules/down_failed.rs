//! `state/down-failed`: the way back fails.

use crate::compare::spot::{Hit, Spot, Way, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/down-failed",
    severity: Severity::Breaking,
    summary: "The down-migration fails",
    explanation: "`migrate.down` is run on a migrated store, and on one on which NEW has served. Where it fails, rolling back ends in the middle, and at the worst moment: with rows that NEW wrote and OLD's schema has no room for.",
    remedy: "Let the down-migration cope with all that NEW may have written: shorten, move aside or delete what does not fit, and say so. Or keep NEW from writing it until no way back is needed.",
};

/// Looks at one migration.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Migration { way: Way::Down, failed: Some(how) } = spot.what else { return None };
    Hit::new(Severity::Breaking, format!("the way back fails: {how}"))
}
