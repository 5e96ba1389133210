//! `openapi/extensible-enum-changed`: a value may be written that is not among those which the reader's contract lists as known so far.
//! Speaks in both directions: of values that are removed from requests, or added to replies, and the other way round.

use serde_json::Value;

use super::Noted;
use crate::contract::openapi::read::Node;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/extensible-enum-changed",
    severity: Severity::Risk,
    summary: "A value may be written that the reader does not list as known",
    explanation: "`x-extensible-enum` lists values to which others may be added: a reader must cope with those that it doesn't know. Whether it does, nothing shows. Values that are no longer written are harmless.",
    remedy: "Make sure that readers treat an unknown value as such before one is written. Keep taking old values until nobody writes them.",
};

/// Looks at two schemas that meet.
pub(in crate::contract::openapi) fn check(written: &Node<'_>, read: &Node<'_>) -> Option<Noted> {
    let known = read.value.get("x-extensible-enum")?.as_array()?;
    let values = written.value.get("x-extensible-enum")?.as_array()?;
    let unknown: Vec<String> =
        values.iter().filter(|value| !known.contains(value)).map(|value: &Value| format!("`{value}`")).collect();
    if unknown.is_empty() {
        return None;
    }
    let message = format!("{{writer}} may write {}, which {{reader}} may not know", unknown.join(", "));
    Some(Noted::of(&RULE, Severity::Risk, message))
}
