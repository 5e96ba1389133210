//! `openapi/media-type-refused`: clients send a body of a media type that the server doesn't take. Speaks in both directions: of one
//! that is removed on NEW, of one that is added on OLD.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::Content;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/media-type-refused",
    severity: Severity::Breaking,
    summary: "Clients send a media type that the server does not take",
    explanation: "By its own contract a client may send its body as this media type, and the server's contract names others only: it is answered 415. It does not break clients that always choose one of the others.",
    remedy: "Keep taking the old media type until no client is left that sends it. Ship a new one with the server first.",
};

/// Tells of content that no content of the server's fits.
pub(in crate::contract::openapi) fn check(
    crossing: &Crossing<'_, '_>,
    sent: &Content<'_>,
    read: &[Content<'_>],
) -> Hit {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let taken: Vec<String> = read.iter().map(|content| format!("`{}`", content.range)).collect();
    Hit {
        rule: &RULE,
        severity: Severity::Breaking,
        at: format!("request {}", sent.range),
        message: format!(
            "{} may send `{}`, and {} takes only {}",
            caller.name(),
            sent.range,
            answerer.name(),
            taken.join(", ")
        ),
        caller: caller.contract.position(&sent.node),
        answerer: answerer
            .position(answerer.operation.body.as_ref().map_or(&answerer.operation.node, |body| &body.node)),
        counterexample: None,
    }
}
