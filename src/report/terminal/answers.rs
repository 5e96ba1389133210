//! Which builds these are, the three answers, and what each stands on.

use super::face;
use super::page::{Ink, Page};
use crate::model::{AnswerTo, BuildFacts, Question, Run};
use crate::report::layout::{columns, pad};

pub(super) fn write(page: &mut Page, run: &Run) {
    page.gap();
    let builds = format!("{} → {} · seed {}", build(&run.old), build(&run.new), run.seed);
    page.paragraph(&[(Ink::Bold, &run.project), (Ink::Plain, "  ")], Ink::Plain, &builds);
    page.gap();
    for question in Question::ALL {
        answer(page, question, run.answers.get(question));
    }
}

fn build(facts: &BuildFacts) -> String {
    let mut about: Vec<&str> = Vec::new();
    let commit = facts.commit.as_deref().map(|commit| commit.get(..9).unwrap_or(commit));
    about.extend(commit.filter(|commit| !facts.label.contains(commit)));
    if facts.dirty {
        about.push("with uncommitted changes");
    }
    if about.is_empty() { facts.label.clone() } else { format!("{} ({})", facts.label, about.join(", ")) }
}

fn answer(page: &mut Page, question: Question, answer: &AnswerTo) {
    let width = Question::ALL.map(|question| columns(question.as_sentence())).into_iter().max().unwrap_or(0);
    let (ink, mark, word) = face(answer.verdict);
    let asked = pad(question.as_sentence(), width + 2);
    let lead = [(ink, mark), (Ink::Plain, " "), (Ink::Bold, &*asked), (ink, word)];
    match answer.findings.as_slice() {
        [] => page.line(&lead),
        ids => {
            let lead = [lead[0], lead[1], lead[2], lead[3], (Ink::Plain, "  ")];
            page.paragraph(&lead, Ink::Dim, &some(ids, IDS));
        }
    }
    if !answer.rests_on.is_empty() {
        page.paragraph(&[(Ink::Dim, "    rests on   ")], Ink::Dim, &answer.rests_on.join(", "));
    }
    for (index, reason) in answer.unshown.iter().enumerate() {
        let lead = if index == 0 { "    not shown  " } else { "               " };
        page.paragraph(&[(Ink::Warn, lead)], Ink::Plain, reason);
    }
}

/// Enough ids to see what it is about: they all stand with the findings below.
const IDS: usize = 5;

fn some(ids: &[String], at_most: usize) -> String {
    let shown = ids.iter().take(at_most).map(String::as_str).collect::<Vec<_>>().join(" ");
    if ids.len() > at_most { format!("{shown} and {} more", ids.len() - at_most) } else { shown }
}
