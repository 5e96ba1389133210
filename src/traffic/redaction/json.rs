//! Credentials in JSON: texts and numbers under the names of fields.
//!
//! Looks at tokens and builds nothing, so that it takes lines of JSON, server-sent events, and what is cut off, too.

use std::borrow::Cow;
use std::ops::Range;

use super::spots::{From, Spot, Written, is_credential, may_be_one, may_be_one_by, naming, without_scheme};
use crate::model::secret::Naming;

/// Deeper documents have no names.
const DEEPEST: usize = 512;

/// The credentials of a text that is JSON, or holds some.
pub(super) fn spots(text: &str, from: From, spots: &mut Vec<Spot>) {
    let names = std::array::from_fn(|_| None);
    Scan { text, at: 0, open: Vec::new(), names, from, spots }.run();
}

struct Scan<'t, 's> {
    text: &'t str,
    at: usize,
    open: Vec<Level>,
    /// What names say that came before: documents have few, again and again.
    names: [Option<Name<'t>>; NAMES],
    from: From,
    spots: &'s mut Vec<Spot>,
}

/// So many names are remembered at once.
const NAMES: usize = 64;

/// A name as it is written, and what it says of its value.
#[derive(Clone, Copy)]
struct Name<'t> {
    raw: &'t str,
    naming: Naming,
    role: Role,
}

/// What a name says of the others in its object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Nothing.
    Own,
    /// Its value is what another one is called.
    Calls,
    /// Its value is that other one.
    Holds,
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

impl<'t> Scan<'t, '_> {
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
            let Some(found) = bytes.get(end..).and_then(quote_or_escape) else {
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
        let Some(key) = self.open.last().and_then(|level| level.key.clone()) else { return };
        let own = self.name(key.clone());
        let Some(level) = self.open.last_mut() else { return };
        if own.role == Role::Calls {
            // It may be the name of a credential, and one itself.
            level.called = Some(range.clone());
        }
        let called = level.called.clone().filter(|_| own.role == Role::Holds);
        let may_be_one = match &called {
            None => may_be_one_by(own.naming, range.len()),
            Some(called) => may_be_one(&decoded(self.text, called), range.len()),
        };
        if !may_be_one {
            return;
        }
        let name = decoded(self.text, &called.unwrap_or(key));
        let raw = &self.text[range.clone()];
        let (scheme, _) = without_scheme(raw);
        let range = range.start + scheme.len()..range.end;
        let value = decoded(self.text, &range);
        if is_credential(&name, &value, self.from) {
            self.spots.push(Spot::plain(range, value, name));
        }
    }

    /// What the name at that range says.
    fn name(&mut self, range: Range<usize>) -> Name<'t> {
        let raw = &self.text[range.clone()];
        let bytes = raw.as_bytes();
        let ends = [bytes.first(), bytes.get(bytes.len() / 2), bytes.last()];
        let mix = |hash: usize, byte: &&u8| hash.wrapping_mul(31).wrapping_add(usize::from(**byte));
        let place = &mut self.names[ends.iter().flatten().fold(bytes.len(), mix) % NAMES];
        if let Some(name) = place.filter(|name| name.raw == raw) {
            return name;
        }
        let said = decoded(self.text, &range);
        let role = match &*said {
            "name" | "key" | "field" | "id" => Role::Calls,
            "value" | "content" => Role::Holds,
            _ => Role::Own,
        };
        *place.insert(Name { raw, naming: naming(&said), role })
    }

    fn number(&mut self) {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let length = rest.iter().take_while(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        self.at += length.max(1);
        let raw = &self.text[start..self.at];
        if raw.len() < 3 || !raw.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        let Some(key) = self.open.last().and_then(|level| level.key.clone()) else { return };
        let name = decoded(self.text, &key);
        if is_number_secret(&name) {
            let (value, name) = (raw.to_owned(), name.into_owned());
            self.spots.push(Spot { range: start..self.at, value, name, written: Written::Number });
        }
    }
}

/// Where the next quote or backslash stands. Most strings are short: the first bytes are looked at here.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const AT_ONCE: usize = 4;
    let (words, _) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().take(AT_ONCE).enumerate() {
        let word = u64::from_le_bytes(*word);
        let hits = lowest(word, b'"') | lowest(word, b'\\');
        if hits != 0 {
            return Some(number * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    let seen = words.len().min(AT_ONCE) * 8;
    memchr::memchr2(b'"', b'\\', &bytes[seen..]).map(|at| seen + at)
}

/// The highest bit of the lowest byte of a word that is that one; those above it may be set in vain.
fn lowest(word: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero = word ^ (ONES * u64::from(byte));
    zero.wrapping_sub(ONES) & !zero & (ONES << 7)
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
