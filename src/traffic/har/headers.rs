//! HAR's headers and cookies to metadata.

use serde_json::Value;

use crate::model::Metadata;

/// Names and values out of `headers`; entries that make no sense are passed over.
pub(super) fn metadata(message: &Value) -> Metadata {
    let mut metadata = Metadata::new();
    let headers = message.get("headers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for header in headers {
        let (Some(name), Some(value)) = (string(header, "name"), string(header, "value")) else { continue };
        let name = match name.strip_prefix(':') {
            Some("authority") => "Host",
            None if is_token(&name) => name.as_str(),
            _ => continue,
        };
        if name == "Host" && metadata.has("host") {
            continue;
        }
        // Browsers join headers of one name with line breaks.
        for line in value.split(['\r', '\n']).filter(|line| value.is_empty() || !line.is_empty()) {
            metadata.push(name, line.trim());
        }
    }
    metadata
}

/// Adds the `Cookie` header that an exporter has left out, from `cookies`.
pub(super) fn add_cookies(request: &Value, metadata: &mut Metadata) {
    let cookies: Vec<String> = cookies(request).map(|(name, value, _)| format!("{name}={value}")).collect();
    if !cookies.is_empty() && !metadata.has("cookie") {
        metadata.push("Cookie", cookies.join("; "));
    }
}

/// Adds the `Set-Cookie` headers that an exporter has left out, from `cookies`.
pub(super) fn add_set_cookies(response: &Value, metadata: &mut Metadata) {
    if metadata.has("set-cookie") {
        return;
    }
    for (name, value, cookie) in cookies(response) {
        let mut header = format!("{name}={value}");
        for (key, attribute) in [("path", "Path"), ("domain", "Domain")] {
            if let Some(value) = string(cookie, key).filter(|value| !value.is_empty()) {
                header.push_str("; ");
                header.push_str(attribute);
                header.push('=');
                header.push_str(&value);
            }
        }
        for (key, attribute) in [("httpOnly", "; HttpOnly"), ("secure", "; Secure")] {
            if cookie.get(key).and_then(Value::as_bool).unwrap_or_default() {
                header.push_str(attribute);
            }
        }
        metadata.push("Set-Cookie", header);
    }
}

fn cookies(message: &Value) -> impl Iterator<Item = (String, String, &Value)> {
    let cookies = message.get("cookies").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    cookies.iter().filter_map(|cookie| {
        let (name, value) = (string(cookie, "name")?, string(cookie, "value")?);
        let fits = |text: &str| !text.contains(|c: char| c.is_control() || c == ';');
        (!name.is_empty() && fits(&name) && fits(&value)).then_some((name, value, cookie))
    })
}

/// Text, or a number as text.
pub(super) fn string(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// RFC 9110, 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
