//! Whether what was read means what was written.
//!
//! Owns comparing a value of the writer's type with one of the reader's. Never uses `==` of whole messages, which compares
//! descriptors too. Main type: [`Fate`].

use prost::Message;
use prost_reflect::{DynamicMessage, Kind, ReflectMessage, Value};

use super::exchange::Wire;
use super::field::{Field, Shape};
use crate::model::Severity;

/// What becomes of a value on its way, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is read as it was meant.
    Same,
    /// Unset and zero can't be told apart any more.
    Blurred,
    /// It is dropped, or read as a number without a name.
    Lost,
    /// Another value is read.
    Changed,
    /// The whole message is refused.
    Refused,
}

impl Fate {
    /// How bad that is; none where it is nothing.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Same => None,
            Self::Blurred | Self::Lost => Some(Severity::Risk),
            Self::Changed | Self::Refused => Some(Severity::Breaking),
        }
    }

    /// What happens, for a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "nothing changes",
            Self::Blurred => "unset and zero can no longer be told apart",
            Self::Lost => "the value is lost",
            Self::Changed => "another value is read",
            Self::Refused => "the message is refused",
        }
    }
}

/// A field's value as readers of it see it.
enum Seen {
    /// Not set, and that is seen; this counts instead.
    Unset(Value),
    /// This, set or not.
    Plain(Value),
    /// This, and that it is set.
    Set(Value),
    /// More than one, or none.
    Many(Vec<Value>),
}

fn see(field: &Field, message: &DynamicMessage) -> Seen {
    let value = field.of(message).into_owned();
    match field.shape {
        Shape::Many | Shape::Map => Seen::Many(elements(field, value)),
        Shape::One if !field.has_presence || field.is_required => Seen::Plain(value),
        Shape::One if field.is_in(message) => Seen::Set(value),
        Shape::One => Seen::Unset(field.default()),
    }
}

/// A map as the entries that it is on the wire, sorted; a list as it is.
fn elements(field: &Field, value: Value) -> Vec<Value> {
    match (value, &field.kind) {
        (Value::List(values), _) => values,
        (Value::Map(map), Kind::Message(entry)) => {
            let mut entries: Vec<_> = map.into_iter().collect();
            entries.sort_by_key(|(key, _)| format!("{key:?}"));
            let (of_key, of_value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            entries
                .into_iter()
                .map(|(key, value)| {
                    let mut message = DynamicMessage::new(entry.clone());
                    message.set_field(&of_key, Value::from(key));
                    message.set_field(&of_value, value);
                    Value::Message(message)
                })
                .collect()
        }
        (other, _) => vec![other],
    }
}

/// What became of one field.
pub fn fate(
    wire: Wire,
    (writer, written): (&Field, &DynamicMessage),
    (reader, read): (&Field, &DynamicMessage),
) -> Fate {
    let same = |ours: &Value, theirs: &Value| value(wire, (&writer.kind, ours), (&reader.kind, theirs));
    match (see(writer, written), see(reader, read)) {
        (Seen::Unset(ours), Seen::Unset(theirs)) => {
            let is_scalar = !matches!((&writer.kind, &reader.kind), (Kind::Message(_), _) | (_, Kind::Message(_)));
            if is_scalar && same(&ours, &theirs) != Fate::Same { Fate::Changed } else { Fate::Same }
        }
        (Seen::Unset(ours), Seen::Plain(theirs)) => {
            if same(&ours, &theirs) == Fate::Same {
                Fate::Blurred
            } else {
                Fate::Changed
            }
        }
        (Seen::Unset(_), Seen::Set(_)) => Fate::Changed,
        (Seen::Unset(_), Seen::Many(theirs)) => {
            if theirs.is_empty() {
                Fate::Same
            } else {
                Fate::Changed
            }
        }
        (Seen::Plain(ours), Seen::Unset(theirs)) => {
            if same(&ours, &theirs) == Fate::Same {
                Fate::Blurred
            } else if is_zero(&ours) {
                Fate::Changed
            } else {
                Fate::Lost
            }
        }
        (Seen::Set(_), Seen::Unset(_)) => Fate::Lost,
        (Seen::Set(ours), Seen::Plain(theirs)) => match same(&ours, &theirs) {
            Fate::Same if is_zero(&ours) && reader.shape == Shape::One && !reader.is_required => Fate::Blurred,
            fate => lost_if_zero(fate, &theirs),
        },
        (Seen::Plain(ours) | Seen::Set(ours), Seen::Plain(theirs) | Seen::Set(theirs)) => {
            lost_if_zero(same(&ours, &theirs), &theirs)
        }
        (Seen::Plain(ours) | Seen::Set(ours), Seen::Many(theirs)) => match theirs.as_slice() {
            [] if is_zero(&ours) => Fate::Same,
            [] => Fate::Lost,
            [one] => same(&ours, one),
            _ => Fate::Changed,
        },
        (Seen::Many(ours), Seen::Unset(_)) => {
            if ours.is_empty() {
                Fate::Same
            } else {
                Fate::Lost
            }
        }
        (Seen::Many(ours), Seen::Plain(theirs) | Seen::Set(theirs)) => match ours.as_slice() {
            [] => Fate::Same,
            [one] => lost_if_zero(same(one, &theirs), &theirs),
            _ => Fate::Changed,
        },
        (Seen::Many(ours), Seen::Many(theirs)) => {
            if theirs.len() < ours.len() {
                return Fate::Lost;
            }
            if theirs.len() > ours.len() {
                return Fate::Changed;
            }
            let is_map = |field: &Field| field.shape == Shape::Map;
            let (mut ours, mut theirs) = (ours, theirs);
            if is_map(writer) != is_map(reader) {
                // A map has no order.
                ours.sort_by_cached_key(raw);
                theirs.sort_by_cached_key(raw);
            }
            ours.iter().zip(&theirs).map(|(ours, theirs)| same(ours, theirs)).max().unwrap_or(Fate::Same)
        }
    }
}

/// Zero where something else was meant: nothing was read, rather than something wrong.
fn lost_if_zero(fate: Fate, theirs: &Value) -> Fate {
    if fate == Fate::Changed && is_zero(theirs) { Fate::Lost } else { fate }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::F32(value) => value.to_bits() == 0,
        Value::F64(value) => value.to_bits() == 0,
        Value::Message(message) => message.encoded_len() == 0,
        Value::List(_) | Value::Map(_) => false,
        other => integer(other) == Some(0),
    }
}

fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(value) => Some(i128::from(*value)),
        Value::I32(value) | Value::EnumNumber(value) => Some(i128::from(*value)),
        Value::I64(value) => Some(i128::from(*value)),
        Value::U32(value) => Some(i128::from(*value)),
        Value::U64(value) => Some(i128::from(*value)),
        _ => None,
    }
}

/// What became of one value.
fn value(wire: Wire, (writer, ours): (&Kind, &Value), (reader, theirs): (&Kind, &Value)) -> Fate {
    if let (Kind::Enum(enumeration), Value::EnumNumber(number)) = (reader, theirs)
        && enumeration.get_value(*number).is_none()
    {
        return if integer(ours) == Some(i128::from(*number)) { Fate::Lost } else { Fate::Changed };
    }
    let is_same = match (ours, theirs) {
        (Value::EnumNumber(ours), Value::EnumNumber(theirs)) if wire == Wire::Json => match (writer, reader) {
            (Kind::Enum(writer), Kind::Enum(reader)) => {
                let by_name = writer.get_value(*ours).and_then(|value| reader.get_value_by_name(value.name()));
                by_name.map_or(ours == theirs, |value| value.number() == *theirs)
            }
            _ => ours == theirs,
        },
        (Value::Message(ours), Value::Message(theirs)) => return message(wire, ours, theirs),
        (Value::String(ours), Value::String(theirs)) => ours == theirs,
        (Value::Bytes(ours), Value::Bytes(theirs)) => ours == theirs,
        (Value::F32(_) | Value::F64(_), _) | (_, Value::F32(_) | Value::F64(_)) => is_same_number(wire, ours, theirs),
        _ => match (integer(ours), integer(theirs)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ if wire == Wire::Binary => raw(ours).is_some_and(|ours| raw(theirs) == Some(ours)),
            // Base64 read as a text is not what was meant, though the signs are the same.
            _ if matches!((ours, theirs), (Value::Bytes(_), _) | (_, Value::Bytes(_))) => false,
            _ => plain(writer, ours).is_some_and(|ours| plain(reader, theirs) == Some(ours)),
        },
    };
    if is_same { Fate::Same } else { Fate::Changed }
}

fn is_same_number(wire: Wire, ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::F32(ours), Value::F32(theirs)) => ours.to_bits() == theirs.to_bits(),
        (Value::F64(ours), Value::F64(theirs)) => ours.to_bits() == theirs.to_bits(),
        // The shortest text of a float is what the double then holds: read back as a float it is the same.
        (Value::F32(ours), Value::F64(theirs)) if wire == Wire::Json => ours.to_string() == theirs.to_string(),
        (Value::F64(ours), Value::F32(theirs)) => ours.to_bits() == f64::from(*theirs).to_bits(),
        (Value::F32(ours), other) => {
            integer(other).is_some_and(|other| f64::from(*ours).to_string() == other.to_string())
        }
        (Value::F64(ours), other) => integer(other).is_some_and(|other| ours.to_string() == other.to_string()),
        (other, Value::F64(theirs)) => integer(other).is_some_and(|other| theirs.to_string() == other.to_string()),
        (other, Value::F32(theirs)) => integer(other).is_some_and(|other| theirs.to_string() == other.to_string()),
        _ => false,
    }
}

/// The bytes of what is written after its length.
fn raw(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Bytes(bytes) => Some(bytes.to_vec()),
        Value::Message(message) => Some(message.encode_to_vec()),
        _ => None,
    }
}

/// The text that JSON holds, quoted or not.
fn plain(kind: &Kind, value: &Value) -> Option<String> {
    match (value, kind) {
        (Value::String(text), _) => Some(text.clone()),
        (Value::Bool(value), _) => Some(value.to_string()),
        (Value::EnumNumber(number), Kind::Enum(enumeration)) => {
            Some(enumeration.get_value(*number).map_or_else(|| number.to_string(), |value| value.name().to_owned()))
        }
        (Value::Message(message), _) => match serde_json::to_value(message).ok()? {
            serde_json::Value::String(text) => Some(text),
            other => Some(other.to_string()),
        },
        (other, _) => integer(other).map(|number| number.to_string()),
    }
}

/// What became of the fields that are set in a message within. What is not set, its own comparison tells.
fn message(wire: Wire, ours: &DynamicMessage, theirs: &DynamicMessage) -> Fate {
    let (writer, reader) = (Field::all(&ours.descriptor()), Field::all(&theirs.descriptor()));
    let takes = |field: &Field, other: &&Field| match wire {
        Wire::Binary => field.number == other.number,
        Wire::Json => field.json_name == other.json_name || field.json_name == other.name,
    };
    let mut worst = Fate::Same;
    for field in writer.iter().filter(|field| field.is_in(ours)) {
        let fate = reader.iter().find(|other| takes(field, other)).map_or(Fate::Lost, |other| {
            if other.is_in(theirs) { fate(wire, (field, ours), (other, theirs)) } else { Fate::Lost }
        });
        worst = worst.max(fate);
    }
    let is_made_up =
        |other: &&Field| other.is_in(theirs) && !writer.iter().any(|field| takes(field, other) && field.is_in(ours));
    if reader.iter().any(|other| is_made_up(&other)) { worst.max(Fate::Changed) } else { worst }
}
