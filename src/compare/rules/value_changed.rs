//! `http/value-changed`: a value on which all runs of the control agree is another.

use crate::compare::headers::is_read;
use crate::compare::noise::Noise;
use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Kind, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/value-changed",
    severity: Severity::Breaking,
    summary: "A value on which all runs of the control agree is another",
    explanation: "The control always gives this value, and the mixed cell gives another. Often harmless (a version number), so a risk; it breaks where the client itself sent the value earlier in the session and gets another back, or where its contract excludes it.",
    remedy: "Look at it once. If it is meant, accept it in the manifest with its reason; if nobody reads it, ignore the place.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    match &spot.what {
        What::Header { name, control, mixed: Some(mixed), noise: Noise::Stable, .. } if control != mixed => {
            let severity = if *name == "allow" || is_read(name) { Severity::Risk } else { Severity::Info };
            Hit::new(severity, format!("{} sends another value", spot.server()))
        }
        What::Value { control: Some(control), mixed: Some(mixed), noise: Noise::Stable, .. } => {
            if control.kind() != mixed.kind() && control.kind() != Kind::Null && mixed.kind() != Kind::Null {
                return None;
            }
            // What is null in another row of the control is no new value.
            if mixed.kind() == Kind::Null && !matches!(spot.what, What::Value { nullable: true, .. }) {
                return None;
            }
            if spot.sent {
                let message = format!("{} gives back another value than {} sent", spot.server(), spot.readers());
                return Hit::new(Severity::Breaking, message);
            }
            Hit::new(Severity::Risk, format!("{} sends another value than {} always read", spot.server(), spot.readers()))
        }
        _ => None,
    }
}
