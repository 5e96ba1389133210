//! Single values: what a wire value means as a field of that kind.

use bytes::Bytes;
use prost_reflect::{EnumDescriptor, Kind};

use super::Room;
use super::raw::{self, Raw};
use crate::model::{Document, Number};

/// The value as a field of that kind has it, where it can be one. Messages are another's matter.
pub(super) fn scalar(kind: &Kind, raw: Raw<'_>, checks_text: bool, room: &mut Room<'_>) -> Result<Document, String> {
    let document = match (kind, raw) {
        (Kind::Double, Raw::Eight(bytes)) => float(f64::from_le_bytes(bytes), f64::is_finite),
        (Kind::Float, Raw::Four(bytes)) => float(f32::from_le_bytes(bytes), f32::is_finite),
        (Kind::Int32, Raw::Varint(value)) => number(&low(value).cast_signed()),
        (Kind::Int64, Raw::Varint(value)) => number(&value.cast_signed()),
        (Kind::Uint32, Raw::Varint(value)) => number(&low(value)),
        (Kind::Uint64, Raw::Varint(value)) => number(&value),
        (Kind::Sint32, Raw::Varint(value)) => {
            let value = low(value);
            number(&((value >> 1).cast_signed() ^ -(value & 1).cast_signed()))
        }
        (Kind::Sint64, Raw::Varint(value)) => number(&((value >> 1).cast_signed() ^ -(value & 1).cast_signed())),
        (Kind::Fixed32, Raw::Four(bytes)) => number(&u32::from_le_bytes(bytes)),
        (Kind::Fixed64, Raw::Eight(bytes)) => number(&u64::from_le_bytes(bytes)),
        (Kind::Sfixed32, Raw::Four(bytes)) => number(&i32::from_le_bytes(bytes)),
        (Kind::Sfixed64, Raw::Eight(bytes)) => number(&i64::from_le_bytes(bytes)),
        (Kind::Bool, Raw::Varint(value)) => Document::Bool(value != 0),
        (Kind::Enum(names), Raw::Varint(value)) => named(names, low(value).cast_signed()),
        (Kind::String, Raw::Bytes(bytes)) => match str::from_utf8(bytes) {
            Ok(text) => Document::text(text),
            Err(_) if checks_text => return Err("text that is not UTF-8".to_owned()),
            Err(_) => Document::Bytes(Bytes::copy_from_slice(bytes)),
        },
        (Kind::Bytes, Raw::Bytes(bytes)) => Document::Bytes(Bytes::copy_from_slice(bytes)),
        // A number where the reader has text is no text, and no enum without a name either: opaque, in its bytes.
        (Kind::String, Raw::Varint(value)) => Document::Bytes(Bytes::copy_from_slice(&value.to_le_bytes())),
        (Kind::String, Raw::Eight(bytes)) => Document::Bytes(Bytes::copy_from_slice(&bytes)),
        (Kind::String, Raw::Four(bytes)) => Document::Bytes(Bytes::copy_from_slice(&bytes)),
        // Another wire type than the reader's: as it came.
        (_, raw) => return bare(raw, room),
    };
    room.leaf(length(&document))?;
    Ok(document)
}

/// Whether a value of that kind can stand in a packed list, and is one here.
pub(super) fn is_packed(kind: &Kind, raw: Raw<'_>) -> bool {
    matches!(raw, Raw::Bytes(_)) && !matches!(kind, Kind::String | Kind::Bytes | Kind::Message(_))
}

/// The values of a packed list.
pub(super) fn unpacked(kind: &Kind, bytes: &[u8], room: &mut Room<'_>) -> Result<Vec<Document>, String> {
    let mut rest = bytes;
    let mut values = Vec::new();
    while !rest.is_empty() {
        let raw = match kind {
            Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Raw::Eight(raw::fixed(&mut rest)?),
            Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Raw::Four(raw::fixed(&mut rest)?),
            _ => Raw::Varint(raw::varint(&mut rest)?),
        };
        values.push(scalar(kind, raw, false, room)?);
    }
    Ok(values)
}

/// What a field of that kind is where nobody wrote it.
pub(super) fn default(kind: &Kind, room: &mut Room<'_>) -> Result<Document, String> {
    let zero = || Document::Number(0.into());
    let document = match kind {
        Kind::Bool => Document::Bool(false),
        Kind::String => Document::text(""),
        Kind::Bytes => Document::Bytes(Bytes::new()),
        Kind::Enum(names) => named(names, names.default_value().number()),
        Kind::Message(_) => Document::Null,
        _ => zero(),
    };
    room.leaf(length(&document))?;
    Ok(document)
}

/// A value that nobody knows the meaning of.
pub(super) fn bare(raw: Raw<'_>, room: &mut Room<'_>) -> Result<Document, String> {
    let document = match raw {
        Raw::Varint(value) => number(&value),
        Raw::Eight(bytes) => number(&u64::from_le_bytes(bytes)),
        Raw::Four(bytes) => number(&u32::from_le_bytes(bytes)),
        Raw::Bytes(bytes) | Raw::Group(bytes) => Document::Bytes(Bytes::copy_from_slice(bytes)),
    };
    room.leaf(length(&document))?;
    Ok(document)
}

fn number(value: &impl ToString) -> Document {
    Document::Number(Number::from_text(value.to_string()))
}

/// A float by its shortest text; what is no number by its name, as protobuf's JSON has it.
fn float<F: std::fmt::Debug + std::fmt::Display + Copy>(value: F, is_finite: fn(F) -> bool) -> Document {
    if is_finite(value) {
        return Document::Number(Number::from_text(format!("{value:?}")));
    }
    Document::text(match format!("{value}").as_str() {
        "inf" => "Infinity",
        "-inf" => "-Infinity",
        _ => "NaN",
    })
}

/// An enum's value by its name, or by its number where the reader has none for it.
fn named(names: &EnumDescriptor, value: i32) -> Document {
    match names.get_value(value) {
        Some(known) => Document::text(known.name()),
        None => number(&value),
    }
}

/// The lower half, which is all that a 32-bit field takes.
fn low(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).unwrap_or_default()
}

fn length(document: &Document) -> usize {
    match document {
        Document::Text(text) => text.len(),
        Document::Bytes(bytes) => bytes.len(),
        Document::Number(number) => number.as_str().len(),
        _ => 0,
    }
}
