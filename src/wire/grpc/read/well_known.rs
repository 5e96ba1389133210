//! The types that protobuf's JSON gives a form of their own: times, wrappers, free documents, and any message by its name.

use prost_reflect::prost_types::{Duration, Timestamp};
use prost_reflect::{DescriptorPool, MessageDescriptor};

use super::{Room, fields};
use crate::model::{Document, Number};

/// A message as people write it, where it is one of those; else as it is.
pub(super) fn shown(message: &MessageDescriptor, document: Document, room: &mut Room<'_>) -> Result<Document, String> {
    let Some(name) = message.full_name().strip_prefix("google.protobuf.") else { return Ok(document) };
    // Whoever sends more than the type has is taken by the word.
    if matches!(&document, Document::Fields(all) if all.iter().any(|(name, _)| name.starts_with('#'))) {
        return Ok(document);
    }
    Ok(match name {
        "Timestamp" => timestamp(&document).unwrap_or(document),
        "Duration" => duration(&document).unwrap_or(document),
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value" | "BoolValue"
        | "StringValue" | "BytesValue" | "Struct" | "ListValue" => only(document),
        "Value" => value(document),
        "FieldMask" => mask(&document).unwrap_or(document),
        "Any" => return packed(document, message.parent_pool(), room),
        _ => document,
    })
}

/// Any message, by the name that its URL ends with, where that is known.
pub(super) fn any(
    url: &str,
    value: &[u8],
    pool: Option<&DescriptorPool>,
    room: &mut Room<'_>,
) -> Result<Document, String> {
    let name = url.rsplit('/').next().unwrap_or_default();
    room.leaf(url.len())?;
    let mut all = vec![("@type".into(), Document::text(url))];
    let Some(known) = pool.and_then(|pool| pool.get_message_by_name(name)) else {
        room.leaf(value.len())?;
        all.push(("value".into(), Document::Bytes(value.to_vec().into())));
        return Ok(Document::Fields(all));
    };
    match fields::message(&known, None, &[value], room)? {
        Document::Fields(fields) => all.extend(fields),
        own => all.push(("value".into(), own)),
    }
    Ok(Document::Fields(all))
}

fn packed(document: Document, pool: &DescriptorPool, room: &mut Room<'_>) -> Result<Document, String> {
    match (document.field("type_url"), document.field("value")) {
        (Some(Document::Text(url)), Some(Document::Bytes(value))) if !url.is_empty() => {
            any(url, value, Some(pool), room)
        }
        _ => Ok(document),
    }
}

/// The one value that there is.
fn only(document: Document) -> Document {
    match document {
        Document::Fields(fields) => fields.into_iter().next().map(|(_, value)| value).unwrap_or_default(),
        other => other,
    }
}

/// A `Value`: which of its fields is set says of which kind it is.
fn value(document: Document) -> Document {
    match document {
        Document::Fields(fields) => match fields.into_iter().next() {
            Some((name, value)) if &*name != "null_value" => value,
            _ => Document::Null,
        },
        other => other,
    }
}

fn mask(document: &Document) -> Option<Document> {
    let Document::List(paths) = document.field("paths")? else { return None };
    let paths: Vec<&str> = paths.iter().filter_map(Document::as_scalar_text).collect();
    Some(Document::text(paths.join(",")))
}

fn timestamp(document: &Document) -> Option<Document> {
    let (seconds, nanos) = parts(document)?;
    // From the year 1 to 9999: there is no text for others.
    let in_range = (-62_135_596_800..=253_402_300_799).contains(&seconds) && (0..1_000_000_000).contains(&nanos);
    in_range.then(|| Document::text(Timestamp { seconds, nanos }.to_string()))
}

fn duration(document: &Document) -> Option<Document> {
    let (seconds, nanos) = parts(document)?;
    let in_range = seconds.unsigned_abs() <= 315_576_000_000 && nanos.unsigned_abs() < 1_000_000_000;
    in_range.then(|| Document::text(Duration { seconds, nanos }.to_string()))
}

fn parts(document: &Document) -> Option<(i64, i32)> {
    let number = |name: &str| match document.field(name) {
        Some(Document::Number(number)) => Some(Number::as_str(number)),
        _ => None,
    };
    Some((number("seconds")?.parse().ok()?, number("nanos")?.parse().ok()?))
}
