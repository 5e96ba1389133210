//! What a message loses on its way through another version that reads it and writes it again.
//!
//! Owns the three steps, and what readers refuse. Numbers that a closed enum doesn't name count as kept: the field's own runtimes
//! keep them among what is unknown, and write them again. A value of another wire type is refused, as Rust's runtime does it; others
//! take it for unknown. Main function: [`round_trip`].

use prost::Message as _;
use prost_reflect::{Cardinality, DynamicMessage, MessageDescriptor, ReflectMessage as _, Value};

use super::differences::{Lost, differences};
use super::written::written;

/// Who refuses what it was sent, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The message can't even be read by its own descriptor.
    #[error("its own descriptor refuses the message: {0}")]
    Own(String),
    /// Who it is sent through refuses it.
    #[error("the other version refuses the message: {0}")]
    There(String),
    /// Who wrote it refuses what comes back.
    #[error("its writer refuses what comes back: {0}")]
    Back(String),
}

/// Writes a message, reads and writes it again by `through`, reads that by its own descriptor, and says what is missing or other.
pub fn round_trip(message: &DynamicMessage, through: &MessageDescriptor) -> Result<Vec<Lost>, Refused> {
    let own = message.descriptor();
    let bytes = written(message);
    let before = read(&own, &bytes).map_err(Refused::Own)?;
    let there = read(through, &bytes).map_err(Refused::There)?;
    let back = read(&own, &there.encode_to_vec()).map_err(Refused::Back)?;
    Ok(differences(&before, &back))
}

fn read(reader: &MessageDescriptor, bytes: &[u8]) -> Result<DynamicMessage, String> {
    let message = DynamicMessage::decode(reader.clone(), bytes).map_err(|error| error.to_string())?;
    match missing(&message) {
        Some(missing) => Err(format!("the required field `{missing}` is missing")),
        None => Ok(message),
    }
}

/// A required field that is not there. A decoder has bounded how deep this goes.
fn missing(message: &DynamicMessage) -> Option<String> {
    let descriptor = message.descriptor();
    let is_missing = |field: &prost_reflect::FieldDescriptor| {
        field.cardinality() == Cardinality::Required && !message.has_field(field)
    };
    if let Some(field) = descriptor.fields().find(is_missing) {
        return Some(field.full_name().to_owned());
    }
    let own = message.fields().find_map(|(_, value)| missing_in(value));
    own.or_else(|| message.extensions().find_map(|(_, value)| missing_in(value)))
}

fn missing_in(value: &Value) -> Option<String> {
    match value {
        Value::Message(message) => missing(message),
        Value::List(values) => values.iter().find_map(missing_in),
        Value::Map(entries) => entries.values().find_map(missing_in),
        _ => None,
    }
}
