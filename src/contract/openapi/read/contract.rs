//! A contract's files, loaded once: the first, and whatever references lead to in the same tree.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::node::{Node, Trouble};
use crate::contract::text::Document;
use crate::contract::{ContractError, Position, Source};

/// References that may lead to references before they are taken to have no end.
const HOPS: usize = 100;
/// Files that a contract may have.
const FILES: usize = 2_000;

/// How a contract's schemas are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contract::openapi) enum Dialect {
    /// OpenAPI 3.0's own, which is JSON Schema's draft 5 with changes.
    Openapi30,
    /// JSON Schema's, by the address that `$schema` would give.
    JsonSchema(String),
}

/// All files of a contract.
#[derive(Debug)]
pub(in crate::contract::openapi) struct Contract {
    files: Vec<Document>,
    numbers: HashMap<String, Result<usize, String>>,
    dialect: Dialect,
    hides: bool,
}

impl Contract {
    /// Loads the first file, and all that references in it and in those that they lead to name. A file that can't be loaded is only
    /// in the way of what refers to it.
    pub(in crate::contract::openapi) fn load(source: &Source) -> Result<Self, ContractError> {
        let first = Document::parse(&source.path, &source.tree.read(&source.path)?)?;
        let dialect = dialect(&first)?;
        let start = normal("", &source.path).unwrap_or_else(|| source.path.clone());
        let mut contract = Self { files: vec![first], numbers: HashMap::from([(start, Ok(0))]), dialect, hides: false };
        let mut read = 0;
        while let Some(document) = contract.files.get(read) {
            let (paths, hides) = looked_through(document);
            contract.hides |= hides;
            for path in paths {
                if contract.numbers.contains_key(&path) || contract.numbers.len() >= FILES {
                    continue;
                }
                let loaded = source.tree.read(&path).and_then(|bytes| Document::parse(&path, &bytes));
                let number = loaded.map_err(|error| error.to_string()).map(|document| {
                    contract.files.push(document);
                    contract.files.len() - 1
                });
                contract.numbers.insert(path, number);
            }
            read += 1;
        }
        Ok(contract)
    }

    /// How its schemas are to be read.
    pub(in crate::contract::openapi) fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Whether anything in it is `readOnly` or `writeOnly`: else its schemas mean the same to all and in every message.
    pub(in crate::contract::openapi) fn hides(&self) -> bool {
        self.hides
    }

    /// The whole of the first file.
    pub(in crate::contract::openapi) fn root(&self) -> Node<'_> {
        static NOTHING: Value = Value::Null;
        let value = self.files.first().map_or(&NOTHING, Document::value);
        Node { file: 0, pointer: String::new(), value }
    }

    /// A file's name.
    pub(in crate::contract::openapi) fn file_name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", Document::file)
    }

    /// Where a node stands.
    pub(in crate::contract::openapi) fn position(&self, node: &Node<'_>) -> Option<Position> {
        self.place(node.file, &node.pointer)
    }

    /// Where the node of a pointer stands in a file.
    pub(in crate::contract::openapi) fn place(&self, file: usize, pointer: &str) -> Option<Position> {
        self.files.get(file)?.position(pointer)
    }

    /// What stands at a pointer of a file.
    pub(in crate::contract::openapi) fn at(&self, file: usize, pointer: &str) -> Option<&Value> {
        self.files.get(file)?.value().pointer(pointer)
    }

    /// What a node is once its reference, if it is one, was followed to the end.
    pub(in crate::contract::openapi) fn follow<'a>(&'a self, node: Node<'a>) -> Result<Node<'a>, Trouble> {
        let start = node.clone();
        let mut node = node;
        for _ in 0..HOPS {
            let Some(reference) = node.reference() else { return Ok(node) };
            node = self.target(&node, reference)?;
        }
        let why = format!("`$ref: {}` leads in a circle", start.reference().unwrap_or_default());
        Err(Trouble { why, at: self.position(&start), is_unread: false })
    }

    /// What a reference at a node names, which may be a reference again.
    pub(in crate::contract::openapi) fn target<'a>(
        &'a self,
        node: &Node<'a>,
        reference: &str,
    ) -> Result<Node<'a>, Trouble> {
        let at = || self.place(node.file, &format!("{}/$ref", node.pointer));
        let trouble = |why: String| Trouble { why, at: at(), is_unread: false };
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let file = if path.is_empty() {
            node.file
        } else {
            self.file(node.file, path).map_err(|why| Trouble { why, at: at(), is_unread: true })?
        };
        let fragment = percent_decode_str(fragment).decode_utf8_lossy();
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return Err(trouble(format!("`$ref: {reference}` names an anchor: only JSON pointers are followed")));
        }
        let value = self.files.get(file).and_then(|document| document.value().pointer(&fragment));
        let value = value.ok_or_else(|| trouble(format!("`$ref: {reference}` leads nowhere: nothing is there")))?;
        Ok(Node { file, pointer: fragment.into_owned(), value })
    }

    fn file(&self, from: usize, path: &str) -> Result<usize, String> {
        if is_remote(path) {
            return Err(format!("`$ref: {path}` is elsewhere and not fetched: put a copy next to the contract"));
        }
        let name = normal(self.file_name(from), path)
            .ok_or_else(|| format!("`$ref: {path}` lies outside of the contract: give the folder that holds both"))?;
        match self.numbers.get(&name) {
            Some(Ok(number)) => Ok(*number),
            Some(Err(why)) => Err(format!("`$ref: {path}`: {why}")),
            None => Err(format!("`$ref: {path}` is one file too many: a contract may have {FILES}")),
        }
    }
}

/// Which version a contract is of; any other than 3.0 and 3.1 is refused by name.
fn dialect(document: &Document) -> Result<Dialect, ContractError> {
    const OPENAPI_31: &str = "https://json-schema.org/draft/2020-12/schema";
    let wrong = |pointer: &str, what: String| match document.position(pointer) {
        Some(at) => ContractError::Wrong { at, what },
        None => ContractError::NoContract { what },
    };
    let root = document.value();
    if let Some(version) = root.get("swagger") {
        let version = spoken(version);
        let what = format!(
            "this is Swagger {version}, and OpenAPI 3.0 or 3.1 is read: convert it first, as editor.swagger.io does"
        );
        return Err(wrong("/swagger", what));
    }
    let Some(version) = root.get("openapi") else {
        let what =
            "nothing says that this is OpenAPI: its first file has `openapi: 3.0.3` or the like at its top".to_owned();
        return Err(wrong("", what));
    };
    let version = spoken(version);
    match version.split('.').take(2).collect::<Vec<_>>().join(".").as_str() {
        "3.0" => Ok(Dialect::Openapi30),
        "3.1" => {
            let named = root.get("jsonSchemaDialect").and_then(Value::as_str).unwrap_or(OPENAPI_31);
            let is_base = named.starts_with("https://spec.openapis.org/oas/3.1/");
            Ok(Dialect::JsonSchema(if is_base { OPENAPI_31 } else { named }.to_owned()))
        }
        _ => Err(wrong(
            "/openapi",
            format!("this is OpenAPI {version}, and 3.0 and 3.1 are read: give it in one of these"),
        )),
    }
}

fn spoken(version: &Value) -> String {
    version.as_str().map_or_else(|| version.to_string(), str::to_owned)
}

fn is_remote(path: &str) -> bool {
    path.starts_with("//") || path.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1 && !scheme.contains('/'))
}

/// The files of this tree that a document's references name, and whether it hides anything from messages.
fn looked_through(document: &Document) -> (Vec<String>, bool) {
    let mut named = Vec::new();
    let mut hides = false;
    let mut rest = vec![document.value()];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(items) => rest.extend(items),
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let path = reference.split('#').next().unwrap_or_default();
                    if !path.is_empty() && !is_remote(path) {
                        named.extend(normal(document.file(), path));
                    }
                }
                hides |= ["readOnly", "writeOnly"].iter().any(|key| members.get(*key) == Some(&Value::Bool(true)));
                rest.extend(members.values());
            }
            _ => {}
        }
    }
    named.sort();
    named.dedup();
    (named, hides)
}

/// A path that one file gives, from the tree's root; none where that is outside of it.
fn normal(from: &str, path: &str) -> Option<String> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') {
        return None;
    }
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
