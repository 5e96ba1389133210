//! A reply: its status, headers and contents.

use super::media::contents;
use super::parameter::{Location, written};
use super::{Content, Contract, Node, Style, Trouble};

/// Which codes a reply is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::contract::openapi) enum Status {
    /// Just this one.
    Code(u16),
    /// `2XX` and its like, by the first digit.
    Class(u16),
    /// All that nothing else is for.
    Default,
}

/// A reply.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Reply<'a> {
    pub(in crate::contract::openapi) status: Status,
    pub(in crate::contract::openapi) headers: Vec<Header<'a>>,
    pub(in crate::contract::openapi) contents: Vec<Content<'a>>,
    pub(in crate::contract::openapi) node: Node<'a>,
}

/// A header of a reply.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Header<'a> {
    /// In lower case.
    pub(in crate::contract::openapi) name: String,
    pub(in crate::contract::openapi) is_required: bool,
    pub(in crate::contract::openapi) style: Style,
    pub(in crate::contract::openapi) schema: Option<Node<'a>>,
    pub(in crate::contract::openapi) node: Node<'a>,
}

impl Status {
    fn of(key: &str) -> Option<Self> {
        if key == "default" {
            return Some(Self::Default);
        }
        let digit = key.chars().next()?.to_digit(10)?;
        let rest = key.get(1..)?;
        if rest.eq_ignore_ascii_case("xx") {
            return u16::try_from(digit).ok().map(Self::Class);
        }
        key.parse().ok().filter(|_| key.len() == 3).map(Self::Code)
    }

    /// Whether all of the other's codes are among its own.
    pub(in crate::contract::openapi) fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Default, _) => true,
            (Self::Class(own), Self::Class(other)) => own == other,
            (Self::Class(own), Self::Code(code)) => own == code / 100,
            (own, other) => own == other,
        }
    }

    /// Whether it says that the call went well.
    pub(in crate::contract::openapi) fn is_success(self) -> bool {
        matches!(self, Self::Class(2) | Self::Code(200..=299))
    }

    /// Whether it says that the call failed.
    pub(in crate::contract::openapi) fn is_failure(self) -> bool {
        matches!(self, Self::Class(4 | 5) | Self::Code(400..))
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(out, "{code}"),
            Self::Class(digit) => write!(out, "{digit}XX"),
            Self::Default => out.write_str("default"),
        }
    }
}

impl<'a> Reply<'a> {
    /// Reads what stands under a key of `responses`; none for extensions.
    pub(super) fn read(key: &str, node: Node<'a>, contract: &'a Contract) -> Result<Option<Self>, Trouble> {
        let Some(status) = Status::of(key) else { return Ok(None) };
        let node = contract.follow(node)?;
        let mut headers = Vec::new();
        if let Some(all) = node.get("headers") {
            for (name, header) in all.members() {
                let name = name.to_ascii_lowercase();
                // OpenAPI says that this one is described by `content`.
                if name == "content-type" {
                    continue;
                }
                let header = contract.follow(header)?;
                let (style, schema) = written(&header, contract, Location::Header);
                headers.push(Header { name, is_required: header.is_set("required"), style, schema, node: header });
            }
        }
        Ok(Some(Self { status, headers, contents: contents(&node, contract), node }))
    }
}
