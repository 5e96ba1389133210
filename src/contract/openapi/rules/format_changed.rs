//! `openapi/format-changed`: a text or number is written in another format than it is read. A change like this speaks in both
//! directions at once, but for formats of which one holds all of the other.

use super::Noted;
use crate::contract::openapi::read::Node;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/format-changed",
    severity: Severity::Risk,
    summary: "A value is written in another format than it is read",
    explanation: "`format` and the `content` keywords are notes, which no validator has to heed, so that this is no proof of a break. Programs made from contracts heed them: a date-time where a date is read, 64 bits where 32 are, fail there. A format that the reader doesn't name, or that holds all that is written (`int32` read as `int64`), is harmless.",
    remedy: "Add a field of another name in the new format, and keep the old one until nobody reads it.",
};

/// Looks at two schemas that meet.
pub(in crate::contract::openapi) fn check(written: &Node<'_>, read: &Node<'_>) -> Option<Noted> {
    for keyword in ["format", "contentEncoding", "contentMediaType", "contentSchema"] {
        let (Some(own), other) = (read.value.get(keyword), written.value.get(keyword)) else { continue };
        let is_fitting = other == Some(own)
            || matches!(
                (other.and_then(|other| other.as_str()), own.as_str()),
                (Some("int32"), Some("int64" | "double")) | (Some("float"), Some("double"))
            );
        if is_fitting {
            continue;
        }
        let told = |value: &serde_json::Value| {
            value.as_str().map_or_else(|| "a schema".to_owned(), |text| format!("`{text}`"))
        };
        let message = match other {
            Some(other) => {
                format!("{{writer}} may write the {keyword} {}, and {{reader}} may expect {}", told(other), told(own))
            }
            // Any text may come where a program expects a date.
            None => format!("{{writer}} may write any {keyword}, and {{reader}} may expect {}", told(own)),
        };
        let severity = if other.is_some() || keyword != "format" { Severity::Risk } else { Severity::Info };
        return Some(Noted::of(&RULE, severity, message));
    }
    None
}
