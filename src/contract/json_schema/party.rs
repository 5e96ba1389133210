//! A schema as one side of a comparison has it: by its own validator, and in the plain form if it has one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::judge::Judge;
use super::raised::{Plain, resolve};
use super::{Dialect, receiver, sender};
use crate::contract::{Sender, Terms, UnknownFields};

/// One side.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) dialect: Dialect,
    /// The schema on the terms of the comparison, in its own dialect.
    pub(super) own: Value,
    /// By its own dialect.
    pub(super) judge: Judge,
    /// The plain form on the terms of the comparison; why there is none.
    pub(super) plain: Result<Value, String>,
    /// The plain form as it is written, where the terms make another of it.
    pub(super) open: Option<Value>,
    /// The plain form of a reader that refuses unknown names, where the terms say that it doesn't.
    pub(super) strict: Option<Value>,
    /// The validator of the plain form, where it says more than the schema itself.
    pub(super) closer: Option<Judge>,
    /// The validator of a reader's schema as it is written, where it ignores some of it: what that takes, the reader takes.
    pub(super) stricter: Option<Judge>,
    /// Whether the terms ask for more than the schema shows here.
    pub(super) is_looser: bool,
}

/// Schemas within schemas, deeper than which no schema is looked at.
const DEEPEST: usize = 200;

impl Party {
    /// What writes.
    pub(super) fn writer(schema: &Value, terms: &Terms) -> Result<Self, String> {
        let mut party = Self::of(schema, schema.clone())?;
        if terms.sender == Sender::Closed {
            match &party.plain {
                Ok(plain) => {
                    let closed = sender::closed(plain);
                    if closed != *plain {
                        party.closer =
                            Some(Judge::of(&closed, Dialect::Draft202012).map_err(|invalid| invalid.to_string())?);
                        party.open = Some(plain.clone());
                        party.plain = Ok(closed);
                    }
                }
                Err(_) => party.is_looser = true,
            }
        }
        Ok(party)
    }

    /// What reads.
    pub(super) fn reader(schema: &Value, terms: &Terms) -> Result<Self, String> {
        let own = match terms.unknown_fields {
            UnknownFields::Ignored => receiver::ignoring(schema),
            UnknownFields::Rejected => schema.clone(),
        };
        let is_opened = own != *schema;
        let mut party = Self::of(schema, own)?;
        if is_opened {
            party.strict = Plain::of(schema, party.dialect).ok().map(|plain| plain.schema);
            party.stricter = Some(Judge::of(schema, party.dialect).map_err(|invalid| invalid.to_string())?);
        }
        Ok(party)
    }

    fn of(schema: &Value, own: Value) -> Result<Self, String> {
        if is_deeper(schema, DEEPEST) {
            return Err(format!("the schema is nested more than {DEEPEST} deep"));
        }
        let dialect = Dialect::named(schema)?.unwrap_or(Dialect::Draft202012);
        let judge = Judge::of(&own, dialect).map_err(|invalid| invalid.to_string())?;
        let plain = Plain::of(&own, dialect).map(|plain| plain.schema);
        if let Ok(plain) = &plain
            && loops(plain)
        {
            return Err("a `$ref` leads back to itself without looking into the value".to_owned());
        }
        Ok(Self {
            dialect,
            own,
            judge,
            plain,
            open: None,
            strict: None,
            closer: None,
            stricter: None,
            is_looser: false,
        })
    }

    /// Whether it accepts a document, on the terms of the comparison.
    pub(super) fn accepts(&self, document: &Value) -> bool {
        self.judge.accepts(document) && self.closer.as_ref().is_none_or(|closer| closer.accepts(document))
    }
}

fn is_deeper(value: &Value, depth: usize) -> bool {
    let mut waiting = vec![(value, 0)];
    while let Some((value, at)) = waiting.pop() {
        if at > depth {
            return true;
        }
        match value {
            Value::Array(items) => waiting.extend(items.iter().map(|item| (item, at + 1))),
            Value::Object(fields) => waiting.extend(fields.values().map(|field| (field, at + 1))),
            _ => {}
        }
    }
    false
}

/// Whether a schema asks of a value what it already asks of that value, without end.
fn loops(plain: &Value) -> bool {
    let definitions = plain.get("$defs").and_then(Value::as_object);
    let mut done = BTreeSet::new();
    definitions.into_iter().flat_map(Map::values).any(|schema| leads_back(plain, schema, &mut Vec::new(), &mut done))
}

fn leads_back(whole: &Value, schema: &Value, trail: &mut Vec<usize>, done: &mut BTreeSet<usize>) -> bool {
    let Value::Object(map) = schema else { return false };
    let at = std::ptr::from_ref(schema) as usize;
    if trail.contains(&at) {
        return true;
    }
    if !done.insert(at) {
        return false;
    }
    trail.push(at);
    let mut same: Vec<&Value> = Vec::new();
    same.extend(map.get("$ref").and_then(Value::as_str).and_then(|name| resolve(whole, name)));
    for keyword in ["allOf", "anyOf", "oneOf"] {
        same.extend(map.get(keyword).and_then(Value::as_array).into_iter().flatten());
    }
    same.extend(["not", "if", "then", "else"].iter().filter_map(|keyword| map.get(*keyword)));
    same.extend(map.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::values));
    let is_back = same.into_iter().any(|schema| leads_back(whole, schema, trail, done));
    trail.pop();
    is_back
}
