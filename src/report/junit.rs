//! `junit`: for what shows test results. One suite a check, one case a subject and mixed direction; and a suite for the
//! three answers.
//!
//! A case fails by the findings that an answer names: what gates is the gate's to say, and the answers say it. Where nothing was sent or nothing can be
//! said it is skipped, with the reason; evidence stands in its output. No times: the same run gives the same bytes.

use std::fmt::Write;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::order::request_line;
use super::{Renderer, Style, visible};
use crate::model::{CheckFacts, Direction, Finding, Mark, MatrixRow, Question, Run, Status, Verdict};

/// See the module.
pub(super) struct Junit;

impl Renderer for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn render(&self, run: &Run, _: &Style) -> String {
        let mut report = Report::new(visible(&run.project));
        report.add_test_suite(answers(run));
        report.add_test_suites(run.checks.iter().map(|check| suite(run, check)));
        report.add_test_suites(acceptances(run));
        // Writing to memory can't fail.
        let mut text = report.to_string().unwrap_or_default();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }
}

fn answers(run: &Run) -> TestSuite {
    let mut suite = TestSuite::new("answers");
    for question in Question::ALL {
        let answer = run.answers.get(question);
        let status = match answer.verdict {
            Verdict::Compatible => TestCaseStatus::success(),
            Verdict::Incompatible => failed("incompatible", &format!("no: {}", answer.findings.join(", "))),
            Verdict::Inconclusive => skipped(&answer.unshown.join("; ")),
        };
        let mut case = TestCase::new(question.as_sentence(), status);
        case.set_classname("answers");
        let mut out = format!("rests on: {}\n", answer.rests_on.join(", "));
        for reason in &answer.unshown {
            line(&mut out, "not shown", reason);
        }
        case.set_system_out(out);
        suite.add_test_case(case);
    }
    suite
}

fn suite(run: &Run, check: &CheckFacts) -> TestSuite {
    let mut suite = TestSuite::new(visible(&check.name));
    let reason = check.reason.as_deref().unwrap_or("no reason was given");
    let whole = match check.status {
        Status::Ran => None,
        Status::Skipped => Some(skipped(reason)),
        Status::Unavailable => Some(skipped(&format!("not in this release: {reason}"))),
        Status::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(visible(reason));
            Some(status)
        }
    };
    if let Some(status) = whole {
        let mut case = TestCase::new("the check itself", status);
        case.set_classname(visible(&check.name));
        suite.add_test_case(case);
    }
    let mut told = Vec::new();
    if check.observations > 0 {
        for row in &run.matrix {
            for (direction, mark) in [(Direction::OLD_TO_NEW, row.old_new), (Direction::NEW_TO_OLD, row.new_old)] {
                told.push((row.subject.as_str(), direction));
                suite.add_test_case(case(run, &check.name, (&row.subject, direction), mark, controls(row, direction)));
            }
        }
    }
    // What stands in no row of the matrix: a process that died, say.
    add_findings(&mut suite, run, &check.name, told);
    suite
}

/// What is about the manifest's acceptances, and so no check's.
fn acceptances(run: &Run) -> Option<TestSuite> {
    const NAME: &str = "accept";
    let mut suite = TestSuite::new(NAME);
    add_findings(&mut suite, run, NAME, Vec::new());
    (!suite.test_cases.is_empty()).then_some(suite)
}

/// A case for each subject and direction that has findings and was not told yet.
fn add_findings<'a>(suite: &mut TestSuite, run: &'a Run, check: &str, mut told: Vec<(&'a str, Direction)>) {
    for finding in run.findings.iter().filter(|finding| finding.check == check) {
        let place = (finding.subject.as_str(), finding.direction);
        if !told.contains(&place) {
            told.push(place);
            suite.add_test_case(case(run, check, place, finding.severity.into(), Mark::Ok));
        }
    }
}

/// Whether a finding makes one of the answers no.
fn gates(run: &Run, finding: &Finding) -> bool {
    Question::ALL.iter().any(|question| run.answers.get(*question).findings.contains(&finding.id))
}

fn controls(row: &MatrixRow, direction: Direction) -> Mark {
    if direction == Direction::OLD_TO_NEW { row.old_old } else { row.new_new }
}

fn case(run: &Run, check: &str, (subject, direction): (&str, Direction), mark: Mark, control: Mark) -> TestCase {
    let of =
        |finding: &&Finding| finding.check == check && finding.subject == subject && finding.direction == direction;
    let findings: Vec<&Finding> = run.findings.iter().filter(of).collect();
    let gating: Vec<&Finding> = findings.iter().copied().filter(|finding| gates(run, finding)).collect();
    let status = match (gating.as_slice(), mark) {
        ([first, ..], _) => {
            let more = if gating.len() > 1 { format!(" (and {} more)", gating.len() - 1) } else { String::new() };
            failed(&first.rule, &format!("{}{more}", first.message))
        }
        ([], Mark::Unshown) => skipped("nothing was there to send in this direction"),
        ([], Mark::Unknown) => skipped(&unknown(run, subject, direction)),
        _ => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(visible(&format!("{subject} {direction}")), status);
    case.set_classname(visible(check));
    let mut out = String::new();
    if let Mark::Info | Mark::Risk | Mark::Breaking = control {
        line(&mut out, "control", &format!("{} has trouble with its own clients", direction.from));
    }
    for finding in findings {
        evidence(&mut out, finding);
    }
    if !out.is_empty() {
        case.set_system_out(out);
    }
    case
}

fn unknown(run: &Run, subject: &str, direction: Direction) -> String {
    let unstable = run.unstable.iter().find(|case| case.subject == subject && case.direction == direction);
    unstable.map_or_else(
        || {
            "nothing can be said: no exchange is faithful to its recording, or too little of the replies is stable"
                .into()
        },
        |case| format!("unstable: {} at {}: {}", case.rule, case.at, case.reason),
    )
}

fn evidence(out: &mut String, finding: &Finding) {
    let Finding { rule, severity, at, id, .. } = finding;
    let accepted = if finding.accepted.is_some() { ", accepted" } else { "" };
    line(out, &format!("{severity}{accepted}"), &format!("{rule} at {at} ({id}), {} seen", finding.count));
    line(out, "  message", &finding.message);
    line(out, "  expected", &finding.evidence.expected.to_string());
    line(out, "  got", &finding.evidence.got.to_string());
    if let Some(request) = request_line(finding) {
        line(out, "  request", &request);
    }
    if let Some(accepted) = &finding.accepted {
        line(out, "  accepted", &format!("until {}: {}", accepted.expires, accepted.reason));
    }
    line(out, "  again", &finding.reproduce);
}

fn line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "{name}: {}", visible(text));
}

fn failed(kind: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(visible(kind)).set_message(visible(message));
    status
}

fn skipped(reason: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(visible(reason));
    status
}
