//! Messages of protobuf itself that JSON writes in a form of their own, and samples of them.
//!
//! Main function: [`is_special`].

use std::collections::HashMap;

use bytes::Bytes;
use prost::Message;
use prost_reflect::{Cardinality, DynamicMessage, MapKey, MessageDescriptor, ReflectMessage, Value};

/// Whether a message is something else in JSON than an object of its fields.
pub fn is_special(message: &MessageDescriptor) -> bool {
    matches!(
        message.full_name().strip_prefix("google.protobuf."),
        Some(
            "Any"
                | "Timestamp"
                | "Duration"
                | "Struct"
                | "Value"
                | "ListValue"
                | "FieldMask"
                | "FloatValue"
                | "DoubleValue"
                | "Int32Value"
                | "Int64Value"
                | "UInt32Value"
                | "UInt64Value"
                | "BoolValue"
                | "StringValue"
                | "BytesValue"
        )
    )
}

/// Samples of those that need more than any scalar in them.
pub fn samples(message: &MessageDescriptor) -> Option<Vec<DynamicMessage>> {
    let set = |field: &str, value: Value| {
        let mut written = DynamicMessage::new(message.clone());
        written.try_set_field_by_name(field, value).is_ok().then_some(written)
    };
    let value = |field: &str, held: Value| {
        let pool = message.parent_pool();
        let mut value = DynamicMessage::new(pool.get_message_by_name("google.protobuf.Value")?);
        value.try_set_field_by_name(field, held).ok()?;
        Some(Value::Message(value))
    };
    let values =
        || [value("string_value", Value::String("straddle".to_owned())), value("number_value", Value::F64(1.5))];
    let structure = |value: Value| Value::Map(HashMap::from([(MapKey::String("a".to_owned()), value)]));
    let found = match message.full_name().strip_prefix("google.protobuf.")? {
        "Struct" => values().into_iter().flatten().map(|value| set("fields", structure(value))).collect(),
        "Value" => {
            vec![set("string_value", Value::String("straddle".to_owned())), set("number_value", Value::F64(1.5))]
        }
        "ListValue" => vec![set("values", Value::List(values().into_iter().flatten().collect()))],
        "FieldMask" => vec![set("paths", Value::List(vec![Value::String("a".to_owned())]))],
        "Any" => vec![any(message)],
        _ => return None,
    };
    Some(found.into_iter().flatten().collect())
}

/// An Any with some message of the contract in it.
fn any(message: &MessageDescriptor) -> Option<DynamicMessage> {
    let is_plain = |held: &MessageDescriptor| {
        let needs_nothing = held.fields().all(|field| field.cardinality() != Cardinality::Required);
        !held.is_map_entry() && !is_special(held) && needs_nothing
    };
    let held = DynamicMessage::new(message.parent_pool().all_messages().find(is_plain)?);
    let mut any = DynamicMessage::new(message.clone());
    let name = format!("type.googleapis.com/{}", held.descriptor().full_name());
    any.try_set_field_by_name("type_url", Value::String(name)).ok()?;
    any.try_set_field_by_name("value", Value::Bytes(Bytes::from(held.encode_to_vec()))).ok()?;
    Some(any)
}
