//! A message as protobuf's text format, on one line and the same each time.
//!
//! Main type: [`Shown`]; main function: [`text`].

use std::fmt::{self, Write as _};

use prost_reflect::{DynamicMessage, Kind, MapKey, MessageDescriptor, Value};

use super::well_known::unpacked;

/// A message that shows its text rather than its parts: those of a message that may hold itself have no end.
#[derive(Clone)]
pub struct Shown(pub DynamicMessage);

impl fmt::Debug for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text(&self.0))
    }
}

/// A message as text: `id: 7 name: "a"`. Fields stand by number, entries of maps by key.
pub fn text(message: &DynamicMessage) -> String {
    let mut out = String::new();
    fields(message, &mut out);
    out
}

fn fields(message: &DynamicMessage, out: &mut String) {
    if let Some(held) = unpacked(message) {
        let url = message.get_field_by_name("type_url");
        let url = url.as_deref().and_then(Value::as_str).unwrap_or_default();
        field(&format!("[{url}]"), None, &Value::Message(held), out);
        return;
    }
    for (known, value) in message.fields() {
        let kind = known.kind();
        let name = kind.as_message().filter(|_| known.is_group()).map_or(known.name(), MessageDescriptor::name);
        field(name, Some(&kind), value, out);
    }
    for (known, value) in message.extensions() {
        field(&format!("[{}]", known.full_name()), Some(&known.kind()), value, out);
    }
    for unknown in message.unknown_fields() {
        // What it means nobody knows: its number, and the bytes that follow it.
        let mut bytes = Vec::new();
        unknown.encode(&mut bytes);
        let after = bytes.iter().position(|byte| *byte < 0x80).map_or(0, |last| last + 1);
        space(out);
        let _ = write!(out, "{}: {}", unknown.number(), quoted_bytes(bytes.get(after..).unwrap_or_default()));
    }
}

fn field(name: &str, kind: Option<&Kind>, value: &Value, out: &mut String) {
    match value {
        Value::List(values) => values.iter().for_each(|value| field(name, kind, value, out)),
        Value::Map(entries) => {
            let held = kind.and_then(Kind::as_message).map(|entry| entry.map_entry_value_field().kind());
            let mut entries: Vec<(&MapKey, &Value)> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, value) in entries {
                space(out);
                let _ = write!(out, "{name} {{ key: {}", value_text(None, &Value::from(key.clone())));
                field("value", held.as_ref(), value, out);
                out.push_str(" }");
            }
        }
        Value::Message(_) => {
            space(out);
            let _ = write!(out, "{name} {}", value_text(kind, value));
        }
        _ => {
            space(out);
            let _ = write!(out, "{name}: {}", value_text(kind, value));
        }
    }
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with("{ ") {
        out.push(' ');
    }
}

/// One value as text: a message in braces, an enum's number by its name.
pub fn value_text(kind: Option<&Kind>, value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::I32(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::U32(value) => value.to_string(),
        Value::U64(value) => value.to_string(),
        Value::F32(value) => format!("{value:?}").to_lowercase(),
        Value::F64(value) => format!("{value:?}").to_lowercase(),
        Value::EnumNumber(number) => {
            let named = kind.and_then(Kind::as_enum).and_then(|names| names.get_value(*number));
            named.map_or_else(|| number.to_string(), |value| value.name().to_owned())
        }
        Value::String(text) => quoted(text),
        Value::Bytes(bytes) => quoted_bytes(bytes),
        Value::Message(message) => {
            let mut out = "{ ".to_owned();
            fields(message, &mut out);
            if out == "{ " {
                return "{}".to_owned();
            }
            out.push_str(" }");
            out
        }
        Value::List(values) => {
            let values: Vec<String> = values.iter().map(|value| value_text(kind, value)).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Map(_) => {
            let mut out = String::new();
            field("", kind, value, &mut out);
            out
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii_control() => {
                let _ = write!(out, "\\{:03o}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let mut out = "\"".to_owned();
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}
