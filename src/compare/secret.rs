//! Secrets by their names: what no report shows. And placeholders of a redacted recording, which stand for any value.

use crate::model::secret::{Naming, captured, has_placeholder, looks, naming, whole};

/// Parts of names under which secrets go.
const NAMES: [&str; 10] =
    ["password", "passwd", "secret", "token", "authorization", "api_key", "apikey", "api-key", "credential", "session"];

/// Whether a field, a parameter or a header of that name holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part)) || naming(&name) == Naming::Surely
}

/// What a recorded text says of a live one, where redaction took something out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redacted {
    /// All of it: only that something stood there is known.
    Whole,
    /// Parts of it; the rest is the same.
    Agrees,
    /// The rest is another.
    Differs,
}

/// How a recorded text and a live one compare; none where nothing was taken out.
pub(super) fn redacted(recorded: &str, live: &str) -> Option<Redacted> {
    if !has_placeholder(recorded) {
        return None;
    }
    Some(if whole(recorded).is_some() {
        Redacted::Whole
    } else if captured(recorded, live).is_some() {
        Redacted::Agrees
    } else {
        Redacted::Differs
    })
}

/// A text without what looks like a credential in it, and, where it is a URL, without the values of its secret parameters.
pub(super) fn without_secrets(text: &str) -> String {
    let mut shown = String::new();
    let mut from = 0;
    for (range, _) in looks(text.as_bytes()) {
        if let Some(before) = text.get(from..range.start) {
            shown.push_str(before);
            shown.push_str("«secret»");
            from = range.end;
        }
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    without_parameters(&shown)
}

fn without_parameters(text: &str) -> String {
    let Some((before, query)) = text.split_once('?') else { return text.to_owned() };
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}=«secret»"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{before}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_redaction_took_out_may_be_anything() {
        for (recorded, live, expected) in [
            ("{secret:sid#1}", "abc", Some(Redacted::Whole)),
            ("/cb?code={secret:code#1}", "/cb?code=x", Some(Redacted::Agrees)),
            ("/cb?code={secret:code#1}", "/login", Some(Redacted::Differs)),
            ("/cb", "/cb", None),
        ] {
            assert_eq!(redacted(recorded, live), expected, "{recorded} against {live}");
        }
    }

    #[test]
    fn parameters_that_are_named_as_secrets_are_left_out() {
        for (text, shown) in [
            ("/a?token=abc&x=1", "/a?token=«secret»&x=1"),
            ("/a?x=1", "/a?x=1"),
            ("http://{host}/cb?access_token=t", "http://{host}/cb?access_token=«secret»"),
            ("no url", "no url"),
            ("db at postgres://shop:pw1@db/x", "db at postgres://shop:«secret»@db/x"),
            ("key: sk_live_4eC39HqLyjWDarjt.", "key: «secret»."),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
        assert!(is_secret("X-Auth-Token") && is_secret("apiKey") && !is_secret("title"));
    }
}
