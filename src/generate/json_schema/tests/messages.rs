//! What is made of schemas that say one thing each.

use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};

use crate::contract::json_schema::Dialect;
use crate::generate::json_schema::{Messages, Unmade};

fn messages(schema: &Value) -> Messages {
    let dialect = Dialect::named(schema).unwrap().unwrap_or(Dialect::Draft202012);
    Messages::of(schema, dialect).unwrap_or_else(|unmade| panic!("{unmade}: {schema}"))
}

fn rng() -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32])
}

fn draws(messages: &Messages, count: usize) -> Vec<Value> {
    let mut rng = rng();
    (0..count).map(|_| messages.draw(&mut rng).unwrap()).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
fn check_smallest(schema: Value, expected: Value) {
    assert_eq!(*messages(&schema).smallest(), expected, "{schema}");
}

#[test]
fn the_smallest_document_has_what_must_be_there_and_no_more() {
    check_smallest(json!(true), json!(null));
    check_smallest(json!({"type": ["string", "integer"], "minLength": 2, "minimum": 7}), json!(7));
    check_smallest(json!({"properties": {"a": true}, "required": ["b"]}), json!({"b": null}));
    check_smallest(json!({"type": "object", "properties": {"a": {"type": "string"}}}), json!({}));
    check_smallest(
        json!({"type": "array", "items": {"enum": [3, 4]}, "minItems": 2, "uniqueItems": true}),
        json!([3, 4]),
    );
    check_smallest(json!({"type": "array", "contains": {"const": "x"}, "minContains": 2}), json!(["x", "x"]));
    check_smallest(json!({"type": "string", "pattern": "^[A-Z]{3}$"}), json!("AAA"));
    check_smallest(json!({"type": "string", "format": "date"}), json!("2026-01-01"));
    check_smallest(json!({"type": "integer", "format": "int32"}), json!(0));
    check_smallest(
        json!({"items": {"type": "integer", "multipleOf": 7, "minimum": -700, "not": {"const": 0}}, "minItems": 1}),
        json!([7]),
    );
    check_smallest(json!({"not": {"oneOf": [true, {"const": 1}, {}]}}), json!(null));
    check_smallest(
        json!({"type": "string", "allOf": [{"pattern": "^[a-f]+$"}, {"pattern": "f$"}], "minLength": 3}),
        json!("aaf"),
    );
    check_smallest(json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.4, "multipleOf": 0.25}), json!(0.25));
    check_smallest(
        json!({"type": "object", "minProperties": 1, "additionalProperties": {"const": 1}}),
        json!({"a": 1}),
    );
    check_smallest(
        json!({
            "$ref": "#/$defs/node",
            "$defs": {"node": {"type": "object", "required": ["kids"], "properties": {
                "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}
            }}}
        }),
        json!({"kids": []}),
    );
    check_smallest(
        json!({
            "$schema": "http://json-schema.org/draft-04/schema#",
            "type": "integer", "minimum": 3, "exclusiveMinimum": true
        }),
        json!(4),
    );
}

/// The edges have these, and none of those.
#[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
fn check_edges(schema: Value, has: &[Value], lacks: &[Value]) {
    let edges = messages(&schema).edges(200);
    for wanted in has {
        assert!(edges.contains(wanted), "{wanted} under {schema}: {edges:?}");
    }
    for unwanted in lacks {
        assert!(!edges.contains(unwanted), "{unwanted} under {schema}: {edges:?}");
    }
}

#[test]
fn the_edges_have_each_bound_and_branch_and_optional_field() {
    check_edges(
        json!({"type": "object", "properties": {"a": {"enum": ["x", "y"]}, "b": {"type": ["integer", "null"]}}}),
        &[
            json!({}),
            json!({"a": "x"}),
            json!({"a": "y"}),
            json!({"b": null}),
            json!({"b": 0}),
            json!({"a": "x", "b": null}),
        ],
        &[json!({"other": null})],
    );
    check_edges(
        json!({"type": "integer", "minimum": -3, "maximum": 10, "multipleOf": 2}),
        &[json!(-2), json!(0), json!(10)],
        &[json!(-3), json!(11)],
    );
    check_edges(json!({"type": "integer"}), &[json!(9_007_199_254_740_993_i64), json!(-1), json!(i64::MIN)], &[]);
    check_edges(json!({"type": "integer", "format": "int32"}), &[json!(i32::MAX), json!(i32::MIN)], &[json!(i64::MAX)]);
    check_edges(
        json!({"type": "string", "minLength": 1, "maxLength": 4}),
        &[json!("a"), json!("aaaa"), json!("é"), json!("日本語")],
        &[json!(""), json!("aaaaa")],
    );
    check_edges(
        json!({"oneOf": [{"required": ["a"], "properties": {"a": {"const": 1}}}, {"required": ["b"], "properties": {"b": {"const": 2}}}], "type": "object"}),
        &[json!({"a": 1}), json!({"b": 2})],
        &[json!({"a": 1, "b": 2})],
    );
    check_edges(
        json!({"type": "array", "items": {"type": "boolean"}, "maxItems": 3}),
        &[json!([]), json!([false]), json!([true]), json!([false, false, false])],
        &[],
    );
    check_edges(
        json!({"type": "object", "patternProperties": {"^x-[a-z]$": {"const": 5}}, "additionalProperties": false}),
        &[json!({}), json!({"x-a": 5})],
        &[],
    );
}

#[test]
fn all_edges_are_told_apart_and_there_are_no_more_than_asked_for() {
    let messages = messages(&json!({"type": "object", "additionalProperties": {"type": "string"}}));
    assert_eq!(messages.edges(7).len(), 7);
    assert_eq!(messages.edges(1), [messages.smallest().clone()]);
}

#[test]
fn names_that_nobody_has_declared_are_made_up_only_where_a_schema_speaks_of_them() {
    let names = |schema: Value| {
        let drawn = draws(&messages(&schema), 200);
        let named = |document: &Value| document.as_object().is_some_and(|map| map.keys().any(|name| name != "a"));
        drawn.iter().filter(|document| named(document)).count()
    };
    let declared = json!({"a": {"type": "string"}});
    assert_eq!(names(json!({"type": "object", "properties": declared})), 0);
    assert_eq!(names(json!({"type": "object"})), 0);
    assert!(names(json!({"type": "object", "properties": declared, "additionalProperties": {"type": "string"}})) > 20);
    assert!(names(json!({"type": "object", "patternProperties": {"^b": {"type": "string"}}})) > 20);
    assert_eq!(names(json!({"type": "object", "properties": declared, "minProperties": 2})), 200);
}

#[test]
fn what_is_said_by_ids_anchors_and_dynamic_references_is_followed() {
    for (schema, expected) in [
        (json!({"$ref": "#x", "$defs": {"x": {"$anchor": "x", "const": 5}}}), json!(5)),
        (
            json!({"$id": "http://x.test/a", "$ref": "b#/$defs/y", "$defs": {"x": {"$id": "b", "$defs": {"y": {"const": 6}}}}}),
            json!(6),
        ),
        (json!({"$dynamicRef": "#n", "$defs": {"x": {"$dynamicAnchor": "n", "const": 7}}}), json!(7)),
        (
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "allOf": [{"$ref": "#n"}], "definitions": {"x": {"$id": "#n", "const": 8}}}),
            json!(8),
        ),
    ] {
        assert_eq!(*messages(&schema).smallest(), expected, "{schema}");
    }
}

#[test]
fn texts_are_of_their_format_though_no_validator_asks() {
    let drawn = draws(&messages(&json!({"type": "string", "format": "uuid"})), 50);
    let is_uuid = |text: &Value| text.as_str().is_some_and(|text| text.len() == 36 && text.split('-').count() == 5);
    assert!(drawn.iter().all(is_uuid), "{drawn:?}");
    let uuids = messages(&json!({"type": "string", "format": "uuid"}));
    assert!(uuids.simpler(&drawn[0]).iter().all(is_uuid));
    // What is asked for outright comes first.
    let both = messages(&json!({"type": "string", "format": "uuid", "maxLength": 3}));
    assert!(draws(&both, 20).iter().all(|text| text.as_str().unwrap().chars().count() <= 3));
}

#[test]
fn expressions_that_look_around_are_drawn_from_too() {
    let schema = json!({"type": "string", "pattern": "^(?!internal-)[a-z]+-[0-9]{2}$"});
    let drawn = draws(&messages(&schema), 30);
    assert!(drawn.iter().any(|text| text != &drawn[0]), "{drawn:?}");
}

#[test]
fn what_one_schema_allows_beyond_another_is_told_by_what_is_refused() {
    let old = json!({"type": "object", "properties": {"a": {"type": ["string", "null"], "maxLength": 5}, "b": {"enum": ["x", "y"]}}});
    let new = json!({"type": "object", "properties": {"a": {"type": "string", "maxLength": 4}, "b": {"enum": ["x"]}}});
    let (old, new) = (messages(&old), messages(&new));
    let beyond = old.beyond(&new, &mut rng(), 10);
    assert!(beyond.iter().all(|document| old.allows(document) && !new.allows(document)));
    for wanted in [json!({"a": null}), json!({"a": "aaaaa"}), json!({"b": "y"})] {
        assert!(beyond[..3].contains(&wanted), "{wanted}: {beyond:?}");
    }
    assert_eq!(new.beyond(&old, &mut rng(), 10), Vec::<Value>::new());
}

#[test]
fn whoever_follows_simpler_documents_comes_down_to_what_matters() {
    let schema = json!({
        "type": "object",
        "required": ["rows"],
        "properties": {
            "note": {"type": "string"},
            "rows": {"type": "array", "items": {"type": "object", "required": ["n"], "properties": {
                "n": {"type": "integer", "multipleOf": 5}, "tag": {"type": "string"}
            }}}
        }
    });
    let messages = messages(&schema);
    let row = |n: u64, tag: &str| json!({"n": n, "tag": tag});
    let mut document = json!({"note": "some text", "rows": [row(10, "a"), row(123_456_789_000, "zz"), row(70, "é")]});
    // It fails where a number is large, and nothing else matters.
    let fails = |document: &Value| {
        let rows = document["rows"].as_array().into_iter().flatten();
        rows.into_iter().any(|row| row["n"].as_u64() > Some(1_000))
    };
    let mut tried = 0;
    while let Some(step) = messages.simpler(&document).into_iter().inspect(|_| tried += 1).find(fails) {
        document = step;
    }
    assert_eq!(document, json!({"rows": [{"n": 1_005}]}));
    assert!(tried < 500, "{tried}");
}

#[test]
fn what_cannot_be_made_is_told_with_its_reason() {
    let expression = json!({"type": "string", "pattern": "^(a)(?!b)\\1(?<=b)$"});
    for (schema, expected) in [
        (
            json!({"type": "strin"}),
            "\"strin\" is not valid under any of the schemas listed in the 'anyOf' keyword (`#/type`)",
        ),
        (json!({"$ref": "#/$defs/none"}), "Pointer '/$defs/none' does not exist"),
        (
            json!({"$ref": "http://x.test/a.json"}),
            "a `$ref` to elsewhere is not fetched: Resource `http://x.test/a.json`",
        ),
        (json!({"allOf": [{"$ref": "#"}]}), "a `$ref` leads back to itself without looking into the value"),
        (json!({"type": "string", "minLength": 3, "maxLength": 2}), "nothing was found that the schema allows"),
        (json!(false), "nothing was found that the schema allows"),
        (expression, "no text was found that matches `^(a)(?!b)\\1(?<=b)$`"),
    ] {
        let unmade: Unmade = Messages::of(&schema, Dialect::Draft202012).unwrap_err();
        assert_eq!(unmade.to_string(), expected, "{schema}");
    }
}

#[test]
fn messages_are_shared_between_tasks() {
    fn is_shared<T: Send + Sync + Clone + 'static>() {}
    is_shared::<Messages>();
}
