//! One message sent for real: written by its writer's descriptor, read by the reader's.
//!
//! Owns encoding and decoding, and what protobuf's own runtimes do after decoding: a number that a closed enum doesn't name is
//! dropped, and a message without a required field is refused. Main types: [`Exchange`], [`Sent`].

use std::cell::Cell;
use std::fmt::Write;

use prost::Message;
use prost_reflect::{
    Cardinality, DeserializeOptions, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage,
    SerializeOptions, Syntax, Value,
};

use super::field::is_closed;
use crate::contract::{Encoding, Terms, UnknownFields};

/// How messages get from writers to readers.
#[derive(Debug)]
pub struct Exchange {
    encoding: Encoding,
    rejects_unknown: bool,
    left: Cell<u64>,
}

/// One of the two encodings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// By number.
    Binary,
    /// By name.
    Json,
}

/// A message that was written and read.
#[derive(Debug, Clone)]
pub struct Sent {
    /// How.
    pub wire: Wire,
    /// What was written.
    pub written: DynamicMessage,
    /// What was on the wire: bytes, or a text.
    pub bytes: Vec<u8>,
    /// What the reader makes of it, or why it refuses it.
    pub read: Result<DynamicMessage, String>,
}

impl Wire {
    /// The encoding as sentences name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Json => "JSON",
        }
    }
}

impl Exchange {
    /// On these terms.
    pub fn new(terms: &Terms) -> Self {
        Self {
            encoding: terms.encoding,
            rejects_unknown: terms.unknown_fields == UnknownFields::Rejected,
            left: Cell::new(terms.steps),
        }
    }

    /// The encodings that are in use.
    pub fn wires(&self) -> &'static [Wire] {
        match self.encoding {
            Encoding::Both => &[Wire::Binary, Wire::Json],
            Encoding::Binary => &[Wire::Binary],
            Encoding::Json => &[Wire::Json],
        }
    }

    /// Whether no more messages may be sent.
    pub fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Sends a message; none where this encoding can't write it, or where no more may be sent.
    pub fn send(&self, wire: Wire, written: &DynamicMessage, reader: &MessageDescriptor) -> Option<Sent> {
        // Writing and reading go through all fields that there are, set or not.
        let fields = written.descriptor().fields().len().max(reader.fields().len());
        let cost = 1 + u64::try_from(fields / 16).unwrap_or(u64::MAX);
        let Some(left) = self.left.get().checked_sub(cost) else {
            self.left.set(0);
            return None;
        };
        self.left.set(left);
        let (bytes, read) = match wire {
            Wire::Binary => {
                let bytes = written.encode_to_vec();
                let read = DynamicMessage::decode(reader.clone(), bytes.as_slice()).map_err(|error| error.to_string());
                (bytes, read)
            }
            Wire::Json => {
                let mut text = Vec::new();
                let mut out = serde_json::Serializer::new(&mut text);
                written.serialize_with_options(&mut out, &SerializeOptions::new()).ok()?;
                let read = self.read_json(&text, reader);
                (text, read)
            }
        };
        let read = read.and_then(|mut message| settle(&mut message, 0).map(|()| message));
        Some(Sent { wire, written: written.clone(), bytes, read })
    }

    fn read_json(&self, text: &[u8], reader: &MessageDescriptor) -> Result<DynamicMessage, String> {
        let mut input = serde_json::Deserializer::from_slice(text);
        if reader.full_name() == "google.protobuf.Empty" && !self.rejects_unknown {
            // Our decoder is strict about this one; others take it for a message without fields.
            return serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(text)
                .map(|_| DynamicMessage::new(reader.clone()))
                .map_err(|error| error.to_string());
        }
        let options = DeserializeOptions::new().deny_unknown_fields(self.rejects_unknown);
        DynamicMessage::deserialize_with_options(reader.clone(), &mut input, &options)
            .map_err(|error| error.to_string().split(" at line ").next().unwrap_or_default().to_owned())
    }
}

/// Messages within messages that are looked into; decoders stop earlier.
const DEEPEST: usize = 200;

/// Drops the numbers that closed enums don't name, and refuses what lacks a required field.
fn settle(message: &mut DynamicMessage, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("the message nests too deep".to_owned());
    }
    let mut emptied: Vec<FieldDescriptor> = Vec::new();
    for (field, value) in message.fields_mut() {
        if !settle_value(&field.kind(), value, depth)? {
            emptied.push(field);
        }
    }
    for (field, value) in message.extensions_mut() {
        settle_value(&field.kind(), value, depth)?;
    }
    for field in emptied {
        message.clear_field(&field);
    }
    let descriptor = message.descriptor();
    if descriptor.parent_file().syntax() != Syntax::Proto2 {
        return Ok(());
    }
    let missing =
        descriptor.fields().find(|field| field.cardinality() == Cardinality::Required && !message.has_field(field));
    match missing {
        Some(field) => Err(format!("the required field `{}` of `{}` is missing", field.name(), descriptor.full_name())),
        None => Ok(()),
    }
}

/// Whether anything is left of a value.
fn settle_value(kind: &Kind, value: &mut Value, depth: usize) -> Result<bool, String> {
    let is_known = |number: &i32| match kind {
        Kind::Enum(enumeration) if is_closed(enumeration) => enumeration.get_value(*number).is_some(),
        _ => true,
    };
    match value {
        Value::EnumNumber(number) => return Ok(is_known(number)),
        Value::Message(message) => settle(message, depth + 1)?,
        Value::List(values) => {
            let mut kept = Vec::with_capacity(values.len());
            for mut value in values.drain(..) {
                if settle_value(kind, &mut value, depth)? {
                    kept.push(value);
                }
            }
            *values = kept;
        }
        Value::Map(values) => {
            let Kind::Message(entry) = kind else { return Ok(true) };
            let kind = entry.map_entry_value_field().kind();
            let mut failed = None;
            values.retain(|_, value| match settle_value(&kind, value, depth) {
                Ok(is_kept) => is_kept,
                Err(error) => {
                    failed = Some(error);
                    true
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
        }
        _ => {}
    }
    Ok(true)
}

impl Sent {
    /// What was on the wire in hex, where that is no text.
    pub fn hex(&self) -> Option<String> {
        (self.wire == Wire::Binary).then(|| {
            self.bytes.iter().fold(String::with_capacity(self.bytes.len() * 2), |mut hex, byte| {
                // Writing to a string can't fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        })
    }
}
