//! `http/fault`: the server drops the connection, hangs, or answers what is no reply.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/fault",
    severity: Severity::Breaking,
    summary: "The server drops the connection, hangs, or answers what is no reply",
    explanation: "Where the control answers, the mixed cell gives no whole reply: the connection is refused, closed early or never answered, or the bytes are no HTTP. Every client sees an error that its own version never showed.",
    remedy: "Find the request in the server's log: a crash, a dead-lock or a limit that only this version has. Until it is mended the versions must not meet.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    if let What::Unreadable(why) = spot.what {
        return Hit::new(Severity::Breaking, format!("{} sends a body that can't be read: {why}", spot.server()));
    }
    let (expected, fails, fault) = match spot.what {
        What::Replies { control: Ok(status), mixed: Err(fault) } => (status.to_string(), status >= 500, fault),
        What::Calls { control: Ok(code), mixed: Err(fault) } => (code.to_string(), code.is_fault(), fault),
        _ => return None,
    };
    // One failure in place of another: few clients tell them apart.
    let severity = if fails { Severity::Risk } else { Severity::Breaking };
    Hit::new(severity, format!("{} gives no reply where {expected} is expected: {fault}", spot.server()))
}
