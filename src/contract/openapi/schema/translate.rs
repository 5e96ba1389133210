//! One schema of OpenAPI as one of JSON Schema, without what it refers to.

use serde_json::{Map, Value, json};

use super::hidden::{Hidden, hidden};
use super::named::bind_names;
use super::schemas::{Mode, Reading, Role};
use crate::contract::openapi::read::{Contract, Dialect, Node, Trouble};

/// A schema as JSON Schema, and what else was found out on the way.
#[derive(Debug)]
pub(super) struct Translation<'a> {
    /// References stand as `{"$ref": N}`, the number of what they refer to, until all have names.
    pub(super) value: Value,
    /// What it refers to, in order.
    pub(super) refers: Vec<Node<'a>>,
    pub(super) troubles: Vec<Trouble>,
    pub(super) discriminators: Vec<String>,
}

/// Keywords that say something of values and hold no schemas.
const PLAIN: [&str; 20] = [
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "minimum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxContains",
    "minContains",
    "maxProperties",
    "minProperties",
    "required",
    "dependentRequired",
];
const ONE: [&str; 10] = [
    "additionalProperties",
    "items",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const BY_NAME: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];
/// Keywords that change what references mean.
const MOVING: [&str; 3] = ["$id", "$dynamicRef", "$recursiveRef"];

impl<'a> Translation<'a> {
    /// Translates the schema at a node.
    pub(super) fn of(node: &Node<'a>, reading: Reading, contract: &'a Contract) -> Self {
        let is_30 = *contract.dialect() == Dialect::Openapi30;
        let value = Value::Bool(true);
        let translation = Self { value, refers: Vec::new(), troubles: Vec::new(), discriminators: Vec::new() };
        let mut translator = Translator { contract, reading, is_30, translation };
        let value = translator.schema(node, &Hidden::default());
        Self { value, ..translator.translation }
    }
}

pub(super) struct Translator<'a> {
    pub(super) contract: &'a Contract,
    reading: Reading,
    is_30: bool,
    translation: Translation<'a>,
}

impl<'a> Translator<'a> {
    /// Depth is bounded where the text was read.
    fn schema(&mut self, node: &Node<'a>, inherited: &Hidden) -> Value {
        let Some(source) = node.value.as_object() else {
            if !node.value.is_boolean() {
                self.trouble(node, "a schema must be an object here".to_owned());
            }
            return node.value.clone();
        };
        let mut out = Map::new();
        if let Some(reference) = node.reference() {
            out.insert("$ref".to_owned(), self.reference(node, reference));
            if self.is_30 {
                return Value::Object(out);
            }
        }
        for keyword in MOVING.iter().filter(|keyword| source.contains_key(**keyword)) {
            self.trouble(node, format!("`{keyword}` changes what references mean, and is not followed"));
            out.insert((*keyword).to_owned(), source.get(*keyword).cloned().unwrap_or_default());
        }
        let nothing = Hidden::default();
        let hidden = hidden(node, self.reading.mode, self.contract).and(inherited);
        for (keyword, child) in node.members() {
            let value = if PLAIN.contains(&keyword) {
                child.value.clone()
            } else if ONE.contains(&keyword) {
                // Before 2020 `items` could be a list.
                if child.value.is_array() { self.list(&child, &nothing) } else { self.schema(&child, &nothing) }
            } else if LIST.contains(&keyword) {
                self.list(&child, if keyword == "prefixItems" { &nothing } else { &hidden })
            } else if BY_NAME.contains(&keyword) {
                self.by_name(keyword, &child, &hidden)
            } else {
                continue;
            };
            out.insert(keyword.to_owned(), value);
        }
        if let Some(Value::Array(required)) = out.get_mut("required") {
            required.retain(|name| !name.as_str().is_some_and(|name| hidden.has(name)));
        }
        if let Some(discriminator) = node.get("discriminator")
            && let Some(property) = discriminator.text("propertyName")
        {
            self.translation.discriminators.push(property.to_owned());
            if self.reading.is_named {
                bind_names(&mut out, node, property, self.contract);
            }
        }
        if self.is_30 { nullable(with_exclusive_bounds(out), node) } else { Value::Object(out) }
    }

    fn list(&mut self, node: &Node<'a>, hidden: &Hidden) -> Value {
        node.items().map(|item| self.schema(&item, hidden)).collect()
    }

    fn by_name(&mut self, keyword: &str, node: &Node<'a>, hidden: &Hidden) -> Value {
        let mut out = Map::new();
        for (name, child) in node.members() {
            if keyword == "properties" && hidden.has(name) {
                // A writer that knows better doesn't send it; a reader takes whatever others make of it.
                out.insert(name.to_owned(), Value::Bool(self.reading.role == Role::Reader));
                continue;
            }
            out.insert(name.to_owned(), self.schema(&child, &Hidden::default()));
        }
        Value::Object(out)
    }

    fn reference(&mut self, node: &Node<'a>, reference: &str) -> Value {
        match self.contract.target(node, reference).and_then(|target| proper(target, self.contract)) {
            Ok(target) => {
                self.translation.refers.push(target);
                json!(self.translation.refers.len() - 1)
            }
            Err(trouble) => {
                self.translation.troubles.push(trouble);
                json!(reference)
            }
        }
    }

    fn trouble(&mut self, node: &Node<'a>, why: String) {
        self.translation.troubles.push(Trouble { why, at: self.contract.position(node), is_unread: false });
    }
}

/// What a schema is that may be a mere reference to another, which has no place of its own.
pub(super) fn proper<'a>(node: Node<'a>, contract: &'a Contract) -> Result<Node<'a>, Trouble> {
    let is_30 = *contract.dialect() == Dialect::Openapi30;
    let is_mere = node.reference().is_some() && (is_30 || node.value.as_object().is_some_and(|own| own.len() == 1));
    if is_mere { contract.follow(node) } else { Ok(node) }
}

/// In 3.0 `exclusiveMinimum: true` makes `minimum` exclusive.
fn with_exclusive_bounds(mut schema: Map<String, Value>) -> Map<String, Value> {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => {
                schema.shift_remove(exclusive);
                if let Some(limit) = schema.shift_remove(bound) {
                    schema.insert(exclusive.to_owned(), limit);
                }
            }
            Some(Value::Bool(false)) => {
                schema.shift_remove(exclusive);
            }
            _ => {}
        }
    }
    schema
}

/// In 3.0 `nullable: true` lets null in, whatever else is said: as those mean it who write it beside an `enum` or `allOf`.
fn nullable(mut schema: Map<String, Value>, node: &Node<'_>) -> Value {
    if !node.is_set("nullable") {
        return Value::Object(schema);
    }
    let is_plain =
        !["allOf", "anyOf", "oneOf", "not", "$ref", "const"].iter().any(|keyword| schema.contains_key(*keyword));
    if !is_plain {
        return json!({"anyOf": [{"type": "null"}, schema]});
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(kind @ Value::String(_)) if kind != "null" => *kind = json!([kind.take(), "null"]),
        _ => {}
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    Value::Object(schema)
}

/// What `readOnly` and `writeOnly` hide in a message.
pub(super) fn hiding(mode: Mode) -> &'static str {
    match mode {
        Mode::Request => "readOnly",
        Mode::Reply => "writeOnly",
    }
}
