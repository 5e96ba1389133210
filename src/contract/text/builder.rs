//! Puts a value together out of what a reader of JSON or YAML comes across, and notes where everything stands.
//!
//! Owns the bound of depth, the refusal of doubled keys and what YAML's merge key `<<` does. It is a stack of its own, so that no
//! text, however deep, overflows the thread's.

use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::places::{Places, PointerHash, Spot};

/// Levels that a text may have; contracts that people read have a dozen or two.
const DEEPEST: usize = 200;

/// What is wrong, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) spot: Spot,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn new(spot: Spot, what: impl Into<String>) -> Self {
        Self { spot, what: what.into() }
    }
}

/// A value that is being put together.
#[derive(Debug, Default)]
pub(super) struct Builder {
    open: Vec<Open>,
    places: Places,
    root: Option<Value>,
}

#[derive(Debug)]
enum Open {
    Object { node: PointerHash, members: Map<String, Value>, key: Key, merged: Vec<Map<String, Value>> },
    Array { node: PointerHash, items: Vec<Value> },
}

#[derive(Debug)]
enum Key {
    Awaited,
    Named(String, PointerHash),
    Merge,
}

impl Builder {
    /// Whether the next scalar is a key.
    pub(super) fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open::Object { key: Key::Awaited, .. }))
    }

    /// Whether the innermost thing that is open is an object.
    pub(super) fn is_in_object(&self) -> bool {
        matches!(self.open.last(), Some(Open::Object { .. }))
    }

    /// Whether nothing is open.
    pub(super) fn is_at_top(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn open_object(&mut self, spot: Spot) -> Result<(), Fault> {
        let node = self.begin(spot)?;
        self.open.push(Open::Object { node, members: Map::new(), key: Key::Awaited, merged: Vec::new() });
        Ok(())
    }

    pub(super) fn open_array(&mut self, spot: Spot) -> Result<(), Fault> {
        let node = self.begin(spot)?;
        self.open.push(Open::Array { node, items: Vec::new() });
        Ok(())
    }

    /// The key of the member that comes next.
    pub(super) fn key(&mut self, name: String, spot: Spot) -> Result<(), Fault> {
        let Some(Open::Object { node, members, key, .. }) = self.open.last_mut() else {
            return Err(Fault::new(spot, "a key outside of an object"));
        };
        let member = node.member(&name);
        if members.contains_key(&name) {
            let first = self.places.noted(member).unwrap_or(spot);
            let what = format!("`{name}` is there already, at {}:{}: keep one of the two", first.line, first.column);
            return Err(Fault::new(spot, what));
        }
        *key = Key::Named(name, member);
        self.places.note(member, spot);
        Ok(())
    }

    /// YAML's `<<`: the mapping or mappings that come next stand behind what this one says itself.
    pub(super) fn merge_key(&mut self) {
        if let Some(Open::Object { key, .. }) = self.open.last_mut() {
            *key = Key::Merge;
        }
    }

    /// Notes a scalar or an alias, before it is put.
    pub(super) fn leaf(&mut self, value: Value, spot: Spot) -> Result<(), Fault> {
        self.begin(spot)?;
        self.put(value, spot)
    }

    /// Closes what is open, and gives it back, to be [`put`](Self::put).
    pub(super) fn close(&mut self) -> Value {
        match self.open.pop() {
            Some(Open::Object { mut members, merged, .. }) => {
                for (name, value) in merged.into_iter().flatten() {
                    if let Entry::Vacant(free) = members.entry(name) {
                        free.insert(value);
                    }
                }
                Value::Object(members)
            }
            Some(Open::Array { items, .. }) => Value::Array(items),
            None => Value::Null,
        }
    }

    /// Puts a whole value where it belongs.
    pub(super) fn put(&mut self, value: Value, spot: Spot) -> Result<(), Fault> {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::Array { items, .. }) => items.push(value),
            Some(Open::Object { members, key, merged, .. }) => match std::mem::replace(key, Key::Awaited) {
                Key::Named(name, _) => {
                    members.insert(name, value);
                }
                Key::Merge => merged.extend(mappings(value, spot)?),
                Key::Awaited => {
                    return Err(Fault::new(spot, "a key must be a single word or number, not a list or mapping"));
                }
            },
        }
        Ok(())
    }

    /// The whole value, once it is there.
    pub(super) fn finish(self) -> Option<(Value, Places)> {
        let root = self.root?;
        Some((root, self.places.finish()))
    }

    fn begin(&mut self, spot: Spot) -> Result<PointerHash, Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::new(
                spot,
                format!("is nested more than {DEEPEST} levels deep: name parts and use `$ref`"),
            ));
        }
        Ok(match self.open.last() {
            Some(Open::Object { key: Key::Named(_, node), .. } | Open::Object { node, .. }) => *node,
            Some(Open::Array { node, items }) => {
                let node = node.item(items.len());
                self.places.note(node, spot);
                node
            }
            None => {
                self.places.note(PointerHash::ROOT, spot);
                PointerHash::ROOT
            }
        })
    }
}

/// What `<<` takes: a mapping, or a list of them, of which the first that says something is heard.
fn mappings(value: Value, spot: Spot) -> Result<Vec<Map<String, Value>>, Fault> {
    let refused = || Fault::new(spot, "`<<` takes a mapping or a list of mappings: quote it if it is a name");
    match value {
        Value::Object(members) => Ok(vec![members]),
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::Object(members) => Ok(members),
                _ => Err(refused()),
            })
            .collect(),
        _ => Err(refused()),
    }
}
