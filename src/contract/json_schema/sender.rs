//! A writer that writes only what its schema names, as a schema.
//!
//! An object whose schema names properties, one by one or by patterns, and says nothing itself of others, is closed; over `allOf` and
//! references it is the union of what all of them name. One that names none is free-form and stays open. Works on the plain form.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::raised::{PREFIX, resolve};

/// The plain schema of a writer that writes only what it names.
pub(super) fn closed(plain: &Value) -> Value {
    let mut closing = Closing { whole: plain, made: BTreeSet::new(), waiting: Vec::new() };
    let mut root = closing.close(plain);
    let mut definitions = plain.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    while let Some(name) = closing.waiting.pop() {
        if let Some(target) = plain.get("$defs").and_then(|all| all.get(name.as_ref_name())) {
            let made = match &name {
                Version::Closed(_) => closing.close(target),
                Version::Within(_) => closing.within(target),
            };
            definitions.insert(name.name(), made);
        }
    }
    if let Value::Object(map) = &mut root
        && !definitions.is_empty()
    {
        map.insert("$defs".to_owned(), Value::Object(definitions));
    }
    root
}

/// What a definition is needed as: for a value of its own, or as one of several that speak of one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    Closed(String),
    Within(String),
}

impl Version {
    fn as_ref_name(&self) -> &str {
        match self {
            Self::Closed(name) | Self::Within(name) => name,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Closed(name) => format!("{name}!closed"),
            Self::Within(name) => format!("{name}!within"),
        }
    }
}

struct Closing<'a> {
    whole: &'a Value,
    made: BTreeSet<Version>,
    waiting: Vec<Version>,
}

impl<'a> Closing<'a> {
    /// A schema that is all that speaks of its value.
    fn close(&mut self, schema: &'a Value) -> Value {
        let Value::Object(map) = schema else { return schema.clone() };
        if let (Some(Value::String(reference)), 1) = (map.get("$ref"), map.len()) {
            return json!({ "$ref": self.version(reference, Version::Closed) });
        }
        let mut made = self.within(schema);
        let mut named = Named::default();
        self.name(schema, false, &mut named, &mut BTreeSet::new());
        let Value::Object(made_map) = &mut made else { return made };
        if named.is_explicit || (named.names.is_empty() && named.patterns.is_empty()) {
            return made;
        }
        if named.depends {
            made_map.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
        } else {
            // What stands deeper doesn't count for what is refused here.
            for (keyword, names) in [("properties", named.names), ("patternProperties", named.patterns)] {
                if names.is_empty() {
                    continue;
                }
                let known = made_map.entry(keyword).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(known) = known {
                    for name in names {
                        known.entry(name).or_insert(Value::Bool(true));
                    }
                }
            }
            made_map.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        made
    }

    /// One of several schemas that speak of a value: its own fields' values are closed, it is not.
    fn within(&mut self, schema: &'a Value) -> Value {
        let Value::Object(map) = schema else { return schema.clone() };
        let mut made = Map::new();
        for (keyword, value) in map {
            let value = match keyword.as_str() {
                "$defs" => continue,
                "$ref" => match value.as_str() {
                    Some(reference) => Value::String(self.version(reference, Version::Within)),
                    None => value.clone(),
                },
                "properties" | "patternProperties" => self.each(value, Self::close),
                "additionalProperties" | "unevaluatedProperties" | "items" | "unevaluatedItems" => self.close(value),
                "prefixItems" => self.list(value, Self::close),
                "allOf" | "anyOf" | "oneOf" => self.list(value, Self::within),
                "then" | "else" => self.within(value),
                "dependentSchemas" => self.each(value, Self::within),
                _ => value.clone(),
            };
            made.insert(keyword.clone(), value);
        }
        Value::Object(made)
    }

    fn each(&mut self, value: &'a Value, change: fn(&mut Self, &'a Value) -> Value) -> Value {
        let fields = value.as_object().into_iter().flatten();
        Value::Object(fields.map(|(name, schema)| (name.clone(), change(self, schema))).collect())
    }

    fn list(&mut self, value: &'a Value, change: fn(&mut Self, &'a Value) -> Value) -> Value {
        Value::Array(value.as_array().into_iter().flatten().map(|schema| change(self, schema)).collect())
    }

    fn version(&mut self, reference: &str, version: fn(String) -> Version) -> String {
        let Some(name) = reference.strip_prefix(PREFIX) else { return reference.to_owned() };
        let version = version(name.to_owned());
        if self.made.insert(version.clone()) {
            self.waiting.push(version.clone());
        }
        format!("{PREFIX}{}", version.name())
    }

    /// What the schemas that speak of one value name.
    fn name(&self, schema: &'a Value, depends: bool, named: &mut Named, seen: &mut BTreeSet<(usize, bool)>) {
        let Value::Object(map) = schema else { return };
        if !seen.insert((std::ptr::from_ref(schema) as usize, depends)) {
            return;
        }
        let explicit = ["additionalProperties", "unevaluatedProperties"];
        named.is_explicit |= explicit.iter().any(|keyword| map.contains_key(*keyword));
        if let Some(Value::Object(properties)) = map.get("properties") {
            named.names.extend(properties.keys().cloned());
            named.depends |= depends;
        }
        if let Some(Value::Object(patterns)) = map.get("patternProperties") {
            named.patterns.extend(patterns.keys().cloned());
            named.depends |= depends;
        }
        if let Some(target) = map.get("$ref").and_then(Value::as_str).and_then(|name| resolve(self.whole, name)) {
            self.name(target, depends, named, seen);
        }
        for (keyword, depends) in [("allOf", depends), ("anyOf", true), ("oneOf", true)] {
            for schema in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.name(schema, depends, named, seen);
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(schema) = map.get(keyword) {
                self.name(schema, true, named, seen);
            }
        }
        for schema in map.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::values) {
            self.name(schema, true, named, seen);
        }
    }
}

/// What is named of one value.
#[derive(Default)]
struct Named {
    names: BTreeSet<String>,
    patterns: BTreeSet<String>,
    /// Something is said of other names.
    is_explicit: bool,
    /// Which names count depends on the value.
    depends: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::closed;

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(schema: Value, written: Value, expected: bool) {
        let closed = closed(&schema);
        let validator = jsonschema::options().build(&closed).unwrap();
        assert_eq!(validator.is_valid(&written), expected, "{written} under {closed}");
    }

    #[test]
    fn a_writer_writes_what_it_names_and_nothing_else() {
        let named = || json!({"properties": {"a": {"type": "string"}}});
        check(named(), json!({"a": "x"}), true);
        check(named(), json!({"b": 1}), false);
        check(named(), json!(7), true);
        check(json!({"type": "object"}), json!({"b": 1}), true);
        check(json!({"properties": {"a": true}, "additionalProperties": true}), json!({"b": 1}), true);
        check(json!({"properties": {"a": {"properties": {"b": true}}}}), json!({"a": {"c": 1}}), false);
        check(json!({"items": named()}), json!([{"b": 1}]), false);
    }

    #[test]
    fn what_several_schemas_name_of_one_value_is_one_whole() {
        let both = || {
            json!({
                "allOf": [{"$ref": "#/$defs/a"}, {"properties": {"b": true}}],
                "$defs": {"a": {"properties": {"a": {"properties": {"x": true}}}}}
            })
        };
        check(both(), json!({"a": {}, "b": 1}), true);
        check(both(), json!({"c": 1}), false);
        check(both(), json!({"a": {"y": 1}}), false);
        let either = || {
            json!({"oneOf": [
                {"properties": {"kind": {"const": "a"}, "a": true}, "required": ["kind"]},
                {"properties": {"kind": {"const": "b"}, "b": true}, "required": ["kind"]}
            ]})
        };
        check(either(), json!({"kind": "a", "a": 1}), true);
        check(either(), json!({"kind": "a", "b": 1}), false);
    }

    #[test]
    fn patterns_name_what_is_written_too() {
        let both = || json!({"properties": {"a": true}, "patternProperties": {"^x-": {"type": "string"}}});
        for (written, expected) in
            [(json!({"a": 1, "x-b": "1"}), true), (json!({"x-b": 1}), false), (json!({"b": 1}), false)]
        {
            check(both(), written, expected);
        }
        check(json!({"patternProperties": {"^x-": true}}), json!({"b": 1}), false);
        let open = json!({"patternProperties": {"^x-": true}, "additionalProperties": {"type": "string"}});
        check(open.clone(), json!({"b": "1"}), true);
        check(open, json!({"b": 1}), false);
        let parts = || json!({"allOf": [both(), {"properties": {"c": true}}]});
        for (written, expected) in [(json!({"a": 1, "c": 1, "x-b": "1"}), true), (json!({"d": 1}), false)] {
            check(parts(), written, expected);
        }
    }

    #[test]
    fn recursion_is_closed_all_the_way_down() {
        let tree = json!({
            "$ref": "#/$defs/node",
            "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}
        });
        check(tree.clone(), json!({"next": {"next": {}}}), true);
        check(tree, json!({"next": {"next": {"other": 1}}}), false);
    }
}
