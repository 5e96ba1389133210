//! `openapi/security-required`: the server asks for credentials that clients don't show. Speaks in both directions: of what is added
//! or changed, for OLD's clients; of what is removed or changed, for NEW's.

use crate::contract::openapi::compare::{Crossing, Hit, Party};
use crate::contract::openapi::read::{Admission, Alternative};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/security-required",
    severity: Severity::Breaking,
    summary: "The server asks for credentials that clients do not show",
    explanation: "By its own contract a client shows one of some alternatives, and none of those that the server's contract takes is among them: it is answered 401 or 403. Where only some of the client's alternatives are no longer taken, or the same credentials must be good for more scopes, clients with the others, or with wider tokens, are not broken: that is a risk. What a scheme is called in the contract makes no difference.",
    remedy: "Take the old credentials beside the new ones until no client is left that shows only these. Grant new scopes to clients before the server asks for them.",
};

/// Looks at what both say of security.
pub(in crate::contract::openapi) fn check(crossing: &Crossing<'_, '_>) -> Option<Hit> {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let (shown, asked) = (&caller.operation.security, &answerer.operation.security);
    let admissions: Vec<_> = shown.iter().map(|shown| (shown, shown.admitted_by(asked))).collect();
    let refused: Vec<_> = admissions.iter().filter(|(_, admission)| *admission == Admission::Refused).collect();
    let wanted = || asked.iter().map(Alternative::told).collect::<Vec<_>>().join(", or ");
    let (severity, message) = if let Some((shown, _)) = refused.first() {
        let severity = if refused.len() == admissions.len() { Severity::Breaking } else { Severity::Risk };
        (
            severity,
            format!(
                "{} may show {}, and {} is asked for by {}",
                caller.name(),
                shown.told(),
                wanted(),
                answerer.name()
            ),
        )
    } else {
        let scopes = admissions.iter().find_map(|(_, admission)| match admission {
            Admission::Scopes(scopes) => Some(scopes.join("`, `")),
            _ => None,
        })?;
        let message = format!(
            "{} asks for the scope `{scopes}`, which is not in the contract of {}",
            answerer.name(),
            caller.name()
        );
        (Severity::Risk, message)
    };
    let position = |party: &Party<'_, '_>| {
        party.position(&party.operation.node.get("security").unwrap_or_else(|| party.operation.node.clone()))
    };
    Some(Hit {
        rule: &RULE,
        severity,
        at: "security".to_owned(),
        message,
        caller: position(caller),
        answerer: position(answerer),
        counterexample: None,
    })
}
