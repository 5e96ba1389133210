//! Several schemas that all hold of one value.

use serde_json::{Map, Value};

use super::super::raised;

/// A schema, and the document in which its references are looked up.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Node<'a> {
    pub(in super::super) schema: &'a Value,
    pub(in super::super) whole: &'a Value,
}

/// A schema that is `true`.
static EVERYTHING: Value = Value::Bool(true);

impl<'a> Node<'a> {
    /// What every value fits.
    pub(super) fn everything() -> Self {
        Self { schema: &EVERYTHING, whole: &EVERYTHING }
    }

    /// Another schema of the same document.
    pub(super) fn with(self, schema: &'a Value) -> Self {
        Self { schema, ..self }
    }

    /// Which one it is.
    pub(super) fn id(self) -> usize {
        std::ptr::from_ref(self.schema) as usize
    }

    /// What a reference names, however often it is passed on.
    pub(super) fn resolved(self) -> Self {
        let mut here = self;
        for _ in 0..64 {
            let Some(Value::String(reference)) = here.schema.get("$ref") else { break };
            if here.schema.as_object().is_some_and(|map| map.keys().any(|key| key != "$ref" && key != "$defs")) {
                break;
            }
            let Some(target) = raised::resolve(here.whole, reference) else { break };
            here = here.with(target);
        }
        here
    }

    pub(super) fn map(self) -> Option<&'a Map<String, Value>> {
        self.schema.as_object()
    }

    pub(super) fn get(self, keyword: &str) -> Option<Self> {
        self.schema.get(keyword).map(|schema| self.with(schema))
    }

    pub(super) fn list(self, keyword: &str) -> impl Iterator<Item = Self> {
        self.schema.get(keyword).and_then(Value::as_array).into_iter().flatten().map(move |schema| self.with(schema))
    }
}

/// All of these hold, and of each choice one does.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Conjunction<'a> {
    /// References followed, `allOf` taken apart.
    pub(super) parts: Vec<Node<'a>>,
    /// Each a list of cases, and each case a list of schemas that hold in it.
    pub(super) choices: Vec<Vec<Vec<Node<'a>>>>,
    /// Something in it is `false`.
    pub(super) is_false: bool,
}

impl<'a> Conjunction<'a> {
    /// The conjunction of these.
    pub(in super::super) fn of(nodes: impl IntoIterator<Item = Node<'a>>) -> Self {
        let mut made = Self::default();
        for node in nodes {
            made.add(node);
        }
        made
    }

    /// One more that holds.
    pub(super) fn and(&self, node: Node<'a>) -> Self {
        let mut made = self.clone();
        made.add(node);
        made
    }

    fn add(&mut self, node: Node<'a>) {
        let map = match node.schema {
            Value::Bool(answer) => {
                self.is_false |= !answer;
                return;
            }
            Value::Object(map) => map,
            _ => return,
        };
        if self.parts.iter().any(|part| part.id() == node.id()) {
            return;
        }
        self.parts.push(node);
        if let Some(target) = map.get("$ref").and_then(Value::as_str).and_then(|name| raised::resolve(node.whole, name))
        {
            self.add(node.with(target));
        }
        for part in node.list("allOf") {
            self.add(part);
        }
        for keyword in ["anyOf", "oneOf"] {
            if map.contains_key(keyword) {
                self.choices.push(node.list(keyword).map(|case| vec![case]).collect());
            }
        }
        if let Some(condition) = node.get("if") {
            let holds = [Some(condition), node.get("then")].into_iter().flatten().collect();
            let fails = node.get("else").into_iter().collect();
            self.choices.push(vec![holds, fails]);
        }
    }

    /// The cases of one choice, each with all else.
    pub(super) fn cases(&self) -> Option<Vec<Self>> {
        let mut rest = self.clone();
        let choice = rest.choices.pop()?;
        let case = |nodes: Vec<Node<'a>>| nodes.into_iter().fold(rest.clone(), |made, node| made.and(node));
        Some(choice.into_iter().map(case).collect())
    }

    /// All values of a keyword.
    pub(super) fn all(&self, keyword: &str) -> impl Iterator<Item = Node<'a>> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    /// Which one it is.
    pub(super) fn key(&self) -> Vec<usize> {
        let mut key: Vec<usize> = self.parts.iter().map(|part| part.id()).collect();
        key.extend(self.choices.iter().flatten().flatten().map(|node| node.id()));
        key.push(usize::from(self.is_false));
        key.sort_unstable();
        key.dedup();
        key
    }
}
