//! Secrets by their names: what no report shows.

/// Parts of names under which secrets go.
const NAMES: [&str; 10] =
    ["password", "passwd", "secret", "token", "authorization", "api_key", "apikey", "api-key", "credential", "session"];

/// Whether a field, a parameter or a header of that name holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// A text that may be a URL, with the values of its secret parameters left out.
pub(super) fn without_secrets(text: &str) -> String {
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
    fn parameters_that_are_named_as_secrets_are_left_out() {
        for (text, shown) in [
            ("/a?token=abc&x=1", "/a?token=«secret»&x=1"),
            ("/a?x=1", "/a?x=1"),
            ("http://{host}/cb?access_token=t", "http://{host}/cb?access_token=«secret»"),
            ("no url", "no url"),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
        assert!(is_secret("X-Auth-Token") && is_secret("apiKey") && !is_secret("title"));
    }
}
