//! Streams that had not ended when enough of them was read: how many events came in the meantime hangs on the clock, so that
//! only what all cells saw is compared. That one cell sees none at all, where the control always sees some, is still told.

use super::noise::Part;
use crate::model::Document;

/// All that one place is compared with: control, mixed, and the witnesses of each.
#[derive(Debug)]
pub(super) struct Sides<T> {
    pub(super) control: T,
    pub(super) mixed: T,
    pub(super) ours: Vec<T>,
    pub(super) theirs: Vec<T>,
}

/// The documents of streams, each cut to as many events as all have.
pub(super) fn cut(sides: &Sides<Part<'_>>) -> Option<Sides<Option<Document>>> {
    let least = |own: &Part<'_>, witnesses: &[Part<'_>]| {
        let live = witnesses.iter().filter(|part| part.live).filter_map(|part| rows(part));
        live.chain(rows(own)).map(<[_]>::len).min()
    };
    let ours = least(&sides.control, &sides.ours)?;
    let theirs = least(&sides.mixed, &sides.theirs)?;
    let (ours, theirs) = if theirs == 0 { (ours, 0) } else { (ours.min(theirs), ours.min(theirs)) };
    let to = |part: &Part<'_>, length: usize| match rows(part) {
        Some(rows) => Some(Document::List(rows[..rows.len().min(length)].to_vec())),
        None => part.document.cloned(),
    };
    Some(Sides {
        control: to(&sides.control, ours),
        mixed: to(&sides.mixed, theirs),
        ours: sides.ours.iter().map(|part| to(part, ours)).collect(),
        theirs: sides.theirs.iter().map(|part| to(part, theirs)).collect(),
    })
}

impl<'a> Sides<Part<'a>> {
    /// The same witnesses, with these documents.
    pub(super) fn with<'b>(&self, documents: &'b Sides<Option<Document>>) -> Sides<Part<'b>>
    where
        'a: 'b,
    {
        let both = |parts: &[Part<'a>], documents: &'b [Option<Document>]| {
            parts.iter().zip(documents).map(|(part, document)| part.at(document.as_ref())).collect()
        };
        Sides {
            control: self.control.at(documents.control.as_ref()),
            mixed: self.mixed.at(documents.mixed.as_ref()),
            ours: both(&self.ours, &documents.ours),
            theirs: both(&self.theirs, &documents.theirs),
        }
    }
}

fn rows<'a>(part: &Part<'a>) -> Option<&'a [Document]> {
    if let Some(Document::List(rows)) = part.document { Some(rows) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fold;

    /// How many events are left of each, in control and mixed, where so many came.
    fn check(control: usize, twin: usize, mixed: usize, expected: (usize, usize)) {
        let fold = Fold::default();
        let stream = |events: usize| Document::List(vec![Document::text("x"); events]);
        let all = [control, twin, mixed].map(stream);
        let part = |index: usize| Part { document: Some(&all[index]), fold: &fold, live: true };
        let sides = Sides { control: part(0), mixed: part(2), ours: vec![part(1)], theirs: Vec::new() };
        let cut = cut(&sides).unwrap_or_else(|| panic!("they are lists"));
        let parts = sides.with(&cut);
        let length = |part: &Part<'_>| rows(part).map_or(0, <[_]>::len);
        assert_eq!((length(&parts.control), length(&parts.mixed)), expected);
    }

    #[test]
    fn only_what_all_cells_saw_is_compared() {
        check(5, 4, 3, (3, 3));
        check(2, 4, 3, (2, 2));
        check(3, 3, 0, (3, 0));
        check(3, 0, 0, (0, 0));
        check(3, 0, 2, (0, 0));
    }
}
