//! The JSON Schema of a manifest, for editors: made from the same data that the parser reads by.

use serde_json::{Map, Value, json};

use super::sections::ROOT;
use super::shape::{Need, Section, Shape};

/// The schema, draft 2020-12.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let root = section(&ROOT, &mut definitions);
    definitions.sort_keys();
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("straddle.toml"));
    if let Value::Object(root) = root {
        schema.extend(root);
    }
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

fn section(section: &Section, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in section.keys {
        let mut property = shape(&key.shape, definitions);
        if let Value::Object(property) = &mut property {
            property.insert("description".to_owned(), json!(key.doc));
            match key.need {
                Need::Required => required.push(key.name),
                Need::Optional => {}
                Need::Default(text) => {
                    property.extend(serde_json::from_str(text).map(|value: Value| ("default".to_owned(), value)));
                }
            }
        }
        properties.insert(key.name.to_owned(), property);
    }
    json!({
        "description": section.doc,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn reference(to: &Section, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(to.name) {
        // Its place is taken before its keys are looked at, so that a section within itself would end.
        definitions.insert(to.name.to_owned(), Value::Null);
        let definition = section(to, definitions);
        definitions.insert(to.name.to_owned(), definition);
    }
    json!({ "$ref": format!("#/$defs/{}", to.name) })
}

fn shape(shape_of: &Shape, definitions: &mut Map<String, Value>) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match shape_of {
        Shape::Text => text(r"\S"),
        Shape::Word => text("^[A-Za-z0-9_-]+$"),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Count(u64::MAX) => json!({ "type": "integer", "minimum": 1 }),
        Shape::Count(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Shape::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Shape::Percent => text(r"^[0-9]+(\.[0-9]+)? *%$"),
        Shape::Duration => text("^[0-9]+(ms|s|m|h)$"),
        // A date of TOML's own reaches a validator as this text.
        Shape::Date => text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        Shape::Direction => json!({ "enum": ["old->new", "new->old"] }),
        Shape::At => text(r"^(\$.*|status|reply|(header|cookie|path|query|link) .+)$"),
        Shape::Target => text(r"^/\S*$"),
        Shape::GitRef => text(r"^[^\s-]\S*$"),
        Shape::Regex => json!({ "type": "string", "format": "regex" }),
        Shape::Url => text(r"^https?://[^/?#@\s]+/?$"),
        Shape::Command => json!({
            "oneOf": [
                { "type": "string", "pattern": r"\S" },
                {
                    "type": "object",
                    "properties": { "sh": { "description": "What `sh -c` runs.", "type": "string", "pattern": r"\S" } },
                    "required": ["sh"],
                    "additionalProperties": false,
                },
            ],
        }),
        Shape::List(item) => json!({ "type": "array", "items": shape(item, definitions) }),
        Shape::Some(item) => json!({ "type": "array", "items": shape(item, definitions), "minItems": 1 }),
        Shape::Section(section) => reference(section, definitions),
        Shape::Named(item) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z0-9_-]+$" },
            "additionalProperties": shape(item, definitions),
        }),
        Shape::Numbered(item) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^[A-Za-z0-9_-]+(#[0-9]+)?$" },
            "additionalProperties": shape(item, definitions),
        }),
        Shape::Env => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Either(text, section) => {
            json!({ "oneOf": [shape(text, definitions), reference(section, definitions)] })
        }
    }
}
