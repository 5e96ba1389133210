//! `state/migration-failed`: the way to NEW's schema fails, the first time or after a way back.

use crate::compare::spot::{Hit, Spot, Way, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/migration-failed",
    severity: Severity::Breaking,
    summary: "The migration fails",
    explanation: "`migrate.new` is run on a copy of what OLD left behind: as it was seeded, while OLD serves on it, after OLD has served, and once more after `migrate.down`. A migration that fails there stops the release in the middle, with OLD on a store that may be neither one nor the other. It gets no input, and as long as `timeout` in `[state.NAME.migrate]` says.",
    remedy: "Run the command by hand on such a copy, or read its log in .straddle/runs. Let each step be one transaction, make none ask for anything, and let it take rows that only a running OLD writes.",
};

/// Looks at one migration.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Migration { way, failed: Some(how) } = spot.what else { return None };
    match way {
        Way::Up => Hit::new(Severity::Breaking, format!("the migration to what NEW expects fails: {how}")),
        Way::Again => Hit::new(Severity::Breaking, format!("after a way back the migration fails: {how}")),
        Way::Down => None,
    }
}
