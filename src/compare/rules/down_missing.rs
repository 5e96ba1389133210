//! `state/down-missing`: no command takes a migrated store back.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/down-missing",
    severity: Severity::Risk,
    summary: "There is no down-migration",
    explanation: "The manifest has a `migrate.new` and no `migrate.down`: the only ways back are OLD on the migrated store, and a backup. Where recorded sessions show that OLD serves there even after NEW, that is worth knowing and no more; where it doesn't, what it stumbles over is a finding of its own, and no way back is left but the backup; where nothing shows it, it is a risk.",
    remedy: "Write a `migrate.down`, or let the migration only add what OLD can do without, and record what OLD's users do.",
};

/// Looks at one store.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::NoDown { serves } = spot.what else { return None };
    match serves {
        Some(true) => Hit::new(Severity::Info, "no down-migration; OLD serves on the migrated store as it is"),
        // What OLD stumbles over there is told, and is against rolling back.
        Some(false) => Hit::new(
            Severity::Info,
            "no down-migration, and OLD does not serve on the migrated store: only a backup is left",
        ),
        None => Hit::new(
            Severity::Risk,
            "no down-migration, and nothing shows that OLD serves on the migrated store after NEW",
        ),
    }
}
