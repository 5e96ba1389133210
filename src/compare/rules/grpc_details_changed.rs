//! `grpc/details-changed`: a failed call says less of its failure.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "grpc/details-changed",
    severity: Severity::Risk,
    summary: "A failed call says less of its failure",
    explanation: "Both sides fail the call with the same status, and one of them leaves out a detail (`google.rpc.ErrorInfo`, `BadRequest` …), a field of it, or the message. Clients that read why a call failed do so on the error path only, which is the one that is tried last.",
    remedy: "Keep the details of the old status, in their types, beside the new ones.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Details(lost) = spot.what else { return None };
    Hit::new(Severity::Risk, format!("{} leaves out what {} read of the failure: {lost}", spot.server(), spot.readers()))
}
