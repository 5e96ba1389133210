//! `openapi/parameter-unknown`: clients send a parameter that the server doesn't know. Speaks in both directions: of what is removed
//! on NEW, of what is added on OLD.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::Parameter;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/parameter-unknown",
    severity: Severity::Risk,
    summary: "Clients send a parameter that the server does not know",
    explanation: "Most servers ignore parameters that they don't know: the call succeeds and does something else than what was asked (a filter that doesn't filter). Some refuse them. It is harmless where the parameter is only a hint.",
    remedy: "Keep reading the parameter until no client is left that sends it. Ship a new one with the server first.",
};

/// Looks at a parameter that clients send and the server doesn't read.
pub(in crate::contract::openapi) fn check(crossing: &Crossing<'_, '_>, sent: &Parameter<'_>) -> Hit {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let at = sent.at();
    Hit {
        rule: &RULE,
        severity: Severity::Risk,
        message: format!("{} may send `{at}`, which is unknown to {}", caller.name(), answerer.name()),
        at,
        caller: caller.contract.position(&sent.node),
        answerer: answerer.contract.position(&answerer.operation.node),
        counterexample: None,
    }
}
