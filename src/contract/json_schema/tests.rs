//! Every rule on its own pair and on all others, and what must hold whatever the schemas.

use std::fs;

use serde_json::{Value, json};

use super::{Inclusion, inclusion, rules};
use crate::contract::Terms;

fn pair(name: &str, file: &str) -> Value {
    let path = format!("{}/tests/pairs/{name}/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The rules that speak of what one may write and another refuses.
fn told(writer: &Value, reader: &Value, terms: &Terms) -> Vec<&'static str> {
    let mut told: Vec<&str> = match inclusion(writer, reader, terms) {
        Inclusion::Holds => Vec::new(),
        Inclusion::Breaks(breaks) => breaks.iter().map(|broken| broken.rule.id).collect(),
        Inclusion::Unknown(why) => panic!("{why}: {writer} {reader}"),
    };
    told.sort_unstable();
    told.dedup();
    told
}

#[test]
fn every_rule_fires_on_its_own_pair_and_on_no_other() {
    for rule in rules::ALL {
        let name = rule.id.replace('/', "-");
        let [old, new, fine] = ["old", "new", "fine"].map(|file| pair(&name, file));
        let terms = Terms::DOCUMENTS;
        assert_eq!(told(&old, &new, &terms), [rule.id], "{name}");
        let empty: [&str; 0] = [];
        for (writer, reader) in [(&new, &old), (&old, &fine), (&fine, &old), (&old, &old), (&new, &new)] {
            assert_eq!(told(writer, reader, &terms), empty, "{name}: {writer} {reader}");
        }
    }
}

#[test]
fn rules_are_sorted_and_of_one_family() {
    let ids: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    assert!(ids.is_sorted() && ids.iter().all(|id| id.starts_with("schema/")), "{ids:?}");
}

/// What of `writer` a reader refuses, by rule and place, on the terms of services and of documents.
#[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
fn check(writer: Value, reader: Value, service: &[(&str, &str)], documents: &[(&str, &str)]) {
    for (terms, expected) in [(Terms::SERVICE, service), (Terms::DOCUMENTS, documents)] {
        let inclusion = inclusion(&writer, &reader, &terms);
        let told: Vec<(&str, &str)> = match &inclusion {
            Inclusion::Holds => Vec::new(),
            Inclusion::Breaks(breaks) => breaks.iter().map(|broken| (broken.rule.id, broken.at.as_str())).collect(),
            Inclusion::Unknown(why) => vec![("unknown", why)],
        };
        assert_eq!(told, expected, "{writer} {reader} {terms:?}");
    }
}

#[test]
fn a_closed_writer_does_not_write_what_it_does_not_name() {
    let named = |names: &[&str]| {
        let properties: serde_json::Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        json!({"type": "object", "properties": properties})
    };
    check(named(&["a"]), named(&["a", "b"]), &[], &[("schema/type-narrowed", "$.b")]);
    let mut strict = named(&["a"]);
    strict["additionalProperties"] = json!(false);
    check(named(&["a"]), strict.clone(), &[], &[("schema/additional-refused", "$.*")]);
    check(
        named(&["a", "b"]),
        strict,
        &[],
        &[("schema/additional-refused", "$.*"), ("schema/additional-refused", "$.b")],
    );
}

#[test]
fn recursive_schemas_of_any_dialect_are_proved_and_refuted() {
    let tree = |name: Value| {
        json!({
            "$ref": "#/$defs/node",
            "$defs": {"node": {"type": "object", "properties": {
                "name": name,
                "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}
            }}}
        })
    };
    check(tree(json!({"type": "string", "minLength": 1})), tree(json!({"type": "string"})), &[], &[]);
    let shorter = [("schema/length-narrowed", "$.name")];
    check(tree(json!({"type": "string"})), tree(json!({"type": "string", "minLength": 1})), &shorter, &shorter);
    let old = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "array", "items": [{"type": "string"}], "additionalItems": false
    });
    check(old, json!({"type": "array", "prefixItems": [{"type": "string"}], "items": false}), &[], &[]);
}

#[test]
fn a_reader_that_ignores_unknown_fields_minds_no_other_case() {
    let either = |extra: Value| {
        json!({"oneOf": [
            {"properties": {"a": {"type": "string"}}, "additionalProperties": false},
            {"properties": {"b": {"type": "string"}, "c": extra}, "additionalProperties": false}
        ]})
    };
    check(either(json!({"type": "string"})), either(json!({"type": ["string", "null"]})), &[], &[]);
}

#[test]
fn only_line_breaks_are_no_break_since_engines_differ_on_them() {
    let unknown = inclusion(
        &json!({"type": "string", "minLength": 1}),
        &json!({"type": "string", "pattern": "."}),
        &Terms::DOCUMENTS,
    );
    assert!(matches!(unknown, Inclusion::Unknown(_)), "{unknown:?}");
}

#[test]
fn a_break_stands_on_a_document_and_points_at_both_schemas() {
    let writer = json!({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}});
    let reader = json!({"properties": {"a": {"type": "string", "pattern": "^x"}}});
    let Inclusion::Breaks(breaks) = inclusion(&writer, &reader, &Terms::DOCUMENTS) else { panic!() };
    let [broken] = &breaks[..] else { panic!("{breaks:?}") };
    assert_eq!((broken.writer.as_str(), broken.reader.as_str()), ("/$defs/a", "/properties/a/pattern"));
    assert!(jsonschema::is_valid(&writer, &broken.written) && !jsonschema::is_valid(&reader, &broken.written));
}

#[test]
fn what_has_no_end_or_is_elsewhere_is_unknown() {
    let mut deep = json!({});
    for _ in 0..300 {
        deep = json!({"items": deep});
    }
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"$ref": "http://x.test/a.json"}),
        json!({"$schema": "http://x.test/"}),
        deep,
    ] {
        let known = json!({"type": "string"});
        for (writer, reader) in [(&schema, &known), (&known, &schema)] {
            assert!(matches!(inclusion(writer, reader, &Terms::SERVICE), Inclusion::Unknown(_)), "{writer}");
        }
    }
}
