//! Two messages of one descriptor, compared by what readers see in them.
//!
//! `==` would compare descriptors too, and tell a NaN from itself; it takes a zero for one with a sign. Main function:
//! [`differences`]; main type: [`Lost`].

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{DynamicMessage, Kind, MapKey, Value};

use super::text::value_text;
use super::well_known::unpacked;

/// What stands at one place of one message and not of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Where: `items[2].price`, `labels["a"]`, `[shop.extension]`, `#9` for a field that nobody knows.
    pub at: String,
    /// What stands there in the first, in text format; none where nothing does.
    pub before: Option<String>,
    /// And in the second.
    pub after: Option<String>,
}

/// What differs, by place.
pub fn differences(before: &DynamicMessage, after: &DynamicMessage) -> Vec<Lost> {
    let mut found = Vec::new();
    messages("", before, after, &mut found);
    found
}

/// A field's name, its type, and its value on both sides.
type Row<'a> = (String, Kind, Option<&'a Value>, Option<&'a Value>);

fn messages(at: &str, before: &DynamicMessage, after: &DynamicMessage, found: &mut Vec<Lost>) {
    if let (Some(ours), Some(theirs)) = (unpacked(before), unpacked(after))
        && before.get_field_by_name("type_url") == after.get_field_by_name("type_url")
    {
        return messages(at, &ours, &theirs, found);
    }
    let mut rows: BTreeMap<u32, Row<'_>> = BTreeMap::new();
    for (number, name, kind, value) in set(before) {
        rows.insert(number, (name, kind, Some(value), None));
    }
    for (number, name, kind, value) in set(after) {
        rows.entry(number).or_insert((name, kind, None, None)).3 = Some(value);
    }
    for (name, kind, ours, theirs) in rows.into_values() {
        let at = if at.is_empty() { name } else { format!("{at}.{name}") };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) => values(&at, &kind, ours, theirs, found),
            (ours, theirs) => found.push(lost(at, &kind, ours, theirs)),
        }
    }
    let (ours, theirs) = (unknown(before), unknown(after));
    let numbers: BTreeSet<&u32> = ours.keys().chain(theirs.keys()).collect();
    for number in numbers.into_iter().filter(|number| ours.get(number) != theirs.get(number)) {
        let shown = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| value_text(None, &Value::Bytes(bytes.clone().into())));
        let at = if at.is_empty() { format!("#{number}") } else { format!("{at}.#{number}") };
        found.push(Lost { at, before: shown(ours.get(number)), after: shown(theirs.get(number)) });
    }
}

/// The fields and extensions that are set.
fn set(message: &DynamicMessage) -> impl Iterator<Item = (u32, String, Kind, &Value)> {
    let own = message.fields().map(|(field, value)| (field.number(), field.name().to_owned(), field.kind(), value));
    let extensions = message
        .extensions()
        .map(|(field, value)| (field.number(), format!("[{}]", field.full_name()), field.kind(), value));
    own.chain(extensions)
}

/// The bytes of fields that nobody knows, by number: how they lie between others means nothing.
fn unknown(message: &DynamicMessage) -> BTreeMap<u32, Vec<u8>> {
    let mut all: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for field in message.unknown_fields() {
        field.encode(all.entry(field.number()).or_default());
    }
    all
}

fn values(at: &str, kind: &Kind, before: &Value, after: &Value, found: &mut Vec<Lost>) {
    let is_same = match (before, after) {
        (Value::Message(before), Value::Message(after)) => return messages(at, before, after, found),
        (Value::List(before), Value::List(after)) => {
            for index in 0..before.len().max(after.len()) {
                both(format!("{at}[{index}]"), kind, before.get(index), after.get(index), found);
            }
            return;
        }
        (Value::Map(before), Value::Map(after)) => {
            let held = kind.as_message().map_or_else(|| kind.clone(), |entry| entry.map_entry_value_field().kind());
            let keys: BTreeSet<&MapKey> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let at = format!("{at}[{}]", value_text(None, &Value::from(key.clone())));
                both(at, &held, before.get(key), after.get(key), found);
            }
            return;
        }
        (before, after) => is_same(before, after),
    };
    if !is_same {
        found.push(lost(at.to_owned(), kind, Some(before), Some(after)));
    }
}

/// Whether two single values, no messages, are the same to a reader.
pub fn is_same(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::F32(before), Value::F32(after)) => {
            before.to_bits() == after.to_bits() || before.is_nan() && after.is_nan()
        }
        (Value::F64(before), Value::F64(after)) => {
            before.to_bits() == after.to_bits() || before.is_nan() && after.is_nan()
        }
        (before, after) => before == after,
    }
}

fn both(at: String, kind: &Kind, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Lost>) {
    match (before, after) {
        (Some(before), Some(after)) => values(&at, kind, before, after, found),
        (before, after) => found.push(lost(at, kind, before, after)),
    }
}

fn lost(at: String, kind: &Kind, before: Option<&Value>, after: Option<&Value>) -> Lost {
    let shown = |value: Option<&Value>| value.map(|value| value_text(Some(kind), value));
    Lost { at, before: shown(before), after: shown(after) }
}
