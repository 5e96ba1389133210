//! The ways in which one value is written: as it is, and as URLs, forms, JSON, markup and base64 have it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The value as it is, and every other way in which it is commonly written; each once.
pub fn plainly(value: &str) -> Vec<String> {
    let mut all = vec![value.to_owned()];
    let mut add = |text: String| {
        if !all.contains(&text) {
            all.push(text);
        }
    };
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    if !value.bytes().all(unreserved) {
        // What stands raw in a URL depends on who wrote it: nothing, what a browser leaves, what a path may have.
        for raw in [&b""[..], b"!'()*", b"!$&'()*+,;=:@/", b"/", b"@:", b"+"] {
            let encoded = percent(value, raw);
            for written in [lower_digits(&encoded), encoded] {
                add(written.replace("%20", "+"));
                add(written);
            }
        }
    }
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    add(json.replace('/', "\\/"));
    add(escaped_ascii(&json));
    add(json);
    if value.contains(['&', '<', '>', '"', '\'']) {
        for (quote, apostrophe) in
            [("&quot;", "&#39;"), ("&#34;", "&#39;"), ("&quot;", "&#x27;"), ("&quot;", "&apos;"), ("\"", "'")]
        {
            let markup = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            add(markup.replace('"', quote).replace('\'', apostrophe));
        }
    }
    all
}

/// What every base64 text that holds the value holds: for each of the three ways in which its bits may fall, what does
/// not hang on its neighbours, in both alphabets.
pub fn within_base64(value: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    for (before, first) in [(0, 0), (1, 2), (2, 3)] {
        let mut padded = vec![0; before];
        padded.extend_from_slice(value);
        let encoded = STANDARD_NO_PAD.encode(&padded);
        let whole = padded.len() * 8 / 6;
        let Some(core) = encoded.get(first..whole) else { continue };
        all.push(core.to_owned());
        if core.contains(['+', '/']) {
            all.push(core.replace('+', "-").replace('/', "_"));
        }
    }
    all
}

/// Percent-encoded, but for letters, digits, `-._~` and what else may stand `raw`.
pub fn percent(value: &str, raw: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(value.len() + 8);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || raw.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn lower_digits(encoded: &str) -> String {
    let mut out = String::with_capacity(encoded.len());
    let mut digits = 0;
    for c in encoded.chars() {
        if c == '%' {
            digits = 2;
            out.push(c);
        } else if digits > 0 {
            digits -= 1;
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// JSON's own text with everything beyond ASCII, and what HTML would take for markup, as `\u00e9`.
fn escaped_ascii(json: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() && !b"<>&'".contains(&byte) => out.push(char::from(byte)),
            _ => {
                // Writing to a string can't fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_value_is_known_in_all_its_writings() {
        let all = plainly("p@ss w/\"é");
        for written in [
            "p@ss w/\"é",
            "p%40ss%20w%2F%22%C3%A9",
            "p%40ss+w%2f%22%c3%a9",
            "p@ss w/\\\"é",
            "p@ss w\\/\\\"é",
            "p@ss w/\\\"\\u00e9",
            "p@ss w/&quot;é",
        ] {
            assert!(all.iter().any(|one| one == written), "{written} is not among {all:?}");
        }
        assert_eq!(plainly("hunter2"), ["hunter2"]);
    }

    #[test]
    fn a_value_is_known_within_base64_wherever_it_falls() {
        let cores = within_base64(b"hunter2");
        for before in ["", "u", "us", "user:", "user1:", "user22:"] {
            for after in ["", "!", "!!"] {
                let text = STANDARD.encode(format!("{before}hunter2{after}"));
                assert!(
                    cores.iter().any(|core| text.contains(core.as_str())),
                    "{text} of {before} holds none of {cores:?}"
                );
            }
        }
    }
}
