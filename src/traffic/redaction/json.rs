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
    ends: Ends,
    naming: Naming,
    role: Role,
}

/// The first and the last eight bytes of a name: all of one that has no more than sixteen.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends(u64, u64);

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
                b'"' => self.string(),
                b',' => {
                    self.next_key();
                    self.at += 1;
                }
                b'-' | b'0'..=b'9' => self.number(),
                b'{' => self.enter(true),
                b'[' => self.enter(false),
                b'}' | b']' => {
                    self.open.pop();
                    self.at += 1;
                }
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

    /// The next string of an object is a key.
    fn next_key(&mut self) {
        if let Some(level) = self.open.last_mut()
            && level.object
        {
            level.key = None;
        }
    }

    fn string(&mut self) {
        let Some(range) = self.quoted() else { return };
        if self.open.last().is_some_and(|level| level.object && level.key.is_none()) {
            self.key(range);
        } else {
            self.value(range);
        }
    }

    /// Goes over a string, and gives what is between its quotes; none where it has no end.
    fn quoted(&mut self) -> Option<Range<usize>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut end = start;
        loop {
            let Some(found) = bytes.get(end..).and_then(quote) else {
                self.at = bytes.len();
                return None;
            };
            end += found;
            // A backslash takes the quote, and another one before it takes that.
            if bytes[end - 1] != b'\\' || !is_odd(bytes[start..end].iter().rev().take_while(|b| **b == b'\\').count()) {
                break;
            }
            end += 1;
        }
        self.at = end + 1;
        Some(start..end)
    }

    /// A key, and what goes under it where that is a scalar and nothing is between them; and so on for those that follow.
    fn key(&mut self, first: Range<usize>) {
        let bytes = self.text.as_bytes();
        let mut key = first;
        loop {
            if let Some(level) = self.open.last_mut() {
                level.key = Some(key);
            }
            if bytes.get(self.at) != Some(&b':') {
                return;
            }
            self.at += 1;
            match bytes.get(self.at) {
                Some(b'"') => {
                    if let Some(range) = self.quoted() {
                        self.value(range);
                    }
                }
                Some(b'-' | b'0'..=b'9') => self.number(),
                Some(b'a'..=b'z') => {
                    while bytes.get(self.at).is_some_and(u8::is_ascii_lowercase) {
                        self.at += 1;
                    }
                }
                _ => return,
            }
            if bytes.get(self.at..self.at + 2) != Some(b",\"") {
                return;
            }
            self.at += 1;
            let Some(next) = self.quoted() else { return };
            key = next;
        }
    }

    fn value(&mut self, range: Range<usize>) {
        let Some(key) = self.open.last().and_then(|level| level.key.clone()) else { return };
        let name = self.name(key.clone());
        if name.role == Role::Own && !may_be_one_by(name.naming, range.len()) {
            return;
        }
        let Some(level) = self.open.last_mut() else { return };
        if name.role == Role::Calls {
            // It may be the name of a credential, and one itself.
            level.called = Some(range.clone());
        }
        let called = level.called.clone().filter(|_| name.role == Role::Holds);
        let may_be_one = match &called {
            None => may_be_one_by(name.naming, range.len()),
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
        let ends = self.ends(&range);
        let hash = (ends.0 ^ ends.1.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = usize::try_from(hash >> 58).unwrap_or(0) % NAMES;
        if let Some(name) = self.names[place]
            && name.ends == ends
            && name.raw.len() == raw.len()
            && (raw.len() <= 16 || name.raw == raw)
        {
            return name;
        }
        let said = decoded(self.text, &range);
        let role = match &*said {
            "name" | "key" | "field" | "id" => Role::Calls,
            "value" | "content" => Role::Holds,
            _ => Role::Own,
        };
        *self.names[place].insert(Name { raw, ends, naming: naming(&said), role })
    }

    fn ends(&self, range: &Range<usize>) -> Ends {
        let bytes = self.text.as_bytes();
        // What comes after a short name is cut off.
        let cut = |word: &[u8; 8], length: usize| {
            u64::from_le_bytes(*word) & u64::MAX.checked_shr(64 - 8 * u32::try_from(length).unwrap_or(8)).unwrap_or(0)
        };
        let word = |at: usize, length: usize| match bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(word) => cut(word, length),
            None => bytes[at..at + length].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        let length = range.len();
        let last = length.saturating_sub(8).min(8);
        Ends(word(range.start, length.min(8)), word(range.end - last, last))
    }

    fn number(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut is_whole = true;
        while let Some(byte @ (b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) = bytes.get(self.at) {
            is_whole &= byte.is_ascii_digit();
            self.at += 1;
        }
        if self.at - start < 3 || !is_whole {
            return;
        }
        let Some(key) = self.open.last().and_then(|level| level.key.clone()) else { return };
        if self.name(key.clone()).naming != Naming::Surely {
            return;
        }
        let name = decoded(self.text, &key);
        if is_number_secret(&name) {
            let (value, name) = (self.text[start..self.at].to_owned(), name.into_owned());
            self.spots.push(Spot { range: start..self.at, value, name, written: Written::Number });
        }
    }
}

fn is_odd(number: usize) -> bool {
    number % 2 == 1
}

/// Where the next quote stands. Most strings are short: the first bytes are looked at here.
fn quote(bytes: &[u8]) -> Option<usize> {
    const AT_ONCE: usize = 4;
    let (words, _) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().take(AT_ONCE).enumerate() {
        let hits = lowest(u64::from_le_bytes(*word), b'"');
        if hits != 0 {
            return Some(number * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    let seen = words.len().min(AT_ONCE) * 8;
    memchr::memchr(b'"', &bytes[seen..]).map(|at| seen + at)
}

/// The highest bit of the lowest byte of a word that is that one; those above it may be set in vain.
fn lowest(word: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero = word ^ (ONES * u64::from(byte));
    zero.wrapping_sub(ONES) & !zero & (ONES << 7)
}

/// Of the names of credentials those under which a number is one; that of `token` is a count.
fn is_number_secret(name: &str) -> bool {
    const ENDS: [&str; 9] = ["pin", "otp", "cvv", "cvc", "passcode", "password", "pwd", "onetimecode", "mfacode"];
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
