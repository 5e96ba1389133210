//! `http/content-type-changed`: the body is of another media type.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/content-type-changed",
    severity: Severity::Breaking,
    summary: "The body is of another media type",
    explanation: "Clients choose their parser by the media type, or hard-wire one: a body of another type is not read. A change of parameters alone (a charset, a boundary) is only told.",
    remedy: "Serve the new type where the request's Accept header asks for it, and the old one otherwise.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Media { control, mixed } = spot.what else { return None };
    let essence = |media: &str| media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (ours, theirs) = (essence(control), essence(mixed));
    if ours != theirs {
        let name = |media: String| if media.is_empty() { "no media type".to_owned() } else { media };
        let message = format!("{} sends {} where {} expect {}", spot.server(), name(theirs), spot.readers(), name(ours));
        return Hit::new(Severity::Breaking, message);
    }
    if control.eq_ignore_ascii_case(mixed) || parameters(control) == parameters(mixed) {
        return None;
    }
    Hit::new(Severity::Info, "the same media type with other parameters")
}

/// Parameters of a media type; a multipart boundary is drawn anew each time.
fn parameters(media: &str) -> Vec<String> {
    let mut all: Vec<String> = media
        .split(';')
        .skip(1)
        .map(|parameter| parameter.trim().to_ascii_lowercase())
        .filter(|parameter| !parameter.starts_with("boundary="))
        .collect();
    all.sort_unstable();
    all
}
