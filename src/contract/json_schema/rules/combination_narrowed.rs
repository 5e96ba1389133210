//! A combination of the reader's schemas refuses what may be written.

use crate::model::{Rule, Severity};

/// A combination of the reader's schemas refuses what may be written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/combination-narrowed",
    severity: Severity::Breaking,
    summary: "A combination of the reader's schemas refuses what may be written",
    explanation: "What is written fits none, or too many, of the schemas of the reader's `anyOf` or `oneOf`, or is refused by `not`, `contains`, `uniqueItems`, `propertyNames` or a dependency. Where a single schema of a combination is clearly meant, the rule of its keyword speaks instead.",
    remedy: "Add the new alternative for readers one release before writers use it; take an alternative away from writers one release before readers.",
};
