//! The reader knows fewer values than may be written.

use crate::model::{Rule, Severity};

/// The reader knows fewer values than may be written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/enum-narrowed",
    severity: Severity::Breaking,
    summary: "The reader knows fewer values than may be written",
    explanation: "A value that the writer's schema allows is not among those of the reader's `enum` or `const`. Adding a value breaks those who read by the old list; removing one breaks those who still write it.",
    remedy: "Teach readers the new value one release before anybody writes it, or let readers take values that they don't know.",
};
