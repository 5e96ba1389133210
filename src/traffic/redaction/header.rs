//! Credentials in headers and cookies.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};

use super::shapes::{anywhere, is_drawn, is_session_like};
use super::spots::{From, Spot, Written, is_credential, named, naming, without_scheme};
use crate::model::secret::{Naming, has_placeholder};

/// Headers whose values say what they are by themselves: only what looks like a credential in them is one.
const STANDARD: [&str; 33] = [
    "etag",
    "if-match",
    "if-none-match",
    "if-range",
    "date",
    "expires",
    "last-modified",
    "age",
    "host",
    "origin",
    "referer",
    "location",
    "link",
    "user-agent",
    "server",
    "via",
    "vary",
    "allow",
    "range",
    "accept-ranges",
    "cache-control",
    "content-security-policy",
    "content-security-policy-report-only",
    "strict-transport-security",
    "traceparent",
    "tracestate",
    "x-request-id",
    "x-correlation-id",
    "x-amzn-trace-id",
    "cf-ray",
    "digest",
    "repr-digest",
    "www-authenticate",
];
/// And all headers that begin so.
const STANDARD_STARTS: [&str; 5] = ["content-", "accept", "sec-", "access-control-", "x-ratelimit"];
/// Cookies of those who count visits, and of nobody who lets them in.
const COUNTERS: [&str; 9] = ["_ga", "_gid", "_gat", "_gcl", "_fb", "_hj", "amp_", "utm", "optimizely"];

/// The credentials of one header; the name in any case.
pub(super) fn spots(name: &str, value: &str, from: From) -> Vec<Spot> {
    let lower = name.to_ascii_lowercase();
    let mut spots = Vec::new();
    match lower.as_str() {
        "authorization" | "proxy-authorization" => {
            spots.extend(credentials(value));
            return spots;
        }
        "cookie" => cookies(value, &mut spots),
        "set-cookie" => {
            let first = value.split(';').next().unwrap_or_default();
            cookies(first, &mut spots);
        }
        standard if STANDARD.contains(&standard) || STANDARD_STARTS.iter().any(|start| standard.starts_with(start)) => {
        }
        _ => spots.extend(named(value, 0..value.len(), &lower, from, Cow::Borrowed)),
    }
    anywhere(value.as_bytes(), from, &mut spots);
    spots
}

/// What stands behind the scheme of an `Authorization`.
fn credentials(value: &str) -> Option<Spot> {
    if has_placeholder(value) || value.trim().is_empty() {
        return None;
    }
    let (scheme, rest) = match value.split_once(' ') {
        Some((scheme, rest)) => (scheme, rest.trim()),
        None => ("authorization", value),
    };
    let start = value.len() - value.trim_end().len();
    let at = value.len() - start - rest.len();
    let range = at..at + rest.len();
    if scheme.eq_ignore_ascii_case("basic") {
        return basic(rest, range);
    }
    let name = if is_plain(scheme) { scheme.to_ascii_lowercase() } else { "authorization".to_owned() };
    Some(Spot::plain(range, rest, name))
}

/// `user:password`, of which the password is the secret; where there is none, the user is a key.
fn basic(encoded: &str, range: std::ops::Range<usize>) -> Option<Spot> {
    let bytes = STANDARD_PAD_INDIFFERENT.decode(encoded).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(encoded));
    let Some(plain) = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Some(Spot::plain(range, encoded, "basic"));
    };
    if has_placeholder(&plain) {
        return None;
    }
    let (value, name, before, after) = match plain.split_once(':') {
        Some((user, "")) => (user, "basic", String::new(), ":".to_owned()),
        Some((user, password)) => (password, "password", format!("{user}:"), String::new()),
        None => (plain.as_str(), "basic", String::new(), String::new()),
    };
    if value.is_empty() {
        return None;
    }
    Some(Spot { range, value: value.to_owned(), name: name.to_owned(), written: Written::Base64 { before, after } })
}

fn is_plain(scheme: &str) -> bool {
    scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn cookies(header: &str, spots: &mut Vec<Spot>) {
    let mut at = 0;
    for pair in header.split(';') {
        let from = at;
        at += pair.len() + 1;
        let Some((name, value)) = pair.split_once('=') else { continue };
        let start = from + name.len() + 1;
        let (name, trimmed) = (name.trim(), value.trim());
        let start = start + value.len() - value.trim_start().len();
        let (scheme, value) = without_scheme(trimmed.trim_matches('"'));
        let start = start + usize::from(trimmed.starts_with('"')) + scheme.len();
        if is_credential_cookie(name, value) {
            spots.push(Spot::plain(start..start + value.len(), value, name));
        }
    }
}

/// Cookies that tell one user from another, or let one in: not the colour of a page.
fn is_credential_cookie(name: &str, value: &str) -> bool {
    const SHORTEST: usize = 4;
    if value.len() < SHORTEST || has_placeholder(value) || COUNTERS.iter().any(|start| name.starts_with(start)) {
        return false;
    }
    match naming(name) {
        Naming::Surely => is_credential(name, value, From::Call),
        // A session's id need not look drawn: it lets its bearer in.
        Naming::Perhaps => is_credential("token", value, From::Call) && (is_session_name(name) || is_drawn(value)),
        Naming::Silent | Naming::Sent => is_session_like(value),
        Naming::Never => false,
    }
}

fn is_session_name(name: &str) -> bool {
    const WORDS: [&str; 5] = ["sess", "sid", "auth", "remember", "ticket"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::redaction::spots::settled;

    fn check(name: &str, value: &str, expected: &[(&str, &str)]) {
        let spots = settled(spots(name, value, From::Call));
        let found: Vec<(&str, &str)> = spots.iter().map(|spot| (spot.name.as_str(), spot.value.as_str())).collect();
        assert_eq!(found, expected, "{name}: {value}");
        for spot in spots.iter().filter(|spot| spot.written == Written::Plain) {
            assert_eq!(&value[spot.range.clone()], spot.value);
        }
    }

    #[test]
    fn credentials_of_headers_are_found() {
        check("Authorization", "Bearer abc", &[("bearer", "abc")]);
        check("Authorization", "Basic YW5uYTpodW50ZXIy", &[("password", "hunter2")]);
        check("Proxy-Authorization", "Basic c2tfbGl2ZV8xOg==", &[("basic", "sk_live_1")]);
        check("authorization", "0123abcd", &[("authorization", "0123abcd")]);
        check(
            "Authorization",
            "Digest username=\"a\", response=\"b\"",
            &[("digest", "username=\"a\", response=\"b\"")],
        );
        check("X-Api-Key", "k1", &[("x-api-key", "k1")]);
        check("X-Csrf-Token", "Bearer t0ken", &[("x-csrf-token", "t0ken")]);
        check("Location", "/cb?access_token=abc#id_token=d1", &[("access_token", "abc"), ("id_token", "d1")]);
    }

    #[test]
    fn credentials_of_cookies_are_found() {
        check("Cookie", "theme=dark; sid=abcd; connect.sid=s%3Aa1b2", &[("sid", "abcd"), ("connect.sid", "s%3Aa1b2")]);
        check("Set-Cookie", "PHPSESSID=\"q1w2e3\"; Path=/; HttpOnly", &[("PHPSESSID", "q1w2e3")]);
        check(
            "Cookie",
            "u=3f786850e387550fdab836ed7e6dc881de23001b",
            &[("u", "3f786850e387550fdab836ed7e6dc881de23001b")],
        );
    }

    #[test]
    fn what_is_no_credential_stays() {
        check("Cookie", "theme=dark; lang=en_US; _ga=GA1.2.1032424.16347; cart=7; author=anna; sid=", &[]);
        check("Set-Cookie", "sid=; Max-Age=0", &[]);
        check("Set-Cookie", "sid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT", &[]);
        check("ETag", "W/\"2-vyGp6PvFo4RvsFtPoIWeCReyIC8aA1b2C3\"", &[]);
        check("X-Request-Id", "V1StGXR8_Z5jdHi6B-myT4kQx9Lw2NcE", &[]);
        check("Content-Security-Policy", "script-src 'sha256-4fzzzxjylrxMrjuZNBwRnDL8NkHg7QyKUcMt='", &[]);
        check("Authorization", "Bearer {secret:bearer#1}", &[]);
        check("WWW-Authenticate", "Basic realm=\"shop\"", &[]);
    }
}
