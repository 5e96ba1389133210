//! `openapi/media-type-missing`: the server doesn't reply in a media type that clients read. Speaks in both directions: of one that
//! is removed on NEW, of one that is added on OLD.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::Reply;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/media-type-missing",
    severity: Severity::Breaking,
    summary: "The server does not reply in a media type that clients read",
    explanation: "Where nothing that the server may reply is of a type that the client knows, the client can't read the reply. Where only some types are gone, a client that asks for just these is answered 406, or in a type that it doesn't expect; one that takes the others is not broken: that is a risk.",
    remedy: "Keep replying in the old media type to clients that ask for it. Let new clients accept both.",
};

/// Looks at a reply that both know.
pub(in crate::contract::openapi) fn check(
    crossing: &Crossing<'_, '_>,
    written: &Reply<'_>,
    known: &Reply<'_>,
    at: &str,
) -> Vec<Hit> {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let hit = |severity, at: String, message, node| Hit {
        rule: &RULE,
        severity,
        at,
        message,
        caller: caller.contract.position(node),
        answerer: answerer.contract.position(&written.node),
        counterexample: None,
    };
    let worst = if written.status.is_success() { Severity::Breaking } else { Severity::Risk };
    if written.contents.is_empty() {
        let message = format!("a body is read by {}, and none is sent by {}", caller.name(), answerer.name());
        return known
            .contents
            .first()
            .map(|content| hit(worst, at.to_owned(), message, &content.node))
            .into_iter()
            .collect();
    }
    let missing: Vec<_> = known
        .contents
        .iter()
        .filter(|known| !written.contents.iter().any(|written| written.range.meets(&known.range)))
        .collect();
    let severity = if missing.len() == known.contents.len() { worst } else { Severity::Risk };
    let told = |range| format!("{} may ask for `{range}`, which is not sent by {}", caller.name(), answerer.name());
    missing
        .iter()
        .map(|known| hit(severity, format!("{at} {}", known.range), told(&known.range), &known.node))
        .collect()
}
