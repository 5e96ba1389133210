//! `openapi/status-unknown`: the server may reply with a status that clients don't know. Speaks in both directions: of one that is
//! added, for OLD's clients; of one that is removed, for NEW's.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::{Reply, Status};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/status-unknown",
    severity: Severity::Risk,
    summary: "The server may reply with a status that clients do not know",
    explanation: "A client that tells replies apart by their status has no branch for this one. Clients treat most failures alike, so that one more of these is only worth knowing; an unexpected success or redirect is a risk. A `default` covers failures, and successes only where no success is named beside it: clients are made to take what comes as `default` for a failure then.",
    remedy: "Keep replying with the statuses that clients know. Let clients treat a status by its first digit before the server uses a new one.",
};

/// Tells of a reply that no reply which clients know is for.
pub(in crate::contract::openapi) fn check(crossing: &Crossing<'_, '_>, written: &Reply<'_>) -> Hit {
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let is_usual = written.status.is_failure() || written.status == Status::Default;
    Hit {
        rule: &RULE,
        severity: if is_usual { Severity::Info } else { Severity::Risk },
        at: format!("reply {}", written.status),
        message: format!("{} may reply {}, which is unknown to {}", answerer.name(), written.status, caller.name()),
        caller: caller.position(&caller.operation.node),
        answerer: answerer.contract.position(&written.node),
        counterexample: None,
    }
}
