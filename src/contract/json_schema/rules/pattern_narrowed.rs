//! The reader's pattern refuses texts that may be written.

use crate::model::{Rule, Severity};

/// The reader's pattern refuses texts that may be written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/pattern-narrowed",
    severity: Severity::Breaking,
    summary: "The reader's pattern refuses texts that may be written",
    explanation: "A text that the writer's schema allows does not match the reader's `pattern`. A pattern that is written in another way and matches the same texts is no break.",
    remedy: "Loosen the pattern for readers one release before writers use it; tighten it for writers one release before readers.",
};
