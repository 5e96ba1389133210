//! The reader takes other lengths than may be written.

use crate::model::{Rule, Severity};

/// The reader takes other lengths than may be written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/length-narrowed",
    severity: Severity::Breaking,
    summary: "The reader takes other lengths than may be written",
    explanation: "A text, an array or an object that the writer's schema allows is shorter or longer than the reader's `minLength`, `maxLength`, `minItems`, `maxItems`, `minProperties` or `maxProperties` allow.",
    remedy: "Widen the lengths for readers one release before writers use them; narrow them for writers one release before readers.",
};
