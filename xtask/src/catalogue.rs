//! `cargo xtask catalogue FILE`: the demo's faults against the public catalogue, and each against the test that is stamped for
//! it. A fault of a check that is there, or that the demo is ready for, and that has no test, or another edge, is an error; so is a test of a
//! fault that nobody knows.

use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;

use crate::faults::{CASES, Case};
use crate::steps::{self, Done};

/// The one fault of `replay` that is not HTTP: its frames wait until web sockets are replayed. And the one change that is about
/// assets alone, which waits for their check.
const LEFT_OUT: [&str; 2] = ["frame-shape", "assets-kept"];

/// The checks whose faults the demo must be able to show.
const CHECKS: [&str; 4] = ["replay", "sessions", "state", "rollout"];
/// Faults that are tested with another check than the catalogue's, since that sees them as well: each with that, and the catalogue's.
const SEEN_EARLIER: [(&str, &str, &str); 4] = [
    ("unknown-field-dropped", "sessions", "state"),
    ("lock-key", "sessions", "messages"),
    ("log-property", "state", "rollout"),
    ("migration-one-way", "state", "rollout"),
];

/// Compares the three lists.
pub fn run(words: &[String]) -> Done {
    let [file] = words else { return Err("say the catalogue's file".into()) };
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let listed = steps::output(&mut steps::cargo(&["test", "--quiet", "--test", "straddle", "--", "--list"]))?;
    let mut errors = against_catalogue(CASES, &entries(&text));
    errors.extend(against_tests(CASES, &listed));
    for error in &errors {
        eprintln!("xtask: {error}");
    }
    println!("{} faults and changes, {} errors", CASES.len(), errors.len());
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A row of the catalogue.
#[derive(Debug, PartialEq, Eq)]
struct Entry<'a> {
    id: &'a str,
    name: &'a str,
    /// Edge, breaks and check; none for a benign change.
    fault: Option<(&'a str, &'a str, &'a str)>,
}

fn entries(text: &str) -> Vec<Entry<'_>> {
    text.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
            let name = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
            let fault = (cells.len() > 7).then(|| (cells[4], cells[5], cells[6]));
            Some(Entry { id: cells[0], name, fault })
        })
        .collect()
}

fn against_catalogue(cases: &[Case], entries: &[Entry]) -> Vec<String> {
    let mut errors = Vec::new();
    for entry in entries.iter().filter(|entry| !LEFT_OUT.contains(&entry.name)) {
        let is_wanted = entry.fault.is_none_or(|(_, _, check)| CHECKS.contains(&check));
        match cases.iter().find(|case| case.name == entry.name) {
            None if is_wanted => errors.push(format!("the demo can't show {} `{}`", entry.id, entry.name)),
            Some(case) if case.id != entry.id => {
                errors.push(format!("`{}` is {}, not {}", case.name, entry.id, case.id));
            }
            Some(case) if entry.fault.is_some_and(|(edge, breaks, _)| (edge, breaks) != (case.edge, case.breaks)) => {
                errors.push(format!("`{}` has another edge, or breaks something else, in the catalogue", case.name));
            }
            Some(case) if entry.fault.is_some_and(|(_, _, check)| !is_of(case, check)) => {
                errors.push(format!("`{}` is to be seen by another check in the catalogue", case.name));
            }
            _ => {}
        }
    }
    let known: BTreeSet<&str> = entries.iter().map(|entry| entry.name).collect();
    let unknown = cases.iter().filter(|case| !known.contains(case.name));
    errors.extend(unknown.map(|case| format!("the catalogue has no `{}`", case.name)));
    errors
}

/// Whether a case is tested with the check that the catalogue names.
fn is_of(case: &Case, check: &str) -> bool {
    case.check == check || SEEN_EARLIER.contains(&(case.name, case.check, check))
}

/// Each case against the list of tests, in which a module `faults` or `benign` holds one of its name, save for a case that waits.
fn against_tests(cases: &[Case], listed: &str) -> Vec<String> {
    let tests: BTreeSet<(&str, &str)> = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .filter_map(|path| {
            let (module, name) = path.rsplit_once("::")?;
            Some((module.rsplit("::").next()?, name)).filter(|(module, _)| matches!(*module, "faults" | "benign"))
        })
        .collect();
    let stamped = |case: &Case| (if case.is_benign() { "benign" } else { "faults" }, case.name.replace('-', "_"));
    let wanted: Vec<_> = cases.iter().map(stamped).collect();
    let needed = cases.iter().filter(|case| case.waits_for.is_none()).map(stamped);
    let lacking = needed.filter(|(module, name)| !tests.contains(&(*module, name.as_str())));
    let mut errors: Vec<String> = lacking.map(|(module, name)| format!("no test `{module}::{name}`")).collect();
    let stray = tests.iter().filter(|(module, name)| !wanted.iter().any(|(m, n)| (m, n.as_str()) == (module, name)));
    errors.extend(
        stray.map(|(module, name)| format!("the test `{module}::{name}` is of nothing that the demo can show")),
    );
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOGUE: &str = "\
| id | name | what OLD does | what NEW does | edge | breaks | check | seen in |
|---|---|---|---|---|---|---|---|
| F14 | `field-renamed` | name 1 | name 2 | oc>ns, NO | F C R | replay | x#1 |
| F28 | `unknown-field-dropped` | 1 | 2 | oc>ns, NO | C R | state | x#4 |
| F38 | `frame-shape` | 1 | 2 | oc>ns | F C | replay | x#2 |
| F39 | `slower` | 1 | 2 | mix | F | canary | x#3 |

| id | name | situation |
|---|---|---|
| B1 | `field-added` | fine |
";

    fn case(name: &'static str, id: &'static str, breaks: &'static str) -> Case {
        let edge = if breaks.is_empty() { "" } else { "oc>ns, NO" };
        let check = if breaks.is_empty() { "" } else { "replay" };
        Case { id, name, edge, check, breaks, recorded: &[], finds: &[], waits_for: None }
    }

    fn dropped(check: &'static str) -> Case {
        Case { check, ..case("unknown-field-dropped", "F28", "C R") }
    }

    fn check(cases: &[Case], expected: &[&str]) {
        assert_eq!(against_catalogue(cases, &entries(CATALOGUE)), expected);
    }

    #[test]
    fn a_demo_that_shows_what_the_catalogue_has_is_right() {
        check(&[case("field-renamed", "F14", "F C R"), dropped("sessions"), case("field-added", "B1", "")], &[]);
    }

    #[test]
    fn a_fault_that_is_tested_with_another_check_is_an_error() {
        let error = "`unknown-field-dropped` is to be seen by another check in the catalogue";
        let cases = [case("field-renamed", "F14", "F C R"), dropped("replay"), case("field-added", "B1", "")];
        check(&cases, &[error]);
    }

    #[test]
    fn what_the_demo_lacks_is_an_error() {
        let lacks = |what: &str| format!("the demo can't show {what}");
        let expected = ["F14 `field-renamed`", "F28 `unknown-field-dropped`", "B1 `field-added`"].map(lacks);
        check(&[], &expected.each_ref().map(String::as_str));
    }

    #[test]
    fn other_breaks_are_an_error() {
        let error = "`field-renamed` has another edge, or breaks something else, in the catalogue";
        check(&[case("field-renamed", "F14", "C R"), dropped("state"), case("field-added", "B1", "")], &[error]);
    }

    #[test]
    fn a_name_of_ones_own_is_an_error() {
        check(
            &[
                case("field-renamed", "F14", "F C R"),
                dropped("state"),
                case("field-lost", "F99", "F"),
                case("field-added", "B1", ""),
            ],
            &["the catalogue has no `field-lost`"],
        );
    }

    #[test]
    fn each_case_has_its_test_and_each_test_its_case() {
        let listed = "demo::faults::field_renamed: test\ndemo::benign::key_order: test\nmanifest::reads: test\n";
        assert_eq!(
            against_tests(&[case("field-renamed", "F14", "F C R"), case("field-added", "B1", "")], listed),
            ["no test `benign::field_added`", "the test `benign::key_order` is of nothing that the demo can show"]
        );
    }
}
