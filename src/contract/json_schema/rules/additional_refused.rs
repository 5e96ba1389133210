//! The reader refuses fields or items that it doesn't name.

use crate::model::{Rule, Severity};

/// The reader refuses fields or items that it doesn't name. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/additional-refused",
    severity: Severity::Breaking,
    summary: "The reader refuses fields or items that it doesn't name",
    explanation: "What is written may have a field, or an item of an array, of which the reader's schema says that there must be none: `additionalProperties: false`, `unevaluatedProperties: false`, `items: false` and their like. A reader that is said to ignore unknown fields is not asked for them.",
    remedy: "Let readers ignore what they don't know, or name the field for readers one release before writers write it.",
};
