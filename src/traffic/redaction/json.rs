//! Credentials in JSON: texts and numbers under the names of fields.
//!
//! Looks at tokens and builds nothing, so that it takes lines of JSON, server-sent events, and what is cut off, too.

use std::borrow::Cow;
use std::ops::Range;

use super::spots::{From, Spot, Written, is_credential, may_be_one, naming, without_scheme};
use crate::model::secret::Naming;

/// Deeper documents have no names.
const DEEPEST: usize = 512;

/// The credentials of a text that is JSON, or holds some.
pub(super) fn spots(text: &str, from: From, spots: &mut Vec<Spot>) {
    Scan { text, at: 0, open: Vec::new(), from, spots }.run();
}

struct Scan<'t, 's> {
    text: &'t str,
    at: usize,
    open: Vec<Level>,
    from: From,
    spots: &'s mut Vec<Spot>,
}

/// An object or a list that is open.
#[derive(Default)]
struct Level {
    object: bool,
    /// The key of the value that is read, or of the list that values stand in.
    key: Option<Range<usize>>,
    /// What `"name": "password"` in the same object says.
    called: Option<Range<usize>>,
}

impl Scan<'_, '_> {
    fn run(&mut self) {
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'{' => self.enter(true),
                b'[' => self.enter(false),
                b'}' | b']' => {
                    self.open.pop();
                    self.at += 1;
                }
                b',' => {
                    if let Some(level) = self.open.last_mut()
                        && level.object
                    {
                        level.key = None;
                    }
                    self.at += 1;
                }
                b'"' => self.string(),
                b'-' | b'0'..=b'9' => self.number(),
                _ => self.at += 1,
            }
        }
    }

    fn enter(&mut self, object: bool) {
        self.at += 1;
        // What stands in a list goes under the list's name.
        let key = if object { None } else { self.open.last().and_then(|level| level.key.clone()) };
        if self.open.len() < DEEPEST {
            self.open.push(Level { object, key, called: None });
        }
    }

    fn string(&mut self) {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut end = start;
        loop {
            let Some(found) = bytes.get(end..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) else {
                self.at = bytes.len();
                return;
            };
            end += found;
            if bytes[end] == b'"' {
                break;
            }
            end += 2;
        }
        self.at = end + 1;
        if let Some(level) = self.open.last_mut()
            && level.object
            && level.key.is_none()
        {
            level.key = Some(start..end);
            return;
        }
        self.value(start..end);
    }

    fn value(&mut self, range: Range<usize>) {
        let Some(level) = self.open.last_mut() else { return };
        let Some(key) = level.key.clone() else { return };
        let own = decoded(self.text, &key);
        if matches!(&*own, "name" | "key" | "field" | "id") {
            // It may be the name of a credential, and one itself.
            level.called = Some(range.clone());
        }
        let called = level.called.clone().filter(|_| matches!(&*own, "value" | "content"));
        let name = called.map_or(own, |called| decoded(self.text, &called));
        let raw = &self.text[range.clone()];
        if !may_be_one(&name, raw.len()) {
            return;
        }
        let (scheme, _) = without_scheme(raw);
        let range = range.start + scheme.len()..range.end;
        let value = decoded(self.text, &range);
        if is_credential(&name, &value, self.from) {
            self.spots.push(Spot::plain(range, value, name));
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().take_while(|b| b.is_ascii_digit() || b"+-.eE".contains(b)).count();
        self.at += length.max(1);
        let Some(key) = self.open.last().and_then(|level| level.key.clone()) else { return };
        let raw = &self.text[start..self.at];
        let name = decoded(self.text, &key);
        if raw.len() >= 3 && raw.bytes().all(|b| b.is_ascii_digit()) && is_number_secret(&name) {
            let (value, name) = (raw.to_owned(), name.into_owned());
            self.spots.push(Spot { range: start..self.at, value, name, written: Written::Number });
        }
    }
}

/// Names under which a number is a credential; that of `token` is a count.
fn is_number_secret(name: &str) -> bool {
    const ENDS: [&str; 9] = ["pin", "otp", "cvv", "cvc", "passcode", "password", "pwd", "onetimecode", "mfacode"];
    if naming(name) != Naming::Surely {
        return false;
    }
    let flat: String = name.chars().filter(char::is_ascii_alphanumeric).flat_map(char::to_lowercase).collect();
    ENDS.iter().any(|end| flat.ends_with(end))
}

/// What a string says; as it is written where its escapes say nothing.
fn decoded<'t>(text: &'t str, range: &Range<usize>) -> Cow<'t, str> {
    let raw = &text[range.clone()];
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let quoted = text.get(range.start.saturating_sub(1)..range.end + 1).filter(|quoted| quoted.starts_with('"'));
    let read = match quoted {
        Some(quoted) => serde_json::from_str(quoted),
        None => serde_json::from_str(&format!("\"{raw}\"")),
    };
    read.map_or(Cow::Borrowed(raw), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let mut found = Vec::new();
        spots(text, From::Call, &mut found);
        let found: Vec<(&str, &str, &str)> =
            found.iter().map(|spot| (spot.name.as_str(), spot.value.as_str(), &text[spot.range.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_under_the_names_of_credentials_are_found() {
        check(
            r#"{"user":"anna","password":"p\"w","n":[{"access_token":"t1"}]}"#,
            &[("password", "p\"w", "p\\\"w"), ("access_token", "t1", "t1")],
        );
        check(r#"{"tokens":{"refresh_token":"Bearer a1"},"id":7}"#, &[("refresh_token", "a1", "a1")]);
        check(r#"{"api_key":["k1","k2"]}"#, &[("api_key", "k1", "k1"), ("api_key", "k2", "k2")]);
        check(r#"{"name":"password","value":"hunter2"}"#, &[("password", "hunter2", "hunter2")]);
        check(
            r#"{"id":"x","key":"Zk3vQ9xL2mN8pR5tW7yB4cD6fG1hJ0aS"}"#,
            &[("key", "Zk3vQ9xL2mN8pR5tW7yB4cD6fG1hJ0aS", "Zk3vQ9xL2mN8pR5tW7yB4cD6fG1hJ0aS")],
        );
        check(r#"{"pin":1234,"token":500,"otp":"99"}"#, &[("pin", "1234", "1234"), ("otp", "99", "99")]);
    }

    #[test]
    fn what_a_reply_gives_under_short_names_is_found_where_it_is_long_and_random() {
        let long = "Zk3vQ9xL2mN8pR5tW7yB4cD6fG1hJ0aS";
        for (value, expected) in [
            (long, true),
            ("Zk3vQ9xL2mN8pR5t", false),
            ("0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", false),
            ("3f786850e387550fdab836ed7e6dc881de23001b", false),
            ("images/2026/Zk3vQ9xL2mN8pR5tW7yB4cD6fG1hJ0aS.png", false),
        ] {
            for name in ["code", "state", "key", "sig", "ticket"] {
                let mut found = Vec::new();
                spots(&format!("{{\"{name}\":\"{value}\"}}"), From::Reply, &mut found);
                assert_eq!(!found.is_empty(), expected, "{name}: {value}");
            }
        }
    }

    #[test]
    fn lines_events_and_halves_are_looked_through() {
        check("{\"secret\":\"a\"}\n{\"secret\":\"b\"}\n", &[("secret", "a", "a"), ("secret", "b", "b")]);
        check("event: x\ndata: {\"secret\":\"a\"}\n\n", &[("secret", "a", "a")]);
        check("{\"secret\":\"a\",\"b\":\"c", &[("secret", "a", "a")]);
        check(&format!("{}{{\"secret\":\"a\"}}", "[".repeat(2000)), &[]);
        check("{\"secret\":\"\\", &[]);
    }

    #[test]
    fn what_is_no_credential_stays() {
        check(
            r#"{"id":"0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11","title":"token","token_type":"bearer","expires_in":3600,"password":null,
                "etag":"V1StGXR8_Z5jdHi6B-myT4kQx9Lw2NcE","next_cursor":"V1StGXR8_Z5jdHi6B-myT4kQx9Lw2NcE","at":"2026-11-24T16:24:25Z",
                "price":"12.50","sha":"3f786850e387550fdab836ed7e6dc881de23001b","has_password":true,"password_hint":"dog"}"#,
            &[],
        );
    }
}
