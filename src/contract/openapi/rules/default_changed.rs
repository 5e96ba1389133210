//! `openapi/default-changed`: what is left out of a request means something else to the server. A change like this speaks in both
//! directions at once. Replies have no such rule: there a default is what clients fill in, and each knows its own.

use super::Noted;
use crate::contract::openapi::read::Node;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/default-changed",
    severity: Severity::Risk,
    summary: "What is left out of a request means something else to the server",
    explanation: "A client that leaves a value out counts on the default of its own contract, and the server fills in that of its own. Where only one of them names a default it may have been the same all along: that is only worth knowing. Clients that always send the value are not affected.",
    remedy: "Keep the default. Let clients send the value that they mean before it changes.",
};

/// Looks at two schemas of a request that meet.
pub(in crate::contract::openapi) fn check(written: &Node<'_>, read: &Node<'_>) -> Option<Noted> {
    let (own, other) = (written.value.get("default"), read.value.get("default"));
    match (own, other) {
        (Some(own), Some(other)) if own != other => {
            let message =
                format!("what {{writer}} may leave out for the default `{own}` is taken for `{other}` by {{reader}}");
            Some(Noted::of(&RULE, Severity::Risk, message))
        }
        (Some(own), None) => {
            Some(Noted::of(&RULE, Severity::Info, format!("only {{writer}} may count on the default `{own}`")))
        }
        (None, Some(other)) => {
            Some(Noted::of(&RULE, Severity::Info, format!("only {{reader}} may count on the default `{other}`")))
        }
        _ => None,
    }
}
