//! `protobuf/method-missing`: a method is called that the server does not have.

use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::methods::Call;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/method-missing",
    severity: Severity::Breaking,
    summary: "A method is called that the server does not have",
    explanation: "The call fails with UNIMPLEMENTED, whatever is in it. It is only safe where no client calls the method yet.",
    remedy: "Roll a new method out to all servers before any client calls it; take one out only when no client calls it any more.",
};

/// Looks at one method.
pub fn check(call: &Call<'_>) -> Vec<Hit> {
    if call.server.is_some() || call.moved_to().is_some() {
        return Vec::new();
    }
    vec![Hit {
        severity: Severity::Breaking,
        at: "method".to_owned(),
        message: format!("`{}` is UNIMPLEMENTED on the server", call.subject()),
        shown: None,
        positions: call.positions(),
    }]
}
