//! Which instance gave out which value of a cookie. Values are kept as hashes, since many of them are credentials.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// What is remembered, the oldest first to go.
#[derive(Debug)]
pub(super) struct Affinity {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    by: HashMap<Key, Arc<str>>,
    order: VecDeque<Key>,
}

type Key = [u8; 32];

impl Affinity {
    /// Remembers so many values.
    pub fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    /// That instance gave out that value.
    pub fn learn(&self, value: &str, instance: &Arc<str>) {
        // A cookie that is taken back belongs to nobody.
        if value.is_empty() || self.most == 0 {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(value);
        if held.by.insert(key, Arc::clone(instance)).is_some() {
            return;
        }
        held.order.push_back(key);
        if held.order.len() > self.most
            && let Some(oldest) = held.order.pop_front()
        {
            held.by.remove(&oldest);
        }
    }

    /// Who gave it out.
    pub fn of(&self, value: &str) -> Option<Arc<str>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).by.get(&key(value)).cloned()
    }
}

fn key(value: &str) -> Key {
    blake3::hash(value.as_bytes()).into()
}

/// The values that `Cookie` headers have for that name.
pub(super) fn carried<'a>(headers: impl Iterator<Item = &'a str>, name: &str) -> impl Iterator<Item = &'a str> {
    headers.flat_map(|header| header.split(';')).filter_map(move |pair| of(pair, name))
}

/// The value that a `Set-Cookie` header gives to that name.
pub(super) fn given<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    of(header.split(';').next()?, name)
}

fn of<'a>(pair: &'a str, name: &str) -> Option<&'a str> {
    let (its, value) = pair.split_once('=')?;
    (its.trim() == name).then(|| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let check = |headers: &[&'static str], expected: &[&str]| {
            assert_eq!(carried(headers.iter().copied(), "sid").collect::<Vec<_>>(), expected, "{headers:?}");
        };
        check(&["sid=1"], &["1"]);
        check(&["a=b; sid=1;xsid=2; SID=3", "sid = a=b "], &["1", "a=b"]);
        check(&["sid", "xsid=1", ""], &[]);
        assert_eq!(given("sid=1; Path=/; HttpOnly", "sid"), Some("1"));
        assert_eq!(given("other=1; sid=2", "sid"), None);
    }

    #[test]
    fn the_oldest_value_is_forgotten_first() {
        let affinity = Affinity::new(2);
        let (one, two): (Arc<str>, Arc<str>) = ("one".into(), "two".into());
        affinity.learn("a", &one);
        affinity.learn("b", &one);
        affinity.learn("a", &two);
        affinity.learn("", &two);
        assert_eq!((affinity.of("a"), affinity.of("b"), affinity.of("")), (Some(Arc::clone(&two)), Some(one), None));
        affinity.learn("c", &two);
        assert_eq!((affinity.of("a"), affinity.of("c")), (None, Some(two)));
    }
}
