//! `straddle contracts` and the check of that name: kinds, places, terms, and how they end.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::kit::Test;
use crate::support::server::{Request, Response};

/// Files in a folder of their own.
fn laid(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    lay(folder.path(), files);
    folder
}

fn lay(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder)).unwrap_or_else(|error| panic!("{error}"));
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

struct Said {
    exit: Option<i32>,
    out: String,
    err: String,
}

fn run(folder: &Path, args: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.current_dir(folder).args(args).stdin(Stdio::null()).env("NO_COLOR", "1").env("HOME", folder);
    let output = command.output().unwrap_or_else(|error| panic!("{error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { exit: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// What is found, as `RULE SEVERITY SUBJECT DIRECTION AT`, and how it ends.
fn found(folder: &Path, args: &[&str]) -> (Vec<String>, Option<i32>) {
    let mut words = vec!["contracts"];
    words.extend(args);
    words.push("--report=json");
    let said = run(folder, &words);
    let report: Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {} {}", said.out, said.err));
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    let line = |finding: &Value| {
        let direction = format!("{}->{}", text(&finding["direction"], "from"), text(&finding["direction"], "to"));
        let direction = finding["direction"].as_str().map_or(direction, str::to_owned);
        format!(
            "{} {} {} {direction} {}",
            text(finding, "rule"),
            text(finding, "severity"),
            text(finding, "subject"),
            text(finding, "at")
        )
    };
    (report["findings"].as_array().into_iter().flatten().map(line).collect(), said.exit)
}

#[track_caller]
fn check(files: &[(&str, &str)], args: &[&str], expected: &[&str], exit: i32) {
    let folder = laid(files);
    let (found, ended) = found(folder.path(), args);
    assert_eq!(found, expected);
    assert_eq!(ended, Some(exit));
}

#[track_caller]
fn refused(files: &[(&str, &str)], args: &[&str], exit: i32, expected: &str) {
    let folder = laid(files);
    let said = run(folder.path(), &[&["contracts"], args].concat());
    assert_eq!((said.exit, said.out.as_str()), (Some(exit), ""), "{}", said.err);
    assert!(said.err.contains(expected), "{}", said.err);
}

const SCHEMA: &str = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string", "maxLength": 9}"#;
const NARROWED: &str =
    r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string", "maxLength": 8}"#;
const PROTO: &str = "syntax = \"proto3\";\npackage shop.v1;\nmessage Order { int32 total = 1; }\n";
const WIDENED: &str = "syntax = \"proto3\";\npackage shop.v1;\nmessage Order { int64 total = 1; }\n";
const API: &str = "\
openapi: 3.0.3
info: { title: Shop, version: '1' }
paths:
  /orders/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
      responses:
        '200':
          description: It.
          content:
            application/json:
              schema: { $ref: 'parts/order.yaml#/Order' }
";
const ORDER: &str = "\
Order:
  type: object
  required: [id, state]
  properties:
    id: { type: string }
    state: { type: string, enum: [open, paid] }
";

#[test]
fn a_narrowed_schema_breaks_who_wrote_to_the_wide_one_and_not_the_other_way_round() {
    let files = [("old.json", SCHEMA), ("new.json", NARROWED)];
    check(
        &files,
        &["old.json", "new.json"],
        &["schema/length-narrowed breaking schema new.json, old.json old->new $"],
        1,
    );
    check(
        &files,
        &["new.json", "old.json"],
        &["schema/length-narrowed breaking schema new.json, old.json new->old $"],
        1,
    );
    check(&files, &["old.json", "old.json"], &[], 0);
}

#[test]
fn a_number_that_does_not_fit_breaks_the_reader_of_the_narrow_type() {
    let files = [("old/a.proto", PROTO), ("new/a.proto", WIDENED)];
    let expected = "protobuf/type-changed breaking message shop.v1.Order new->old field 1 (total)";
    check(&files, &["old", "new"], &[expected], 1);
    check(&files, &["old/a.proto", "new/a.proto"], &[expected], 1);
    check(&files, &["old", "old"], &[], 0);
}

#[test]
fn a_new_value_in_a_reply_breaks_old_clients_across_files() {
    let wide = ORDER.replace("paid]", "paid, sent]");
    let files = [
        ("old/api.yaml", API),
        ("old/parts/order.yaml", ORDER),
        ("new/api.yaml", API),
        ("new/parts/order.yaml", wide.as_str()),
    ];
    let expected = "schema/enum-narrowed breaking GET /orders/{} old->new reply 200 $.state";
    check(&files, &["old/api.yaml", "new/api.yaml"], &[expected], 1);
    check(&files, &["old", "new"], &[expected], 1);
    check(&files, &["old", "old"], &[], 0);
}

#[test]
fn a_contract_of_a_commit_is_read_with_all_that_it_refers_to() {
    let folder = laid(&[("shop/api/api.yaml", &API.replace("parts/", "../parts/")), ("shop/parts/order.yaml", ORDER)]);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(folder.path()).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(args);
        let done = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap_or_else(|error| panic!("{error}"));
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "one"]);
    git(&["tag", "v1"]);
    lay(folder.path(), &[("shop/parts/order.yaml", &ORDER.replace("paid]", "paid, sent]"))]);
    let before = fs::read_to_string(folder.path().join(".git/index")).ok();
    let (lines, exit) = found(&folder.path().join("shop"), &["git:v1:api/api.yaml", "api/api.yaml"]);
    assert_eq!(lines, ["schema/enum-narrowed breaking GET /orders/{} old->new reply 200 $.state"]);
    assert_eq!(exit, Some(1));
    let (lines, exit) = found(&folder.path().join("shop"), &["git:HEAD:api/api.yaml", "git:v1:../shop/api/api.yaml"]);
    assert_eq!((lines, exit), (Vec::new(), Some(0)));
    assert_eq!(fs::read_to_string(folder.path().join(".git/index")).ok(), before, "the repository's own index");
    let said = run(folder.path(), &["contracts", "git:v1:api.yaml", "shop/api/api.yaml"]);
    assert_eq!(said.exit, Some(3), "{}", said.err);
    assert!(said.err.contains("`api.yaml` is not in `v1` of"), "{}", said.err);
}

#[test]
fn what_can_not_be_read_is_told_with_its_place() {
    let two = ["old.json", "new.json"];
    refused(&[("old.json", SCHEMA), ("new.json", "{\"type\": }")], &two, 2, "new.json:1:10");
    refused(
        &[("old.json", SCHEMA), ("new.json", "{\"name\": 1}")],
        &[two[0], two[0], "--kind", "protobuf"],
        2,
        "old.json",
    );
    refused(&[("old.json", SCHEMA)], &two, 2, "there is no file or folder `new.json`");
    refused(&[("old.json", SCHEMA), ("new.proto", PROTO)], &["old.json", "new.proto"], 2, "are of different kinds");
    refused(&[("a.txt", "x")], &["a.txt", "a.txt"], 2, "say it with --kind");
    refused(&[("a.proto", "syntax = \"proto3\";\nmessage {")], &["a.proto", "a.proto"], 2, "a.proto:2:9");
}

#[test]
fn what_neither_side_shows_is_not_taken_for_the_same() {
    let remote = API.replace("parts/order.yaml", "https://example.org/order.yaml");
    check(&[("old.yaml", &remote), ("new.yaml", &remote)], &["old.yaml", "new.yaml"], &[], 4);
}

#[test]
fn terms_decide_what_a_reader_refuses() {
    let files = [
        ("old.proto", "syntax = \"proto3\";\nmessage A { string a = 1; }\n"),
        ("new.proto", "syntax = \"proto3\";\nmessage A { string a = 1; string b = 2; }\n"),
    ];
    let args = |more: &[&'static str]| [&["old.proto", "new.proto"], more].concat();
    let line = |severity: &str| format!("protobuf/field-unknown {severity} message A new->old field 2 (b)");
    let folder = laid(&files);
    let of = |more: &[&'static str]| found(folder.path(), &args(more)).0;
    assert!(of(&["--encoding", "binary"]).contains(&line("risk")));
    let strict = of(&["--encoding", "json", "--unknown-fields", "rejected"]);
    assert!(strict.contains(&line("breaking")), "{strict:?}");
}

#[test]
fn what_a_contract_says_can_not_write_on_the_terminal() {
    let files = [
        ("old.json", "{\"type\": \"object\", \"properties\": {\"a\\u001b[31m\": {\"type\": \"string\"}}}".to_owned()),
        ("new.json", "{\"type\": \"object\", \"properties\": {\"a\\u001b[31m\": {\"type\": \"integer\"}}}".to_owned()),
    ];
    let folder = laid(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
    let said = run(folder.path(), &["contracts", "old.json", "new.json"]);
    assert_eq!(said.exit, Some(1), "{}", said.err);
    assert!(!said.out.contains('\u{1b}'), "{}", said.out);
}

#[test]
fn all_reports_of_two_contracts_are_as_they_were() {
    let folder = laid(&[("old.json", SCHEMA), ("new.json", NARROWED)]);
    let said =
        run(folder.path(), &["contracts", "old.json", "new.json", "--report=terminal", "--report=junit=junit.xml"]);
    let junit = fs::read_to_string(folder.path().join("junit.xml")).unwrap_or_else(|error| panic!("{error}"));
    crate::support::golden("contracts-reports", &format!("{}{}exit {:?}\n{junit}", said.out, said.err, said.exit));
}

/// A shop whose orders are in one of these states, and which says so.
fn shop(states: &'static str, state: &'static str) -> impl Fn(&Request) -> Response + Send + Sync + 'static {
    move |request| match request.target.as_str() {
        "/openapi.yaml" => {
            let order = format!(
                "{{ type: object, required: [id, state], properties: {{ id: {{ type: string }}, state: {{ type: string, enum: [{states}] }} }} }}"
            );
            Response::with(200, "application/yaml", &API.replace("{ $ref: 'parts/order.yaml#/Order' }", &order), &[])
        }
        _ => Response::json(200, &format!("{{\"id\":\"7\",\"state\":\"{state}\"}}")),
    }
}

const SERVED: &str = "[[contract]]\nservice = \"s\"\nkind = \"openapi\"\nold = { url = \"/openapi.yaml\" }\nnew = { url = \"/openapi.yaml\" }\n";

#[test]
fn a_running_build_is_asked_for_its_contract() {
    Test::new()
        .old(shop("open, paid", "open"))
        .new_server(shop("open, paid, sent", "open"))
        .old_clients(&["GET /orders/7"])
        .manifest(SERVED)
        .args(&["--only", "contracts"])
        .expect(&["schema/enum-narrowed breaking old->new GET /orders/{} at reply 200 $.state"]);
    Test::new()
        .old(shop("open, paid", "open"))
        .new_server(shop("paid, open", "open"))
        .old_clients(&["GET /orders/7"])
        .manifest(SERVED)
        .args(&["--only", "contracts"])
        .expect(&[]);
}

#[test]
fn a_build_that_does_not_give_its_contract_leaves_the_check_failed_and_says_why() {
    let report = Test::new()
        .old(shop("open, paid", "open"))
        .new_server(|_| Response::json(404, "{}"))
        .old_clients(&["GET /orders/7"])
        .manifest(SERVED)
        .args(&["--only", "contracts"])
        .run();
    assert_eq!(report.exit, 3);
    let facts = report.run.checks.iter().find(|facts| facts.name == "contracts");
    let reason = facts.and_then(|facts| facts.reason.clone()).unwrap_or_default();
    assert!(reason.contains("does not give its contract at `/openapi.yaml`: it answers 404"), "{reason}");
}
