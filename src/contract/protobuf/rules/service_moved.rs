//! `protobuf/service-moved`: a service has another package or name around it.

use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::methods::Call;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/service-moved",
    severity: Severity::Breaking,
    summary: "A service has another package",
    explanation: "The path of a call holds the service's full name: under another package the server does not know it, and the call fails with UNIMPLEMENTED.",
    remedy: "Serve both names until no client calls the old one.",
};

/// Looks at one method.
pub fn check(call: &Call<'_>) -> Vec<Hit> {
    let Some(moved) = call.moved_to() else { return Vec::new() };
    vec![Hit {
        severity: Severity::Breaking,
        at: "method".to_owned(),
        message: format!("`{}` is UNIMPLEMENTED on the server, which has `{moved}`", call.subject()),
        shown: None,
        positions: call.positions(),
    }]
}
