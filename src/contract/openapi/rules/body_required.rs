//! `openapi/body-required`: the server needs a body that clients don't always send. Speaks in both directions: a body that becomes
//! required breaks OLD's clients on NEW, one that ceases to be breaks NEW's clients on OLD.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/body-required",
    severity: Severity::Breaking,
    summary: "The server needs a body that clients do not always send",
    explanation: "By its own contract a client may send the request without a body, or knows of none; by the server's contract such a request is refused. It does not break where every client sends one in spite of its contract.",
    remedy: "Let the body be optional until no client is left that leaves it out.",
};

/// Looks at both bodies.
pub(in crate::contract::openapi) fn check(crossing: &Crossing<'_, '_>) -> Option<Hit> {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let read = answerer.operation.body.as_ref().filter(|body| body.is_required)?;
    let sent = caller.operation.body.as_ref();
    if sent.is_some_and(|body| body.is_required) {
        return None;
    }
    let how = if sent.is_some() { "may be left out by" } else { "is unknown to" };
    Some(Hit {
        rule: &RULE,
        severity: Severity::Breaking,
        at: "request".to_owned(),
        message: format!("a body is required by {}, and {how} {}", answerer.name(), caller.name()),
        caller: caller.position(sent.map_or(&caller.operation.node, |body| &body.node)),
        answerer: answerer.position(&read.node),
        counterexample: None,
    })
}
