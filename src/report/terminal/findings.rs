//! What was found, for people: by subject and direction, the places of one rule folded, with evidence and the way back.

use serde_json::Value;

use super::page::{Ink, Page};
use crate::model::{Finding, Question, Run, Severity};
use crate::report::order::{Group, groups, request_line, tally};

/// Further places of the same rule that are named one by one.
const PLACES: usize = 4;

pub(super) fn write(page: &mut Page, run: &Run) {
    if run.findings.is_empty() {
        return;
    }
    page.gap();
    page.line(&[(Ink::Bold, "Findings"), (Ink::Plain, "  "), (Ink::Plain, &tally(run))]);
    let groups = groups(&run.findings);
    let (brief, full): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.severity() == Severity::Info);
    for group in full {
        page.gap();
        heading(page, group);
        for same in by_rule(group) {
            match same[0].severity {
                Severity::Info => in_passing(page, &same),
                _ => in_full(page, &same),
            }
        }
    }
    if !brief.is_empty() {
        page.gap();
        for group in brief {
            in_brief(page, group);
        }
    }
}

fn heading(page: &mut Page, group: &Group<'_>) {
    let (ink, mark) = face(group.severity());
    let open = group.findings.iter().any(|finding| finding.accepted.is_none());
    let ink = if open { ink } else { Ink::Dim };
    let broken = Question::ALL.into_iter().filter(|q| group.findings.iter().any(|f| f.breaks.contains(q)));
    let broken: Vec<&str> = broken.map(name).collect();
    let mut text = format!("{} · {} → {}", group.subject, group.direction.from, group.direction.to);
    if !broken.is_empty() {
        text = format!("{text} · against {}", broken.join(", "));
    }
    page.paragraph(&[(ink, mark), (Ink::Plain, " ")], Ink::Bold, &text);
}

fn name(question: Question) -> &'static str {
    match question {
        Question::RollForward => "rolling forward",
        Question::Coexist => "serving both at once",
        Question::RollBack => "rolling back",
    }
}

/// Findings of the same rule, bad to the same degree and all accepted or none: what differs is where.
fn by_rule<'a>(group: &Group<'a>) -> Vec<Vec<&'a Finding>> {
    let mut rules: Vec<Vec<&Finding>> = Vec::new();
    for finding in &group.findings {
        let alike = |known: &&mut Vec<&Finding>| {
            let first = known[0];
            first.rule == finding.rule && first.severity == finding.severity && first.accepted == finding.accepted
        };
        match rules.iter_mut().find(alike) {
            Some(known) => known.push(finding),
            None => rules.push(vec![finding]),
        }
    }
    rules
}

fn in_full(page: &mut Page, same: &[&Finding]) {
    let [first, others @ ..] = same else { return };
    let (ink, _) = face(first.severity);
    let ink = if first.accepted.is_some() { Ink::Dim } else { ink };
    let times = if first.count > 1 { format!(", {} times", first.count) } else { String::new() };
    let rule = format!("{} ", first.rule);
    page.paragraph(&[(Ink::Plain, "  "), (ink, &rule)], Ink::Plain, &format!("at {}{times}", first.at));
    page.paragraph(&[(Ink::Plain, "    ")], Ink::Plain, &first.message);
    if first.checkpoints.len() > 1 {
        page.paragraph(&[(Ink::Dim, "    seen at   ")], Ink::Plain, &first.checkpoints.join(", "));
    }
    if let Some(accepted) = &first.accepted {
        let text = format!("until {}: {}", accepted.expires, accepted.reason);
        page.paragraph(&[(Ink::Good, "    accepted  ")], Ink::Plain, &text);
    }
    evidence(page, first);
    // One place more is as long as the line that says so.
    let shown = if others.len() == PLACES + 1 { others.len() } else { others.len().min(PLACES) };
    for (index, other) in others[..shown].iter().enumerate() {
        let lead = if index == 0 { "    also at   " } else { "              " };
        page.clipped(&[(Ink::Dim, lead)], Ink::Plain, &format!("{} ({})", other.at, other.id));
    }
    if others.len() > shown {
        let more = format!("and {} more places, all in the JSON report", others.len() - shown);
        page.line(&[(Ink::Plain, "              "), (Ink::Dim, &more)]);
    }
    // A command that is cut is none.
    page.line(&[(Ink::Dim, "    again     "), (Ink::Cue, &first.reproduce)]);
}

fn evidence(page: &mut Page, finding: &Finding) {
    let evidence = &finding.evidence;
    if evidence.expected != evidence.got {
        page.clipped(&[(Ink::Dim, "    expected  ")], Ink::Good, &value(&evidence.expected));
        page.clipped(&[(Ink::Dim, "    got       ")], Ink::Warn, &value(&evidence.got));
    }
    if let Some(line) = request_line(finding) {
        page.clipped(&[(Ink::Dim, "    request   ")], Ink::Plain, &line);
    }
    if let Some(replay) = &finding.replay {
        let text = format!("{}, session {}, exchange {}", replay.recording, replay.session, replay.exchange);
        page.clipped(&[(Ink::Dim, "    recorded  ")], Ink::Plain, &text);
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "nothing, or null".to_owned(),
        other => other.to_string(),
    }
}

/// What is worth knowing of a group in which something is worse.
fn in_passing(page: &mut Page, same: &[&Finding]) {
    let (ink, _) = face(Severity::Info);
    let rule = format!("{} ", same[0].rule);
    page.paragraph(&[(Ink::Plain, "  "), (ink, &rule)], Ink::Plain, &format!("at {}", places(same)));
}

fn in_brief(page: &mut Page, group: &Group<'_>) {
    for same in by_rule(group) {
        let (ink, mark) = face(Severity::Info);
        let (from, to) = (group.direction.from, group.direction.to);
        let text = format!("{} · {from} → {to} · {} at {}", group.subject, same[0].rule, places(&same));
        page.paragraph(&[(ink, mark), (Ink::Plain, " ")], Ink::Plain, &text);
    }
}

fn places(same: &[&Finding]) -> String {
    let named = same.iter().take(PLACES).map(|finding| finding.at.as_str()).collect::<Vec<_>>().join(", ");
    if same.len() > PLACES { format!("{named} and {} more", same.len() - PLACES) } else { named }
}

fn face(severity: Severity) -> (Ink, &'static str) {
    match severity {
        Severity::Breaking => (Ink::Bad, "✗"),
        Severity::Risk => (Ink::Warn, "!"),
        Severity::Info => (Ink::Cue, "i"),
    }
}
