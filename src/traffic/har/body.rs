//! HAR's `postData` and `content` to bodies: what is missing is unknown, and only a size of 0 is empty.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use serde_json::Value;

use super::headers::string;
use super::text::LONGEST;
use crate::model::{Body, Metadata};

/// The boundary that is used where the recorded `Content-Type` names none.
const BOUNDARY: &str = "straddle-boundary-7d1a";

/// What the request carried. Headers that speak of a body are mended so that they are true of it.
pub(super) fn of_request(
    request: &mut Value,
    method: &str,
    metadata: &mut Metadata,
    note: &mut dyn FnMut(String),
) -> Body {
    let post = request.get_mut("postData").filter(|post| post.is_object());
    let body = match post {
        Some(post) => posted(post, metadata, note),
        None => missing(request, method, metadata),
    };
    if let Some(bytes) = body.bytes() {
        let length = bytes.len().to_string();
        for (name, value) in metadata.iter_mut() {
            if name.eq_ignore_ascii_case("content-length") {
                value.clone_from(&length);
            }
        }
    }
    body
}

/// What the response carried.
pub(super) fn of_response(response: &mut Value, note: &mut dyn FnMut(String)) -> Body {
    let whole = size(response, "bodySize");
    let mut empty = Value::Null;
    let content = response.get_mut("content").unwrap_or(&mut empty);
    let size = size(content, "size");
    let there = content.get("text").is_some();
    let encoding = string(content, "encoding");
    match text(content) {
        None => match (size, whole) {
            (Some(0), _) | (None, Some(0)) => Body::Empty,
            (None, None) if there => Body::Empty,
            _ => Body::Unknown,
        },
        Some(text) => decoded(text, encoding.as_deref(), note),
    }
}

/// The text that stands there, taken out of it, since it may be long.
fn text(value: &mut Value) -> Option<String> {
    match value.get_mut("text").map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn posted(post: &mut Value, metadata: &mut Metadata, note: &mut dyn FnMut(String)) -> Body {
    let media = string(post, "mimeType").filter(|media| !media.is_empty());
    if let Some(media) = &media
        && !metadata.has("content-type")
    {
        metadata.push("Content-Type", media.as_str());
    }
    let text = text(post);
    let params = post.get("params").and_then(Value::as_array).filter(|params| !params.is_empty());
    let body = match (text, params) {
        (Some(text), _) => {
            let encoding = string(post, "encoding").or_else(|| string(post, "_encoding"));
            decoded(text, encoding.as_deref(), note)
        }
        (None, Some(params)) => rebuilt(params, &media.unwrap_or_default(), metadata, note),
        (None, None) => Body::Empty,
    };
    if metadata.has("content-encoding") {
        metadata.retain(|name, _| !name.eq_ignore_ascii_case("content-encoding"));
        note("its request body is recorded decoded: it goes out without Content-Encoding".to_owned());
    }
    body
}

/// There is no `postData`: was there no body, or did the exporter leave it out?
fn missing(request: &Value, method: &str, metadata: &Metadata) -> Body {
    let length = metadata.get("content-length").and_then(|length| length.trim().parse::<i64>().ok());
    match (size(request, "bodySize"), length) {
        (Some(0), _) | (None, Some(0)) => Body::Empty,
        (Some(_), _) | (None, Some(_)) => Body::Unknown,
        (None, None) if metadata.has("transfer-encoding") => Body::Unknown,
        (None, None) if matches!(method, "POST" | "PUT" | "PATCH") && metadata.has("content-type") => Body::Unknown,
        (None, None) => Body::Empty,
    }
}

/// A size that says something: exporters write -1 where they don't know.
fn size(value: &Value, key: &str) -> Option<i64> {
    let size = value.get(key)?;
    #[expect(clippy::cast_possible_truncation, reason = "only whether it is 0 counts")]
    size.as_i64().or_else(|| size.as_f64().map(|size| size as i64)).filter(|size| *size >= 0)
}

fn decoded(mut packed: String, encoding: Option<&str>, note: &mut dyn FnMut(String)) -> Body {
    if packed.len() >= LONGEST {
        note(format!("its body is longer than {} MiB: taken as unknown", LONGEST >> 20));
        return Body::Unknown;
    }
    if !encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return Body::of(packed);
    }
    packed.retain(|c| !c.is_ascii_whitespace());
    match STANDARD_PAD_INDIFFERENT.decode(&packed).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(&packed)) {
        Ok(bytes) => Body::of(bytes),
        Err(error) => {
            note(format!("its body is said to be base64 and isn't ({error}): taken as unknown"));
            Body::Unknown
        }
    }
}

/// A form of which only the fields are recorded.
fn rebuilt(params: &[Value], media: &str, metadata: &mut Metadata, note: &mut dyn FnMut(String)) -> Body {
    if media.to_ascii_lowercase().starts_with("multipart/") {
        return multipart(params, metadata, note);
    }
    let fields =
        params.iter().filter_map(|param| Some((string(param, "name")?, string(param, "value").unwrap_or_default())));
    let encoded: Vec<String> = fields.map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value))).collect();
    Body::of(encoded.join("&"))
}

/// Some exporters write fields decoded, others as they were sent: a text with escapes and nothing that needs one was
/// sent so.
fn encoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"*-._".contains(&b);
    let as_sent = bytes.iter().enumerate().all(|(at, b)| match b {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b => plain(*b) || *b == b'+',
    });
    if as_sent && bytes.contains(&b'%') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for b in bytes {
        match b {
            b' ' => out.push('+'),
            b if plain(*b) => out.push(char::from(*b)),
            b => {
                for digit in [b >> 4, b & 15] {
                    out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
                }
                out.insert(out.len() - 2, '%');
            }
        }
    }
    out
}

fn multipart(params: &[Value], metadata: &mut Metadata, note: &mut dyn FnMut(String)) -> Body {
    let boundary = metadata.get("content-type").and_then(|media| {
        let (_, after) = media.split_once("boundary=")?;
        let boundary = after.split(';').next()?.trim().trim_matches('"');
        (!boundary.is_empty()).then(|| boundary.to_owned())
    });
    let boundary = boundary.unwrap_or_else(|| {
        for (name, value) in metadata.iter_mut() {
            if name.eq_ignore_ascii_case("content-type") {
                *value = format!("multipart/form-data; boundary={BOUNDARY}");
            }
        }
        BOUNDARY.to_owned()
    });
    let mut body = String::new(); // Writing to a string can't fail.
    for param in params {
        let name = string(param, "name").unwrap_or_default();
        let file = string(param, "fileName").filter(|file| !file.is_empty());
        let Some(value) = string(param, "value").or_else(|| file.is_none().then(String::new)) else {
            note(format!("the file in field `{name}` is not recorded: the body is taken as unknown"));
            return Body::Unknown;
        };
        let _ = write!(body, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quotable(&name));
        if let Some(file) = file {
            let _ = write!(body, "; filename=\"{}\"", quotable(&file));
        }
        if let Some(media) = string(param, "contentType").filter(|media| !media.is_empty()) {
            let _ = write!(body, "\r\nContent-Type: {}", media.replace(['\r', '\n'], " "));
        }
        let _ = write!(body, "\r\n\r\n{value}\r\n");
    }
    let _ = write!(body, "--{boundary}--\r\n");
    Body::of(body)
}

/// As browsers write names into `Content-Disposition` (HTML standard, multipart/form-data encoding).
fn quotable(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
