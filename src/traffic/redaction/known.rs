//! The credentials that were seen so far, as hashes, and the search for them in any text.
//!
//! Of a value its first six bytes, its length and its hash are kept, of every writing of it as well: what they cost does
//! not hang on how long values are, and the search looks at each byte of a text once, whatever their number.

use std::collections::HashMap;
use std::ops::Range;

use super::filter::Filter;
use super::spots::Written;
use crate::model::secret::writing;
use crate::traffic::bindings::is_distinctive;

/// Shorter values are met by chance: they are redacted where they are named, and nowhere else.
const WINDOW: usize = 6;
/// Longer values are redacted where they are named or look it, and nowhere else.
pub(super) const LONGEST: usize = 8 * 1024;
/// A word is searched for from this length on where it is a password; shorter ones are words that anything may hold.
const SHORTEST_PASSWORD: usize = 8;
/// And from this one on where it is anything else.
const SHORTEST_WORD: usize = 12;
/// Distinctive values of this length are searched for within words, too.
const SHORTEST_WITHIN: usize = 10;
/// Values within base64 are searched for as long as there are no more of them: a person's credentials are few.
const MOST_IN_BASE64: usize = 200_000;
/// Values are searched for everywhere as long as there are no more of them: each costs memory.
const MOST_SEARCHED: usize = 1_000_000;
/// Values that are words of every protocol and page, however secret they are meant to be.
const COMMON: [&str; 44] = [
    "password",
    "passwords",
    "passwd",
    "secret",
    "secrets",
    "access",
    "refresh",
    "bearer",
    "session",
    "sessions",
    "cookie",
    "deleted",
    "expired",
    "invalid",
    "username",
    "default",
    "example",
    "content",
    "application",
    "authorization",
    "undefined",
    "unknown",
    "string",
    "object",
    "number",
    "boolean",
    "active",
    "enabled",
    "disabled",
    "current",
    "required",
    "optional",
    "anonymous",
    "hidden",
    "submit",
    "button",
    "private",
    "public",
    "account",
    "accounts",
    "customer",
    "customers",
    "production",
    "development",
];

/// A credential: which of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id {
    name: u32,
    number: u32,
}

/// All credentials of a file.
#[derive(Default)]
pub(super) struct Known {
    names: Vec<String>,
    /// By name: its index, and how many values have it.
    counts: HashMap<String, (u32, u32)>,
    /// By the hash of the value itself.
    ids: HashMap<u128, Id>,
    /// By the hash of each writing that is searched for.
    searched: HashMap<u128, Searched>,
    /// By the first bytes of each writing its lengths, the longest first.
    windows: HashMap<u64, Lengths>,
    filter: Filter,
    /// Values that came when there were too many.
    unsearched: u64,
}

#[derive(Debug, Clone, Copy)]
struct Searched {
    id: Id,
    base64: bool,
    /// Where it counts.
    strength: Strength,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// Anywhere.
    Anywhere,
    /// Where it stands alone.
    Alone,
    /// Where it stands alone, and is no JSON number.
    Digits,
}

enum Lengths {
    One(u32),
    Many(Vec<u32>),
}

/// Where a known credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) range: Range<usize>,
    pub(super) id: Id,
    /// What stands there is a part of a base64 text.
    pub(super) base64: bool,
    /// It can't be told from a name or a number by its look.
    pub(super) weak: bool,
    pub(super) digits: bool,
}

impl Known {
    /// The credential of that value; a new one gets the next number of `name`.
    pub(super) fn learn(&mut self, value: &str, name: &str) -> Id {
        let hash = hash(value.as_bytes());
        if let Some(id) = self.ids.get(&hash) {
            return *id;
        }
        let name = clean(name);
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let (index, count) = self.counts.entry(name.clone()).or_insert((next, 0));
        if *count == 0 && *index == next {
            self.names.push(name);
        }
        *count += 1;
        let id = Id { name: *index, number: *count };
        self.ids.insert(hash, id);
        let shortest = if names_password(self.name(id)) { SHORTEST_PASSWORD } else { SHORTEST_WORD };
        self.search_for(value, id, shortest);
        id
    }

    /// The credential of that value, where it was learned.
    pub(super) fn get(&self, value: &str) -> Option<Id> {
        self.ids.get(&hash(value.as_bytes())).copied()
    }

    /// A placeholder that stands in a file already: its number is taken. Says whether it was free.
    pub(super) fn reserve(&mut self, name: &str, number: u32) -> bool {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let (_, count) = self.counts.entry(name.to_owned()).or_insert_with(|| {
            self.names.push(name.to_owned());
            (next, 0)
        });
        number > std::mem::replace(count, number.max(*count))
    }

    /// How many values are taken out only where they are named or look it, there being too many.
    pub(super) fn unsearched(&self) -> u64 {
        self.unsearched
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// What is written in place of a credential.
    pub(super) fn placeholder(&self, id: Id, written: &Written) -> String {
        let name = self.name(id);
        let number = if *written == Written::Number { ".number" } else { "" };
        format!("{{secret:{name}{number}#{}}}", id.number)
    }

    fn name(&self, id: Id) -> &str {
        self.names.get(id.name as usize).map(String::as_str).unwrap_or_default()
    }

    /// The next credential in a text from `from` on, that ends by `end`.
    pub(super) fn find(&self, text: &[u8], from: usize, end: usize) -> Option<Hit> {
        if self.windows.is_empty() || end < WINDOW {
            return None;
        }
        (from..=end - WINDOW).find_map(|at| {
            let window = window(text, at);
            if !self.filter.may_have(window) {
                return None;
            }
            let lengths = match self.windows.get(&window)? {
                Lengths::One(length) => std::slice::from_ref(length),
                Lengths::Many(lengths) => lengths,
            };
            lengths.iter().find_map(|length| self.hit(text, at..at + *length as usize, end))
        })
    }

    fn hit(&self, text: &[u8], range: Range<usize>, end: usize) -> Option<Hit> {
        if range.end > end {
            return None;
        }
        let found = *self.searched.get(&hash(&text[range.clone()]))?;
        let alone = found.base64 || found.strength == Strength::Anywhere || stands_alone(text, &range);
        let Searched { id, base64, strength } = found;
        let hit = Hit { range, id, base64, weak: strength != Strength::Anywhere, digits: strength == Strength::Digits };
        alone.then_some(hit)
    }

    fn search_for(&mut self, value: &str, id: Id, shortest: usize) {
        if value.len() > LONGEST {
            return;
        }
        let Some(strength) = strength(value, shortest) else { return };
        if self.ids.len() > MOST_SEARCHED {
            self.unsearched += 1;
            return;
        }
        for text in writing::plainly(value) {
            self.search_for_text(text.as_bytes(), Searched { id, base64: false, strength });
        }
        if self.ids.len() <= MOST_IN_BASE64 {
            for core in writing::within_base64(value.as_bytes()) {
                self.search_for_text(core.as_bytes(), Searched { id, base64: true, strength });
            }
        }
    }

    fn search_for_text(&mut self, text: &[u8], searched: Searched) {
        if text.len() < WINDOW {
            return;
        }
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.searched.entry(hash(text)).or_insert(searched);
        let window = window(text, 0);
        self.windows.entry(window).and_modify(|lengths| lengths.add(length)).or_insert(Lengths::One(length));
        self.filter.add(window, self.windows.len(), self.windows.keys());
    }
}

/// Whether people make up what goes under that name.
fn names_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "pwd", "psw", "secret"].iter().any(|part| name.contains(part))
}

/// Where a value is searched for, words from the `shortest` length on; none where it can be met by chance.
fn strength(value: &str, shortest: usize) -> Option<Strength> {
    let lower = value.to_ascii_lowercase();
    let letters = value.chars().all(char::is_alphabetic);
    if value.len() < WINDOW || COMMON.contains(&lower.as_str()) || (letters && value.len() < shortest) {
        return None;
    }
    Some(if value.bytes().all(|b| b.is_ascii_digit() || b"+-.".contains(&b)) {
        Strength::Digits
    } else if value.len() >= SHORTEST_WITHIN && is_distinctive(value) {
        Strength::Anywhere
    } else {
        Strength::Alone
    })
}

/// Whether no letter or digit stands right before or behind; an escape's own don't count.
fn stands_alone(text: &[u8], range: &Range<usize>) -> bool {
    let before = &text[range.start.saturating_sub(6)..range.start];
    let joined = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let escape = match before {
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f'] => true,
        [b'\\', b'u', hex @ ..] => hex.len() == 4 && hex.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    };
    (escape || !joined(before.last())) && !joined(text.get(range.end))
}

/// Names that a manifest can have as keys: letters, digits, `_` and `-`. Of `user[password]` the last part.
fn clean(name: &str) -> String {
    const LONGEST_NAME: usize = 60;
    let part = name.trim_end_matches(']').rsplit('[').next().unwrap_or(name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' };
    let clean: String = part.chars().map(plain).take(LONGEST_NAME).collect();
    let clean = clean.trim_matches('-');
    if clean.is_empty() { "secret".to_owned() } else { clean.to_owned() }
}

fn hash(bytes: &[u8]) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    u128::from_le_bytes(half)
}

fn window(text: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes[..WINDOW].copy_from_slice(&text[at..at + WINDOW]);
    u64::from_le_bytes(bytes)
}

impl Lengths {
    fn add(&mut self, length: u32) {
        let mut all = match self {
            Self::One(one) => vec![*one],
            Self::Many(many) => std::mem::take(many),
        };
        if let Err(at) = all.binary_search_by(|known| length.cmp(known)) {
            all.insert(at, length);
        }
        *self = match all.as_slice() {
            [one] => Self::One(*one),
            _ => Self::Many(all),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[&str], text: &str, expected: &[&str]) {
        let mut known = Known::default();
        for value in values {
            known.learn(value, "password");
        }
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(hit) = known.find(text.as_bytes(), from, text.len()) {
            found.push(&text[hit.range.clone()]);
            from = hit.range.end;
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_found_wherever_they_stand() {
        check(&["hunter2"], "a hunter2, hunter2. %3Ahunter2 \\nhunter2", &["hunter2"; 4]);
        check(&["a1b2c3d4e5f6"], "xa1b2c3d4e5f6y", &["a1b2c3d4e5f6"]);
        check(&["p@ss-w0rd"], "p%40ss-w0rd", &["p%40ss-w0rd"]);
        check(&["correcthorse", "correcthorsebattery"], "correcthorsebattery", &["correcthorsebattery"]);
    }

    #[test]
    fn what_may_be_met_by_chance_is_not() {
        check(&["password", "short", "words"], "password short words", &[]);
        check(&["hunter2"], "hunter22 xhunter2", &[]);
        check(&["123456"], "01234567", &[]);
    }

    #[test]
    fn a_word_is_searched_for_where_it_is_a_password() {
        for (name, found) in [("new_password", true), ("token", false)] {
            let mut known = Known::default();
            known.learn("identities", name);
            assert_eq!(known.find(b"of identities", 0, 13).is_some(), found, "{name}");
        }
    }

    #[test]
    fn a_value_has_one_name_and_each_name_counts_for_itself() {
        let mut known = Known::default();
        known.reserve("token", 3);
        let ids = [("a", "token"), ("b", "token"), ("a", "sid"), ("c", "user[pass word]")]
            .map(|(value, name)| known.learn(value, name));
        let written: Vec<String> = ids.iter().map(|id| known.placeholder(*id, &Written::Plain)).collect();
        assert_eq!(written, ["{secret:token#4}", "{secret:token#5}", "{secret:token#4}", "{secret:pass-word#1}"]);
    }

    #[test]
    fn values_beyond_the_most_are_counted_and_known_by_their_names_alone() {
        let mut known = Known::default();
        let id = known.learn("a1b2c3d4e5f6", "k");
        known.ids.extend((0..MOST_SEARCHED as u128).map(|hash| (hash, id)));
        known.learn("f6e5d4c3b2a1", "k");
        let found = |text: &str| known.find(text.as_bytes(), 0, text.len()).is_some();
        assert_eq!((found("a1b2c3d4e5f6"), found("f6e5d4c3b2a1")), (true, false));
        assert_eq!((known.get("f6e5d4c3b2a1").is_some(), known.unsearched()), (true, 1));
    }

    #[test]
    fn many_values_are_all_found() {
        let mut known = Known::default();
        let value = |n: u32| format!("k{n:07}z{n}q");
        for n in 0..20_000 {
            known.learn(&value(n), "k");
        }
        for n in (0..20_000).step_by(777) {
            let text = format!("<{}>", value(n));
            assert!(known.find(text.as_bytes(), 0, text.len()).is_some(), "{text}");
        }
    }
}
