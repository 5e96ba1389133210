//! One change to the replies of one operation: what it is, and doing it. It changes what it names and nothing else. The main
//! type is [`Change`].

mod body;
mod head;
mod page;

use std::fmt;

use serde_json::{Value, json};

use super::json::Node;
use super::place::Place;
use super::reply::Reply;
use super::route::Route;

/// What is done to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Another status code.
    Status,
    /// A field is gone.
    Dropped,
    /// A field has another name.
    Renamed,
    /// A value has another type.
    Type,
    /// A value is null.
    Null,
    /// A list, a text or a body has nothing in it.
    Emptied,
    /// A list has one row less.
    RowLost,
    /// A list's rows stand in another order.
    Order,
    /// A header, a cookie or one of its attributes is gone.
    HeaderDropped,
    /// Another media type.
    ContentType,
    /// A value is written in another form.
    Format,
    /// A value is another of the same form.
    Value,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Status,
        Self::Dropped,
        Self::Renamed,
        Self::Type,
        Self::Null,
        Self::Emptied,
        Self::RowLost,
        Self::Order,
        Self::HeaderDropped,
        Self::ContentType,
        Self::Format,
        Self::Value,
    ];

    /// Whether no mask may hide it: all but another order and another value of the same form.
    pub fn is_structural(self) -> bool {
        !matches!(self, Self::Order | Self::Value)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Dropped => "field dropped",
            Self::Renamed => "field renamed",
            Self::Type => "type changed",
            Self::Null => "null",
            Self::Emptied => "emptied",
            Self::RowLost => "row lost",
            Self::Order => "order of rows",
            Self::HeaderDropped => "header dropped",
            Self::ContentType => "content type",
            Self::Format => "format",
            Self::Value => "value changed",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// A change to every reply of an operation that has the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The operation.
    pub route: Route,
    /// Whether the replies that refuse are meant, or the others.
    pub fails: bool,
    /// Where.
    pub place: Place,
    /// What.
    pub kind: Kind,
    /// Which of several ways to do it.
    pub salt: u64,
    /// Only the last row of a list is changed, and not every one.
    pub one_row: bool,
}

impl Change {
    /// Changes the reply; says whether it did.
    pub fn apply(&self, reply: &mut Reply) -> bool {
        if reply.fails() != self.fails {
            return false;
        }
        match &self.place {
            Place::Status => head::status(reply, self.salt),
            Place::Header(name) => head::header(reply, name, self.kind, self.salt),
            Place::Cookie(name, attribute) => head::cookie(reply, name, attribute.as_deref()),
            Place::Form(name) => page::form(reply, name, self.kind),
            Place::Link(target) => page::link(reply, target),
            Place::Body(steps) => {
                let changed = match reply.text().and_then(Node::parse).filter(|_| reply.is_json()) {
                    Some(node) => body::edit(&node, steps, self),
                    None if steps.is_empty() => reply.text().and_then(|text| page::text(text, reply, self)),
                    None => None,
                };
                let Some(changed) = changed.filter(|changed| changed.as_bytes() != reply.body) else { return false };
                reply.body = changed.into_bytes();
                true
            }
        }
    }

    /// Into the plan.
    pub fn to_json(&self) -> Value {
        json!({
            "route": self.route.to_string(), "fails": self.fails, "place": self.place.to_json(), "kind": self.kind.name(),
            "salt": self.salt, "one_row": self.one_row,
        })
    }

    /// Out of the plan.
    pub fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            route: Route::read(value["route"].as_str()?),
            fails: value["fails"].as_bool()?,
            place: Place::from_json(&value["place"])?,
            kind: Kind::ALL.into_iter().find(|kind| value["kind"] == kind.name())?,
            salt: value["salt"].as_u64()?,
            one_row: value["one_row"].as_bool()?,
        })
    }
}

#[cfg(test)]
mod tests;
