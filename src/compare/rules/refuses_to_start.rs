//! `state/refuses-to-start`: a build does not start on the store that the other one needs or leaves.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/refuses-to-start",
    severity: Severity::Breaking,
    summary: "A build refuses to start on the other's store",
    explanation: "The build starts on a store of its own and not on one that is migrated for the other, or on which the other has served: it checks a version stamp, reads what it doesn't know, or applies what has been applied. An OLD that runs already may go on; the next one that is started, because of load, a crash or a rollback, does not come up.",
    remedy: "Let a build start on a store that is one version ahead, and have it refuse only what it can't read. Its log in .straddle/runs says what it stumbled over.",
};

/// Looks at one start.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Start { refused: Some(why), early: false } = spot.what else { return None };
    Hit::new(Severity::Breaking, format!("{} does not start there: {why}", spot.server()))
}
