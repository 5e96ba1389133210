//! The reader requires a field that may be missing in what is written.

use crate::model::{Rule, Severity};

/// The reader requires a field that may be missing in what is written. It speaks in both directions, by who writes and who reads, and so is its own mirror.
pub static RULE: Rule = Rule {
    id: "schema/required-added",
    severity: Severity::Breaking,
    summary: "The reader requires a field that may be missing in what is written",
    explanation: "The writer's schema allows documents without the field, and the reader refuses them. A field that is required on one side only breaks in the direction in which the other side writes; a field that both sides always write breaks nobody.",
    remedy: "Add the field as optional, let all writers write it, and require it one release later; stop requiring it everywhere before anybody stops writing it.",
};
