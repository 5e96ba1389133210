//! What an API's clients are prepared for: of each reply the fields that have to be there, and the values and kinds of values that
//! may stand in it. Where a schema leaves a choice (`oneOf`, maps, conditions) nothing is said.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::read::{Content, Contract, Node, Operation, Operations, Status};
use crate::contract::{ContractError, Source};
use crate::model::{Kind, Path, Promise, Promises, Step, stands_for};

/// Schemas within each other, of which recursive ones have no end.
const DEEPEST: usize = 12;
/// Schemas that are looked at for one reply: those that lead back to themselves, in several ways, have no end either.
const MOST: usize = 20_000;

/// What the clients of an API are prepared for.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    replies: BTreeMap<String, Vec<(Status, Promises)>>,
}

impl Prepared {
    /// As a contract says.
    pub fn of(source: &Source) -> Result<Self, ContractError> {
        let contract = Contract::load(source)?;
        let mut replies = BTreeMap::new();
        for (subject, offered) in Operations::of(&contract).all {
            let operation = Operation::read(&offered.path, &offered.item, offered.node, &contract);
            let of_json = |content: &&Content<'_>| content.range.is_json();
            let known = operation.replies.iter().map(|reply| {
                let json = reply.contents.iter().find(of_json);
                // A reply of which no schema is given promises nothing: another's, `default` say, is not about it.
                let Some(schema) = json.and_then(|content| content.schema.clone()) else {
                    return (reply.status, Promises::new());
                };
                let mut walk = Walk { contract: &contract, found: Promises::new(), left: Cell::new(MOST) };
                walk.enter(schema, &Path::root(), &Said::default(), 0);
                (reply.status, walk.found)
            });
            replies.insert(subject, known.collect());
        }
        Ok(Self { replies })
    }

    /// What they are prepared for in the reply of that status; the nearest that is said of it.
    pub fn reply(&self, subject: &str, status: u16) -> Option<&Promises> {
        // What is written out goes before what only has a place for it.
        let by_place = || self.replies.iter().find(|(name, _)| stands_for(name, subject)).map(|(_, known)| known);
        let known = self.replies.get(subject).or_else(by_place)?;
        let wanted = [Status::Code(status), Status::Class(status / 100), Status::Default];
        wanted.iter().find_map(|wanted| known.iter().find(|(own, _)| own == wanted)).map(|(_, promises)| promises)
    }
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
    /// Of an object the fields that have to be there by what else holds of it.
    fields: Option<BTreeSet<&'a str>>,
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
            let required = within.fields.as_ref().map(|names| names.contains(name));
            self.enter(field, &path.field(name), &Said { required, fields: None }, depth + 1);
        }
        if let Some(items) = node.get("items") {
            self.enter(items, &path.with(Step::Each), &Said::default(), depth + 1);
        }
    }

    /// The fields that an object has to have by this schema and by all that holds beside it.
    fn required(&self, node: &Node<'a>, fields: &mut Option<BTreeSet<&'a str>>, depth: usize) {
        if let Some(names) = node.value.get("required").and_then(Value::as_array) {
            fields.get_or_insert_default().extend(names.iter().filter_map(Value::as_str));
        }
        for part in node.get("allOf").iter().flat_map(|all| all.items().collect::<Vec<_>>()) {
            if let (Ok(part), true) = (self.contract.follow(part), depth < DEEPEST && self.goes_on()) {
                self.required(&part, fields, depth + 1);
            }
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

#[cfg(test)]
mod tests {
    use super::{Kind, Prepared};
    use crate::contract::{Source, Tree};

    fn prepared(schema: &str) -> Prepared {
        let text = format!(
            "openapi: 3.0.3\npaths:\n  /a/{{id}}:\n    get:\n      responses:\n        2XX:\n          content:\n            application/json: {{ schema: {schema} }}\ncomponents:\n  schemas:\n    Node: {{ type: object, required: [], properties: {{ next: {{ $ref: '#/components/schemas/Node' }} }} }}\n"
        );
        let tree = Tree::Held([("a.yaml".to_owned(), text.into_bytes())].into());
        Prepared::of(&Source { tree, path: "a.yaml".to_owned() }).unwrap()
    }

    #[track_caller]
    fn check(schema: &str, place: &str, values: Option<&[&str]>, required: Option<bool>, kinds: Option<&[Kind]>) {
        let prepared = prepared(schema);
        let said = prepared.reply("GET /a/{}", 200).unwrap().get(&place.parse().unwrap()).cloned().unwrap_or_default();
        let values = values.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
        let kinds = kinds.map(|kinds| kinds.iter().copied().collect());
        assert_eq!((said.values, said.required, said.kinds), (values, required, kinds), "{schema}");
    }

    #[test]
    fn a_contract_says_what_has_to_be_there_and_what_may_stand_there() {
        use Kind::{Fields, Null, Number, Text};
        let object = "{ type: object, required: [a], properties: { a: { type: string, enum: [x, y] }, b: { type: integer, nullable: true } } }";
        check(object, "$", None, None, Some(&[Fields]));
        check(object, "$.a", Some(&["x", "y"]), Some(true), Some(&[Text]));
        check(object, "$.b", None, Some(false), Some(&[Number, Null]));
        check("{ type: array, items: { properties: { a: {} } } }", "$[].a", None, None, None);
        check("{ anyOf: [{ type: string }, { type: 'null' }] }", "$", None, None, Some(&[Text, Null]));
        check("{ oneOf: [{ type: string }, { type: integer }] }", "$", None, None, None);
        check("{ allOf: [{ type: string }, { enum: [x] }] }", "$", Some(&["x"]), None, Some(&[Text]));
        let both = "{ allOf: [{ required: [], properties: { a: {}, b: {} } }, { required: [a] }] }";
        check(both, "$.a", None, Some(true), None);
        check(both, "$.b", None, Some(false), None);
        check("{ $ref: '#/components/schemas/Node' }", "$.next.next.next", None, Some(false), Some(&[Fields]));
    }

    #[test]
    fn a_schema_that_leads_back_to_itself_in_many_ways_has_an_end() {
        let all = "{ $ref: '#/paths/~1a~1{id}/get/responses/2XX/content/application~1json/schema' },".repeat(40);
        check(&format!("{{ type: object, allOf: [{all}] }}"), "$", None, None, Some(&[Kind::Fields]));
    }

    #[test]
    fn a_status_of_which_nothing_is_said_promises_nothing() {
        let prepared = prepared("{ type: string }");
        assert!(prepared.reply("GET /a/{}", 204).is_some());
        assert!(prepared.reply("GET /a/first", 204).is_some());
        assert!(prepared.reply("GET /a/{}", 404).is_none());
        assert!(prepared.reply("GET /b", 200).is_none());
    }
}
