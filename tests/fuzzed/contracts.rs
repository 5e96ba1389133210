//! Contracts: whatever stands in them is compared, or refused with a reason.

use std::collections::BTreeMap;

use straddle::contract::openapi::Prepared;
use straddle::contract::{ContractError, Source, Terms, Tree, compare};
use straddle::manifest::ContractKind;
use straddle::model::Pair;

/// What comparing may take here: enough to come through all of the code, and never long.
const STEPS: u64 = 2_000;
const SCHEMA: &str = r#"{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}"#;
const API: &str = "openapi: 3.0.3\npaths: {/a: {get: {responses: {200: {description: ok}}}}}\n";
const PROTO: &str = "syntax = \"proto3\";\nmessage A { string a = 1; }\n";

/// OpenAPI or JSON Schema, as JSON or as YAML.
pub fn texts(bytes: &[u8]) {
    for name in ["a.json", "a.yaml"] {
        compared(ContractKind::OpenApi, name, bytes, API);
        compared(ContractKind::JsonSchema, name, bytes, SCHEMA);
        told(Prepared::of(&source(name, bytes)));
    }
}

/// The text of a `.proto` file.
pub fn proto(bytes: &[u8]) {
    compared(ContractKind::Protobuf, "a.proto", bytes, PROTO);
}

/// A set of file descriptors.
pub fn descriptors(bytes: &[u8]) {
    compared(ContractKind::Protobuf, "a.fds", bytes, "");
}

/// With itself nothing breaks, and with another it comes to an end.
fn compared(kind: ContractKind, name: &str, bytes: &[u8], other: &str) {
    let usual = if kind == ContractKind::JsonSchema { Terms::DOCUMENTS } else { Terms::SERVICE };
    let terms = Terms { steps: STEPS, ..usual };
    let own = compare(kind, &Pair::new(source(name, bytes), source(name, bytes)), &terms);
    if let Some(own) = told(own) {
        assert!(own.differences.is_empty(), "against itself: {:?}", own.differences);
        let other = Pair::new(source(name, bytes), source(name, other.as_bytes()));
        told(compare(kind, &other, &terms));
    }
}

fn source(name: &str, bytes: &[u8]) -> Source {
    Source { tree: Tree::Held(BTreeMap::from([(name.to_owned(), bytes.to_vec())])), path: name.to_owned() }
}

fn told<T>(done: Result<T, ContractError>) -> Option<T> {
    done.map_err(|error| assert!(!error.to_string().is_empty())).ok()
}
