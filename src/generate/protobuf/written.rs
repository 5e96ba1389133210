//! A message as bytes, the same each time: maps have no order in memory, and get one here.
//!
//! Main function: [`written`].

use prost::Message as _;
use prost::bytes::BufMut as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{DynamicMessage, Kind, MapKey, ReflectMessage as _, Value};

/// The bytes of a message: fields by number, extensions, what is unknown; entries of maps by key.
pub fn written(message: &DynamicMessage) -> Vec<u8> {
    if is_ordered(message) {
        return message.encode_to_vec();
    }
    let mut out = Vec::new();
    for (field, value) in message.fields() {
        put(field.number(), field.is_group(), &field.kind(), value, &mut out, |value| {
            let mut alone = DynamicMessage::new(message.descriptor());
            let _ = alone.try_set_field(&field, value);
            alone
        });
    }
    for (field, value) in message.extensions() {
        put(field.number(), field.is_group(), &field.kind(), value, &mut out, |value| {
            let mut alone = DynamicMessage::new(message.descriptor());
            alone.set_extension(&field, value);
            alone
        });
    }
    for field in message.unknown_fields() {
        field.encode(&mut out);
    }
    out
}

/// Writes one field. `alone` makes a message of nothing else, for what has an order of its own.
fn put(
    number: u32,
    is_group: bool,
    kind: &Kind,
    value: &Value,
    out: &mut Vec<u8>,
    alone: impl FnOnce(Value) -> DynamicMessage,
) {
    match (value, kind) {
        (value, _) if is_ordered_value(value) => out.append(&mut alone(value.clone()).encode_to_vec()),
        (Value::Message(message), _) => put_message(number, is_group, message, out),
        (Value::List(values), _) => {
            values.iter().filter_map(Value::as_message).for_each(|message| put_message(number, is_group, message, out));
        }
        (Value::Map(entries), Kind::Message(entry)) => {
            let (of_key, of_value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            let mut entries: Vec<(&MapKey, &Value)> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, value) in entries {
                let mut message = DynamicMessage::new(entry.clone());
                let _ = message.try_set_field(&of_key, Value::from(key.clone()));
                let _ = message.try_set_field(&of_value, value.clone());
                put_message(number, false, &message, out);
            }
        }
        _ => {}
    }
}

fn put_message(number: u32, is_group: bool, message: &DynamicMessage, out: &mut Vec<u8>) {
    let bytes = written(message);
    if is_group {
        encode_key(number, WireType::StartGroup, out);
        out.put_slice(&bytes);
        encode_key(number, WireType::EndGroup, out);
    } else {
        encode_key(number, WireType::LengthDelimited, out);
        encode_varint(bytes.len() as u64, out);
        out.put_slice(&bytes);
    }
}

fn is_ordered(message: &DynamicMessage) -> bool {
    message.fields().all(|(_, value)| is_ordered_value(value))
        && message.extensions().all(|(_, value)| is_ordered_value(value))
}

fn is_ordered_value(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.len() < 2 && entries.values().all(is_ordered_value),
        Value::Message(message) => is_ordered(message),
        // Only lists of messages can hold maps.
        Value::List(values) => values.iter().take_while(|value| value.as_message().is_some()).all(is_ordered_value),
        _ => true,
    }
}
