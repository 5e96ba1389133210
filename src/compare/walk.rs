//! Walks two documents together, with their witnesses, and shows every place that differs to the rules.

use std::collections::BTreeSet;

use super::align::{align, lost_and_gained};
use super::evidence;
use super::noise::{Noise, Part, same};
use super::places::{Places, Way, is_at};
use super::rules;
use super::shape::{is_long_token, is_uuid};
use super::spot::{Spot, What};
use super::trial::{Found, Trial};
use crate::model::{At, Document, Kind};

/// A walk through the bodies of one trial, and what came of it.
#[derive(Debug)]
pub(super) struct Walk<'t> {
    trial: &'t Trial<'t>,
    failing: bool,
    /// Where it stands.
    path: Vec<Way<'t>>,
    places: Places<'t>,
    pub(super) found: Vec<Found>,
    pub(super) noisy: BTreeSet<String>,
    pub(super) leaves: u64,
    pub(super) compared: u64,
}

impl<'t> Walk<'t> {
    pub(super) fn new(trial: &'t Trial<'t>, failing: bool) -> Self {
        let (path, places, found, noisy) = Default::default();
        Self { trial, failing, path, places, found, noisy, leaves: 0, compared: 0 }
    }

    /// Compares what stands at the current path. `ours` and `theirs` are the witnesses of control and mixed cell.
    pub(super) fn value(&mut self, control: Part<'t>, mixed: Part<'t>, ours: &[Part<'t>], theirs: &[Part<'t>]) {
        let (Some(left), Some(right)) = (control.document, mixed.document) else {
            self.one_sided(control, mixed, ours, theirs);
            return;
        };
        if self.is_ignored() {
            self.leaves += left.leaves();
            return;
        }
        match (left, right) {
            (Document::Fields(_), Document::Fields(_)) => self.fields(control, mixed, ours, theirs),
            (Document::List(_), Document::List(_)) => self.list(control, mixed, ours, theirs),
            _ => self.leaf(control, mixed, ours, theirs),
        }
    }

    fn leaf(&mut self, control: Part<'t>, mixed: Part<'t>, ours: &[Part<'t>], theirs: &[Part<'t>]) {
        let (Some(left), Some(right)) = (control.document, mixed.document) else { return };
        let count = left.leaves();
        self.leaves += count;
        let equal = left.kind() == right.kind() && same(left, control.fold, right, mixed.fold);
        if equal && !self.trial.thorough {
            self.compared += count;
            return;
        }
        let noise = Noise::learn(left, control.fold, ours);
        if noise != Noise::Stable {
            self.note_noise();
        }
        let blank = matches!(noise, Noise::Shaped(shape) if shape.is_blank()) || noise == Noise::Unsettled;
        if equal || !blank {
            self.compared += count;
        }
        if equal
            || (noise == Noise::Unsettled
                && ours.iter().any(|w| w.live && w.document.is_some_and(|d| d.kind() == right.kind())))
        {
            return;
        }
        let mixed_noise = Noise::learn(right, mixed.fold, theirs);
        self.show_value(control, mixed, (noise, ours), (mixed_noise, theirs));
    }

    /// A place that only one of the two has.
    fn one_sided(&mut self, control: Part<'t>, mixed: Part<'t>, ours: &[Part<'t>], theirs: &[Part<'t>]) {
        if let Some(left) = control.document {
            self.leaves += left.leaves();
        }
        let present = control.document.is_some();
        let unsettled = ours.iter().any(|w| w.live && w.document.is_some() != present);
        let flaky = theirs.iter().any(|w| w.live && w.document.is_some() == present);
        if unsettled || flaky {
            self.note_noise();
        }
        // What the mixed cell adds now and then is no promise; what it leaves out now and then is worth a second look.
        if unsettled || (flaky && !present) || self.is_ignored() {
            return;
        }
        if let Some(left) = control.document {
            self.compared += left.leaves();
        }
        let noise = control.document.map_or(Noise::Stable, |left| Noise::learn(left, control.fold, ours));
        let mixed_noise = mixed.document.map_or(Noise::Stable, |right| Noise::learn(right, mixed.fold, theirs));
        self.show_value(control, mixed, (noise, ours), (mixed_noise, theirs));
    }

    fn fields(&mut self, control: Part<'t>, mixed: Part<'t>, ours: &[Part<'t>], theirs: &[Part<'t>]) {
        let (Some(Document::Fields(left)), Some(Document::Fields(right))) = (control.document, mixed.document) else {
            return;
        };
        if left.is_empty() && right.is_empty() {
            self.leaves += 1;
            self.compared += 1;
            return;
        }
        let here = |parts: &[Part<'t>], index: usize, name: &str| -> Vec<Part<'t>> {
            parts.iter().map(|part| part.at(part.document.and_then(|d| field(d, index, name)))).collect()
        };
        for (index, (name, value)) in left.iter().enumerate() {
            let other = mixed.document.and_then(|d| field(d, index, name));
            if other.is_some_and(|other| self.is_plainly_same(value, other)) {
                continue;
            }
            self.path.push(Way::field(name));
            let (ours, theirs) = (here(ours, index, name), here(theirs, index, name));
            self.value(control.at(Some(value)), mixed.at(other), &ours, &theirs);
            self.path.pop();
        }
        for (index, (name, value)) in right.iter().enumerate() {
            if control.document.and_then(|d| field(d, index, name)).is_none() {
                self.path.push(Way::field(name));
                let (ours, theirs) = (here(ours, index, name), here(theirs, index, name));
                self.value(control.at(None), mixed.at(Some(value)), &ours, &theirs);
                self.path.pop();
            }
        }
    }

    fn list(&mut self, control: Part<'t>, mixed: Part<'t>, ours: &[Part<'t>], theirs: &[Part<'t>]) {
        let (Some(Document::List(left)), Some(Document::List(right))) = (control.document, mixed.document) else {
            return;
        };
        if left.is_empty() && right.is_empty() {
            self.leaves += 1;
            self.compared += 1;
            return;
        }
        let rows_of = |part: &Part<'t>| -> Option<&'t [Document]> {
            if let Some(Document::List(rows)) = part.document { Some(rows.as_slice()) } else { None }
        };
        let ours_aligned: Vec<_> =
            ours.iter().map(|w| rows_of(w).map(|rows| (w, rows, align(left, control.fold, rows, w.fold)))).collect();
        let live = || ours_aligned.iter().flatten().filter(|(w, ..)| w.live);
        let settled = ours.iter().filter(|w| w.live).all(|w| rows_of(w).is_some_and(|rows| rows.len() == left.len()));
        let unordered = self.trial.unordered.iter().any(|at| is_at(at, &self.path))
            || ours_aligned.iter().flatten().any(|(_, _, a)| a.permuted);
        if !settled || unordered {
            self.note_noise();
        }
        let rows = align(left, control.fold, right, mixed.fold);
        let told = live().all(|(_, _, a)| a.agrees);
        let mut others = false;
        if settled {
            let (lost, gained) = if rows.agrees {
                (0, 0)
            } else if told {
                lost_and_gained(left, control.fold, right, mixed.fold)
            } else {
                (left.len().saturating_sub(right.len()), right.len().saturating_sub(left.len()))
            };
            if lost + gained > 0 {
                others = self.show_rows(left, right, lost, gained);
            } else if rows.permuted && rows.agrees && !unordered {
                self.show(What::Order, || (evidence::rows(left.len()), evidence::rows(right.len())));
            }
        }
        let by_position = left.len() == right.len() && !rows.keyed && !unordered && !rows.agrees;
        let theirs_rows: Vec<_> =
            theirs.iter().map(|w| rows_of(w).map(|rows| (w, rows, align(right, mixed.fold, rows, w.fold)))).collect();
        self.path.push(Way::Row);
        for (index, row) in left.iter().enumerate() {
            // Rows that are other rows are told once, and not field by field.
            let pair = match (others, by_position) {
                (true, _) => rows.pairs[index],
                (false, true) => Some(index),
                (false, false) => rows.pair(index),
            };
            let Some(pair) = pair else {
                self.leaves += row.leaves();
                self.compared += if others { row.leaves() } else { 0 };
                continue;
            };
            if self.is_plainly_same(row, &right[pair]) {
                continue;
            }
            let ours = rows_at(ours, &ours_aligned, index);
            let theirs = rows_at(theirs, &theirs_rows, pair);
            self.value(control.at(Some(row)), mixed.at(Some(&right[pair])), &ours, &theirs);
        }
        self.path.pop();
        if left.is_empty() {
            self.leaves += 1;
            self.compared += 1;
        }
    }

    /// Whether a rule matched.
    fn show_rows(&mut self, left: &'t [Document], right: &'t [Document], lost: usize, gained: usize) -> bool {
        let what = What::Rows { control: left.len(), mixed: right.len(), lost, gained };
        self.show(what, || (evidence::rows(left.len()), evidence::rows(right.len())))
    }

    fn show_value(
        &mut self,
        control: Part<'t>,
        mixed: Part<'t>,
        (noise, ours): (Noise, &[Part<'t>]),
        (mixed_noise, theirs): (Noise, &[Part<'t>]),
    ) {
        let becomes_null = mixed.document.is_some_and(|d| d.kind() == Kind::Null);
        let nullable = becomes_null && self.trial.has_null_at(&self.places.at(&self.path, self.trial).at);
        let what = What::Value { control: control.document, mixed: mixed.document, noise, mixed_noise, nullable };
        let name = self.name();
        self.show(what, || (evidence::part(name, control, ours), evidence::part(name, mixed, theirs)));
    }

    /// Shows a place to the rules; the first that matches speaks. Whether one did.
    fn show(&mut self, what: What<'t>, evidence: impl FnOnce() -> (serde_json::Value, serde_json::Value)) -> bool {
        let sent = match &what {
            What::Value { control: Some(control), .. } => self.trial.sent.has(self.name(), control),
            _ => false,
        };
        let place = self.places.at(&self.path, self.trial);
        let spot = Spot {
            used: place.used,
            sent,
            spoken: self.trial.spoken(),
            direction: self.trial.direction,
            failing: self.failing,
            reader: self.trial.reader,
            // Lent to the spot: naming a place anew for each row is what a walk would do most.
            at: std::mem::replace(&mut place.at, At::Reply),
            what,
        };
        let matched = rules::first(&spot);
        place.at = spot.at;
        let Some((rule, hit)) = matched else { return false };
        if place.is_news(rule, hit.severity) {
            let (expected, got) = evidence();
            let at = place.at.to_string();
            self.found.push(Found { rule, at, severity: hit.severity, message: hit.message, expected, got });
        }
        true
    }

    fn note_noise(&mut self) {
        let place = self.places.at(&self.path, self.trial);
        if !place.noisy {
            place.noisy = true;
            self.noisy.insert(place.at.to_string());
        }
    }

    /// Counts two scalars that are the same as they stand, where nobody asks for more. Most are.
    fn is_plainly_same(&mut self, left: &Document, right: &Document) -> bool {
        let same = !matches!(left, Document::List(_) | Document::Fields(_))
            && !self.trial.thorough
            && self.trial.ignored.is_empty()
            && left == right;
        if same {
            self.leaves += 1;
            self.compared += 1;
        }
        same
    }

    /// The name by which a person would call the place.
    fn name(&self) -> &'t str {
        let mut names =
            self.path.iter().rev().filter_map(|way| if let Way::Field(name) = way { Some(*name) } else { None });
        names.next().unwrap_or_default()
    }

    fn is_ignored(&self) -> bool {
        self.trial.ignored.iter().any(|at| is_at(at, &self.path))
    }
}

/// Whether the name of a field was made by a program, as the keys of a map are.
pub(super) fn is_generated(name: &str) -> bool {
    is_uuid(name) || is_long_token(name) || (!name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()))
}

/// The field of that name, which in most documents stands at the same index.
fn field<'d>(document: &'d Document, index: usize, name: &str) -> Option<&'d Document> {
    if let Document::Fields(fields) = document
        && let Some((known, value)) = fields.get(index)
        && **known == *name
    {
        return Some(value);
    }
    document.field(name)
}

type AlignedRows<'w, 't> = Option<(&'w Part<'t>, &'t [Document], super::align::Alignment)>;

/// Each witness at its own row for row `index`.
fn rows_at<'t>(parts: &[Part<'t>], aligned: &[AlignedRows<'_, 't>], index: usize) -> Vec<Part<'t>> {
    parts
        .iter()
        .zip(aligned)
        .map(|(part, aligned)| {
            let row = aligned.as_ref().and_then(|(_, rows, a)| a.pair(index).map(|row| &rows[row]));
            part.at(row)
        })
        .collect()
}
