//! A manifest whose every value has the shape that it must have, with the span of each: what sections are read from.
//!
//! What had another shape has been reported and is absent here; [`Table::is_written`] still knows of it, so that nothing
//! is reported twice. Main types: [`Node`], [`Table`].

use std::ops::Range;
use std::time::Duration;

use super::CommandSpec;
use crate::model::{At, Direction};

/// Where something stands in the text.
pub(super) type Span = Range<usize>;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub span: Span,
    pub value: Value,
}

/// A value of the right shape.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Flag(bool),
    Count(u64),
    /// Also a percentage: 0.1 for `"10%"`.
    Share(f64),
    Duration(Duration),
    Direction(Direction),
    At(At),
    Command(CommandSpec),
    List(Vec<Node>),
    Table(Table),
}

/// A table: its entries in the order of the file.
#[derive(Debug)]
pub(super) struct Table {
    /// Its header, or the inline table.
    pub span: Span,
    /// How a message calls it: `[service.shop]`.
    pub title: String,
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: String,
    pub key_span: Span,
    /// None where it had the wrong shape.
    pub node: Option<Node>,
    /// Whether the file says it; else it is a default.
    pub written: bool,
}

impl Table {
    /// The value of a key, where there is one of the right shape: written, or its default.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key)?.node.as_ref()
    }

    /// Whether the file has the key, whatever its value.
    pub(super) fn is_written(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.written && entry.key == key)
    }

    /// Where the key stands; the table itself where it doesn't.
    pub(super) fn key_span(&self, key: &str) -> Span {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map_or_else(|| self.span.clone(), |entry| entry.key_span.clone())
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// The meaning of one of several words.
    pub(super) fn choice<T: Copy>(&self, key: &str, meanings: &[(&str, T)]) -> Option<T> {
        let word = self.text(key)?;
        meanings.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        if let Value::Flag(flag) = self.get(key)?.value { Some(flag) } else { None }
    }

    pub(super) fn count(&self, key: &str) -> Option<u64> {
        if let Value::Count(count) = self.get(key)?.value { Some(count) } else { None }
    }

    pub(super) fn share(&self, key: &str) -> Option<f64> {
        if let Value::Share(share) = self.get(key)?.value { Some(share) } else { None }
    }

    pub(super) fn duration(&self, key: &str) -> Option<Duration> {
        if let Value::Duration(duration) = self.get(key)?.value { Some(duration) } else { None }
    }

    pub(super) fn direction(&self, key: &str) -> Option<Direction> {
        if let Value::Direction(direction) = self.get(key)?.value { Some(direction) } else { None }
    }

    pub(super) fn at(&self, key: &str) -> Option<&At> {
        if let Value::At(at) = &self.get(key)?.value { Some(at) } else { None }
    }

    pub(super) fn command(&self, key: &str) -> Option<&CommandSpec> {
        if let Value::Command(command) = &self.get(key)?.value { Some(command) } else { None }
    }

    pub(super) fn table(&self, key: &str) -> Option<&Self> {
        self.get(key)?.as_table()
    }

    pub(super) fn list(&self, key: &str) -> &[Node] {
        if let Some(Value::List(items)) = self.get(key).map(|node| &node.value) { items } else { &[] }
    }

    /// The texts of a list of them.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Node::as_text).map(str::to_owned).collect()
    }

    /// The tables of a list of them.
    pub(super) fn tables(&self, key: &str) -> impl Iterator<Item = &Self> {
        self.list(key).iter().filter_map(Node::as_table)
    }

    /// The entries that are tables, each with its name: those of `[service]`.
    pub(super) fn named(&self, key: &str) -> impl Iterator<Item = (&str, &Self)> {
        let entries = self.table(key).map(|table| table.entries.as_slice()).unwrap_or_default();
        entries.iter().filter_map(|entry| Some((entry.key.as_str(), entry.node.as_ref()?.as_table()?)))
    }
}

impl Node {
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(super) fn as_table(&self) -> Option<&Table> {
        if let Value::Table(table) = &self.value { Some(table) } else { None }
    }
}
