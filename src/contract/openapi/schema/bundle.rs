//! A schema with all that it refers to, as one document; and where what stands in it came from.

use serde_json::{Map, Value, json};

use super::schemas::{Schema, SchemaId, Schemas};
use crate::contract::Position;
use crate::contract::openapi::read::{Dialect, Trouble};

impl Schemas<'_> {
    /// The whole document.
    pub(in crate::contract::openapi) fn bundle(&self, id: SchemaId) -> Value {
        let mut out = Map::new();
        let dialect = match self.contract.dialect() {
            Dialect::JsonSchema(address) => address.as_str(),
            Dialect::Openapi30 => "https://json-schema.org/draft/2020-12/schema",
        };
        out.insert("$schema".to_owned(), json!(dialect));
        match self.schema(id).map(|schema| self.spelled(schema, &schema.value)) {
            Some(Value::Object(members)) => out.extend(members),
            // A schema that is true or false, or none at all, can't hold the others: there are none.
            Some(other) => return other,
            None => {}
        }
        let mut definitions = Map::new();
        let is_recursive =
            self.reached(id).iter().any(|other| self.schema(*other).is_some_and(|other| other.refers.contains(&id)));
        for other in self.reached(id).into_iter().filter(|other| *other != id || is_recursive) {
            if let Some(schema) = self.schema(other) {
                definitions.insert(schema.name.clone(), self.spelled(schema, &schema.value));
            }
        }
        if !definitions.is_empty() {
            out.insert("$defs".to_owned(), Value::Object(definitions));
        }
        Value::Object(out)
    }

    /// Whether two schemas, of two contracts, say the same with all that they refer to.
    pub(in crate::contract::openapi) fn is_same(&self, id: SchemaId, other: &Schemas<'_>, other_id: SchemaId) -> bool {
        if self.contract.dialect() != other.contract.dialect() {
            return false;
        }
        let (own, others) = (self.reached(id), other.reached(other_id));
        own.len() == others.len()
            && own.iter().zip(&others).enumerate().all(|(index, (own_id, other_id))| {
                let (Some(own), Some(others)) = (self.schema(*own_id), other.schema(*other_id)) else { return false };
                // The first has no name in its document, wherever it stands.
                (index == 0 || own.name == others.name)
                    && own.value == others.value
                    && !own.troubles.iter().any(|trouble| trouble.is_unread)
                    && self.names(own) == other.names(others)
            })
    }

    /// What is wrong in a schema or in what it refers to.
    pub(in crate::contract::openapi) fn troubles(&self, id: SchemaId) -> Vec<Trouble> {
        self.reached(id)
            .into_iter()
            .filter_map(|id| self.schema(id))
            .flat_map(|schema| schema.troubles.clone())
            .collect()
    }

    /// By which properties discriminators in a schema, or in what it refers to, go; sorted.
    pub(in crate::contract::openapi) fn discriminators(&self, id: SchemaId) -> Vec<String> {
        let reached = self.reached(id);
        let mut all: Vec<String> = reached
            .into_iter()
            .filter_map(|id| self.schema(id))
            .flat_map(|schema| schema.discriminators.clone())
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// Where that stands in the contract which stands at a pointer of the whole document.
    pub(in crate::contract::openapi) fn origin(&self, id: SchemaId, pointer: &str) -> Option<Position> {
        let (schema, rest) = match pointer.strip_prefix("/$defs/") {
            Some(rest) => {
                let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
                let reached = self.reached(id);
                (reached.into_iter().filter_map(|id| self.schema(id)).find(|schema| schema.name == name)?, rest)
            }
            None => (self.schema(id)?, pointer.strip_prefix('/').unwrap_or(pointer)),
        };
        self.contract.place(schema.file, &self.aligned(schema, rest))
    }

    /// A pointer into a translated schema as one into the contract's file: what translation has put around things is not there.
    fn aligned(&self, schema: &Schema, rest: &str) -> String {
        let mut pointer = schema.pointer.clone();
        let mut tokens = rest.split('/').filter(|token| !token.is_empty()).peekable();
        while let Some(token) = tokens.next() {
            let longer = format!("{pointer}/{token}");
            let next = tokens.peek().copied();
            if self.contract.at(schema.file, &longer).is_some() {
                pointer = longer;
            } else if (token == "anyOf" && next == Some("1")) || (token == "allOf" && next == Some("0")) {
                tokens.next();
            } else {
                break;
            }
        }
        pointer
    }

    fn names(&self, schema: &Schema) -> Vec<&str> {
        schema.refers.iter().filter_map(|id| self.schema(*id)).map(|schema| schema.name.as_str()).collect()
    }

    /// A translated schema with names for the numbers of its references.
    fn spelled(&self, schema: &Schema, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.spelled(schema, item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(key, value)| {
                    let named = (key == "$ref").then(|| value.as_u64()).flatten().and_then(|number| {
                        let id = schema.refers.get(usize::try_from(number).ok()?)?;
                        Some(json!(format!("#/$defs/{}", self.schema(*id)?.name)))
                    });
                    (key.clone(), named.unwrap_or_else(|| self.spelled(schema, value)))
                })
                .collect(),
            other => other.clone(),
        }
    }
}
