//! A parameter: where it goes, how it is written, what it may hold.

use serde_json::Value;

use super::media::contents;
use super::{Contract, Node, Range, Trouble};

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A segment of the path, or a part of one.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

/// How a parameter is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contract::openapi) enum Style {
    /// As its style says, exploded or not.
    Plain(String, bool),
    /// As a document of that type.
    Document(Range),
}

/// A parameter.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Parameter<'a> {
    pub(in crate::contract::openapi) location: Location,
    pub(in crate::contract::openapi) name: String,
    pub(in crate::contract::openapi) is_required: bool,
    /// Whether the contract says more of it than that its path has it.
    pub(in crate::contract::openapi) is_declared: bool,
    pub(in crate::contract::openapi) style: Style,
    pub(in crate::contract::openapi) schema: Option<Node<'a>>,
    pub(in crate::contract::openapi) node: Node<'a>,
}

impl Location {
    /// The word for it in `at`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

impl<'a> Parameter<'a> {
    /// Reads one; none for headers that OpenAPI says are described elsewhere, and for what is no parameter.
    pub(in crate::contract::openapi) fn read(node: Node<'a>, contract: &'a Contract) -> Result<Option<Self>, Trouble> {
        let node = contract.follow(node)?;
        let location = match node.text("in") {
            Some("path") => Location::Path,
            Some("query") => Location::Query,
            Some("header") => Location::Header,
            Some("cookie") => Location::Cookie,
            other => {
                let why = format!(
                    "a parameter `in: {}` is none of OpenAPI's: path, query, header or cookie",
                    other.unwrap_or("?")
                );
                return Err(Trouble { why, at: contract.position(&node), is_unread: false });
            }
        };
        let mut name = node.text("name").unwrap_or_default().to_owned();
        if location == Location::Header {
            name.make_ascii_lowercase();
            if matches!(name.as_str(), "accept" | "content-type" | "authorization") {
                return Ok(None);
            }
        }
        let (style, schema) = written(&node, contract, location);
        let is_required = node.is_set("required") || location == Location::Path;
        Ok(Some(Self { location, name, is_required, is_declared: true, style, schema, node }))
    }

    /// One that stands in a path, and of which nothing else is said: every call has it.
    pub(in crate::contract::openapi) fn undeclared(name: &str, operation: &Node<'a>) -> Self {
        Self {
            location: Location::Path,
            name: name.to_owned(),
            is_required: true,
            is_declared: false,
            style: Style::Plain("simple".to_owned(), false),
            schema: None,
            node: operation.clone(),
        }
    }

    /// `query limit`.
    pub(in crate::contract::openapi) fn at(&self) -> String {
        format!("{} {}", self.location.word(), self.name)
    }
}

/// How a parameter or header is written, and its schema.
pub(super) fn written<'a>(node: &Node<'a>, contract: &'a Contract, location: Location) -> (Style, Option<Node<'a>>) {
    if let Some(content) = contents(node, contract).into_iter().next() {
        return (Style::Document(content.range), content.schema);
    }
    let usual = if matches!(location, Location::Query | Location::Cookie) { "form" } else { "simple" };
    let style = node.text("style").unwrap_or(usual);
    let is_exploded = node.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
    (Style::Plain(style.to_owned(), is_exploded), node.get("schema"))
}
