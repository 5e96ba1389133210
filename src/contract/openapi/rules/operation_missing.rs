//! `openapi/operation-missing`: the server doesn't have an operation that clients call. Speaks in both directions: an operation that
//! is added breaks NEW's clients on OLD, one that is removed breaks OLD's clients on NEW.

use crate::contract::{Difference, Place};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/operation-missing",
    severity: Severity::Breaking,
    summary: "The server does not have an operation that clients call",
    explanation: "A client calls what its own contract names, and the other side's contract has no such method and path: it is answered 404 or 405. Names of parameters in paths make no difference; the base paths of `servers` do, where both contracts name servers and no base path is in both. A client that never calls the operation is not broken.",
    remedy: "Keep the old operation until no old client is left. Ship a new operation with the server first, and the clients that call it in a later release.",
};

/// Tells of an operation that only one side has; `elsewhere` is where its path stands under the other's servers.
pub(in crate::contract::openapi) fn check(
    place: Place,
    caller: &str,
    answerer: &str,
    elsewhere: Option<&str>,
) -> Difference {
    let instead = match elsewhere {
        Some(elsewhere) => format!("has it as `{elsewhere}`, by the base path of its servers"),
        None => "has no such operation".to_owned(),
    };
    let message = format!("{caller} may call `{}`, and {answerer} {instead}", place.subject);
    Difference { rule: &RULE, severity: Severity::Breaking, place, message, counterexample: None }
}
