//! Evidence: documents as a report shows them. Noisy values stand as their shape, so that a run looks like the next.

use serde_json::{Map, Value, json};

use super::align::align;
use super::noise::{Noise, Part, folded, shape_of};
use super::secret::{is_secret, without_secrets};
use super::shape::Shape;
use crate::model::Fold;
use crate::model::{Answer, Call, Document, Form, Metadata, Observation};

/// Longer texts are cut in evidence, in characters.
const LONGEST_TEXT: usize = 400;
/// Further rows of a list are counted and not shown.
const MOST_ROWS: usize = 5;
/// Further fields of an object are counted and not shown.
const MOST_FIELDS: usize = 60;
/// Deeper parts are left out.
const DEEPEST: usize = 12;

/// What stands at one place of that name, masked by its witnesses.
pub(super) fn part(name: &str, part: Part<'_>, witnesses: &[Part<'_>]) -> Value {
    if is_secret(name) && part.document.is_some() {
        return Value::from("«secret»");
    }
    part.document.map_or(Value::Null, |document| masked(document, part.fold, witnesses, 0))
}

/// A list by its length: what its rows say may be made anew each time.
pub(super) fn rows(count: usize) -> Value {
    json!({ "rows": count })
}

/// A document under its cell's names, with each noisy place as its shape.
fn masked(document: &Document, fold: &Fold, witnesses: &[Part<'_>], depth: usize) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bytes(bytes) => Value::from(format!("«{} bytes»", bytes.len())),
        Document::List(rows) => {
            if depth >= DEEPEST {
                return Value::from(format!("«{} rows»", rows.len()));
            }
            masked_rows(rows, fold, witnesses, depth)
        }
        Document::Fields(fields) => {
            if depth >= DEEPEST {
                return Value::from(format!("«{} fields»", fields.len()));
            }
            let mut shown = Map::new();
            for (name, value) in fields.iter().take(MOST_FIELDS) {
                let parts: Vec<Part<'_>> =
                    witnesses.iter().map(|w| Part { document: w.document.and_then(|d| d.field(name)), ..*w }).collect();
                let value = if is_secret(name) && !matches!(value, Document::Null | Document::Bool(_)) {
                    Value::from("«secret»")
                } else {
                    masked(value, fold, &parts, depth + 1)
                };
                shown.insert(fold.apply(name).into_owned(), value);
            }
            if fields.len() > MOST_FIELDS {
                shown.insert("…".to_owned(), Value::from(format!("«{} more»", fields.len() - MOST_FIELDS)));
            }
            Value::Object(shown)
        }
        scalar => scalar_value(scalar, fold, witnesses, depth),
    }
}

/// The first rows, each masked by the witnesses' own rows; in an order of their own where the witnesses have no common one.
fn masked_rows(rows: &[Document], fold: &Fold, witnesses: &[Part<'_>], depth: usize) -> Value {
    let aligned: Vec<_> = witnesses
        .iter()
        .filter_map(|w| match w.document {
            Some(Document::List(theirs)) => Some((w, theirs, align(rows, fold, theirs, w.fold))),
            _ => None,
        })
        .collect();
    let unordered = aligned.iter().any(|(_, _, alignment)| alignment.permuted);
    let most = if unordered { rows.len() } else { MOST_ROWS };
    let mut shown: Vec<Value> = rows
        .iter()
        .take(most)
        .enumerate()
        .map(|(index, row)| {
            let parts: Vec<Part<'_>> =
                aligned.iter().map(|(w, theirs, a)| w.at(a.pair(index).map(|other| &theirs[other]))).collect();
            masked(row, fold, &parts, depth + 1)
        })
        .collect();
    if unordered {
        shown.sort_by_cached_key(ToString::to_string);
        shown.truncate(MOST_ROWS);
    }
    if rows.len() > MOST_ROWS {
        shown.push(Value::from(format!("«{} more»", rows.len() - MOST_ROWS)));
    }
    Value::Array(shown)
}

fn scalar_value(scalar: &Document, fold: &Fold, witnesses: &[Part<'_>], depth: usize) -> Value {
    let shape = match Noise::learn(scalar, fold, witnesses) {
        Noise::Shaped(shape) => Some(shape),
        // What changes with every run wherever it stands.
        Noise::Stable | Noise::Unsettled => match shape_of(scalar, fold) {
            shape @ (Shape::Timestamp(_) | Shape::Uuid | Shape::Jwt) => Some(shape),
            // All cells may read a clock within the same second; at a finding's own place such a number is a value.
            shape @ Shape::Epoch(_) if depth > 0 => Some(shape),
            _ => None,
        },
    };
    if let Some(shape) = shape {
        return Value::from(format!("«{shape}»"));
    }
    match scalar {
        Document::Bool(value) => Value::from(*value),
        Document::Number(number) => {
            serde_json::from_str(number.as_str()).unwrap_or_else(|_| Value::from(number.as_str()))
        }
        _ => Value::from(cut(&without_secrets(&folded(scalar, fold)))),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}… «{} bytes»", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// A reply as a report shows it: status, headers and body, noisy places masked by the witnesses' replies.
pub fn reply(observation: &Observation, fold: &Fold, witnesses: &[(&Observation, &Fold)]) -> Value {
    match observation {
        Observation::Answer(answer) => {
            let others: Vec<(&Answer, &Fold)> =
                witnesses.iter().filter_map(|(o, fold)| o.answer().map(|answer| (answer, *fold))).collect();
            json!({
                "status": status(answer, fold, &others),
                "headers": headers(&answer.metadata, fold, &others),
                "body": body(answer, fold, &others),
            })
        }
        Observation::Fault(fault) => json!({ "fault": fault.to_string() }),
        Observation::Blocked { .. } => {
            json!({ "not sent": "a value that an earlier reply should have given is missing" })
        }
        Observation::NotSent(why) => json!({ "not sent": why }),
    }
}

/// The status, of a remote procedure with what it says of a failure, where it always says so.
fn status(answer: &Answer, fold: &Fold, others: &[(&Answer, &Fold)]) -> Value {
    let Some(rpc) = &answer.rpc else { return Value::from(answer.status) };
    let message = fold.apply(&rpc.message);
    let same = |(other, fold): &(&Answer, &Fold)| {
        other.rpc.as_ref().is_some_and(|other| fold.apply(&other.message) == message)
    };
    if message.is_empty() || !others.iter().all(same) {
        return Value::from(rpc.code.to_string());
    }
    Value::from(format!("{}: {}", rpc.code, cut(&without_secrets(&message))))
}

fn body(answer: &Answer, fold: &Fold, others: &[(&Answer, &Fold)]) -> Value {
    let content = &answer.content;
    match content.form {
        Form::Empty => Value::Null,
        Form::Html | Form::Text | Form::Opaque if content.bytes.is_some() => {
            // A page's or a file's bytes prove little and change much: its kind is enough.
            Value::from(format!("«{}»", if content.media.is_empty() { "bytes" } else { &content.media }))
        }
        _ if content.bytes.is_none() => Value::from("«not recorded»"),
        _ => {
            let parts: Vec<Part<'_>> = others
                .iter()
                .map(|(other, fold)| Part { document: Some(other.content.document()), fold, live: true })
                .collect();
            masked(content.document(), fold, &parts, 0)
        }
    }
}

/// Headers that say nothing of the exchange, and change from run to run.
const SILENT: [&str; 8] =
    ["date", "server", "connection", "keep-alive", "transfer-encoding", "content-length", "age", "x-request-id"];

fn headers(metadata: &Metadata, fold: &Fold, others: &[(&Answer, &Fold)]) -> Value {
    let mut shown = Map::new();
    for (name, value) in metadata.iter() {
        let name = name.to_ascii_lowercase();
        if SILENT.contains(&name.as_str()) {
            continue;
        }
        let folded = fold.apply(value);
        let noisy =
            others.iter().any(|(other, fold)| other.metadata.get(&name).is_none_or(|v| fold.apply(v) != folded));
        let shown_value = match name.as_str() {
            "set-cookie" => value.split('=').next().map(|cookie| format!("{cookie}=«cookie»")).unwrap_or_default(),
            name if is_secret(name) => "«secret»".to_owned(),
            _ if noisy => format!("«{}»", Shape::of_text(&folded)),
            _ => match Shape::of_text(&folded) {
                shape @ (Shape::Timestamp(_) | Shape::Uuid | Shape::Jwt) => format!("«{shape}»"),
                _ => cut(&without_secrets(&folded)),
            },
        };
        shown.insert(name, Value::from(shown_value));
    }
    Value::Object(shown)
}

/// A call as it was recorded: no headers, and no values of fields that are named as secrets are.
pub fn request(call: &Call, body: Option<&Document>, fold: &Fold) -> Value {
    let mut shown = Map::new();
    shown.insert("method".to_owned(), Value::from(call.method.as_str()));
    shown.insert("target".to_owned(), Value::from(cut(&without_secrets(&fold.apply(&call.target)))));
    if let Some(body) = body {
        shown.insert("body".to_owned(), masked(body, fold, &[], 0));
    }
    Value::Object(shown)
}
