//! What a schema promises of the values that it allows: the fields that have to be there, and the values and kinds of values that may
//! stand in it. Where a schema leaves a choice (`oneOf`, maps, conditions), or a part of it can't be read, nothing is said.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::Value;

use super::read::{Contract, Node};
use crate::model::{Kind, Path, Promise, Promises, Step};

/// Schemas within each other, of which recursive ones have no end.
const DEEPEST: usize = 12;
/// Schemas that are looked at for one reply: those that lead back to themselves, in several ways, have no end either.
const MOST: usize = 20_000;

/// What leaves a choice.
const CHOICES: [&str; 3] = ["anyOf", "oneOf", "if"];

/// All that a schema promises, by place.
pub(super) fn promises<'a>(contract: &'a Contract, schema: Node<'a>) -> Promises {
    let mut walk = Walk { contract, found: Promises::new(), left: Cell::new(MOST) };
    walk.enter(schema, &Path::root(), &Said::default(), 0);
    walk.found
}

struct Walk<'a> {
    contract: &'a Contract,
    found: Promises,
    /// Schemas that may still be looked at.
    left: Cell<usize>,
}

/// What stands around a schema says of its place.
#[derive(Debug, Clone, Default)]
struct Said<'a> {
    /// Whether it has to be there.
    required: Option<bool>,
    /// Of an object the fields that have to be there by what else holds of it; none where nothing says which.
    fields: Option<Fields<'a>>,
}

/// The fields that have to be there.
#[derive(Debug, Clone)]
struct Fields<'a> {
    names: BTreeSet<&'a str>,
    /// There may be more, which could not be read.
    may_be_more: bool,
}

impl<'a> Walk<'a> {
    fn enter(&mut self, node: Node<'a>, path: &Path, said: &Said<'a>, depth: usize) {
        let Ok(node) = self.contract.follow(node) else { return };
        if depth > DEEPEST || !self.goes_on() || node.is_set("writeOnly") {
            return;
        }
        let mut promise = Promise { required: said.required, ..Promise::default() };
        // A choice between one schema and null is no choice.
        let choice = node.get("anyOf").or_else(|| node.get("oneOf"));
        if let Some(choice) = &choice {
            let (null, others): (Vec<_>, Vec<_>) = choice.items().partition(|one| one.text("type") == Some("null"));
            let mut others = others.into_iter();
            match (null.is_empty(), others.next(), others.next()) {
                (false, Some(one), None) => {
                    self.enter(one, path, said, depth + 1);
                    if let Some(kinds) = self.found.get_mut(path).and_then(|promise| promise.kinds.as_mut()) {
                        kinds.insert(Kind::Null);
                    }
                }
                _ => self.add(path, promise),
            }
            return;
        }
        promise.kinds = node.get("type").and_then(|kinds| kinds_of(&kinds, node.is_set("nullable")));
        promise.values = node.get("enum").map(|values| values.items().filter_map(|value| text(value.value)).collect());
        if let Some(value) = node.get("const").and_then(|value| text(value.value)) {
            promise.values = Some([value].into());
        }
        self.add(path, promise);
        let mut fields = said.fields.clone();
        self.required(&node, &mut fields, depth);
        let within = Said { required: said.required, fields };
        for part in node.get("allOf").iter().flat_map(|all| all.items().collect::<Vec<_>>()) {
            self.enter(part, path, &within, depth + 1);
        }
        for (name, field) in node.get("properties").iter().flat_map(|all| all.members().collect::<Vec<_>>()) {
            let required = within.fields.as_ref().and_then(|fields| fields.has(name));
            self.enter(field, &path.field(name), &Said { required, fields: None }, depth + 1);
        }
        if let Some(items) = node.get("items") {
            self.enter(items, &path.with(Step::Each), &Said::default(), depth + 1);
        }
    }

    /// The fields that an object has to have by this schema and by all that holds beside it.
    fn required(&self, node: &Node<'a>, fields: &mut Option<Fields<'a>>, depth: usize) {
        if let Some(names) = node.value.get("required").and_then(Value::as_array) {
            let known = fields.get_or_insert_with(Fields::none);
            known.names.extend(names.iter().filter_map(Value::as_str));
        }
        for part in node.get("allOf").iter().flat_map(|all| all.items().collect::<Vec<_>>()) {
            let part = if depth < DEEPEST && self.goes_on() { self.contract.follow(part).ok() } else { None };
            match part {
                Some(part) => self.required(&part, fields, depth + 1),
                None => fields.get_or_insert_with(Fields::none).may_be_more = true,
            }
        }
        // What has to be there by each of several branches, say.
        if depth > 0 && CHOICES.iter().any(|keyword| node.value.get(keyword).is_some()) {
            fields.get_or_insert_with(Fields::none).may_be_more = true;
        }
    }

    fn goes_on(&self) -> bool {
        self.left.set(self.left.get().saturating_sub(1));
        self.left.get() > 0
    }

    fn add(&mut self, path: &Path, promise: Promise) {
        self.found.entry(path.clone()).or_default().and(promise);
    }
}

impl Fields<'_> {
    fn none() -> Self {
        Self { names: BTreeSet::new(), may_be_more: false }
    }

    /// Whether a field has to be there; none where what could not be read decides it.
    fn has(&self, name: &str) -> Option<bool> {
        match (self.names.contains(name), self.may_be_more) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}

/// The kinds that `type` names.
fn kinds_of(named: &Node<'_>, is_nullable: bool) -> Option<BTreeSet<Kind>> {
    let listed: Vec<&str> = match named.value {
        Value::String(name) => vec![name],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let kind = |name: &str| match name {
        "null" => Some(Kind::Null),
        "boolean" => Some(Kind::Bool),
        "integer" | "number" => Some(Kind::Number),
        "string" => Some(Kind::Text),
        "array" => Some(Kind::List),
        "object" => Some(Kind::Fields),
        _ => None,
    };
    let kinds: Option<_> = listed.into_iter().map(kind).chain(is_nullable.then_some(Some(Kind::Null))).collect();
    kinds
}

/// A scalar as comparing writes it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
