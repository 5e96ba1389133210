//! A reader that ignores what it doesn't know: its schema without the refusals of unknown names.
//!
//! Pointers into it stay those of the original, but for a `oneOf` that becomes an `anyOf`: where unknown names are no longer refused,
//! a document may well fit several of its schemas, and a reader that ignores unknown names does not mind.

use serde_json::{Map, Value};

/// The schema of a reader that ignores unknown names.
pub(super) fn ignoring(schema: &Value) -> Value {
    let mut opened = schema.clone();
    if refuses_unknown(schema) {
        open(&mut opened);
    }
    opened
}

fn refuses_unknown(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => {
            ["additionalProperties", "unevaluatedProperties"]
                .iter()
                .any(|name| map.get(*name) == Some(&Value::Bool(false)))
                || map.values().any(refuses_unknown)
        }
        Value::Array(items) => items.iter().any(refuses_unknown),
        _ => false,
    }
}

/// Whether anything was opened in it.
fn open(schema: &mut Value) -> bool {
    let Value::Object(map) = schema else { return false };
    let mut is_opened = false;
    for name in ["additionalProperties", "unevaluatedProperties"] {
        if map.get(name) == Some(&Value::Bool(false)) {
            map.remove(name);
            is_opened = true;
        }
    }
    let mut is_one_of_opened = false;
    for (keyword, value) in map.iter_mut() {
        let opened = match keyword.as_str() {
            // What these ask for is not what a document has to be.
            "not" | "if" | "enum" | "const" | "propertyNames" | "contains" => continue,
            "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "$defs" | "definitions"
            | "schemas" => open_all(value.as_object_mut()),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" | "items" if value.is_array() => {
                // Every one of them, whatever the others are.
                value.as_array_mut().into_iter().flatten().map(open).filter(|opened| *opened).count() > 0
            }
            _ => open(value),
        };
        is_one_of_opened |= opened && keyword == "oneOf";
        // Definitions are elsewhere: what is opened in them says nothing of this schema.
        is_opened |= opened && !matches!(keyword.as_str(), "$defs" | "definitions" | "components");
    }
    if (is_one_of_opened || (is_opened_by_reference(map)))
        && !map.contains_key("anyOf")
        && let Some(schemas) = map.remove("oneOf")
    {
        map.insert("anyOf".to_owned(), schemas);
    }
    is_opened
}

/// A `oneOf` of references: what they name may be opened.
fn is_opened_by_reference(map: &Map<String, Value>) -> bool {
    let schemas = map.get("oneOf").and_then(Value::as_array);
    schemas.is_some_and(|schemas| schemas.iter().any(|schema| schema.get("$ref").is_some()))
}

fn open_all(schemas: Option<&mut Map<String, Value>>) -> bool {
    schemas.into_iter().flatten().map(|(_, schema)| open(schema)).filter(|opened| *opened).count() > 0
}

/// A pointer into the opened schema, as one into the original.
pub(super) fn pointer(original: &Value, opened: &str) -> String {
    if original.pointer(opened).is_some() {
        return opened.to_owned();
    }
    let mut pointer = String::new();
    for segment in opened.split('/').skip(1) {
        let mut next = format!("{pointer}/{segment}");
        if segment == "anyOf" && original.pointer(&next).is_none() {
            next = format!("{pointer}/oneOf");
        }
        pointer = next;
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ignoring, pointer};

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(schema: Value, expected: Value) {
        assert_eq!(ignoring(&schema), expected);
    }

    #[test]
    fn only_refusals_of_unknown_names_go() {
        check(
            json!({"properties": {"additionalProperties": {"additionalProperties": false}}, "additionalProperties": {"type": "string"}}),
            json!({"properties": {"additionalProperties": {}}, "additionalProperties": {"type": "string"}}),
        );
        check(json!({"not": {"additionalProperties": false}}), json!({"not": {"additionalProperties": false}}));
        check(
            json!({"oneOf": [{"properties": {"a": true}, "additionalProperties": false}]}),
            json!({"anyOf": [{"properties": {"a": true}}]}),
        );
        check(json!({"oneOf": [{"type": "string"}]}), json!({"oneOf": [{"type": "string"}]}));
        check(
            json!({"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "object"}}}),
            json!({"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"type": "object"}}}),
        );
        check(json!({"enum": [{"additionalProperties": false}]}), json!({"enum": [{"additionalProperties": false}]}));
    }

    #[test]
    fn pointers_lead_back_into_the_original() {
        let original = json!({"oneOf": [{"type": "string"}]});
        assert_eq!(pointer(&original, "/anyOf/0/type"), "/oneOf/0/type");
        assert_eq!(pointer(&original, "/oneOf"), "/oneOf");
    }
}
