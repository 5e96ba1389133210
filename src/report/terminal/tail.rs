//! What a person must know besides the findings, and the last line.

use super::face;
use super::page::{Ink, Page};
use crate::model::{Question, Run, Verdict};
use crate::report::order::tally;

/// Operations that are named as not exercised.
const NAMED: usize = 12;

/// The notes of a run in which nothing is faithful, before all else.
pub(super) fn headline(page: &mut Page, run: &Run) {
    for note in &run.notes {
        page.paragraph(&[(Ink::Bad, "! ")], Ink::Bold, note);
    }
}

pub(super) fn notes(page: &mut Page, run: &Run) {
    if run.notes.is_empty() {
        return;
    }
    page.gap();
    for note in &run.notes {
        page.paragraph(&[(Ink::Warn, "! ")], Ink::Plain, note);
    }
}

pub(super) fn unstable(page: &mut Page, run: &Run) {
    if run.unstable.is_empty() {
        return;
    }
    page.gap();
    page.line(&[(Ink::Bold, "Unstable"), (Ink::Plain, "  seen, but not each time that it was tried")]);
    for case in &run.unstable {
        let subject = format!("{}   {} → {}", case.subject, case.direction.from, case.direction.to);
        page.paragraph(&[(Ink::Warn, "?"), (Ink::Plain, " ")], Ink::Plain, &subject);
        let text = format!("{} at {}: {}", case.rule, case.at, case.reason);
        page.paragraph(&[(Ink::Plain, "  ")], Ink::Dim, &text);
    }
}

pub(super) fn coverage(page: &mut Page, run: &Run) {
    let coverage = &run.coverage;
    if coverage.known == 0 {
        return;
    }
    page.gap();
    let text = format!("{} of {} known operations were exercised", coverage.seen, coverage.known);
    page.line(&[(Ink::Bold, "Coverage"), (Ink::Plain, "  "), (Ink::Plain, &text)]);
    if !coverage.missing.is_empty() {
        let mut names = coverage.missing.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        if coverage.missing.len() > NAMED {
            names = format!("{names} and {} more", coverage.missing.len() - NAMED);
        }
        page.paragraph(&[(Ink::Dim, "not       ")], Ink::Dim, &names);
    }
}

pub(super) fn verdict(page: &mut Page, run: &Run) {
    page.gap();
    let (ink, mark, _) = face(run.verdict);
    let word = match run.verdict {
        Verdict::Compatible => "compatible",
        Verdict::Incompatible => "incompatible",
        Verdict::Inconclusive => "inconclusive",
    };
    let says = |question| face(run.answers.get(question).verdict).2;
    let text = format!(
        "{word}: roll forward {}, both at once {}, roll back {}; {}",
        says(Question::RollForward),
        says(Question::Coexist),
        says(Question::RollBack),
        tally(run)
    );
    page.paragraph(&[(ink, mark), (Ink::Plain, " ")], ink, &text);
}
