//! The release checklist: checkpoint by checkpoint, whether it is safe to go on from there, and to go back.

use super::face;
use super::page::{Ink, Page};
use crate::model::{Checkpoint, Run, Safe, Verdict};
use crate::report::layout::{columns, pad, squeeze};
use crate::report::visible;

/// `✗ not shown` and two blanks.
const CELL: usize = 13;

pub(super) fn write(page: &mut Page, run: &Run) {
    if run.checkpoints.is_empty() {
        return;
    }
    page.gap();
    let lines: Vec<String> =
        run.checkpoints.iter().map(|point| visible(&format!("{}  {}", point.name, point.title)).into_owned()).collect();
    let room = page.width().saturating_sub(2 * CELL + 2);
    let width = lines.iter().map(|line| columns(line)).max().unwrap_or(0).clamp(10, room.max(10));
    let head = pad("Checklist", width + 2);
    page.line(&[(Ink::Bold, &head), (Ink::Dim, &pad("go on", CELL)), (Ink::Dim, "go back")]);
    for (point, line) in run.checkpoints.iter().zip(&lines) {
        let line = pad(&squeeze(line, width), width + 2);
        let (on, back) = (cell(&point.go_on), cell(&point.go_back));
        page.line(&[(Ink::Plain, &line), (on.0, &pad(&on.1, CELL)), (back.0, &back.1)]);
    }
    let mut told: Vec<&String> = Vec::new();
    for why in run.checkpoints.iter().flat_map(reasons) {
        if !told.contains(&why) {
            page.paragraph(&[(Ink::Warn, "  not shown  ")], Ink::Plain, why);
            told.push(why);
        }
    }
}

fn cell(safe: &Safe) -> (Ink, String) {
    let (ink, mark, word) = face(safe.verdict);
    (ink, format!("{mark} {word}"))
}

/// Why something is not shown at a checkpoint.
fn reasons(point: &Checkpoint) -> impl Iterator<Item = &String> {
    let both = [&point.go_on, &point.go_back].into_iter();
    both.filter(|safe| safe.verdict == Verdict::Inconclusive).flat_map(|safe| &safe.unshown)
}
