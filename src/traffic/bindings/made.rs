//! Values that a server made, by which calls of one user are told though nothing else ties them together.
//!
//! Without a credential each connection is a user of its own, and a program such as curl has a new one for each call. What
//! the reply to an unsafe call names the thing that was asked for ties those calls to it that mean the same thing: by its
//! place right behind the collection that the call went to, or by the name of what holds it. Values of a few characters
//! tie nobody, and numbers and words only by their place: two users have the same ones.

use super::given::{Given, Kind};
use super::names;
use super::resource::resource;
use super::taken::Taken;
use super::url;
use crate::model::{At, Call, Within};
use crate::traffic::hash;

/// Shorter ones are met by chance, whatever they are called.
const LEAST: usize = 4;

/// Where a value was made: a hash of the path of what it is one of. None where the reply gives out what was there before, or
/// was `sent`.
pub(super) fn made(call: &Call, sent: &[u64], given: &Given) -> Option<u64> {
    let is_new = !call.is_safe()
        && matches!(given.kind, Kind::Plain | Kind::Made | Kind::Part)
        && given.value.chars().count() >= LEAST
        && !given.value.contains(char::is_whitespace)
        && !sent.contains(&hash(&given.value));
    let names_it = |thing: String| given.names.contains(&names::of_thing(&thing));
    (is_new && resource(&call.target).is_some_and(names_it)).then(|| collection(call.path()))
}

/// Whether a value that `call` takes means what was made of that `collection`: the names of both agree already.
pub(super) fn is_meant(call: &Call, taken: &Taken, made: u64) -> bool {
    !is_plain(&taken.value) || stands_behind(call, taken).is_some_and(|before| collection(before) == made)
}

/// The path before a value that is a segment, or the beginning of one: `/posts` of `/posts/7.json`.
fn stands_behind<'c>(call: &'c Call, taken: &Taken) -> Option<&'c str> {
    let At::Segment(number) = taken.place.at else { return None };
    let begins = taken.place.within.iter().all(|way| matches!(way, Within::Between(before, _) if before.is_empty()));
    let range = url::segments(&call.target).into_iter().nth(number)?;
    begins.then(|| &call.target[..range.start])
}

/// Whether a value is a number or a word: drawn ones have both digits and letters, or capitals within.
fn is_plain(value: &str) -> bool {
    let is_word = |rest: &str| rest.chars().all(|c| c.is_alphabetic() && !c.is_uppercase());
    let mut rest = value.chars();
    value.bytes().all(|b| b.is_ascii_digit())
        || value.chars().all(|c| c.is_alphabetic() && c.is_uppercase())
        || (rest.next().is_some_and(char::is_alphabetic) && is_word(rest.as_str()))
}

fn collection(path: &str) -> u64 {
    hash(path.trim_end_matches('/'))
}
