//! What witnesses say of a place: stable, noisy in a shape, or not settled among themselves.

use std::borrow::Cow;

use super::secret::{Redacted, redacted};
use super::shape::Shape;
use crate::model::Fold;
use crate::model::{Document, Kind};

/// What the witnesses of one cell say of one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// All agree.
    Stable,
    /// They differ, and this is what all of them look like.
    Shaped(Shape),
    /// They differ in structure: no mask is learned from that, and nothing can be said.
    Unsettled,
}

/// A part of a document in one cell, under that cell's names.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// What stands there; none where nothing does.
    pub document: Option<&'a Document>,
    /// The cell's names.
    pub fold: &'a Fold,
    /// Whether this comes from a run of now; a recording only counts where it has the place at all.
    pub live: bool,
}

impl<'a> Part<'a> {
    /// The same witness at another place.
    pub fn at(self, document: Option<&'a Document>) -> Self {
        Self { document, ..self }
    }
}

/// A scalar's text under its cell's names.
pub fn folded<'a>(document: &'a Document, fold: &Fold) -> Cow<'a, str> {
    match document {
        Document::Text(text) => fold.apply(text),
        Document::Number(number) => fold.apply(number.as_str()),
        other => Cow::Borrowed(other.as_scalar_text().unwrap_or_default()),
    }
}

/// Whether two scalars say the same, each under its own cell's names.
pub fn same(left: &Document, left_fold: &Fold, right: &Document, right_fold: &Fold) -> bool {
    if left == right {
        return true;
    }
    match (left, right) {
        (Document::Text(_), Document::Text(_)) | (Document::Number(_), Document::Number(_)) => {
            folded(left, left_fold) == folded(right, right_fold)
        }
        _ => false,
    }
}

/// The shape of a scalar under its cell's names.
pub fn shape_of(document: &Document, fold: &Fold) -> Shape {
    match document {
        Document::Number(number) => Shape::of_number(number.as_str()),
        Document::Bool(_) => Shape::Bool,
        Document::Text(_) => Shape::of_text(&folded(document, fold)),
        _ => Shape::Prose,
    }
}

impl Noise {
    /// Learns what `value` and its witnesses have in common.
    pub fn learn(value: &Document, fold: &Fold, witnesses: &[Part<'_>]) -> Self {
        let mut shape = None;
        let mut constant = false;
        for witness in witnesses {
            let Some(seen) = witness.document else {
                if witness.live {
                    return Self::Unsettled;
                }
                continue;
            };
            if seen.kind() != value.kind() {
                if witness.live {
                    return Self::Unsettled;
                }
                continue;
            }
            // What is noise within a list or an object is told place by place.
            if matches!(value, Document::List(_) | Document::Fields(_)) {
                continue;
            }
            match redaction_of(seen, witness, value, fold) {
                // It had a value of its own, of which nothing but that is known.
                Some(Redacted::Whole) => {
                    shape = Some(shape.unwrap_or_else(|| shape_of(value, fold)));
                    continue;
                }
                Some(Redacted::Agrees) => continue,
                Some(Redacted::Differs) | None => {}
            }
            if same(value, fold, seen, witness.fold) {
                constant |= !witness.live;
            } else {
                let own = shape.unwrap_or_else(|| shape_of(value, fold));
                shape = Some(own.join(shape_of(seen, witness.fold)));
            }
        }
        match shape {
            Some(shape) => Self::Shaped(shape),
            // Two twins may agree by chance on a clock of seconds. Only a recording of another day shows that it stands still.
            None if !constant && value.kind() == Kind::Text => match shape_of(value, fold) {
                shape @ Shape::Timestamp(_) => Self::Shaped(shape),
                _ => Self::Stable,
            },
            None => Self::Stable,
        }
    }
}

/// What a recorded text says of a value, where redaction took something out of it.
fn redaction_of(seen: &Document, witness: &Part<'_>, value: &Document, fold: &Fold) -> Option<Redacted> {
    let (Document::Text(recorded), Document::Text(text)) = (seen, value) else { return None };
    if witness.live || !recorded.contains("{secret:") {
        return None;
    }
    redacted(&witness.fold.apply(recorded), &fold.apply(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, twin: Option<&str>, recorded: Option<&str>, expected: &str) {
        let fold = Fold::default();
        let document = |text: &str| match text.parse::<u64>() {
            Ok(number) => Document::Number(number.into()),
            Err(_) => Document::text(text),
        };
        let value = document(value);
        let others = [twin, recorded].map(|text| text.map(document));
        let witnesses = [
            Part { document: others[0].as_ref(), fold: &fold, live: true },
            Part { document: others[1].as_ref(), fold: &fold, live: false },
        ];
        let learned = match Noise::learn(&value, &fold, &witnesses) {
            Noise::Stable => "stable".to_owned(),
            Noise::Unsettled => "unsettled".to_owned(),
            Noise::Shaped(shape) => shape.to_string(),
        };
        assert_eq!(learned, expected);
    }

    #[test]
    fn three_witnesses_tell_noise_from_constants() {
        check("paid", Some("paid"), Some("paid"), "stable");
        check("VykzkWP", Some("abc1234"), None, "token");
        check("paid", Some("paid"), Some("open"), "token");
        check("paid", None, Some("paid"), "unsettled");
        check("k1a2b3", Some("k1a2b3"), Some("{secret:key#1}"), "token");
        check("/cb?code=x1", Some("/cb?code=x1"), Some("/cb?code={secret:code#1}"), "stable");
        check("/cb?code=x1", Some("/cb?code=x1"), Some("/login?code={secret:code#1}"), "token");
    }

    #[test]
    fn a_clock_of_seconds_is_noise_though_twins_agree() {
        check("2026-11-24T16:24:25Z", Some("2026-11-24T16:24:25Z"), None, "timestamp, 0000-00-00T00:00:00Z");
        check("2020-01-01T00:00:00Z", Some("2020-01-01T00:00:00Z"), Some("2020-01-01T00:00:00Z"), "stable");
        check("1795543714", Some("1795543714"), None, "stable");
        check("1795543714", Some("1795543714"), Some("1793527200"), "epoch seconds");
        check("1577836800", Some("1577836800"), Some("1577836800"), "stable");
        check("42", Some("42"), None, "stable");
    }
}
