//! `terminal`: for people. The answers first, then what they rest on, then the evidence, then one line to go away with.

mod answers;
mod checkpoints;
mod checks;
mod findings;
mod matrix;
mod page;
mod tail;

use super::{Renderer, Style};
use crate::model::{Run, Verdict};
use page::{Ink, Page};

/// See the module.
pub(super) struct Terminal;

impl Renderer for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn render(&self, run: &Run, style: &Style) -> String {
        let mut page = Page::new(*style);
        // A run in which nothing is faithful proves nothing: that must be read before any answer is.
        let hollow = run.checks.iter().any(|check| check.faithful == Some(0.0));
        if hollow {
            tail::headline(&mut page, run);
        }
        answers::write(&mut page, run);
        checkpoints::write(&mut page, run);
        checks::write(&mut page, run);
        matrix::write(&mut page, run);
        findings::write(&mut page, run);
        tail::unstable(&mut page, run);
        tail::coverage(&mut page, run);
        if !hollow {
            tail::notes(&mut page, run);
        }
        tail::verdict(&mut page, run);
        page.finish()
    }
}

/// How a verdict looks: its ink, its mark, and the word that answers a question.
fn face(verdict: Verdict) -> (Ink, &'static str, &'static str) {
    match verdict {
        Verdict::Compatible => (Ink::Good, "✓", "yes"),
        Verdict::Incompatible => (Ink::Bad, "✗", "no"),
        Verdict::Inconclusive => (Ink::Warn, "?", "not shown"),
    }
}
