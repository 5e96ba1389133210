//! Every rule on every fixture pair: a false alarm shows as a diff of the golden, and a rule that never fires fails.
//!
//! A pair holds what the control replies (`old.http`), what the mixed cell replies (`new.http`) and a reply that looks
//! like it and is fine (`fine.http`); `twin.http` is the control's twin where it differs. `context` says what the rest
//! of the session would: `values PLACE A B`, `used PLACE`, `sent NAME VALUE`, `strict`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use straddle::compare::{Judgement, Reader, Spot, Trial, View, What, judge, rules};
use straddle::model::{At, Body, Direction, Document, Fault, Fold, Metadata, Observation, Place, Reply, Sent};
use straddle::wire::Protocol;
use straddle::wire::http::Http;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs")
}

fn pairs() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap_or_else(|e| panic!("tests/pairs: {e}"))
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn read(pair: &str, file: &str) -> Option<String> {
    fs::read_to_string(folder().join(pair).join(file)).ok()
}

/// What the rules say of a pair in one direction, one line each: rule, severity, place.
fn run(pair: &str, mixed: &str, direction: Direction) -> Vec<String> {
    let old = read(pair, "old.http").unwrap_or_else(|| panic!("{pair} has no old.http"));
    let new = read(pair, mixed).unwrap_or_else(|| panic!("{pair} has no {mixed}"));
    if let Some(what) = spoken(&new) {
        let reader = Reader::default();
        let at = At::Reply;
        let spot = Spot { at, direction, failing: false, used: false, sent: false, reader: &reader, what };
        return rules::first(&spot)
            .into_iter()
            .map(|(rule, hit)| format!("{} {} at -", rule.id, hit.severity))
            .collect();
    }
    if !old.starts_with("HTTP/") {
        return Vec::new();
    }
    let context = read(pair, "context").unwrap_or_default();
    let twin = read(pair, "twin.http").unwrap_or_else(|| old.clone());
    let judgement = compare(&observe(&old), &observe(&twin), &observe(&new), direction, &context);
    judgement.found.iter().map(|found| format!("{} {} at {}", found.rule.id, found.severity, found.at)).collect()
}

fn compare(old: &Observation, twin: &Observation, new: &Observation, direction: Direction, context: &str) -> Judgement {
    let fold = Fold::default();
    let (mut reader, mut sent, mut used) = (Reader::default(), Sent::default(), Vec::new());
    for line in context.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "values" => {
                let values = words[2..].iter().map(|word| (*word).to_owned()).collect();
                reader.values.insert(words[1].to_owned(), values);
            }
            "used" => used.push(line["used ".len()..].parse::<Place>().unwrap_or_else(|e| panic!("{e}"))),
            "sent" => sent.insert(words[1], words[2]),
            "strict" => reader.rejects_unknown = true,
            other => panic!("unknown context: {other}"),
        }
    }
    judge(&Trial {
        direction,
        method: "GET",
        fetch_dest: None,
        control: View { observation: old, fold: &fold },
        mixed: View { observation: new, fold: &fold },
        recorded: None,
        control_witnesses: vec![View { observation: twin, fold: &fold }],
        mixed_witnesses: vec![View { observation: new, fold: &fold }],
        used: &used,
        sent: &sent,
        reader: &reader,
        ignored: &[],
        unordered: &[],
        thorough: false,
    })
}

fn observe(text: &str) -> Observation {
    if text.starts_with("fault") {
        return Observation::Fault(Fault::Closed);
    }
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let metadata: Metadata = lines.filter_map(|line| line.split_once(": ")).collect();
    let reply = Reply {
        status: status.unwrap_or_else(|| panic!("no status in {text}")),
        metadata,
        body: Body::of(body.trim_end().to_owned()),
        trailers: Metadata::new(),
    };
    Observation::Answer(Http::new().decode("GET", &reply))
}

/// Fixtures of what is no HTTP: a process, or an acceptance.
fn spoken(text: &str) -> Option<What<'_>> {
    let line = text.trim_end();
    if let Some(how) = line.strip_prefix("process died ") {
        Some(What::Process { died: Some(how), trouble: None })
    } else if let Some(trouble) = line.strip_prefix("process logged ") {
        Some(What::Process { died: None, trouble: Some(trouble) })
    } else if let Some(rest) = line.strip_prefix("accept http/") {
        let expired = rest.split_once(" expired ").map(|(_, day)| day);
        Some(What::Acceptance { expired, rule: "http/field-removed", line: 12 })
    } else {
        None
    }
}

#[test]
fn every_rule_is_paired_and_fires_on_its_pair_and_not_on_its_benign_twin() {
    let names = pairs();
    for rule in rules::ALL {
        let pair = rule.id.replace('/', "-");
        assert!(names.contains(&pair), "{} has no pair in tests/pairs/{pair}", rule.id);
        for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
            let found = run(&pair, "new.http", direction);
            assert!(
                found.iter().any(|line| line.starts_with(rule.id)),
                "{} does not fire on its pair: {found:?}",
                rule.id
            );
        }
        let fine = run(&pair, "fine.http", Direction::OLD_TO_NEW);
        assert!(fine.is_empty(), "{}: its benign twin is found fault with: {fine:?}", rule.id);
    }
    let known: BTreeSet<String> = rules::ALL.iter().map(|rule| rule.id.replace('/', "-")).collect();
    for name in names {
        assert!(known.contains(&name), "tests/pairs/{name} is of no rule");
    }
}

#[test]
fn ids_are_unique_and_every_rule_explains_itself() {
    let ids: BTreeSet<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules::ALL.len());
    for rule in rules::ALL {
        assert!(!rule.summary.is_empty() && rule.explanation.len() > 40 && rule.remedy.len() > 8, "{}", rule.id);
    }
}

#[test]
fn what_all_rules_say_of_all_pairs_is_as_it_was() {
    let mut all = String::new();
    for pair in pairs() {
        for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
            for line in run(&pair, "new.http", direction) {
                let _ = writeln!(all, "{pair} {direction}: {line}");
            }
        }
    }
    crate::support::golden("rules-all-pairs", &all);
}

/// One line of the rule table: what the reply says in old and new, what else is known, and what is found in each direction.
fn check(old: &str, new: &str, context: &str, forward: &[&str], backward: &[&str]) {
    let json = |body: &str| observe(&format!("HTTP/1.1 200 OK\ncontent-type: application/json\n\n{body}"));
    let (old, new) = (json(old), json(new));
    for (direction, expected) in [(Direction::OLD_TO_NEW, forward), (Direction::NEW_TO_OLD, backward)] {
        let judgement = compare(&old, &old, &new, direction, context);
        let found: Vec<String> =
            judgement.found.iter().map(|f| format!("{} {} at {}", f.rule.id, f.severity, f.at)).collect();
        assert_eq!(found, expected, "{direction}");
    }
}

#[test]
fn a_removed_field_is_a_risk_for_new_clients_unless_a_later_request_uses_it() {
    check(
        r#"{"id":1,"name":"a"}"#,
        r#"{"id":1}"#,
        "",
        &["http/field-removed breaking at $.name"],
        &["http/field-removed risk at $.name"],
    );
    check(
        r#"{"id":1,"name":"a"}"#,
        r#"{"id":1}"#,
        "used $.name",
        &["http/field-removed breaking at $.name"],
        &["http/field-removed breaking at $.name"],
    );
}

#[test]
fn a_value_that_the_client_sent_must_come_back() {
    let found = "http/value-changed breaking at $.title";
    check(r#"{"title":"mine"}"#, r#"{"title":"yours"}"#, "sent title mine", &[found], &[found]);
    let risk = "http/value-changed risk at $.title";
    check(r#"{"title":"mine"}"#, r#"{"title":"yours"}"#, "", &[risk], &[risk]);
}

#[test]
fn strict_readers_do_not_survive_a_new_field() {
    let found = "http/field-added breaking at $.b";
    check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, "strict", &[found], &[found]);
    let info = "http/field-added info at $.b";
    check(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, "", &[info], &[info]);
}

#[test]
fn numbers_are_compared_exactly_and_by_meaning() {
    check(r#"{"n":1,"m":1e2}"#, r#"{"n":1.0,"m":100}"#, "", &[], &[]);
    let risk = "http/value-changed risk at $.n";
    check(r#"{"n":9007199254740993}"#, r#"{"n":9007199254740992}"#, "", &[risk], &[risk]);
}

#[test]
fn an_array_that_becomes_an_envelope_is_one_finding() {
    let found = "http/type-changed breaking at $";
    check("[1,2]", r#"{"items":[1,2],"next":null}"#, "", &[found], &[found]);
}

#[test]
fn null_in_another_row_of_the_control_is_nothing_new() {
    check(
        r#"[{"id":1,"bio":null},{"id":2,"bio":"x"}]"#,
        r#"[{"id":1,"bio":null},{"id":2,"bio":null}]"#,
        "",
        &["http/value-changed risk at $[].bio"],
        &["http/value-changed risk at $[].bio"],
    );
}

#[test]
fn a_document_is_taken_apart_without_recursion_trouble() {
    let deep = format!("{}1{}", "[".repeat(400), "]".repeat(400));
    check(
        &deep,
        &deep.replace('1', "2"),
        "",
        &[&format!("http/value-changed risk at ${}", "[]".repeat(400))],
        &[&format!("http/value-changed risk at ${}", "[]".repeat(400))],
    );
    assert_eq!(Document::Null, Document::default());
}
