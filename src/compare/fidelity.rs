//! Fidelity: whether the control still answers as it did when it was recorded, in status and structure.
//!
//! An exchange whose control has left its recording is stale and proves nothing: a wrong seed answers 404 on both sides,
//! and that must never read "compatible".

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::walk::is_generated;
use crate::model::Fold;
use crate::model::secret::{has_placeholder, whole};
use crate::model::{Answer, Document, Form, Kind};

/// How the live answer left the recorded one; none where it hasn't.
pub fn departure(recorded: &Answer, recorded_fold: &Fold, live: &Answer, live_fold: &Fold) -> Option<String> {
    if !recorded.ended_as(live) {
        return Some(format!("recorded status {}, now {}", recorded.outcome(), live.outcome()));
    }
    let (was, is) = (&recorded.content, &live.content);
    if was.bytes.is_none() || was.bytes == is.bytes {
        return None;
    }
    if was.form != is.form {
        let name = |form: Form, media: &str| if form == Form::Empty { "no body".to_owned() } else { media.to_owned() };
        return Some(format!("recorded {}, now {}", name(was.form, &was.media), name(is.form, &is.media)));
    }
    // Which events come while a stream is read hangs on the clock.
    if !was.form.is_structured() || is.open {
        return None;
    }
    let was = Structure::of(was.document(), recorded_fold);
    let is = Structure::of(is.document(), live_fold);
    was.departure(&is, "$").map(|how| format!("another structure: {how}"))
}

/// Which kinds of value stand where, all rows of a list laid over each other.
#[derive(Debug, Default)]
struct Structure {
    kinds: BTreeSet<Kind>,
    fields: BTreeMap<String, Structure>,
    rows: Option<Box<Structure>>,
}

impl Structure {
    fn of(document: &Document, fold: &Fold) -> Self {
        let mut structure = Self::default();
        structure.add(document, fold);
        structure
    }

    fn add(&mut self, document: &Document, fold: &Fold) {
        if let Document::Text(text) = document
            && whole(text).is_some()
        {
            // Redaction took it out, and left no kind.
            return;
        }
        self.kinds.insert(document.kind());
        match document {
            Document::List(rows) => {
                for row in rows {
                    self.rows.get_or_insert_default().add(row, fold);
                }
            }
            Document::Fields(fields) => {
                for (name, value) in fields {
                    let name = if is_generated(name) || has_placeholder(name) {
                        Cow::Borrowed("{}")
                    } else {
                        fold.apply(name)
                    };
                    // All rows but the first have a name that is known.
                    if let Some(known) = self.fields.get_mut(&*name) {
                        known.add(value, fold);
                    } else {
                        self.fields.entry(name.into_owned()).or_default().add(value, fold);
                    }
                }
            }
            _ => {}
        }
    }

    fn departure(&self, other: &Self, at: &str) -> Option<String> {
        let kinds = |structure: &Self| -> BTreeSet<Kind> {
            structure.kinds.iter().copied().filter(|kind| *kind != Kind::Null).collect()
        };
        let (was, is) = (kinds(self), kinds(other));
        // What was only ever null has no known structure.
        if was.is_empty() || is.is_empty() {
            return None;
        }
        if was != is {
            let names = |kinds: &BTreeSet<Kind>| kinds.iter().map(Kind::to_string).collect::<Vec<_>>().join(" or ");
            return Some(format!("recorded {} at {at}, now {}", names(&was), names(&is)));
        }
        match (&self.rows, &other.rows) {
            (Some(_), None) => return Some(format!("recorded rows at {at}, now none")),
            (None, Some(_)) => return Some(format!("recorded no rows at {at}, now some")),
            (Some(was), Some(is)) => {
                if let Some(how) = was.departure(is, &format!("{at}[]")) {
                    return Some(how);
                }
            }
            (None, None) => {}
        }
        for (name, was) in &self.fields {
            match other.fields.get(name) {
                None => return Some(format!("{at}.{name} was recorded, and is gone")),
                Some(is) => {
                    if let Some(how) = was.departure(is, &format!("{at}.{name}")) {
                        return Some(how);
                    }
                }
            }
        }
        let new = other.fields.keys().find(|name| !self.fields.contains_key(*name))?;
        Some(format!("{at}.{new} was not recorded, and is there"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, Document)]) -> Document {
        Document::Fields(pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    fn check(recorded: &Document, live: &Document, expected: Option<&str>) {
        let fold = Fold::default();
        let departure = Structure::of(recorded, &fold).departure(&Structure::of(live, &fold), "$");
        assert_eq!(departure.as_deref(), expected);
    }

    #[test]
    fn values_may_differ_and_structure_may_not() {
        let order = |id: &str, rows: usize| {
            fields(&[
                ("id", Document::text(id)),
                ("rows", Document::List(vec![fields(&[("n", Document::Bool(true))]); rows])),
            ])
        };
        check(&order("a", 2), &order("b", 5), None);
        check(&order("a", 2), &order("b", 0), Some("recorded rows at $.rows, now none"));
        check(&order("a", 0), &order("b", 1), Some("recorded no rows at $.rows, now some"));
        check(&fields(&[("a", Document::Null)]), &fields(&[("a", order("x", 1))]), None);
        check(&fields(&[("a", Document::Bool(true))]), &fields(&[]), Some("$.a was recorded, and is gone"));
        check(&fields(&[]), &fields(&[("a", Document::Bool(true))]), Some("$.a was not recorded, and is there"));
        check(&Document::text("x"), &Document::Bool(true), Some("recorded string at $, now boolean"));
    }

    #[test]
    fn names_that_a_program_made_are_one_name() {
        let by_id = |id: &str| fields(&[(id, Document::Bool(true))]);
        check(&by_id("0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11"), &by_id("17"), None);
    }
}
