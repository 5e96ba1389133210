//! `http/null-introduced`: a null where the control never has one.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Kind, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/null-introduced",
    severity: Severity::Breaking,
    summary: "A null where the control never has one",
    explanation: "Readers that never met null here read through it: old clients fail on it. New clients that meet it at the old server are at risk, and so is any client whose contract says that null may stand there.",
    remedy: "Go on filling the field for old clients, or leave it out if it always was optional.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control: Some(control), mixed: Some(mixed), nullable: false, .. } = spot.what else { return None };
    if mixed.kind() != Kind::Null || control.kind() == Kind::Null {
        return None;
    }
    let severity = if spot.used {
        Severity::Breaking
    } else if spot.reader.takes(&spot.at, Kind::Null) && spot.reader.takes(&spot.at, control.kind()) {
        Severity::Risk
    } else {
        spot.forward(Severity::Risk)
    };
    Hit::new(severity, format!("{} sends null where {} always read {}", spot.server(), spot.readers(), control.kind()))
}
