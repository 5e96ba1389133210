//! A message's fields: which of the values that came for each counts, and what stands where none came.

use std::collections::BTreeMap;

use prost_reflect::{Cardinality, Kind, MessageDescriptor, Syntax};

use super::raw::{self, Raw};
use super::{Room, scalar, well_known};
use crate::model::Document;

/// A message that comes in these parts, which are merged as one.
pub(super) fn message(
    reader: &MessageDescriptor,
    writer: Option<&MessageDescriptor>,
    parts: &[&[u8]],
    room: &mut Room<'_>,
) -> Result<Document, String> {
    room.enter()?;
    let mut came: BTreeMap<u32, Vec<(usize, Raw<'_>)>> = BTreeMap::new();
    let mut order = 0;
    for part in parts {
        raw::each(part, |number, value| {
            came.entry(number).or_default().push((order, value));
            order += 1;
            Ok(())
        })?;
    }
    drop_overruled(reader, &mut came);
    let mut fields: Vec<(Box<str>, Document)> = Vec::new();
    for field in known(reader) {
        let values = came.remove(&field.number).unwrap_or_default();
        let at = |why: String| if why.starts_with('`') { why } else { format!("`{}`: {why}", field.full_name) };
        let theirs = Theirs::of(writer, field.number);
        if let Some(document) = of(&field, &theirs, &values, room).map_err(at)? {
            room.name(field.name.len())?;
            fields.push((field.name.into(), document));
        }
    }
    for (number, values) in came {
        let (name, document) = unknown(reader, number, &values, room)?;
        room.name(name.len())?;
        fields.push((name, document));
    }
    room.leave();
    well_known::shown(reader, Document::Fields(fields), room)
}

/// A field as it is needed to read it: one of the message's own, or an extension.
struct Known {
    number: u32,
    name: String,
    full_name: String,
    kind: Kind,
    many: Many,
    is_required: bool,
    /// It may be absent: else it stands at its default.
    has_presence: bool,
    checks_text: bool,
}

fn known(message: &MessageDescriptor) -> Vec<Known> {
    let checks_text = message.parent_file().syntax() == Syntax::Proto3;
    let mut all: Vec<Known> = message
        .fields()
        .map(|field| Known {
            number: field.number(),
            name: field.name().to_owned(),
            full_name: field.full_name().to_owned(),
            kind: field.kind(),
            many: Many::of(field.is_list(), field.is_map()),
            is_required: field.cardinality() == Cardinality::Required,
            has_presence: field.supports_presence(),
            checks_text,
        })
        .collect();
    all.sort_by_key(|field| field.number);
    all
}

/// How many values a field has.
#[derive(PartialEq)]
enum Many {
    One,
    List,
    Map,
}

impl Many {
    fn of(is_list: bool, is_map: bool) -> Self {
        match (is_map, is_list) {
            (true, _) => Self::Map,
            (_, true) => Self::List,
            _ => Self::One,
        }
    }
}

/// What the writer has under a field's number.
enum Theirs {
    /// Nobody knows.
    Unknown,
    /// No field at all.
    Missing,
    /// One of that kind.
    Is(Kind),
}

impl Theirs {
    fn of(writer: Option<&MessageDescriptor>, number: u32) -> Self {
        let Some(writer) = writer else { return Self::Unknown };
        writer.get_field(number).map_or(Self::Missing, |field| Self::Is(field.kind()))
    }
}

/// What stands in a field; none where it is absent.
fn of(
    field: &Known,
    writer: &Theirs,
    values: &[(usize, Raw<'_>)],
    room: &mut Room<'_>,
) -> Result<Option<Document>, String> {
    if values.is_empty() {
        if field.is_required {
            return Err("a required field that is not there".to_owned());
        }
        // Who never had the field didn't leave it at its default.
        if matches!(writer, Theirs::Missing) || (field.has_presence && field.many == Many::One) {
            return Ok(None);
        }
        if field.many == Many::Map {
            room.leaf(0)?;
            return Ok(Some(Document::Fields(Vec::new())));
        }
        if field.many == Many::List {
            room.leaf(0)?;
            return Ok(Some(Document::List(Vec::new())));
        }
        return scalar::default(&field.kind, room).map(Some);
    }
    let theirs = if let Theirs::Is(kind) = writer { kind.as_message() } else { None };
    if field.many == Many::Map {
        return map(field, theirs, values, room).map(Some);
    }
    if field.many == Many::List {
        return list(field, theirs, values, room).map(Some);
    }
    if let Kind::Message(own) = &field.kind {
        let parts: Vec<&[u8]> = values.iter().filter_map(|(_, value)| inside(*value)).collect();
        if !parts.is_empty() {
            return message(own, theirs, &parts, room).map(Some);
        }
    }
    let Some((_, last)) = values.last() else { return Ok(None) };
    scalar::scalar(&field.kind, *last, field.checks_text, room).map(Some)
}

fn list(
    field: &Known,
    writer: Option<&MessageDescriptor>,
    values: &[(usize, Raw<'_>)],
    room: &mut Room<'_>,
) -> Result<Document, String> {
    let mut rows = Vec::new();
    for (_, value) in values {
        match (&field.kind, *value) {
            (Kind::Message(own), value) if inside(value).is_some() => {
                rows.push(message(own, writer, &[inside(value).unwrap_or_default()], room)?);
            }
            (kind, Raw::Bytes(bytes)) if scalar::is_packed(kind, *value) => {
                rows.append(&mut scalar::unpacked(kind, bytes, room)?);
            }
            (kind, value) => rows.push(scalar::scalar(kind, value, field.checks_text, room)?),
        }
    }
    Ok(Document::List(rows))
}

/// A map, its keys sorted: nobody promised their order. Of two values of one key the last counts.
fn map(
    field: &Known,
    writer: Option<&MessageDescriptor>,
    values: &[(usize, Raw<'_>)],
    room: &mut Room<'_>,
) -> Result<Document, String> {
    let Kind::Message(entry) = &field.kind else { return Ok(Document::Null) };
    let [key, held] = [entry.map_entry_key_field().number(), entry.map_entry_value_field().number()];
    let half = |number: u32| known(entry).into_iter().find(|field| field.number == number);
    let (Some(key), Some(held)) = (half(key), half(held)) else { return Ok(Document::Null) };
    let mut entries: BTreeMap<String, Document> = BTreeMap::new();
    for (_, value) in values {
        let Some(bytes) = inside(*value) else {
            // No map at all.
            return scalar::bare(*value, room);
        };
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        raw::each(bytes, |number, value| {
            match number {
                1 => keys.push((0, value)),
                2 => values.push((0, value)),
                _ => {}
            }
            Ok(())
        })?;
        let theirs = Theirs::of(writer, held.number);
        let key = present(&key, &Theirs::Unknown, &keys, room)?;
        let value = present(&held, &theirs, &values, room)?;
        let key = key.as_scalar_text().unwrap_or_default().to_owned();
        room.name(key.len())?;
        entries.insert(key, value);
    }
    Ok(Document::Fields(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()))
}

/// Half of an entry, which stands at its default where it is left out, whatever it is.
fn present(
    field: &Known,
    writer: &Theirs,
    values: &[(usize, Raw<'_>)],
    room: &mut Room<'_>,
) -> Result<Document, String> {
    match (of(field, writer, values, room)?, &field.kind) {
        (Some(document), _) => Ok(document),
        (None, Kind::Message(own)) => message(own, None, &[], room),
        (None, kind) => scalar::default(kind, room),
    }
}

/// A message's bytes, however they are framed.
fn inside(value: Raw<'_>) -> Option<&[u8]> {
    if let Raw::Bytes(bytes) | Raw::Group(bytes) = value { Some(bytes) } else { None }
}

/// Of the fields of a oneof only the one that came last counts.
fn drop_overruled(message: &MessageDescriptor, came: &mut BTreeMap<u32, Vec<(usize, Raw<'_>)>>) {
    for oneof in message.oneofs() {
        let last = |number: u32| came.get(&number).and_then(|values| values.last()).map(|(order, _)| *order);
        let numbers: Vec<u32> = oneof.fields().map(|field| field.number()).collect();
        let Some(winner) = numbers.iter().copied().filter(|number| last(*number).is_some()).max_by_key(|n| last(*n))
        else {
            continue;
        };
        for number in numbers.into_iter().filter(|number| *number != winner) {
            came.remove(&number);
        }
    }
}

/// A field that the reader does not know, or knows as an extension.
fn unknown(
    message: &MessageDescriptor,
    number: u32,
    values: &[(usize, Raw<'_>)],
    room: &mut Room<'_>,
) -> Result<(Box<str>, Document), String> {
    if let Some(extension) = message.get_extension(number) {
        let field = Known {
            number,
            name: format!("[{}]", extension.full_name()),
            full_name: extension.full_name().to_owned(),
            kind: extension.kind(),
            many: Many::of(extension.is_list(), false),
            is_required: false,
            has_presence: true,
            checks_text: false,
        };
        let document = of(&field, &Theirs::Unknown, values, room)?.unwrap_or_default();
        return Ok((field.name.into(), document));
    }
    let mut all = values.iter().map(|(_, value)| scalar::bare(*value, room)).collect::<Result<Vec<_>, _>>()?;
    let only = if all.len() == 1 { all.pop() } else { None };
    Ok((format!("#{number}").into(), only.unwrap_or(Document::List(all))))
}
