//! A schema in its plain form: 2020-12, only what refuses documents, references by name into `$defs`.
//!
//! Owns what the keywords of older dialects mean in the newest. What can't be said there exactly is refused, and then nothing that
//! stands on the plain form is asked. Annotations and unknown keywords go; so do definitions that nothing refers to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Dialect;

/// A schema in its plain form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plain {
    /// The whole document.
    pub(super) schema: Value,
}

/// Where the plain form keeps what is referred to.
pub(super) const PREFIX: &str = "#/$defs/";

impl Plain {
    /// The plain form, or why there is none.
    pub(super) fn of(schema: &Value, dialect: Dialect) -> Result<Self, String> {
        let mut raising = Raising { whole: schema, dialect, names: BTreeMap::new(), waiting: Vec::new() };
        let mut plain = raising.raise(schema, true)?;
        let mut definitions = Map::new();
        while let Some((name, target)) = raising.waiting.pop() {
            let raised = raising.raise(target, std::ptr::eq(target, schema))?;
            definitions.insert(name, raised);
        }
        if !definitions.is_empty() {
            if !plain.is_object() {
                plain = json!({ "allOf": [plain] });
            }
            if let Value::Object(map) = &mut plain {
                map.insert("$defs".to_owned(), Value::Object(definitions));
            }
        }
        Ok(Self { schema: plain })
    }
}

/// What a reference of the plain form names.
pub(super) fn resolve<'a>(whole: &'a Value, reference: &str) -> Option<&'a Value> {
    whole.get("$defs")?.get(reference.strip_prefix(PREFIX)?)
}

/// A document of its own of parts of another, with what they refer to; none where that is not small.
pub(super) fn extract(parts: &[&Value], whole: &Value) -> Option<Value> {
    /// Nodes of what counts as small.
    const SMALL: usize = 150;
    let mut definitions = Map::new();
    let mut waiting: Vec<&Value> = parts.to_vec();
    let mut count = 0;
    while let Some(value) = waiting.pop() {
        count += 1;
        if count > SMALL {
            return None;
        }
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str)
                    && let Some(name) = reference.strip_prefix(PREFIX)
                    && !definitions.contains_key(name)
                    && let Some(target) = resolve(whole, reference)
                {
                    definitions.insert(name.to_owned(), target.clone());
                    waiting.push(target);
                }
                waiting.extend(fields.iter().filter(|(key, _)| *key != "$defs").map(|(_, value)| value));
            }
            _ => {}
        }
    }
    let bare = |part: &&Value| {
        let mut part = (*part).clone();
        if let Value::Object(map) = &mut part {
            map.remove("$defs");
        }
        part
    };
    Some(json!({ "allOf": parts.iter().map(bare).collect::<Vec<_>>(), "$defs": definitions }))
}

/// What `dependencies` is in the newest dialect: names that are required, and schemas that hold.
type Dependencies = (Map<String, Value>, Map<String, Value>);

struct Raising<'a> {
    whole: &'a Value,
    dialect: Dialect,
    names: BTreeMap<String, String>,
    waiting: Vec<(String, &'a Value)>,
}

impl<'a> Raising<'a> {
    fn raise(&mut self, schema: &'a Value, is_root: bool) -> Result<Value, String> {
        let map = match schema {
            Value::Object(map) => map,
            Value::Bool(_) => return Ok(schema.clone()),
            _ => return Err("a schema is neither an object nor true or false".to_owned()),
        };
        let mut plain = Map::new();
        if let Some(Value::String(reference)) = map.get("$ref") {
            let reference = self.reference(reference)?;
            plain.insert("$ref".to_owned(), Value::String(reference));
            if !self.dialect.refs_have_siblings() {
                return Ok(Value::Object(plain));
            }
        }
        let id = if self.dialect == Dialect::Draft04 { "id" } else { "$id" };
        if !is_root && map.get(id).is_some_and(Value::is_string) {
            return Err(format!("`{id}` within a schema gives its references another base"));
        }
        for (keyword, value) in map {
            self.keyword(map, keyword, value, &mut plain)?;
        }
        tidy(&mut plain);
        Ok(Value::Object(plain))
    }

    fn keyword(
        &mut self,
        map: &'a Map<String, Value>,
        keyword: &str,
        value: &'a Value,
        plain: &mut Map<String, Value>,
    ) -> Result<(), String> {
        use Dialect::{Draft04, Draft06, Draft07, Draft201909, Draft202012};
        let own = self.dialect;
        let since = |dialect: Dialect| own >= dialect;
        let mut put = |name: &str, value: Value| drop(plain.insert(name.to_owned(), value));
        match keyword {
            "type" | "multipleOf" | "maxLength" | "minLength" | "pattern" | "maxItems" | "minItems" | "uniqueItems"
            | "maxProperties" | "minProperties" | "required" => put(keyword, value.clone()),
            "enum" => put(keyword, sorted(value)),
            "const" if since(Draft06) => put(keyword, sorted(value)),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" if self.dialect > Draft04 => {
                put(keyword, value.clone());
            }
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                let (bound, exclusive) = if keyword.ends_with("inimum") {
                    ("minimum", "exclusiveMinimum")
                } else {
                    ("maximum", "exclusiveMaximum")
                };
                if keyword == bound {
                    let is_exclusive = map.get(exclusive) == Some(&Value::Bool(true));
                    put(if is_exclusive { exclusive } else { bound }, value.clone());
                }
            }
            "items" => match value {
                Value::Array(items) if self.dialect < Draft202012 => {
                    let items = self.all(items)?;
                    put("prefixItems", items);
                    if let Some(rest) = map.get("additionalItems") {
                        put("items", self.raise(rest, false)?);
                    }
                }
                _ => put("items", self.raise(value, false)?),
            },
            "prefixItems" if since(Draft202012) => put(keyword, self.list(value)?),
            "minContains" | "maxContains" if since(Draft201909) && map.contains_key("contains") => {
                put(keyword, value.clone());
            }
            "contains" | "propertyNames" if since(Draft06) => put(keyword, self.raise(value, false)?),
            "additionalProperties" | "not" => put(keyword, self.raise(value, false)?),
            "properties" | "patternProperties" => put(keyword, self.named(value)?),
            "allOf" | "anyOf" | "oneOf" => put(keyword, self.list(value)?),
            "if" | "then" | "else" if since(Draft07) && map.contains_key("if") => {
                put(keyword, self.raise(value, false)?);
            }
            "dependentRequired" if since(Draft201909) => put(keyword, value.clone()),
            "dependentSchemas" if since(Draft201909) => put(keyword, self.named(value)?),
            "dependencies" => {
                let (lists, schemas) = self.dependencies(value)?;
                // The newer keywords may stand beside the old one.
                for (name, found) in [("dependentRequired", lists), ("dependentSchemas", schemas)] {
                    if found.is_empty() {
                        continue;
                    }
                    if map.contains_key(name) && since(Draft201909) {
                        return Err(format!("`dependencies` stands beside `{name}`"));
                    }
                    put(name, Value::Object(found));
                }
            }
            "unevaluatedProperties" if since(Draft201909) => put(keyword, self.raise(value, false)?),
            "unevaluatedItems" if since(Draft201909) => {
                if self.dialect == Draft201909 {
                    return Err("`unevaluatedItems` of 2019-09 counts other items than that of 2020-12".to_owned());
                }
                put(keyword, self.raise(value, false)?);
            }
            "$dynamicRef" | "$recursiveRef" if since(Draft201909) => {
                return Err(format!("`{keyword}` names what depends on where it is read"));
            }
            _ => {}
        }
        Ok(())
    }

    fn all(&mut self, schemas: &'a [Value]) -> Result<Value, String> {
        schemas.iter().map(|schema| self.raise(schema, false)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    fn list(&mut self, value: &'a Value) -> Result<Value, String> {
        value.as_array().ok_or_else(|| "a list of schemas is none".to_owned()).and_then(|list| self.all(list))
    }

    fn named(&mut self, value: &'a Value) -> Result<Value, String> {
        let Value::Object(map) = value else { return Err("schemas by name are no object".to_owned()) };
        let raised = map.iter().map(|(name, schema)| Ok((name.clone(), self.raise(schema, false)?)));
        raised.collect::<Result<Map<_, _>, String>>().map(Value::Object)
    }

    fn dependencies(&mut self, value: &'a Value) -> Result<Dependencies, String> {
        let (mut lists, mut schemas) = (Map::new(), Map::new());
        for (name, wanted) in value.as_object().into_iter().flatten() {
            match wanted {
                Value::Array(_) => drop(lists.insert(name.clone(), wanted.clone())),
                Value::String(_) => drop(lists.insert(name.clone(), json!([wanted]))),
                _ => drop(schemas.insert(name.clone(), self.raise(wanted, false)?)),
            }
        }
        Ok((lists, schemas))
    }

    /// The plain form's name for what is referred to, which waits to be raised if it is new.
    fn reference(&mut self, reference: &str) -> Result<String, String> {
        let pointer = match reference.strip_prefix('#') {
            Some(pointer) if pointer.is_empty() || pointer.starts_with('/') => {
                percent_encoding::percent_decode_str(pointer).decode_utf8_lossy().into_owned()
            }
            _ => return Err(format!("`$ref` to `{reference}` is no pointer into its own document")),
        };
        if let Some(name) = self.names.get(&pointer) {
            return Ok(format!("{PREFIX}{name}"));
        }
        let target = self.target(&pointer, reference)?;
        let taken: BTreeSet<&String> = self.names.values().collect();
        // As it may stand in a reference as it is.
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '.' };
        let mut name: String = pointer.trim_start_matches('/').chars().map(plain).collect();
        if name.is_empty() {
            "root".clone_into(&mut name);
        }
        while taken.contains(&name) {
            name.push('.');
        }
        self.names.insert(pointer, name.clone());
        self.waiting.push((name.clone(), target));
        Ok(format!("{PREFIX}{name}"))
    }

    /// What a pointer names. A schema with an id of its own on the way there would give references another base.
    fn target(&self, pointer: &str, reference: &str) -> Result<&'a Value, String> {
        let id = if self.dialect == Dialect::Draft04 { "id" } else { "$id" };
        let mut here = self.whole;
        for segment in pointer.split('/').skip(1) {
            let segment = segment.replace("~1", "/").replace("~0", "~");
            let next = match here {
                Value::Object(map) => map.get(&segment),
                Value::Array(list) => segment.parse::<usize>().ok().and_then(|index| list.get(index)),
                _ => None,
            };
            here = next.ok_or_else(|| format!("`$ref` to `{reference}`: there is no such place in the schema"))?;
            if here.get(id).is_some_and(Value::is_string) && !std::ptr::eq(here, self.whole) {
                return Err(format!("`$ref` to `{reference}` leads into a schema with an id of its own"));
            }
        }
        Ok(here)
    }
}

/// What is written in two ways and means one thing is written in one.
fn tidy(plain: &mut Map<String, Value>) {
    if let Some(Value::Array(names)) = plain.get_mut("required") {
        names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        names.dedup();
    }
    if let Some(Value::Array(types)) = plain.get("type") {
        let mut types: Vec<Value> = types.clone();
        types.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        types.dedup();
        if types.contains(&json!("number")) {
            types.retain(|one| one != "integer");
        }
        let one = if types.len() == 1 { types.pop() } else { None };
        plain.insert("type".to_owned(), one.unwrap_or(Value::Array(types)));
    }
    // What says nothing.
    let says_nothing = |keyword: &str, value: &Value| match keyword {
        "required" | "prefixItems" | "allOf" => value.as_array().is_some_and(Vec::is_empty),
        "properties" | "patternProperties" | "dependentRequired" | "dependentSchemas" => {
            value.as_object().is_some_and(Map::is_empty)
        }
        "uniqueItems" => value == &Value::Bool(false),
        "minLength" | "minItems" | "minProperties" => value.as_u64() == Some(0),
        _ => false,
    };
    plain.retain(|keyword, value| !says_nothing(keyword, value));
}

/// The same value with the names of its objects in order, as which it is the same value.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(map) => {
            let mut fields: Vec<(&String, &Value)> = map.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Plain;
    use crate::contract::json_schema::Dialect;

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(dialect: Dialect, schema: Value, expected: Value) {
        assert_eq!(Plain::of(&schema, dialect).unwrap().schema, expected, "{schema}");
    }

    #[test]
    fn older_keywords_are_said_in_the_newest_dialect() {
        use Dialect::{Draft04, Draft07, Draft202012};
        check(Draft04, json!({"minimum": 3, "exclusiveMinimum": true}), json!({"exclusiveMinimum": 3}));
        check(Draft04, json!({"maximum": 3, "exclusiveMaximum": false}), json!({"maximum": 3}));
        check(Draft04, json!({"const": 3, "if": {}, "then": {}}), json!({}));
        check(
            Draft07,
            json!({"items": [{}, {"title": "t"}], "additionalItems": false}),
            json!({"prefixItems": [{}, {}], "items": false}),
        );
        check(Draft07, json!({"items": {}, "additionalItems": false}), json!({"items": {}}));
        check(
            Draft07,
            json!({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}),
            json!({"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}),
        );
        check(
            Draft07,
            json!({"$ref": "#/definitions/a~1b", "type": "string", "definitions": {"a/b": {"type": ["null", "number", "integer"]}, "c": {}}}),
            json!({"$ref": "#/$defs/definitions.a.1b", "$defs": {"definitions.a.1b": {"type": ["null", "number"]}}}),
        );
        check(
            Draft202012,
            json!({"properties": {"next": {"$ref": "#"}}}),
            json!({"properties": {"next": {"$ref": "#/$defs/root"}}, "$defs": {"root": {"properties": {"next": {"$ref": "#/$defs/root"}}}}}),
        );
        check(Draft202012, json!({"const": {"b": 1, "a": 2}}), json!({"const": {"a": 2, "b": 1}}));
    }

    #[test]
    fn what_the_plain_form_cannot_say_is_refused() {
        for schema in [
            json!({"$dynamicRef": "#node"}),
            json!({"$ref": "other.json"}),
            json!({"$ref": "#/$defs/none"}),
            json!({"properties": {"a": {"$id": "a.json"}}}),
        ] {
            assert!(Plain::of(&schema, Dialect::Draft202012).is_err(), "{schema}");
        }
    }
}
