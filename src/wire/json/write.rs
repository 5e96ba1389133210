//! A document as JSON: for evidence, and for bodies into which bound values were put.

use std::fmt::Write as _;

use base64::Engine as _;
use serde_json::Value;

use crate::model::{Document, Number};

/// The document as JSON without spaces: numbers as they were written, repeated names kept. Bytes, which JSON has not,
/// become a string of Base64.
pub fn to_string(document: &Document) -> String {
    let mut out = String::new();
    write(document, &mut out);
    out
}

/// The document as a value of `serde_json`. A number which that can't hold exactly becomes a string, and of fields with one
/// name the last stays.
pub fn to_value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(truth) => Value::Bool(*truth),
        Document::Number(number) => exact(number),
        Document::Text(text) => Value::String(text.to_string()),
        Document::Bytes(bytes) => Value::String(base64(bytes)),
        Document::List(items) => items.iter().map(to_value).collect(),
        Document::Fields(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.to_string(), to_value(value))).collect())
        }
    }
}

fn exact(number: &Number) -> Value {
    serde_json::from_str::<serde_json::Number>(number.as_str())
        .ok()
        .filter(|read| Number::from_text(read.to_string()) == *number)
        .map_or_else(|| Value::String(number.as_str().to_owned()), Value::Number)
}

fn write(document: &Document, out: &mut String) {
    match document {
        Document::Null => out.push_str("null"),
        Document::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Document::Number(number) => out.push_str(number.as_str()),
        Document::Text(text) => quote(text, out),
        Document::Bytes(bytes) => quote(&base64(bytes), out),
        Document::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Document::Fields(fields) => {
            out.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            // Writing to a string can't fail.
            control => drop(write!(out, "\\u{control:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
