//! `openapi/parameter-required`: the server needs a parameter that clients don't always send. Speaks in both directions: a
//! parameter that becomes required breaks OLD's clients on NEW, one that ceases to be breaks NEW's clients on OLD.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::Parameter;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/parameter-required",
    severity: Severity::Breaking,
    summary: "The server needs a parameter that clients do not always send",
    explanation: "By its own contract a client may leave the parameter out, or doesn't know it; by the server's contract a request without it is refused. It does not break where the server fills in a default in spite of its contract.",
    remedy: "Let the parameter be optional, with a default that means what its absence meant, until no client is left that leaves it out.",
};

/// Looks at a parameter that the server reads.
pub(in crate::contract::openapi) fn check(
    crossing: &Crossing<'_, '_>,
    sent: Option<&Parameter<'_>>,
    read: &Parameter<'_>,
) -> Option<Hit> {
    if !read.is_required || sent.is_some_and(|sent| sent.is_required) {
        return None;
    }
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let how = if sent.is_some() { "may be left out by" } else { "is unknown to" };
    let at = read.at();
    let position = sent.map_or(&caller.operation.node, |sent| &sent.node);
    Some(Hit {
        rule: &RULE,
        severity: Severity::Breaking,
        message: format!("`{at}` is required by {}, and {how} {}", answerer.name(), caller.name()),
        at,
        caller: caller.contract.position(position),
        answerer: answerer.contract.position(&read.node),
        counterexample: None,
    })
}
