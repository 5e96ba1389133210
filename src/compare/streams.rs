//! Streams that had not ended when enough of them was read: how many events came in the meantime hangs on the clock, so that
//! only what all cells saw is compared. That one cell sees none at all, where the control always sees some, is still told;
//! and that it steadily sees fewer, where control, twin and recording saw equally many: that is no matter of the clock.

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
    if is_steady(&sides.control, &sides.ours, true) && is_steady(&sides.mixed, &sides.theirs, false) && theirs < ours {
        return None;
    }
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

/// Whether all witnesses saw as many events as the one that they witness, and there is one; and a recording among them, made
/// on another day over another while, where that is asked for.
fn is_steady(own: &Part<'_>, witnesses: &[Part<'_>], by_recording: bool) -> bool {
    let count = |part: &Part<'_>| rows(part).map(<[_]>::len);
    let is_witnessed = |live| witnesses.iter().any(|part| part.live == live);
    let equal = witnesses.iter().all(|part| count(part) == count(own));
    equal && is_witnessed(true) && (!by_recording || is_witnessed(false))
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

    /// How many events are left of each, in control and mixed, where so many came; none where all of them count.
    fn check(control: [usize; 2], recorded: Option<usize>, mixed: [usize; 2], expected: Option<(usize, usize)>) {
        let fold = Fold::default();
        let stream = |events: usize| Document::List(vec![Document::text("x"); events]);
        let (control, mixed, recorded) = (control.map(stream), mixed.map(stream), recorded.map(stream));
        let part = |document, live| Part { document: Some(document), fold: &fold, live };
        let ours = std::iter::once(part(&control[1], true)).chain(recorded.iter().map(|it| part(it, false))).collect();
        let theirs = vec![part(&mixed[1], true)];
        let sides = Sides { control: part(&control[0], true), mixed: part(&mixed[0], true), ours, theirs };
        let left = cut(&sides).map(|cut| {
            let parts = sides.with(&cut);
            let length = |part: &Part<'_>| rows(part).map_or(0, <[_]>::len);
            (length(&parts.control), length(&parts.mixed))
        });
        assert_eq!(left, expected);
    }

    #[test]
    fn only_what_all_cells_saw_is_compared() {
        check([5, 4], None, [3, 3], Some((3, 3)));
        check([2, 4], None, [3, 3], Some((2, 2)));
        check([3, 3], None, [0, 0], Some((3, 0)));
        check([3, 0], None, [0, 0], Some((0, 0)));
        check([3, 0], None, [2, 2], Some((0, 0)));
    }

    #[test]
    fn an_event_that_is_steadily_lost_counts() {
        check([3, 3], Some(3), [2, 2], None);
    }

    #[test]
    fn a_count_that_hangs_on_the_clock_does_not() {
        check([3, 3], Some(9), [2, 2], Some((2, 2)));
        check([3, 3], Some(3), [2, 3], Some((2, 2)));
        check([3, 4], Some(3), [2, 2], Some((2, 2)));
        check([3, 3], None, [2, 2], Some((2, 2)));
        check([3, 3], Some(3), [4, 4], Some((3, 3)));
    }
}
