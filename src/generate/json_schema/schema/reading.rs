//! A document's schemas, read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::places::{Places, below};
use super::schemas::{Case, Id, Schema, Schemas};
use super::types::Types;
use crate::contract::json_schema::Dialect;
use crate::generate::json_schema::number::Decimal;
use crate::generate::json_schema::text::{Expression, Format};

/// Reads all that the whole document leads to, and says which schema is the whole.
pub(in super::super) fn read(whole: &Value, dialect: Dialect) -> (Schemas, Id) {
    let places = Places::of(whole, dialect);
    let mut reading = Reading {
        whole,
        dialect,
        places,
        schemas: Schemas::default(),
        known: BTreeMap::new(),
        waiting: Vec::new(),
        expressions: BTreeMap::new(),
    };
    reading.schemas.contains_evaluates = dialect >= Dialect::Draft202012;
    let root = reading.at(String::new());
    while let Some((id, pointer)) = reading.waiting.pop() {
        let schema = whole.pointer(&pointer).map(|value| reading.schema(value, &pointer)).unwrap_or_default();
        if let Some(place) = reading.schemas.all.get_mut(id) {
            *place = schema;
        }
    }
    (reading.schemas, root)
}

struct Reading<'a> {
    whole: &'a Value,
    dialect: Dialect,
    places: Places,
    schemas: Schemas,
    /// Schemas by their pointers.
    known: BTreeMap<String, Id>,
    waiting: Vec<(Id, String)>,
    expressions: BTreeMap<String, Option<Arc<Expression>>>,
}

impl Reading<'_> {
    /// The schema at a pointer, which waits to be read if it is new.
    fn at(&mut self, pointer: String) -> Id {
        if let Some(id) = self.known.get(&pointer) {
            return *id;
        }
        let id = self.schemas.all.len();
        self.schemas.all.push(Schema::default());
        self.known.insert(pointer.clone(), id);
        self.waiting.push((id, pointer));
        id
    }

    fn schema(&mut self, value: &Value, pointer: &str) -> Schema {
        let map = match value {
            Value::Object(map) => map,
            Value::Bool(true) => return Schema::default(),
            _ => return Schema { never: true, ..Schema::default() },
        };
        let mut schema = Schema::default();
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let target = self.places.target(pointer, reference);
            self.refer(&mut schema, target);
            if !self.dialect.refs_have_siblings() {
                return schema;
            }
        }
        for (keyword, value) in map {
            let at = below(pointer, keyword);
            self.of_any(&mut schema, keyword, value, &at);
            self.of_scalars(&mut schema, map, keyword, value);
            self.of_arrays(&mut schema, map, keyword, value, &at);
            self.of_objects(&mut schema, keyword, value, &at);
        }
        if let Some(reference) =
            map.get("$dynamicRef").and_then(Value::as_str).filter(|_| self.since(Dialect::Draft202012))
        {
            let target = self.places.dynamic_target(pointer, reference);
            self.refer(&mut schema, target);
        }
        if map.contains_key("$recursiveRef") && self.dialect == Dialect::Draft201909 {
            let target = self.places.recursive_target(pointer);
            self.refer(&mut schema, target);
        }
        schema
    }

    fn since(&self, dialect: Dialect) -> bool {
        self.dialect >= dialect
    }

    /// What is elsewhere is left to the validator.
    fn refer(&mut self, schema: &mut Schema, target: Option<String>) {
        if let Some(target) = target.filter(|target| self.whole.pointer(target).is_some()) {
            let id = self.at(target);
            schema.all.push(id);
        }
    }

    fn of_any(&mut self, schema: &mut Schema, keyword: &str, value: &Value, at: &str) {
        match keyword {
            "type" => schema.types = Some(Types::named(value)),
            "enum" => schema.values.push(value.as_array().cloned().unwrap_or_default()),
            "const" if self.since(Dialect::Draft06) => schema.values.push(vec![value.clone()]),
            "allOf" => {
                let all = self.list(value, at);
                schema.all.extend(all);
            }
            "anyOf" => schema.any = Some(self.list(value, at)),
            "oneOf" => schema.one = Some(self.list(value, at)),
            "not" => schema.not = Some(self.at(at.to_owned())),
            "if" if self.since(Dialect::Draft07) => {
                let case = Case { asked: self.at(at.to_owned()), then: None, otherwise: None };
                let around = at.strip_suffix("if").unwrap_or(at).to_owned();
                let follows = |reading: &mut Self, name: &str| {
                    let pointer = format!("{around}{name}");
                    reading.whole.pointer(&pointer).is_some().then(|| reading.at(pointer))
                };
                let (then, otherwise) = (follows(self, "then"), follows(self, "else"));
                if then.is_some() || otherwise.is_some() {
                    schema.case = Some(Case { then, otherwise, ..case });
                }
            }
            _ => {}
        }
    }

    fn of_scalars(&mut self, schema: &mut Schema, map: &Map<String, Value>, keyword: &str, value: &Value) {
        let decimal = value.as_number().and_then(Decimal::of);
        // The oldest dialect says it beside the bound.
        let is_open = |name: &str| !self.since(Dialect::Draft06) && map.get(name) == Some(&Value::Bool(true));
        match keyword {
            "minimum" => decimal.into_iter().for_each(|low| schema.number.at_least(low, is_open("exclusiveMinimum"))),
            "maximum" => decimal.into_iter().for_each(|high| schema.number.at_most(high, is_open("exclusiveMaximum"))),
            "exclusiveMinimum" => decimal.into_iter().for_each(|low| schema.number.at_least(low, true)),
            "exclusiveMaximum" => decimal.into_iter().for_each(|high| schema.number.at_most(high, true)),
            "multipleOf" => decimal.into_iter().for_each(|step| schema.number.multiple_of(step)),
            "minLength" => schema.shortest = count(value).unwrap_or(0),
            "maxLength" => schema.longest = count(value),
            "pattern" => schema.pattern = value.as_str().and_then(|text| self.expression(text)),
            "format" => schema.format = value.as_str().and_then(Format::named),
            _ => {}
        }
    }

    fn of_arrays(&mut self, schema: &mut Schema, map: &Map<String, Value>, keyword: &str, value: &Value, at: &str) {
        match keyword {
            "items" if value.is_array() && !self.since(Dialect::Draft202012) => {
                schema.first = self.list(value, at);
                if map.contains_key("additionalItems") {
                    let around = at.strip_suffix("items").unwrap_or(at);
                    schema.rest = Some(self.at(format!("{around}additionalItems")));
                }
            }
            "items" => schema.rest = Some(self.at(at.to_owned())),
            "prefixItems" if self.since(Dialect::Draft202012) => schema.first = self.list(value, at),
            "contains" if self.since(Dialect::Draft06) => {
                let bound = |name: &str| map.get(name).and_then(count).filter(|_| self.since(Dialect::Draft201909));
                let (least, most) = (bound("minContains").unwrap_or(1), bound("maxContains"));
                schema.contains = Some((self.at(at.to_owned()), least, most));
            }
            "minItems" => schema.least_items = count(value).unwrap_or(0),
            "maxItems" => schema.most_items = count(value),
            "uniqueItems" => schema.unique = value == &Value::Bool(true),
            "unevaluatedItems" if self.since(Dialect::Draft201909) => {
                schema.unevaluated_items = Some(self.at(at.to_owned()));
            }
            _ => {}
        }
    }

    fn of_objects(&mut self, schema: &mut Schema, keyword: &str, value: &Value, at: &str) {
        match keyword {
            "properties" => schema.properties = self.named(value, at),
            "patternProperties" => {
                for (pattern, id) in self.named(value, at) {
                    schema.patterns.extend(self.expression(&pattern).map(|pattern| (pattern, id)));
                }
            }
            "additionalProperties" => schema.additional = Some(self.at(at.to_owned())),
            "unevaluatedProperties" if self.since(Dialect::Draft201909) => {
                schema.unevaluated = Some(self.at(at.to_owned()));
            }
            "propertyNames" if self.since(Dialect::Draft06) => schema.names = Some(self.at(at.to_owned())),
            "required" => schema.required = listed(value),
            "minProperties" => schema.least_fields = count(value).unwrap_or(0),
            "maxProperties" => schema.most_fields = count(value),
            "dependentRequired" if self.since(Dialect::Draft201909) => schema.needs.extend(needs(value)),
            "dependentSchemas" if self.since(Dialect::Draft201909) => {
                let dependent = self.named(value, at);
                schema.dependent.extend(dependent);
            }
            "dependencies" => {
                schema.needs.extend(needs(value));
                for (name, wanted) in value.as_object().into_iter().flatten() {
                    if wanted.is_object() || wanted.is_boolean() {
                        let id = self.at(below(at, name));
                        schema.dependent.push((name.clone(), id));
                    }
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, value: &Value, at: &str) -> Vec<Id> {
        let count = value.as_array().map_or(0, Vec::len);
        (0..count).map(|index| self.at(format!("{at}/{index}"))).collect()
    }

    fn named(&mut self, value: &Value, at: &str) -> Vec<(String, Id)> {
        let names = value.as_object().into_iter().flat_map(Map::keys);
        names.map(|name| (name.clone(), self.at(below(at, name)))).collect()
    }

    fn expression(&mut self, text: &str) -> Option<Arc<Expression>> {
        if let Some(known) = self.expressions.get(text) {
            return known.clone();
        }
        let made = Expression::of(text).map(Arc::new);
        self.expressions.insert(text.to_owned(), made.clone());
        made
    }
}

fn needs(value: &Value) -> Vec<(String, Vec<String>)> {
    let needs = value.as_object().into_iter().flatten().filter(|(_, wanted)| wanted.is_array() || wanted.is_string());
    needs
        .map(|(name, wanted)| {
            (name.clone(), if let Value::String(one) = wanted { vec![one.clone()] } else { listed(wanted) })
        })
        .collect()
}

fn listed(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A count may be written as a float.
fn count(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0 && *float < 9e15);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within bounds")]
    value.as_u64().or_else(|| float().map(|float| float as u64))
}
