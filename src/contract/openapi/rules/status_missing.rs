//! `openapi/status-missing`: the server doesn't reply with a success that clients wait for. Speaks in both directions: of one that is
//! removed, for OLD's clients; of one that is added, for NEW's.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::Status;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/status-missing",
    severity: Severity::Breaking,
    summary: "The server does not reply with a success that clients wait for",
    explanation: "Where none of the server's successes is one that the client knows (200 became 201), the client takes every success for a failure. Where some are left, or the client has a `default`, only those break that wait for just this one: that is a risk.",
    remedy: "Keep the old status. Let clients take any 2xx before the server changes it.",
};

/// Looks at all replies of both.
pub(in crate::contract::openapi) fn check(crossing: &Crossing<'_, '_>) -> Option<Hit> {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let (known, written) = (&caller.operation.replies, &answerer.operation.replies);
    let meets = |own: Status, other: Status| own.covers(other) || other.covers(own);
    let successes: Vec<_> = known.iter().filter(|reply| reply.status.is_success()).collect();
    let missing: Vec<_> =
        successes.iter().filter(|known| !written.iter().any(|written| meets(written.status, known.status))).collect();
    let first = missing.first()?;
    let is_told = written.iter().any(|reply| reply.status.is_success());
    let is_caught = known.iter().any(|reply| reply.status == Status::Default);
    let is_breaking = missing.len() == successes.len() && is_told && !is_caught;
    let codes: Vec<String> = missing.iter().map(|reply| reply.status.to_string()).collect();
    Some(Hit {
        rule: &RULE,
        severity: if is_breaking { Severity::Breaking } else { Severity::Risk },
        at: format!("reply {}", first.status),
        message: format!(
            "{} may wait for {}, which is never sent by {}",
            caller.name(),
            codes.join(", "),
            answerer.name()
        ),
        caller: caller.contract.position(&first.node),
        answerer: answerer.position(&answerer.operation.node),
        counterexample: None,
    })
}
