//! Media types and what is sent as them.

use super::{Contract, Node};

/// A media type or a range of them, as a key of `content` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contract::openapi) struct Range(String);

/// What is sent as one media type.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Content<'a> {
    pub(in crate::contract::openapi) range: Range,
    /// None where nothing is said.
    pub(in crate::contract::openapi) schema: Option<Node<'a>>,
    pub(in crate::contract::openapi) node: Node<'a>,
}

impl std::fmt::Display for Range {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl Range {
    /// Case and `charset` make no difference; other parameters do (`application/json; version=2`).
    pub(in crate::contract::openapi) fn new(text: &str) -> Self {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let mut name = parts.next().unwrap_or_default();
        for part in parts.filter(|part| !part.is_empty() && !part.starts_with("charset")) {
            name.push_str("; ");
            name.push_str(&part);
        }
        Self(name)
    }

    fn name(&self) -> &str {
        self.0.split(';').next().unwrap_or_default().trim()
    }

    /// Whether all that the other names is in it.
    pub(in crate::contract::openapi) fn covers(&self, other: &Self) -> bool {
        if self == other || self.name() == "*/*" {
            return true;
        }
        let is_plain = !self.0.contains(';');
        match self.name().strip_suffix("/*") {
            Some(kind) => other.name().split('/').next() == Some(kind),
            None => is_plain && self.name() == other.name(),
        }
    }

    /// Whether something is in both.
    pub(in crate::contract::openapi) fn meets(&self, other: &Self) -> bool {
        self.covers(other) || other.covers(self)
    }

    /// Whether it is JSON, under its own name or another's.
    pub(in crate::contract::openapi) fn is_json(&self) -> bool {
        self.0 == "application/json" || self.0.ends_with("+json")
    }

    /// Whether everything in it is sent as text: `1` and `"1"` are the same.
    pub(in crate::contract::openapi) fn is_form(&self) -> bool {
        matches!(self.name(), "application/x-www-form-urlencoded" | "multipart/form-data")
    }
}

/// What stands under `content`, in order.
pub(in crate::contract::openapi) fn contents<'a>(holder: &Node<'a>, contract: &'a Contract) -> Vec<Content<'a>> {
    let Some(content) = holder.get("content") else { return Vec::new() };
    let read = |(name, node): (&str, Node<'a>)| {
        let node = contract.follow(node.clone()).unwrap_or(node);
        Content { range: Range::new(name), schema: node.get("schema"), node }
    };
    content.members().map(read).collect()
}

/// The content that speaks of a media type most closely.
pub(in crate::contract::openapi) fn closest<'c, 'a>(
    contents: &'c [Content<'a>],
    range: &Range,
) -> Option<&'c Content<'a>> {
    let rank = |content: &Content<'_>| {
        let own = &content.range;
        match (own == range, own.name() == range.name(), own.name().ends_with("/*"), own.name() == "*/*") {
            (true, ..) => 0,
            (_, true, ..) => 1,
            (_, _, _, true) => 3,
            _ => 2,
        }
    };
    contents.iter().filter(|content| content.range.covers(range)).min_by_key(|content| rank(content))
}
