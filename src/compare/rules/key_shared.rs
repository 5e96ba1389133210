//! `state/key-shared`: what OLD knows for one row is several, once NEW has written.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "state/key-shared",
    severity: Severity::Breaking,
    summary: "A key of OLD's names several rows",
    explanation: "The migration gives a table another primary key, and NEW has written rows that are one by OLD's. OLD reads any of them for the one that it means, changes all of them at once, and its primary key can't be made again.",
    remedy: "Keep OLD's key unique until no way back is needed, by a unique index beside the new key.",
};

/// Looks at one table.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Keys { shared } = spot.what else { return None };
    match shared {
        0 => None,
        1 => Hit::new(Severity::Breaking, "1 key of OLD's names several rows now"),
        shared => Hit::new(Severity::Breaking, format!("{shared} keys of OLD's name several rows each now")),
    }
}
