//! `openapi/body-unknown`: clients send a body where the server reads none. Speaks in both directions: of one that is removed on
//! NEW, of one that is added on OLD.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/body-unknown",
    severity: Severity::Risk,
    summary: "Clients send a body where the server reads none",
    explanation: "Most servers don't look at a body that they don't expect: the call succeeds, and what the body asked for doesn't happen. It is harmless where the body says nothing that matters.",
    remedy: "Keep reading the body until no client is left that sends it. Ship a new one with the server first.",
};

/// Looks at both bodies.
pub(in crate::contract::openapi) fn check(crossing: &Crossing<'_, '_>) -> Option<Hit> {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let sent = caller.operation.body.as_ref()?;
    if answerer.operation.body.is_some() {
        return None;
    }
    Some(Hit {
        rule: &RULE,
        severity: Severity::Risk,
        at: "request".to_owned(),
        message: format!("{} may send a body, and none is read by {}", caller.name(), answerer.name()),
        caller: caller.position(&sent.node),
        answerer: answerer.position(&answerer.operation.node),
        counterexample: None,
    })
}
