//! `grpc/method-missing`: the server does not have a method that its peers serve.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Code, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "grpc/method-missing",
    severity: Severity::Breaking,
    summary: "The server does not have a method that its peers serve",
    explanation: "A call that the clients' own version takes up, well or not, is answered UNIMPLEMENTED by the other: it has no such service or method, or has it under another package. During the roll-out every such call is a coin toss, and clients don't try it again.",
    remedy: "Going forward, keep the old method, and the package that it stands in, until no old client is left. For a new method, ship the server first and the clients that call it in a later release.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Calls { control: Ok(control), mixed: Ok(Code::UNIMPLEMENTED) } = spot.what else { return None };
    if control == Code::UNIMPLEMENTED {
        return None;
    }
    let message = format!("{} answers UNIMPLEMENTED to a call that {} make", spot.server(), spot.readers());
    Hit::new(Severity::Breaking, message)
}
