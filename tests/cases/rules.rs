//! Every rule on every fixture pair: a false alarm shows as a diff of the golden, and a rule that never fires fails.
//!
//! A pair holds what the control replies (`old.http`), what the mixed cell replies (`new.http`) and a reply that looks
//! like it and is fine (`fine.http`); `twin.http` is the control's twin where it differs. `context` says what the rest
//! of the session would: `used PLACE`, `sent NAME VALUE`; and what the reader's contract says: `values PLACE A B`,
//! `requires PLACE`, `spares PLACE`, `takes PLACE KINDS`, `strict`. Replies of
//! `grpc-…` answer remote procedures, with their trailers among the headers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use straddle::compare::{Judgement, Reader, Spoken, Spot, Trial, View, Way, What, judge, rules};
use straddle::model::{At, Body, Direction, Fault, Fold, Kind, Metadata, Observation, Place, Promises, Reply, Sent};
use straddle::wire::http::Http;
use straddle::wire::{Asked, Protocol};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pairs")
}

fn pairs() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap_or_else(|e| panic!("tests/pairs: {e}"))
        .flatten()
        // Pairs of contracts are run where their rules are.
        .filter(|entry| entry.path().join("old.http").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        // Pairs of contracts are held to their rules by `contracts`.
        .filter(|name| folder().join(name).join("old.http").exists())
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
        let at = At::Reply;
        let spot = Spot {
            at,
            direction,
            failing: false,
            used: false,
            sent: false,
            spoken: Spoken::Http,
            reader: Reader::default(),
            what,
        };
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
    let procedure = pair.starts_with("grpc-").then_some("/shop.v1.Shop/Get");
    let observe = |text: &str| observe_reply(text, procedure);
    let judgement = compare(&observe(&old), &observe(&twin), &observe(&new), direction, &context);
    judgement.found.iter().map(|found| format!("{} {} at {}", found.rule.id, found.severity, found.at)).collect()
}

pub(super) fn compare(
    old: &Observation,
    twin: &Observation,
    new: &Observation,
    direction: Direction,
    context: &str,
) -> Judgement {
    let fold = Fold::default();
    let (mut promises, mut rejects_unknown, mut sent, mut used) = (Promises::new(), false, Sent::default(), Vec::new());
    for line in context.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "values" => {
                let values = words[2..].iter().map(|word| (*word).to_owned()).collect();
                promises.entry(path(words[1])).or_default().values = Some(values);
            }
            "requires" => promises.entry(path(words[1])).or_default().required = Some(true),
            "spares" => promises.entry(path(words[1])).or_default().required = Some(false),
            "takes" => {
                let kinds = words[2..].iter().map(|word| kind(word)).collect();
                promises.entry(path(words[1])).or_default().kinds = Some(kinds);
            }
            "used" => used.push(line["used ".len()..].parse::<Place>().unwrap_or_else(|e| panic!("{e}"))),
            "sent" => sent.insert(words[1], words[2]),
            "strict" => rejects_unknown = true,
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
        reader: Reader { rejects_unknown, promises: Some(&promises) },
        ignored: &[],
        unordered: &[],
        thorough: false,
    })
}

fn observe(text: &str) -> Observation {
    observe_reply(text, None)
}

fn observe_reply(text: &str, procedure: Option<&str>) -> Observation {
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
    Observation::Answer(Http::new().decode(&Asked { procedure, reading: None }, &reply))
}

fn kind(name: &str) -> Kind {
    let all = [Kind::Null, Kind::Bool, Kind::Number, Kind::Text, Kind::List, Kind::Fields];
    all.into_iter().find(|kind| kind.to_string() == name).unwrap_or_else(|| panic!("{name} is no kind"))
}

fn path(text: &str) -> straddle::model::Path {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

fn two(text: &str) -> (u64, u64) {
    let (one, other) = text.split_once(' ').unwrap_or_else(|| panic!("{text}"));
    let count = |text: &str| text.parse().unwrap_or_else(|e| panic!("{e}: {text}"));
    (count(one), count(other))
}

/// Fixtures of what is no HTTP: a process, a store, a start, or an acceptance.
fn spoken(text: &str) -> Option<What<'_>> {
    let line = text.trim_end();
    if let Some(how) = line.strip_prefix("process died ") {
        Some(What::Process { died: Some(how), trouble: None })
    } else if let Some(trouble) = line.strip_prefix("process logged ") {
        Some(What::Process { died: None, trouble: Some(trouble) })
    } else if let Some(rest) = line.strip_prefix("rows ") {
        let (control, mixed) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        let count = |text: &str| text.parse().unwrap_or_else(|e| panic!("{e}: {line}"));
        Some(What::Effects { control: count(control), mixed: count(mixed) })
    } else if let Some(rest) = line.strip_prefix("migrate ") {
        let (way, failed) = rest.split_once(" failed ").map_or((rest, None), |(way, how)| (way, Some(how)));
        Some(What::Migration { way: if way == "down" { Way::Down } else { Way::Up }, failed })
    } else if line == "no way back shown" {
        Some(What::NoDown { serves: None })
    } else if let Some(rest) = line.strip_prefix("returned ") {
        let (lost, held) = two(rest);
        Some(What::Returned { lost, held, is_column: true })
    } else if let Some(shared) = line.strip_prefix("keys ") {
        Some(What::Keys { shared: shared.parse().unwrap_or_else(|e| panic!("{e}: {line}")) })
    } else if let Some(why) = line.strip_prefix("refuses ") {
        Some(What::Start { refused: Some(why), early: false })
    } else if let Some(differ) = line.strip_prefix("serves early ") {
        Some(What::Early { differ: differ.parse().unwrap_or_else(|e| panic!("{e}: {line}")) })
    } else if let Some(rest) = line.strip_prefix("since ") {
        let (added, changed) = two(rest);
        Some(What::Since { added, changed, gone: 0 })
    } else if let Some(how) = line.strip_prefix("call dropped ") {
        Some(What::Dropped { how })
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
fn a_readers_contract_decides_what_its_clients_cope_with() {
    let (old, new) = (r#"{"id":1,"name":"a"}"#, r#"{"id":1}"#);
    let found = |severity: &str| format!("http/field-removed {severity} at $.name");
    check(old, new, "requires $.name", &[&found("breaking")], &[&found("breaking")]);
    check(old, new, "spares $.name", &[&found("risk")], &[&found("risk")]);
    check(old, new, "spares $.name\nused $.name", &[&found("breaking")], &[&found("breaking")]);
    let (old, new) = (r#"{"name":"a"}"#, r#"{"name":null}"#);
    let found = |severity: &str| format!("http/null-introduced {severity} at $.name");
    check(old, new, "", &[&found("breaking")], &[&found("risk")]);
    check(old, new, "takes $.name null string", &[&found("risk")], &[&found("risk")]);
    let (old, new) = (r#"{"name":1}"#, r#"{"name":"1"}"#);
    let found = |severity: &str| format!("http/type-changed {severity} at $.name");
    check(old, new, "", &[&found("breaking")], &[&found("breaking")]);
    check(old, new, "takes $.name number string", &[&found("risk")], &[&found("risk")]);
    // It is wrong of the control already: it says nothing of what its clients cope with.
    check(old, new, "takes $.name string", &[&found("breaking")], &[&found("breaking")]);
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
fn other_rows_under_other_ids_are_other_rows() {
    let found = "http/rows-changed breaking at $";
    check(r#"[{"id":1},{"id":2}]"#, r#"[{"id":3},{"id":4}]"#, "", &[found], &[found]);
    let risk = "http/value-changed risk at $[].name";
    check(r#"[{"name":"shop 1.4"}]"#, r#"[{"name":"shop 1.5"}]"#, "", &[risk], &[risk]);
}

#[test]
fn a_row_that_is_gone_hides_nothing_in_the_others() {
    check(
        r#"[{"id":1,"qty":1},{"id":2,"qty":1}]"#,
        r#"[{"id":1}]"#,
        "",
        &["http/rows-changed breaking at $", "http/field-removed breaking at $[].qty"],
        &["http/rows-changed breaking at $", "http/field-removed risk at $[].qty"],
    );
}

#[test]
fn a_size_that_looks_like_a_clock_is_a_value() {
    let risk = "http/value-changed risk at $.bytes";
    check(r#"{"bytes":1234567890}"#, r#"{"bytes":2345678901}"#, "", &[risk], &[risk]);
}

#[test]
fn a_date_in_another_order_is_another_format() {
    let found = "http/format-changed breaking at $.born";
    check(r#"{"born":"1990-01-05"}"#, r#"{"born":"05/01/1990"}"#, "", &[found], &[found]);
    let risk = "http/value-changed risk at $.born";
    check(r#"{"born":"1990-01-05"}"#, r#"{"born":"1990-01-06"}"#, "", &[risk], &[risk]);
}

/// Two whole replies, as they cross the wire.
fn check_replies(old: &str, new: &str, context: &str, forward: &[&str]) {
    let (old, new) = (observe(old), observe(new));
    let judgement = compare(&old, &old, &new, Direction::OLD_TO_NEW, context);
    let found: Vec<String> =
        judgement.found.iter().map(|f| format!("{} {} at {}", f.rule.id, f.severity, f.at)).collect();
    assert_eq!(found, forward);
}

#[test]
fn a_page_that_is_gone_is_no_page_that_changed() {
    let head = "HTTP/1.1 200 OK\ncontent-type: text/html\n\n";
    check_replies(&format!("{head}<p>hello</p>"), head, "", &["http/emptied breaking at $"]);
    check_replies(&format!("{head}<p>hello</p>"), &format!("{head}<p>bye</p>"), "", &["http/body-changed info at $"]);
}

#[test]
fn a_body_that_cannot_be_read_is_a_fault() {
    let json = "HTTP/1.1 200 OK\ncontent-type: application/json\n\n";
    check_replies(&format!("{json}{{}}"), &format!("{json}{{\"a\":"), "", &["http/fault breaking at reply"]);
    let packed = "HTTP/1.1 200 OK\ncontent-type: text/html\ncontent-encoding: gzip\n\nnot packed";
    let plain = "HTTP/1.1 200 OK\ncontent-type: text/html\n\n<p>hello</p>";
    check_replies(plain, packed, "", &["http/fault breaking at reply"]);
}

#[test]
fn a_cookie_that_a_later_request_sends_back_is_missed_in_both_directions() {
    let with = "HTTP/1.1 200 OK\nset-cookie: sid=a; HttpOnly\n\n";
    let without = "HTTP/1.1 200 OK\nserver: x\n\n";
    let (old, new) = (observe(with), observe(without));
    for (context, severity) in [("", "risk"), ("used cookie sid", "breaking")] {
        let judgement = compare(&old, &old, &new, Direction::NEW_TO_OLD, context);
        let found: Vec<String> = judgement.found.iter().map(|f| format!("{} {}", f.rule.id, f.severity)).collect();
        assert_eq!(found, [format!("http/header-removed {severity}")], "{context}");
    }
}

#[test]
fn a_cookie_that_no_longer_outlives_the_browser_is_told_once_and_one_that_ends_at_another_time_is_not() {
    let reply = |cookie: &str| format!("HTTP/1.1 200 OK\nset-cookie: sid=a{cookie}; HttpOnly\n\n");
    let (age, date) = ("; Max-Age=3600", "; Expires=Wed, 25 Nov 2026 10:00:00 GMT");
    let both = format!("{age}{date}");
    let lost = [r#"http/header-removed breaking at header "set-cookie sid max-age""#];
    check_replies(&reply(age), &reply(""), "", &lost);
    check_replies(&reply(&both), &reply(""), "", &lost);
    for other in ["; max-age=60", date, &both] {
        check_replies(&reply(age), &reply(other), "", &[]);
    }
    check_replies(&reply(""), &reply(age), "", &[]);
}

#[test]
fn a_header_that_says_something_else_each_time_keeps_its_form() {
    let reply = |header: &str| observe(&format!("HTTP/1.1 200 OK\n{header}\n\n"));
    for (control, twin, mixed, expected) in [
        ("x-trace: d2LQIDxtJvA", "x-trace: VykzkWP1", "x-trace: Qx2", None),
        ("x-trace: d2LQIDxtJvA", "x-trace: VykzkWP1", "x-trace: 48213", Some("info at header x-trace")),
        ("location: 17", "location: 18", "location: 19", None),
        (
            "location: 0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11",
            "location: 36db60ac-5b01-4bab-b9cb-5afd9f6754a7",
            "location: 19",
            Some("breaking at header location"),
        ),
        ("x-words: a b", "x-words: b c", "x-words: 1", None),
    ] {
        let judgement = compare(&reply(control), &reply(twin), &reply(mixed), Direction::OLD_TO_NEW, "");
        let found: Vec<String> =
            judgement.found.iter().map(|f| format!("{} {} at {}", f.rule.id, f.severity, f.at)).collect();
        let expected: Vec<String> = expected.into_iter().map(|at| format!("http/format-changed {at}")).collect();
        assert_eq!(found, expected, "{mixed}");
    }
}

#[test]
fn an_error_that_no_longer_says_why_has_another_structure() {
    let error = |body: &str| format!("HTTP/1.1 422 No\ncontent-type: application/json\n\n{body}");
    let old = r#"{"code":"no_such_item","fields":["sku"]}"#;
    for (new, expected) in [
        (r#"{"code":"","fields":["sku"]}"#, vec!["http/error-shape-changed risk at $.code"]),
        (r#"{"code":"no_such_item","fields":[]}"#, vec!["http/error-shape-changed risk at $.fields"]),
        (r#"{"code":"unknown_item","fields":["id","sku"]}"#, vec![]),
    ] {
        check_replies(&error(old), &error(new), "", &expected);
    }
}

#[test]
fn a_secret_is_never_evidence() {
    let (old, new) = (
        observe("HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"api_key\":\"hunter2\",\"n\":1}"),
        observe("HTTP/1.1 200 OK\ncontent-type: application/json\n\n{\"api_key\":7,\"n\":2}"),
    );
    let judgement = compare(&old, &old, &new, Direction::OLD_TO_NEW, "");
    assert_eq!(judgement.found.len(), 2);
    assert!(!format!("{:?}", judgement.found).contains("hunter2"), "{:?}", judgement.found);
}

#[test]
fn a_long_document_is_looked_into_however_deep() {
    let deep = format!("{}1{}", "[".repeat(400), "]".repeat(400));
    let found = format!("http/value-changed risk at ${}", "[]".repeat(400));
    check(&deep, &deep.replace('1', "2"), "", &[&found], &[&found]);
}
