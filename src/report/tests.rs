//! All formats from one sample, whose strings are as hostile as a build's answers may be.

use super::{Style, read, renderer};
use crate::model::{Finding, Run};

const SAMPLE: &str = include_str!("../../tests/formats/report-1.0.json");

fn sample() -> Run {
    read(SAMPLE.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn rendered(format: &str, run: &Run, style: Style) -> String {
    renderer(format).unwrap_or_else(|error| panic!("{error}")).render(run, &style)
}

const PLAIN: Style = Style { colour: false, width: 80 };

#[track_caller]
fn golden(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("report-{name}"), text);
    });
}

#[test]
fn json_gives_back_what_was_read_byte_for_byte() {
    assert_eq!(rendered("json", &sample(), PLAIN), SAMPLE);
}

#[test]
fn the_terminal_shows_the_answers_first() {
    golden("terminal", &rendered("terminal", &sample(), PLAIN));
}

#[test]
fn the_terminal_in_colour_says_the_same() {
    let coloured = rendered("terminal", &sample(), Style { colour: true, width: 80 });
    golden("terminal-colour", &coloured.escape_debug().to_string().replace("\\n", "\n"));
    let stripped = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(stripped.replace_all(&coloured, ""), rendered("terminal", &sample(), PLAIN));
}

#[test]
fn the_terminal_report_keeps_to_its_width() {
    for width in [60, 80, 120] {
        let text = rendered("terminal", &sample(), Style { colour: false, width });
        for line in text.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn nothing_that_a_build_answered_reaches_a_terminal_or_a_junit_reader_raw() {
    for format in ["terminal", "junit"] {
        let text = rendered(format, &sample(), PLAIN);
        let raw =
            text.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{2028}' | '\u{fffe}'));
        assert_eq!(raw, None, "{format}");
    }
}

#[test]
fn junit_has_a_case_for_each_subject_and_direction() {
    golden("junit", &rendered("junit", &sample(), PLAIN));
}

#[test]
fn a_run_with_nothing_faithful_begins_with_the_reason() {
    let mut run = sample();
    run.notes = vec!["the seed doesn't match the recording: no control answered as it was recorded".to_owned()];
    run.findings.clear();
    run.unstable.clear();
    run.matrix.clear();
    for check in &mut run.checks {
        check.faithful = check.faithful.map(|_| 0.0);
    }
    let text = rendered("terminal", &run, PLAIN);
    assert!(text.starts_with("! the seed doesn't match the recording"), "{text}");
    assert_eq!(text.matches("the seed doesn't match").count(), 1);
}

#[test]
fn many_places_of_one_rule_are_folded_and_none_is_lost_from_the_count() {
    let mut run = sample();
    let first = run.findings[1].clone();
    run.findings.extend((0..7).map(|number| Finding { at: format!("$.z{number}"), ..first.clone() }));
    let text = rendered("terminal", &run, PLAIN);
    assert_eq!(text.matches("http/field-removed at $.items[].customer.nick").count(), 1);
    assert!(text.contains("and 8 more places"), "{text}");
}

#[test]
fn a_long_matrix_tells_what_is_fine_in_one_line() {
    let mut run = sample();
    let fine = run.matrix[0].clone();
    run.matrix.extend((0..40).map(|number| crate::model::MatrixRow {
        subject: format!("GET /fine/{number}"),
        old_new: crate::model::Mark::Ok,
        ..fine.clone()
    }));
    let text = rendered("terminal", &run, PLAIN);
    assert!(text.contains("and 40 more, fine in all four cells"), "{text}");
    assert!(!text.contains("/fine/7"));
}

#[test]
fn an_empty_run_renders_in_every_format() {
    let mut run = sample();
    run.checks.clear();
    run.matrix.clear();
    run.findings.clear();
    run.unstable.clear();
    run.notes.clear();
    run.coverage = crate::model::Coverage::default();
    for format in ["terminal", "json", "junit"] {
        assert!(rendered(format, &run, PLAIN).ends_with('\n'), "{format}");
    }
}

#[test]
fn a_junit_case_fails_by_what_an_answer_names_whatever_its_severity() {
    let mut run = sample();
    let mut first = run.findings[0].clone();
    first.severity = crate::model::Severity::Risk;
    first.accepted = None;
    run.findings = vec![first];
    let named =
        |run: &Run| rendered("junit", run, PLAIN).matches(&format!("type=\"{}\"", run.findings[0].rule)).count();
    assert_eq!(named(&run), 1);
    for question in crate::model::Question::ALL {
        let answers = &mut run.answers;
        let answer = match question {
            crate::model::Question::RollForward => &mut answers.roll_forward,
            crate::model::Question::Coexist => &mut answers.coexist,
            crate::model::Question::RollBack => &mut answers.roll_back,
        };
        answer.findings.clear();
    }
    assert_eq!(named(&run), 0);
    // What is about an acceptance has a suite of its own.
    run.findings[0].check = "accept".to_owned();
    run.answers.roll_back.findings = vec![run.findings[0].id.clone()];
    assert_eq!(named(&run), 1);
}

#[test]
fn the_command_that_shows_a_finding_again_is_never_cut() {
    let mut run = sample();
    let command = format!("straddle replay http://127.0.0.1:8001 http://127.0.0.1:8002 '{}.har'", "long ".repeat(20));
    run.findings[0].reproduce.clone_from(&command);
    assert!(rendered("terminal", &run, PLAIN).contains(&command));
}
