//! HAR's entries, one after the other: of each only what is read, and never more of it than fits.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// As many values of one entry are held: headers, cookies, fields of a form. Browsers send a few hundred.
pub(super) const MOST: usize = 100_000;

/// What is read of an entry, and of its request and response. All that stands within these is read.
const OF_ENTRY: [&str; 9] = [
    "request",
    "response",
    "startedDateTime",
    "connection",
    "_webSocketMessages",
    "pageref",
    "_initiator",
    "_resourceType",
    "_straddleSession",
];
const OF_MESSAGE: [&str; 9] =
    ["method", "url", "httpVersion", "headers", "cookies", "postData", "bodySize", "status", "content"];
/// Of these it only counts that they are there.
const ONLY_THERE: [&str; 4] = ["_webSocketMessages", "pageref", "_initiator", "_resourceType"];

/// Who takes an entry: none where it holds too much. False ends the reading.
pub(super) type Take<'t> = dyn FnMut(Option<Value>) -> bool + 't;

/// The whole file: an object with `log`.
pub(super) struct Root<'t, 'f> {
    pub(super) take: &'t mut Take<'f>,
    /// Whether there was an array `log.entries`.
    pub(super) found: &'t mut bool,
}

impl<'de> DeserializeSeed<'de> for Root<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with `log`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "log" {
                map.next_value_seed(Log { take: self.take, found: self.found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Log<'t, 'f> {
    take: &'t mut Take<'f>,
    found: &'t mut bool,
}

impl<'de> DeserializeSeed<'de> for Log<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Log<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object with `entries`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "entries" {
                map.next_value_seed(Entries { take: self.take })?;
                *self.found = true;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Entries<'t, 'f> {
    take: &'t mut Take<'f>,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        loop {
            let mut left = MOST;
            let Some(entry) = entries.next_element_seed(Tree { depth: 0, left: &mut left })? else { return Ok(()) };
            if !(self.take)((left > 0).then_some(entry)) {
                return Err(A::Error::custom("stopped"));
            }
        }
    }
}

/// A value of an entry, without what nobody reads.
struct Tree<'l> {
    depth: usize,
    left: &'l mut usize,
}

impl Tree<'_> {
    fn reads(&self, key: &str) -> bool {
        match self.depth {
            0 => OF_ENTRY.contains(&key),
            1 => OF_MESSAGE.contains(&key),
            _ => true,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        if *self.left == 0 {
            return from.deserialize_ignored_any(IgnoredAny).map(|_| Value::Null);
        }
        *self.left -= 1;
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Tree { depth: self.depth + 1, left: self.left })? {
            if *self.left > 0 {
                items.push(item);
            }
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if !self.reads(&key) || *self.left == 0 || (self.depth == 0 && ONLY_THERE.contains(&key.as_str())) {
                map.next_value::<IgnoredAny>()?;
                if self.depth == 0 && ONLY_THERE.contains(&key.as_str()) {
                    fields.insert(key, Value::Null);
                }
                continue;
            }
            let value = map.next_value_seed(Tree { depth: self.depth + 1, left: self.left })?;
            fields.insert(key, value);
        }
        Ok(fields.into())
    }
}
