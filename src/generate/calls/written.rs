//! Values as they are written in requests: parameters by their styles, bodies by their media types.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it may stand anywhere in a URL.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// What a single value says as text; none of lists and objects.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// A parameter of a path, in that style; none where it can't stand there.
pub(super) fn segment(name: &str, value: &Value, style: &str, is_exploded: bool) -> Option<String> {
    let list = |between: &str| joined(value, between, is_exploded, &encoded);
    let text = match style {
        "label" => format!(".{}", list(if is_exploded { "." } else { "," })?),
        "matrix" => match value {
            Value::Array(items) if is_exploded => items
                .iter()
                .map(|item| Some(format!(";{name}={}", encoded(&plain(item)?))))
                .collect::<Option<String>>()?,
            Value::Object(_) if is_exploded => format!(";{}", list(";")?),
            _ => format!(";{name}={}", list(",")?),
        },
        "simple" => list(",")?,
        document => document_text(value, document).map(|text| encoded(&text))?,
    };
    // These are not what they look like: whoever normalises the path takes them away.
    (!matches!(text.as_str(), "" | "." | "..")).then_some(text)
}

/// A parameter of the query, in that style: names and values, already encoded.
pub(super) fn query(name: &str, value: &Value, style: &str, is_exploded: bool) -> Option<Vec<(String, String)>> {
    let one = |text: String| Some(vec![(encoded(name), text)]);
    match (style, value) {
        ("form", Value::Array(items)) if is_exploded => {
            items.iter().map(|item| Some((encoded(name), encoded(&plain(item)?)))).collect()
        }
        ("form", Value::Object(members)) if is_exploded => {
            members.iter().map(|(key, item)| Some((encoded(key), encoded(&plain(item)?)))).collect()
        }
        ("deepObject", Value::Object(members)) => members
            .iter()
            .map(|(key, item)| Some((encoded(&format!("{name}[{key}]")), encoded(&plain(item)?))))
            .collect(),
        ("spaceDelimited", Value::Array(_)) => one(joined(value, "%20", false, &encoded)?),
        ("pipeDelimited", Value::Array(_)) => one(joined(value, "%7C", false, &encoded)?),
        ("form" | "spaceDelimited" | "pipeDelimited" | "deepObject", _) => one(joined(value, ",", false, &encoded)?),
        (document, _) => one(encoded(&document_text(value, document)?)),
    }
}

/// A header or a cookie; none where it can't stand there: those hold printable ASCII on one line.
pub(super) fn header(value: &Value, style: &str, is_exploded: bool) -> Option<String> {
    let text = match style {
        "simple" | "form" => joined(value, ",", is_exploded, &str::to_owned)?,
        document => document_text(value, document)?,
    };
    let is_fit = text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text;
    is_fit.then_some(text)
}

/// A cookie's value, which has no place for what parts one cookie from the next.
pub(super) fn cookie(value: &Value, style: &str) -> Option<String> {
    header(value, style, false).filter(|text| !text.contains([';', ',', '"', '\\', ' ']))
}

/// A body of that media type; none where the value can't be written so.
pub(super) fn body(value: &Value, media: &str) -> Option<(String, Vec<u8>)> {
    let name = media.split(';').next().unwrap_or_default().trim();
    match name {
        "application/x-www-form-urlencoded" => {
            let fields = query("", value, "form", true)?;
            let text: Vec<String> = fields.into_iter().map(|(key, text)| format!("{key}={text}")).collect();
            Some((media.to_owned(), text.join("&").into_bytes()))
        }
        "multipart/form-data" => multipart(value),
        text if text.starts_with("text/") => Some((media.to_owned(), plain(value)?.into_bytes())),
        _ => Some((media.to_owned(), serde_json::to_vec(value).ok()?)),
    }
}

/// Single values between separators; of objects names and values in turn, or each by itself.
fn joined(value: &Value, between: &str, is_exploded: bool, write: &dyn Fn(&str) -> String) -> Option<String> {
    let parts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(|item| plain(item).map(|text| write(&text))).collect::<Option<_>>()?,
        Value::Object(members) => {
            let part = |(key, item): (&String, &Value)| {
                let text = write(&plain(item)?);
                Some(format!("{}{}{text}", write(key), if is_exploded { "=" } else { between }))
            };
            members.iter().map(part).collect::<Option<_>>()?
        }
        single => return plain(single).map(|text| write(&text)),
    };
    Some(parts.join(between))
}

fn document_text(value: &Value, media: &str) -> Option<String> {
    body(value, media).and_then(|(_, bytes)| String::from_utf8(bytes).ok())
}

fn multipart(value: &Value) -> Option<(String, Vec<u8>)> {
    const BOUNDARY: &str = "straddle-7f3c2a9e51d84b60";
    let mut text = String::new();
    for (name, part) in value.as_object()? {
        let is_document = matches!(part, Value::Array(_) | Value::Object(_));
        let content = plain(part).or_else(|| serde_json::to_string(part).ok())?;
        let name: String = name.chars().filter(|c| !c.is_control() && *c != '"').collect();
        let kind = if is_document { "Content-Type: application/json\r\n" } else { "" };
        write!(text, "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n{kind}\r\n{content}\r\n")
            .ok()?;
    }
    write!(text, "--{BOUNDARY}--\r\n").ok()?;
    Some((format!("multipart/form-data; boundary={BOUNDARY}"), text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{body, cookie, header, query, segment};

    fn object() -> Value {
        json!({"R": 100, "G": "a/b"})
    }

    #[test]
    fn path_parameters_are_written_as_openapi_says() {
        #[track_caller]
        fn check(value: &Value, style: &str, is_exploded: bool, expected: Option<&str>) {
            assert_eq!(segment("color", value, style, is_exploded).as_deref(), expected);
        }
        check(&json!("blue black"), "simple", false, Some("blue%20black"));
        check(&json!(["a", "b"]), "simple", false, Some("a,b"));
        check(&object(), "simple", false, Some("R,100,G,a%2Fb"));
        check(&object(), "simple", true, Some("R=100,G=a%2Fb"));
        check(&json!(["a", "b"]), "label", true, Some(".a.b"));
        check(&json!(["a", "b"]), "matrix", false, Some(";color=a,b"));
        check(&json!(["a", "b"]), "matrix", true, Some(";color=a;color=b"));
        check(&object(), "matrix", true, Some(";R=100;G=a%2Fb"));
        check(&json!(""), "simple", false, None);
        check(&json!(".."), "simple", false, None);
        check(&json!([[1]]), "simple", false, None);
    }

    #[test]
    fn query_parameters_are_written_as_openapi_says() {
        #[track_caller]
        fn check(value: &Value, style: &str, is_exploded: bool, expected: &[(&str, &str)]) {
            let got = query("q", value, style, is_exploded).unwrap_or_default();
            let got: Vec<_> = got.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            assert_eq!(got, expected);
        }
        check(&json!("a&b"), "form", true, &[("q", "a%26b")]);
        check(&json!([1, 2]), "form", true, &[("q", "1"), ("q", "2")]);
        check(&json!([1, 2]), "form", false, &[("q", "1,2")]);
        check(&object(), "form", true, &[("R", "100"), ("G", "a%2Fb")]);
        check(&object(), "deepObject", true, &[("q%5BR%5D", "100"), ("q%5BG%5D", "a%2Fb")]);
        check(&json!([1, 2]), "pipeDelimited", false, &[("q", "1%7C2")]);
        check(&json!({"a": [1]}), "application/json", false, &[("q", "%7B%22a%22%3A%5B1%5D%7D")]);
    }

    #[test]
    fn headers_and_cookies_hold_what_they_may() {
        assert_eq!(header(&json!([1, 2]), "simple", false).as_deref(), Some("1,2"));
        assert_eq!(header(&json!("a\r\nb"), "simple", false), None);
        assert_eq!(header(&json!("é"), "simple", false), None);
        assert_eq!(cookie(&json!("a b"), "form"), None);
        assert_eq!(cookie(&json!("ab"), "form").as_deref(), Some("ab"));
    }

    #[test]
    fn bodies_are_of_their_media_types() {
        let text = |value: &Value, media: &str| body(value, media).map(|(_, bytes)| String::from_utf8(bytes).unwrap());
        assert_eq!(text(&object(), "application/json").as_deref(), Some(r#"{"R":100,"G":"a/b"}"#));
        assert_eq!(text(&object(), "application/x-www-form-urlencoded").as_deref(), Some("R=100&G=a%2Fb"));
        assert_eq!(text(&json!("é"), "text/plain; charset=utf-8").as_deref(), Some("é"));
        assert_eq!(text(&json!([1]), "text/plain"), None);
        let (media, bytes) = body(&json!({"a": 1, "b": [2]}), "multipart/form-data").unwrap();
        let boundary = media.split_once("boundary=").unwrap().1;
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches(&format!("--{boundary}")).count(), 3);
        assert!(text.contains("name=\"b\"\r\nContent-Type: application/json\r\n\r\n[2]\r\n"), "{text}");
    }
}
