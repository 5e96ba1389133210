//! Messages to try: whole ones with as little as possible in them, and the edges of every type.
//!
//! Main function: [`tries`].

use std::collections::HashMap;

use bytes::Bytes;
use prost_reflect::{Cardinality, DynamicMessage, Kind, MapKey, MessageDescriptor, Syntax, Value};

use super::field::{Field, Shape};
use super::special;

/// How deep required messages are filled. A message that needs itself to be whole can't be written at all.
const DEEPEST: usize = 12;
/// How many messages one may have to hold to be whole.
const MOST_MESSAGES: usize = 500;
/// Of a large enum, so many numbers are tried.
const MOST_NUMBERS: usize = 40;

/// A message with only what it must have; none where there is none.
pub fn smallest(message: &MessageDescriptor) -> Option<DynamicMessage> {
    smallest_at(message, 0, &mut 0)
}

fn smallest_at(message: &MessageDescriptor, depth: usize, count: &mut usize) -> Option<DynamicMessage> {
    *count += 1;
    if depth > DEEPEST || *count > MOST_MESSAGES {
        return None;
    }
    let mut written = DynamicMessage::new(message.clone());
    if message.parent_file().syntax() != Syntax::Proto2 {
        return Some(written);
    }
    // Extensions are never required, and neither is anything in proto3.
    let required = message.fields().filter(|field| field.cardinality() == Cardinality::Required);
    for field in required.map(Field::own) {
        let value = match &field.kind {
            Kind::Message(inner) => Value::Message(match special::samples(inner) {
                Some(samples) => samples.into_iter().next()?,
                None => smallest_at(inner, depth + 1, count)?,
            }),
            kind => edges(kind).into_iter().next()?,
        };
        if !field.set(&mut written, value) {
            return None;
        }
    }
    Some(written)
}

/// A whole message in which this field has this value.
pub fn with(message: &MessageDescriptor, field: &Field, value: Value) -> Option<DynamicMessage> {
    let mut written = smallest(message)?;
    field.set(&mut written, value).then_some(written)
}

/// What to try for a field: each value that it may have, the plainest first.
pub fn tries(field: &Field) -> Vec<Value> {
    match (field.shape, field.entry()) {
        (Shape::Map, Some((key, value))) => {
            let (keys, values) = (edges(&key), edges(&value.kind));
            let (Some(plain_key), Some(plain)) = (keys.first().cloned(), values.first().cloned()) else {
                return Vec::new();
            };
            let of_values = values.into_iter().map(|value| map(plain_key.clone(), value));
            let of_keys = keys.iter().skip(1).map(|key| map(key.clone(), plain.clone()));
            of_values.chain(of_keys).flatten().collect()
        }
        (Shape::Many, _) => {
            let values = edges(&field.kind);
            let mut lists: Vec<Value> = values.iter().map(|value| Value::List(vec![value.clone()])).collect();
            // The same twice, too: a reader that has keys can keep only one.
            let two =
                values.first().map(|first| Value::List(vec![first.clone(), values.last().unwrap_or(first).clone()]));
            let twice = values.first().map(|first| Value::List(vec![first.clone(), first.clone()]));
            lists.extend(two.into_iter().chain(twice));
            lists
        }
        _ => edges(&field.kind),
    }
}

fn map(key: Value, value: Value) -> Option<Value> {
    Some(Value::Map(HashMap::from([(as_key(key)?, value)])))
}

fn as_key(key: Value) -> Option<MapKey> {
    key.into_map_key()
}

/// The values of a type that readers may stumble over.
pub fn edges(kind: &Kind) -> Vec<Value> {
    let ints32 = || [1, -1, i32::MAX, i32::MIN, 300].map(Value::I32).to_vec();
    let ints64 = || [1, -1, i64::MAX, i64::MIN, 1 << 32, (1 << 32) + 1, 1 << 31].map(Value::I64).to_vec();
    match kind {
        Kind::Double => [1.5, 1.0, -1.0, 0.1, 1e300].map(Value::F64).to_vec(),
        Kind::Float => [1.5, 1.0, -1.0, 0.1, f32::MAX].map(Value::F32).to_vec(),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => ints32(),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => ints64(),
        Kind::Uint32 | Kind::Fixed32 => [1, u32::MAX, 1 << 31, 300].map(Value::U32).to_vec(),
        Kind::Uint64 | Kind::Fixed64 => [1, u64::MAX, 1 << 63, 1 << 32, (1 << 32) + 1].map(Value::U64).to_vec(),
        Kind::Bool => vec![Value::Bool(true)],
        // The last one is so long that its length is no text: that counts where a message is read as one.
        Kind::String => ["straddle", "a", "é", &"x".repeat(200)].map(|text| Value::String(text.to_owned())).to_vec(),
        Kind::Bytes => {
            [&b"abc"[..], &[0xff, 0xfe], &[0x08]].map(|bytes| Value::Bytes(Bytes::copy_from_slice(bytes))).to_vec()
        }
        Kind::Enum(enumeration) => {
            let mut numbers: Vec<i32> = enumeration.values().map(|value| value.number()).take(MOST_NUMBERS).collect();
            // Zero is not written where it is the default: last.
            numbers.sort_by_key(|number| *number == 0);
            numbers.into_iter().map(Value::EnumNumber).collect()
        }
        Kind::Message(message) => {
            if let Some(samples) = special::samples(message) {
                return samples.into_iter().map(Value::Message).collect();
            }
            filled(message).into_iter().chain(smallest(message)).map(Value::Message).collect()
        }
    }
}

/// The smallest message with one more field in it, so that it isn't empty: a scalar, or else a list or map of them.
fn filled(message: &MessageDescriptor) -> Vec<DynamicMessage> {
    let mut fields = Field::all(message);
    fields.retain(|field| field.message().is_none());
    fields.sort_by_key(|field| field.shape != Shape::One);
    let Some(field) = fields.first() else { return Vec::new() };
    tries(field).into_iter().filter_map(|value| with(message, field, value)).collect()
}
