//! `grpc/status-changed`: the same call of a remote procedure ends with another status.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "grpc/status-changed",
    severity: Severity::Breaking,
    summary: "The same call of a remote procedure ends with another status",
    explanation: "gRPC answers 200 whatever becomes of a call: its clients act on `grpc-status`. A call that went well and now fails is not what they were written for. One failure in place of another is a risk, though retries hang on it: clients try again on UNAVAILABLE and not on INTERNAL. A reply that is no gRPC, or ends without a status, counts as the failure that clients make of it.",
    remedy: "Keep the status for calls that old clients make; where a failure is to be told apart from others, add details and keep the code.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Calls { control: Ok(control), mixed: Ok(mixed) } = spot.what else { return None };
    if control == mixed {
        return None;
    }
    let severity = if control.is_ok() || mixed.is_ok() { Severity::Breaking } else { Severity::Risk };
    Hit::new(severity, format!("{} answers {mixed} where {} expect {control}", spot.server(), spot.readers()))
}
