//! `http/emptied`: rows or text where the control has some, and none here.

use crate::compare::noise::Noise;
use crate::compare::shape::Shape;
use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Document, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/emptied",
    severity: Severity::Breaking,
    summary: "Rows or text where the control has some, and none here",
    explanation: "The reply is well-formed and says nothing: the most silent of breaks. Often a parameter that one version does not know, and ignores or matches against nothing.",
    remedy: "Keep the meaning of the parameters that old clients send; refuse what isn't understood rather than answer with nothing.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    match spot.what {
        What::NoBody => {
            Hit::new(Severity::Breaking, format!("{} sends no body where {} read one", spot.server(), spot.readers()))
        }
        What::Rows { control, mixed: 0, .. } if control > 0 => Hit::new(
            Severity::Breaking,
            format!("{} sends no rows where {} read {control}", spot.server(), spot.readers()),
        ),
        What::Value { control: Some(Document::Text(ours)), mixed: Some(Document::Text(theirs)), noise, .. }
            if theirs.is_empty() && !ours.is_empty() && !may_be_empty(noise) =>
        {
            Hit::new(Severity::Breaking, format!("{} sends an empty text where {} read some", spot.server(), spot.readers()))
        }
        _ => None,
    }
}

/// Whether the control itself is empty at times.
pub(super) fn may_be_empty(noise: Noise) -> bool {
    matches!(noise, Noise::Unsettled | Noise::Shaped(Shape::Anything))
}
