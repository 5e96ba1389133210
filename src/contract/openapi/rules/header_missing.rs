//! `openapi/header-missing`: the server doesn't always send a header that clients need. Speaks in both directions: of one that is
//! removed or no more required, for OLD's clients; of one that is added, for NEW's.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::{Header, Reply};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/header-missing",
    severity: Severity::Breaking,
    summary: "The server does not always send a header that clients need",
    explanation: "By its own contract a client may count on the header, since it is `required` there; by the server's it may be absent. A header that the client's contract has as optional is one that it can do without: that is only worth knowing.",
    remedy: "Keep sending the header until no client is left that needs it. Let new clients do without it while the old server is there.",
};

/// Looks at a header that clients know.
pub(in crate::contract::openapi) fn check(
    crossing: &Crossing<'_, '_>,
    at: &str,
    known: &Header<'_>,
    sent: Option<&Header<'_>>,
    written: &Reply<'_>,
) -> Option<Hit> {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let severity = match sent {
        Some(sent) if sent.is_required || !known.is_required => return None,
        None if !known.is_required => Severity::Info,
        _ => Severity::Breaking,
    };
    let (need, how) = (
        if known.is_required { "required" } else { "known" },
        if sent.is_some() { "may be left out" } else { "is not sent" },
    );
    Some(Hit {
        rule: &RULE,
        severity,
        at: format!("{at} header {}", known.name),
        message: format!(
            "the header `{}` is {need} by {}, and {how} by {}",
            known.name,
            caller.name(),
            answerer.name()
        ),
        caller: caller.contract.position(&known.node),
        answerer: answerer.contract.position(sent.map_or(&written.node, |sent| &sent.node)),
        counterexample: None,
    })
}
