//! The reader takes fewer types of values than may be written.

use crate::model::{Rule, Severity};

/// The reader takes fewer types of values than may be written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/type-narrowed",
    severity: Severity::Breaking,
    summary: "The reader takes fewer types of values than may be written",
    explanation: "A value of a type that the writer's schema allows is refused by the reader's `type`. Allowing another type, or null, breaks those who read by the other schema; taking a type away breaks those who go on writing it. An integer where a number is read is no break.",
    remedy: "Let readers take the new type first, everywhere, and write it one release later; take a type away in the opposite order.",
};
