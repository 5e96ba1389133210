//! `rollout/dropped`: a request is lost while replicas are replaced, where replacing a build by itself loses none.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "rollout/dropped",
    severity: Severity::Breaking,
    summary: "A request is lost during the roll-out that is answered when a build replaces itself",
    explanation: "Behind a balancer that sends nothing to a replica which is to go, a request got no whole reply: the connection was refused, closed or cut. The same replicas were replaced at the same moments by a build of their own kind, and there it was answered.",
    remedy: "On SIGTERM stop taking connections, finish the requests that are under way, then end. If it is lost while the other build starts, look for what that takes away: a port, a lock, a file.",
};

/// Looks at one call.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Dropped { how } = spot.what else { return None };
    Hit::new(Severity::Breaking, format!("{} loses a request: {how}", spot.server()))
}
