//! A place in one of a contract's files, and the value that stands there.

use serde_json::Value;

use crate::contract::Position;

/// A value with its file and JSON pointer.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Node<'a> {
    /// Which of the contract's files.
    pub(in crate::contract::openapi) file: usize,
    /// Its JSON pointer there.
    pub(in crate::contract::openapi) pointer: String,
    /// What stands there.
    pub(in crate::contract::openapi) value: &'a Value,
}

/// Which node it is. A pointer's text would say the same, and a large contract has millions of them to hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::contract::openapi) struct Identity(usize);

/// Why something in a contract can't be looked at, and where that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contract::openapi) struct Trouble {
    /// What is the matter, for a person.
    pub(in crate::contract::openapi) why: String,
    /// Where.
    pub(in crate::contract::openapi) at: Option<Position>,
    /// It is about what stands elsewhere and was not read: the same words on both sides don't make it the same.
    pub(in crate::contract::openapi) is_unread: bool,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.at {
            Some(at) => write!(out, "{at}: {}", self.why),
            None => out.write_str(&self.why),
        }
    }
}

impl<'a> Node<'a> {
    /// What tells it from every other node of the contracts that are held: no two stand in one place of memory.
    pub(in crate::contract::openapi) fn identity(&self) -> Identity {
        Identity(std::ptr::from_ref(self.value) as usize)
    }

    /// The member of this name.
    pub(in crate::contract::openapi) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.as_object()?.get(name)?;
        Some(Self { file: self.file, pointer: format!("{}/{}", self.pointer, escaped(name)), value })
    }

    /// All members with their names.
    pub(in crate::contract::openapi) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a, '_> {
        self.value.as_object().into_iter().flatten().map(|(name, value)| {
            (name.as_str(), Self { file: self.file, pointer: format!("{}/{}", self.pointer, escaped(name)), value })
        })
    }

    /// All items.
    pub(in crate::contract::openapi) fn items(&self) -> impl Iterator<Item = Self> + use<'a, '_> {
        self.value.as_array().into_iter().flatten().enumerate().map(|(index, value)| Self {
            file: self.file,
            pointer: format!("{}/{index}", self.pointer),
            value,
        })
    }

    /// The text of a member.
    pub(in crate::contract::openapi) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// Whether a member is `true`.
    pub(in crate::contract::openapi) fn is_set(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// What `$ref` says, if this is a reference.
    pub(in crate::contract::openapi) fn reference(&self) -> Option<&'a str> {
        self.text("$ref")
    }
}

/// A name as JSON pointers write it.
pub(in crate::contract::openapi) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
