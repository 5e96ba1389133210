//! `http/operation-missing`: the server does not have an operation that its peers serve.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/operation-missing",
    severity: Severity::Breaking,
    summary: "The server does not have an operation that its peers serve",
    explanation: "A request that works with the clients' own version is answered 404, 405 or 501 by the other. During the roll-out every such request is a coin toss; after a rollback, pages that are still open go on sending it.",
    remedy: "Going forward, keep the old operation until no old client is left. For a new operation, ship the server first and the clients that use it in a later release.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Replies { control: Ok(control), mixed: Ok(mixed @ (404 | 405 | 501)) } = spot.what else { return None };
    if control >= 400 {
        return None;
    }
    let message = format!("{} answers {mixed} to a request that {} make", spot.server(), spot.readers());
    Hit::new(Severity::Breaking, message)
}
