//! `http/format-changed`: a value that changes each time, or is of a known type, is written in another format.

use crate::compare::headers::is_read;
use crate::compare::noise::{Noise, shape_of};
use crate::compare::shape::Shape;
use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Document, Fold, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/format-changed",
    severity: Severity::Breaking,
    summary: "A value that changes each time, or is of a known type, is written in another format",
    explanation: "Dates, ids and tokens differ from reply to reply, but their form is a promise: clients parse it, store it and compare it as text. Of headers, those by which clients find their way (Location, Link, X-Total-Count …) break them; others are only told.",
    remedy: "Keep the form. A new one belongs under a new name, or behind a version that the client asks for.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let (control, mixed, noise, mixed_noise) = match spot.what {
        What::Value { control: Some(control), mixed: Some(mixed), noise, mixed_noise, .. } => {
            (control, mixed, noise, mixed_noise)
        }
        What::Header { name, noise: Noise::Shaped(ours), shape: Some(theirs), .. } => {
            return header(spot, name, ours, theirs);
        }
        _ => return None,
    };
    if control.kind() != mixed.kind() {
        return None;
    }
    let own = |document: &Document, noise: Noise| match noise {
        Noise::Shaped(shape) => shape,
        _ => shape_of(document, &Fold::default()),
    };
    let (ours, theirs) = (own(control, noise), own(mixed, mixed_noise));
    let changed = match noise {
        Noise::Shaped(learned) => !learned.is_blank() && !learned.fits(theirs),
        // A value that stands still may well become another; one of a known type stays of it.
        Noise::Stable => !matches!(control, Document::Number(_)) && ours.is_typed() && !ours.fits(theirs) && theirs != Shape::Empty,
        Noise::Unsettled => false,
    };
    if !changed {
        return None;
    }
    Hit::new(Severity::Breaking, format!("{} writes {theirs} where {} read {ours}", spot.server(), spot.readers()))
}

/// A header that says something else each time, in one form.
fn header(spot: &Spot<'_>, name: &str, ours: Shape, theirs: Shape) -> Option<Hit> {
    if ours.is_blank() || theirs.is_blank() || ours.fits(theirs) {
        return None;
    }
    let severity = if is_read(name) { Severity::Breaking } else { Severity::Info };
    Hit::new(severity, format!("{} writes {theirs} where {} read {ours}", spot.server(), spot.readers()))
}
