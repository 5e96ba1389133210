//! How fast messages are made up from JSON Schemas, each accepted by the schema's own validator.

use std::path::Path;
use std::time::Instant;

use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;
use straddle::contract::json_schema::Dialect;
use straddle::generate::json_schema::Messages;

use crate::Figure;

/// Schemas as they are met, and messages a second that each must give at least.
const SCHEMAS: [(&str, f64); 5] =
    [("order", 10_000.0), ("pet", 10_000.0), ("hard", 10_000.0), ("package", 2_000.0), ("github-workflow", 2_000.0)];

/// Where they lie beside the repository.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/contracts/bench");

/// What is measured where they don't.
const OWN: &str = r##"{
    "type": "object",
    "required": ["id", "lines"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "note": {"type": ["string", "null"], "maxLength": 200},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "lines": {"type": "array", "minItems": 1, "maxItems": 5, "items": {"$ref": "#/$defs/line"}},
        "payment": {"oneOf": [
            {"required": ["kind", "last4"], "properties": {"kind": {"const": "card"}, "last4": {"pattern": "^[0-9]{4}$", "type": "string"}}},
            {"required": ["kind", "iban"], "properties": {"kind": {"const": "sepa"}, "iban": {"minLength": 15, "type": "string"}}}
        ], "type": "object"}
    },
    "additionalProperties": false,
    "$defs": {"line": {
        "type": "object",
        "required": ["sku", "price"],
        "properties": {"sku": {"type": "string", "pattern": "^[A-Z0-9]{4,12}$"}, "price": {"type": "number", "minimum": 0, "multipleOf": 0.01}}
    }}
}"##;

pub fn figures() -> Vec<Figure> {
    let read = |name: &str| std::fs::read_to_string(Path::new(FOLDER).join(format!("{name}.json")));
    let known = SCHEMAS.iter().filter_map(|(name, limit)| Some(figure(name, &read(name).ok()?, *limit)));
    let mut figures: Vec<Figure> = known.collect();
    if figures.is_empty() {
        figures.push(figure("an order", OWN, 10_000.0));
    }
    figures
}

fn figure(name: &str, text: &str, limit: f64) -> Figure {
    let schema: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let dialect = Dialect::named(&schema).unwrap_or_else(|e| panic!("{name}: {e}")).unwrap_or(Dialect::Draft202012);
    let messages = Messages::of(&schema, dialect).unwrap_or_else(|e| panic!("{name}: {e}"));
    Figure::at_least(&format!("valid messages of {name}, a core"), rate(&messages), limit, "a second")
}

/// Messages a second, the best of a few rounds.
fn rate(messages: &Messages) -> f64 {
    const ROUND: u32 = 2_000;
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]);
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        let start = Instant::now();
        let drawn = (0..ROUND).filter(|_| messages.draw(&mut rng).is_some()).count();
        assert_eq!(drawn, ROUND as usize, "not all that was drawn is valid");
        best = best.min(start.elapsed().as_secs_f64());
    }
    f64::from(ROUND) / best
}
