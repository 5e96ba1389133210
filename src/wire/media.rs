//! What a `Content-Type` says: the type, its parameters, and how its bytes are read.

use crate::model::Form;

/// The media type without parameters, in lower case.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter's value, without quotes.
pub(super) fn parameter<'a>(content_type: &'a str, name: &str) -> Option<&'a str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// How bytes of that type are read.
pub(super) fn form(media: &str) -> Form {
    // Several documents one after the other.
    const LINES_OF_JSON: [&str; 9] = [
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/jsonlines",
        "application/json-lines",
        "application/json-seq",
        "application/stream+json",
        "application/geo+json-seq",
    ];
    const TEXTS: [&str; 12] = [
        "application/xml-dtd",
        "application/javascript",
        "application/x-javascript",
        "application/ecmascript",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/graphql",
        "application/sql",
        "application/x-sh",
        "application/rtf",
        "application/x-pem-file",
    ];
    const TABLES: [&str; 5] =
        ["text/csv", "application/csv", "text/x-csv", "text/tab-separated-values", "text/comma-separated-values"];
    match media {
        "application/json" | "text/json" | "application/x-json" => Form::Json,
        "text/html" | "application/xhtml+xml" => Form::Html,
        "application/x-www-form-urlencoded" | "multipart/form-data" => Form::Fields,
        "application/xml" | "text/xml" => Form::Xml,
        // A picture, of which nobody reads the elements.
        "image/svg+xml" => Form::Text,
        "text/event-stream" => Form::Events,
        _ if LINES_OF_JSON.contains(&media) => Form::Lines,
        _ if TABLES.contains(&media) => Form::Table,
        _ if media.starts_with("multipart/") => Form::Parts,
        _ if TEXTS.contains(&media) || media.starts_with("text/") => Form::Text,
        _ if media.ends_with("+json") => Form::Json,
        _ if media.ends_with("+xml") => Form::Xml,
        _ if media.ends_with("+yaml") => Form::Text,
        _ => Form::Opaque,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content_type: &str, media: &str, expected: Form) {
        assert_eq!(essence(content_type), media);
        assert_eq!(form(media), expected, "{content_type}");
    }

    #[test]
    fn a_type_says_how_its_bytes_are_read() {
        check("application/json; charset=utf-8", "application/json", Form::Json);
        check("Application/Problem+JSON", "application/problem+json", Form::Json);
        check("application/x-ndjson", "application/x-ndjson", Form::Lines);
        check("text/event-stream", "text/event-stream", Form::Events);
        check("multipart/mixed; boundary=x", "multipart/mixed", Form::Parts);
        check("text/html;charset=UTF-8", "text/html", Form::Html);
        check("multipart/form-data; boundary=x", "multipart/form-data", Form::Fields);
        check("application/rss+xml", "application/rss+xml", Form::Xml);
        check("image/svg+xml", "image/svg+xml", Form::Text);
        check("text/csv; header=present", "text/csv", Form::Table);
        check("image/png", "image/png", Form::Opaque);
        check(" ; charset=x", "", Form::Opaque);
    }

    #[test]
    fn a_parameter_is_found_whatever_its_case_and_quotes() {
        for (content_type, expected) in [
            ("text/html; Charset=\"latin1\"", Some("latin1")),
            ("text/html;a=b; charset = x", Some("x")),
            ("text/html", None),
            ("charset=x", None),
        ] {
            assert_eq!(parameter(content_type, "charset"), expected, "{content_type}");
        }
    }
}
