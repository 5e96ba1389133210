//! The reader takes a smaller range of numbers than may be written.

use crate::model::{Rule, Severity};

/// The reader takes a smaller range of numbers than may be written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/bound-narrowed",
    severity: Severity::Breaking,
    summary: "The reader takes a smaller range of numbers than may be written",
    explanation: "A number that the writer's schema allows lies outside of the reader's `minimum`, `maximum` or their exclusive forms, or is no multiple of its `multipleOf`.",
    remedy: "Widen the range for readers one release before writers use it; narrow it for writers one release before readers.",
};
