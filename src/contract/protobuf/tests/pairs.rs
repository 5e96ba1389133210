//! Every rule on every fixture pair: what fires is written out, so that a false alarm is a difference here.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::super::{RULES, compare};
use crate::contract::{Comparison, Source, Terms, Tree};
use crate::model::Pair;

fn run(pair: &str, new: &str) -> Comparison {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs").join(pair);
    let source = |file: &str| Source { tree: Tree::Folder(folder.clone()), path: file.to_owned() };
    compare(Pair::new(&source("old.proto"), &source(new)), &Terms::SERVICE).unwrap()
}

fn fired(comparison: &Comparison) -> BTreeSet<String> {
    let line = |difference: &crate::contract::Difference| {
        let name = difference.rule.id.trim_start_matches("protobuf/");
        format!("{name} {} {}", difference.severity, difference.place.direction)
    };
    comparison.differences.iter().map(line).collect()
}

#[test]
fn every_rule_fires_on_its_pair_and_not_on_its_benign_twin() {
    for rule in RULES {
        let pair = rule.id.replace('/', "-");
        let speaks = |new: &str| run(&pair, new).differences.iter().any(|difference| difference.rule == *rule);
        assert!(speaks("new.proto"), "{} does not fire on its pair", rule.id);
        assert!(!speaks("fine.proto"), "{} fires on its benign twin", rule.id);
        assert!(rule.explanation.len() > 40 && rule.remedy.len() > 8, "{}", rule.id);
    }
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
}

#[test]
fn what_breaks_in_a_schema_is_shown_by_a_message() {
    let about_calls = ["protobuf/method-missing", "protobuf/service-moved", "protobuf/streaming-changed"];
    for rule in RULES {
        for difference in run(&rule.id.replace('/', "-"), "new.proto").differences {
            let is_schema = !about_calls.contains(&difference.rule.id);
            if is_schema && difference.severity > crate::model::Severity::Info {
                assert!(difference.counterexample.is_some(), "{}: {}", rule.id, difference.message);
            }
        }
    }
}

#[test]
fn nothing_else_fires_on_a_pair() {
    let mut table = String::new();
    for rule in RULES {
        let pair = rule.id.replace('/', "-");
        writeln!(table, "{pair}").unwrap();
        for new in ["new.proto", "fine.proto"] {
            for line in fired(&run(&pair, new)) {
                writeln!(table, "  {} {line}", new.trim_end_matches(".proto")).unwrap();
            }
        }
    }
    assert!(table == include_str!("pairs.txt"), "the table of pairs.txt has changed; it is now\n{table}");
}
