//! The algebra of schemas: the difference of two, as one more schema. Only this module knows it.
//!
//! It gives proofs that nothing is in the difference, and hints of what is. It can't be stopped by a clock, so what is too large for
//! it is not asked.

use jsonschema::Draft;
use jsonschema::canonical::{CanonicalSchema, Containment, Satisfiability, options};
use serde_json::Value;

/// What the algebra says of a difference.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Difference {
    /// Nothing is in it.
    Empty,
    /// This schema's documents, if it has any.
    Some(Value),
    /// It can't say.
    Unknown,
}

/// What one schema allows and another doesn't. Both are in the same dialect.
pub(super) fn difference(writer: &Value, reader: &Value, draft: Draft) -> Difference {
    if size(writer) + size(reader) > LARGEST {
        return Difference::Unknown;
    }
    let (Some(writer), Some(reader)) = (canonical(writer, draft), canonical(reader, draft)) else {
        return Difference::Unknown;
    };
    if reader.covers(&writer).is_ok_and(|covers| covers == Containment::Yes) {
        return Difference::Empty;
    }
    match writer.subtract(&reader) {
        Ok(difference) if difference.satisfiability() == Satisfiability::No => Difference::Empty,
        Ok(difference) => Difference::Some(difference.to_json_schema()),
        Err(_) => Difference::Unknown,
    }
}

/// Schemas with more nodes in both are not asked about: the difference of two may have the product of their nodes.
const LARGEST: usize = 700;

fn canonical(schema: &Value, draft: Draft) -> Option<CanonicalSchema> {
    options().offline().with_draft(draft).should_validate_formats(false).canonicalize(schema).ok()
}

fn size(value: &Value) -> usize {
    let mut waiting = vec![value];
    let mut count = 0;
    while let Some(value) = waiting.pop() {
        count += 1;
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => waiting.extend(fields.values()),
            _ => {}
        }
    }
    count
}
