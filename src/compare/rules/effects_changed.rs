//! `state/effects-changed`: calls that both builds took leave more or fewer rows than either build would leave by itself.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/effects-changed",
    severity: Severity::Breaking,
    summary: "An effect happens twice, or not at all, where both builds take part",
    explanation: "The same calls leave so many new rows where two instances of one build take them, whichever build that is, and another number where OLD takes some and NEW the others. A lock, an idempotency key or a mark of what is done that one build writes and the other doesn't recognise shows like this: both do the work, or neither.",
    remedy: "Have NEW recognise OLD's keys too, and write them in OLD's form until no OLD is left.",
};

/// Looks at one table.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Effects { control, mixed } = spot.what else { return None };
    if control == mixed {
        return None;
    }
    let rows = |count: i64| match count {
        1 => "1 new row".to_owned(),
        -1 => "1 row fewer".to_owned(),
        count if count < 0 => format!("{} rows fewer", -count),
        count => format!("{count} new rows"),
    };
    Hit::new(Severity::Breaking, format!("{} where either build by itself leaves {}", rows(mixed), rows(control)))
}
