//! Each subject in its four cells: the controls first, then the mixed ones.

use super::page::{Ink, Page};
use crate::model::{Mark, MatrixRow, Run};
use crate::report::layout::{columns, pad, squeeze};
use crate::report::visible;

/// A matrix of more rows than this tells the rows that are fine in every cell in one line.
const FOLD_OVER: usize = 24;
/// `old→old` and two blanks.
const CELL: usize = 9;
/// Room for a count of seven digits, and two blanks.
const SEEN: usize = 9;

pub(super) fn write(page: &mut Page, run: &Run) {
    if run.matrix.is_empty() {
        return;
    }
    let fine = |row: &&MatrixRow| cells(row).iter().all(|mark| *mark == Mark::Ok);
    let folded = if run.matrix.len() > FOLD_OVER { run.matrix.iter().filter(fine).count() } else { 0 };
    let rows: Vec<&MatrixRow> = run.matrix.iter().filter(|row| folded == 0 || !fine(row)).collect();

    page.gap();
    let room = page.width().saturating_sub(SEEN + 4 * CELL);
    let widest = rows.iter().map(|row| columns(&row.subject)).max().unwrap_or(0);
    let width = widest.clamp(8, room.max(8));
    let heads = ["old→old", "new→new", "old→new", "new→old"].map(|head| format!("{head:>CELL$}")).concat();
    page.line(&[(Ink::Dim, &pad("", width)), (Ink::Dim, &format!("{:>SEEN$}", "seen")), (Ink::Dim, &heads)]);
    for row in &rows {
        let subject = pad(&squeeze(&visible(&row.subject), width), width);
        let seen = format!("{:>SEEN$}", row.observations);
        let mut parts = vec![(Ink::Plain, subject), (Ink::Dim, seen)];
        for mark in cells(row) {
            let (ink, sign, _) = face(mark);
            parts.push((ink, format!("{sign:>width$}{}", "   ", width = CELL - 3)));
        }
        let parts: Vec<(Ink, &str)> = parts.iter().map(|(ink, text)| (*ink, text.as_str())).collect();
        page.line(&parts);
    }
    if folded > 0 {
        page.line(&[(Ink::Dim, &format!("and {folded} more, fine in all four cells"))]);
    }
    legend(page, &rows);
}

fn cells(row: &MatrixRow) -> [Mark; 4] {
    [row.old_old, row.new_new, row.old_new, row.new_old]
}

fn face(mark: Mark) -> (Ink, &'static str, &'static str) {
    match mark {
        Mark::Ok => (Ink::Good, "✓", "fine"),
        Mark::Info => (Ink::Cue, "i", "worth knowing"),
        Mark::Risk => (Ink::Warn, "!", "a risk"),
        Mark::Breaking => (Ink::Bad, "✗", "breaks"),
        Mark::Unknown => (Ink::Warn, "?", "nothing can be said"),
        Mark::Unshown => (Ink::Dim, "–", "nothing was sent"),
    }
}

fn legend(page: &mut Page, rows: &[&MatrixRow]) {
    let all = [Mark::Ok, Mark::Info, Mark::Risk, Mark::Breaking, Mark::Unknown, Mark::Unshown];
    let used = all.into_iter().filter(|mark| rows.iter().any(|row| cells(row).contains(mark)));
    let text = used.map(|mark| format!("{} {}", face(mark).1, face(mark).2)).collect::<Vec<_>>().join(", ");
    page.paragraph(&[], Ink::Dim, &text);
}
