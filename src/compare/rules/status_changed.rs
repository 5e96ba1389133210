//! `http/status-changed`: the same request is answered with another status code.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/status-changed",
    severity: Severity::Breaking,
    summary: "The same request is answered with another status code",
    explanation: "Clients act on the code: a success that became a failure or a redirect is not what they were written for. One failure in place of another is a risk, since few clients tell failures apart.",
    remedy: "Keep the code for requests that old clients send. A move is best made by serving both places for one release before redirecting.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Replies { control: Ok(control), mixed: Ok(mixed) } = spot.what else { return None };
    if control == mixed {
        return None;
    }
    let severity = if control >= 400 && mixed >= 400 { Severity::Risk } else { Severity::Breaking };
    Hit::new(severity, format!("{} answers {mixed} where {} expect {control}", spot.server(), spot.readers()))
}
