//! What is sent as text: parameters, headers, forms. There `1` and `"1"` are the same, and one value is a list of one.

use serde_json::{Map, Value, json};

use crate::contract::Terms;
use crate::contract::json_schema::{Inclusion, inclusion};

/// What says which texts.
const BOUNDS: [&str; 9] = ["enum", "const", "pattern", "minLength", "maxLength", "allOf", "anyOf", "oneOf", "not"];
const SINGLE: [&str; 4] = ["string", "number", "integer", "boolean"];

/// Whether a schema allows only single values, as far as it says so at its top.
pub(super) fn is_single(schema: &Value) -> bool {
    types(schema).is_some_and(|types| types.iter().all(|kind| SINGLE.contains(kind) || *kind == "null"))
}

/// Whether a schema takes every text, as far as it says so at its top.
pub(super) fn takes_any(schema: &Value) -> bool {
    let is_bounded = |schema: &Value| BOUNDS.iter().chain(&["format"]).any(|key| schema.get(key).is_some());
    types(schema).is_some_and(|types| types.contains(&"string")) && !is_bounded(top(schema))
}

/// Both schemas as they are meant where everything goes as text.
pub(super) fn as_text(writer: Value, reader: Value) -> (Value, Value) {
    let is_list = types(&reader) == Some(vec!["array"]);
    let writer = if is_list && is_single(&writer) { listed(writer) } else { writer };
    (writer, loose(reader))
}

/// Whether a counterexample stands where everything goes as text; none where it is to be taken as it is.
pub(super) fn second_look(written: &Value, reader: &Value, terms: &Terms) -> Option<Inclusion> {
    let takes = |value: Value| inclusion(&json!({"const": value}), reader, terms);
    match written {
        Value::Number(_) | Value::Bool(_) => Some(takes(json!(written.to_string()))),
        Value::String(text) => {
            let read =
                serde_json::from_str::<Value>(text).ok().filter(|value| value.is_number() || value.is_boolean())?;
            match takes(read) {
                Inclusion::Holds => Some(Inclusion::Unknown(format!(
                    "`{text}` is sent as text, and the other side may well read it as it means it"
                ))),
                other => Some(other),
            }
        }
        _ => None,
    }
}

/// The types that a schema names at its top.
fn types(schema: &Value) -> Option<Vec<&str>> {
    match top(schema).get("type")? {
        Value::String(kind) => Some(vec![kind]),
        Value::Array(kinds) => Some(kinds.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}

/// What a schema refers to, where it is but a reference.
fn top(schema: &Value) -> &Value {
    let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| schema.pointer(pointer)).unwrap_or(schema)
}

/// A list of exactly one of these.
fn listed(schema: Value) -> Value {
    let Value::Object(mut item) = schema else { return schema };
    let mut list = Map::new();
    for keyword in ["$schema", "$defs"] {
        if let Some(value) = item.shift_remove(keyword) {
            list.insert(keyword.to_owned(), value);
        }
    }
    list.extend([
        ("type".to_owned(), json!("array")),
        ("items".to_owned(), Value::Object(item)),
        ("minItems".to_owned(), json!(1)),
        ("maxItems".to_owned(), json!(1)),
    ]);
    Value::Object(list)
}

/// A text of which nothing more is said may be any single value's.
fn loose(schema: Value) -> Value {
    match schema {
        Value::Array(items) => items.into_iter().map(loose).collect(),
        Value::Object(members) => {
            let bounded = ["enum", "const", "pattern", "minLength", "maxLength"];
            let is_free =
                members.get("type") == Some(&json!("string")) && !bounded.iter().any(|key| members.contains_key(*key));
            members
                .into_iter()
                .map(|(key, value)| match key.as_str() {
                    "type" if is_free => (key, json!(["string", "number", "boolean"])),
                    "enum" | "const" => (key, value),
                    _ => (key, loose(value)),
                })
                .collect()
        }
        other => other,
    }
}
