//! All schemas of a contract that were looked at, each translated once for each way of reading it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::translate::{Translation, proper};
use crate::contract::openapi::read::{Contract, Identity, Node, Trouble};

/// In which message a schema stands: `readOnly` and `writeOnly` go by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::contract::openapi) enum Mode {
    Request,
    Reply,
}

/// Who uses a schema: what a writer leaves out, a reader doesn't ask for and doesn't mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::contract::openapi) enum Role {
    Writer,
    Reader,
}

/// How a schema is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::contract::openapi) struct Reading {
    pub(in crate::contract::openapi) mode: Mode,
    pub(in crate::contract::openapi) role: Role,
    /// Whether discriminators bind the names of their branches.
    pub(in crate::contract::openapi) is_named: bool,
}

/// A translated schema's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::contract::openapi) struct SchemaId(usize);

/// All schemas of a contract that were looked at.
#[derive(Debug)]
pub(in crate::contract::openapi) struct Schemas<'a> {
    pub(super) contract: &'a Contract,
    all: Vec<Schema>,
    numbers: HashMap<(Identity, Reading), SchemaId>,
    names: HashMap<Identity, String>,
    taken: HashSet<String>,
}

#[derive(Debug)]
pub(super) struct Schema {
    pub(super) name: String,
    pub(super) file: usize,
    pub(super) pointer: String,
    pub(super) value: Value,
    pub(super) refers: Vec<SchemaId>,
    pub(super) troubles: Vec<Trouble>,
    /// The properties that discriminators in it go by.
    pub(super) discriminators: Vec<String>,
}

impl<'a> Schemas<'a> {
    /// None yet.
    pub(in crate::contract::openapi) fn of(contract: &'a Contract) -> Self {
        Self { contract, all: Vec::new(), numbers: HashMap::new(), names: HashMap::new(), taken: HashSet::new() }
    }

    /// The schema at a node, translated, with all that it refers to.
    pub(in crate::contract::openapi) fn get(&mut self, node: &Node<'a>, reading: Reading) -> SchemaId {
        let reading = if self.contract.hides() {
            reading
        } else {
            Reading { mode: Mode::Request, role: Role::Writer, ..reading }
        };
        // One that leads nowhere says so when it is translated.
        let node = proper(node.clone(), self.contract).unwrap_or_else(|_| node.clone());
        let mut waiting = Vec::new();
        let first = self.reserve(&node, reading, &mut waiting);
        while let Some((id, node)) = waiting.pop() {
            let Translation { value, refers, troubles, discriminators } =
                Translation::of(&node, reading, self.contract);
            let refers = refers.iter().map(|target| self.reserve(target, reading, &mut waiting)).collect();
            if let Some(schema) = self.all.get_mut(id.0) {
                schema.value = value;
                schema.refers = refers;
                schema.troubles = troubles;
                schema.discriminators = discriminators;
            }
        }
        first
    }

    pub(super) fn schema(&self, id: SchemaId) -> Option<&Schema> {
        self.all.get(id.0)
    }

    /// A schema and all that it reaches, in an order that depends on nothing but what they say.
    pub(super) fn reached(&self, id: SchemaId) -> Vec<SchemaId> {
        let mut seen = HashSet::from([id]);
        let mut order = vec![id];
        let mut next = 0;
        while let Some(id) = order.get(next) {
            next += 1;
            let refers = self.schema(*id).map(|schema| schema.refers.clone()).unwrap_or_default();
            order.extend(refers.into_iter().filter(|refers| seen.insert(*refers)));
        }
        order
    }

    fn reserve(&mut self, node: &Node<'a>, reading: Reading, waiting: &mut Vec<(SchemaId, Node<'a>)>) -> SchemaId {
        let key = (node.identity(), reading);
        if let Some(known) = self.numbers.get(&key) {
            return *known;
        }
        let id = SchemaId(self.all.len());
        let name = self.name(node);
        self.all.push(Schema {
            name,
            file: node.file,
            pointer: node.pointer.clone(),
            value: Value::Bool(true),
            refers: Vec::new(),
            troubles: Vec::new(),
            discriminators: Vec::new(),
        });
        self.numbers.insert(key, id);
        waiting.push((id, node.clone()));
        id
    }

    /// A name that is the same in the other contract, where the schema stands at the same place there.
    fn name(&mut self, node: &Node<'_>) -> String {
        let place = node.identity();
        if let Some(known) = self.names.get(&place) {
            return known.clone();
        }
        let wanted = name(self.contract.file_name(node.file), node);
        let mut name = wanted.clone();
        let mut count = 1;
        while !self.taken.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}-{count}");
        }
        self.names.insert(place, name.clone());
        name
    }
}

/// The name by which references in a translated schema call another.
pub(super) fn name(file: &str, node: &Node<'_>) -> String {
    let place = match node.pointer.strip_prefix("/components/schemas/") {
        Some(component) if node.file == 0 => component.to_owned(),
        _ if node.file == 0 => node.pointer.clone(),
        _ => format!("{file}{}", node.pointer),
    };
    place.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect()
}
