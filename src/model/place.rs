//! Where in a message a value stands.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A step into a [`Document`](super::Document).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The field of that name.
    Field(Box<str>),
    /// The item at that index.
    Item(usize),
    /// Any item: written `[]`, as findings have it.
    Each,
}

/// A way from the root of a document to a part of it: `$.items[3].id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The document itself: `$`.
    pub fn root() -> Self {
        Self::default()
    }

    /// This path and a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.with(Step::Field(name.into()))
    }

    /// This path and a step.
    #[must_use]
    pub fn with(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// The same with every index as `[]`: the form in which findings and selectors name places.
    #[must_use]
    pub fn general(&self) -> Self {
        Self(self.0.iter().map(|step| if let Step::Item(_) = step { Step::Each } else { step.clone() }).collect())
    }

    /// The name of the last field on the way, passing over indices.
    pub fn last_field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| if let Step::Field(name) = step { Some(&**name) } else { None })
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'))
}

/// A text as a JSON string which holds no `|`, since that parts the ways into a place.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('|', "\\u007c")
}

/// A name as it is, or quoted where it would be read as something else.
fn named(name: &str) -> Cow<'_, str> {
    let plain =
        !name.is_empty() && !name.starts_with('"') && !name.contains([' ', '|']) && !name.contains(char::is_control);
    if plain { Cow::Borrowed(name) } else { Cow::Owned(quoted(name)) }
}

/// The opposite of [`named`]; `None` where a quoted name doesn't end with its quote.
fn unnamed(text: &str) -> Option<String> {
    if text.starts_with('"') { serde_json::from_str(text).ok() } else { Some(text.to_owned()) }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("$")?;
        for step in &self.0 {
            match step {
                Step::Field(name) if is_plain(name) => write!(out, ".{name}")?,
                Step::Field(name) => write!(out, "[{}]", quoted(name))?,
                Step::Item(index) => write!(out, "[{index}]")?,
                Step::Each => out.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Path {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let bad = || BadPlace(text.to_owned());
        let mut rest = text.strip_prefix('$').ok_or_else(bad)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                if end == 0 {
                    return Err(bad());
                }
                steps.push(Step::Field(after[..end].into()));
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix("[]") {
                steps.push(Step::Each);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('[') {
                if after.starts_with('"') {
                    let mut names = serde_json::Deserializer::from_str(after).into_iter::<String>();
                    let name = names.next().and_then(Result::ok).ok_or_else(bad)?;
                    let end = names.byte_offset();
                    steps.push(Step::Field(name.into()));
                    rest = after[end..].strip_prefix(']').ok_or_else(bad)?;
                } else {
                    let (index, after) = after.split_once(']').ok_or_else(bad)?;
                    steps.push(Step::Item(index.parse().map_err(|_| bad())?));
                    rest = after;
                }
            } else {
                return Err(bad());
            }
        }
        Ok(Self(steps))
    }
}

/// A place in a request or a reply.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum At {
    /// The status code: `status`.
    Status,
    /// The transport itself, where there was no whole reply: `reply`.
    Reply,
    /// A header, lower case: `header etag`.
    Header(String),
    /// A cookie: `cookie sid`; in a reply the one that `Set-Cookie` sets.
    Cookie(String),
    /// A segment of the path, from 0: `path 1`.
    Segment(usize),
    /// A value in the query by its name, and by its number where the name stands more than once: `query cursor`, `query tag 1`.
    Query(String, usize),
    /// A part of the body: `$.items[].id`. A form's fields and a page's form fields are parts of the body too.
    Body(Path),
    /// A page's first link that fits this target, with `{}` where the value stands, and `{*}` where another value that is
    /// made anew stands: `link /orders?after={}`. Scheme and host are left off, on both sides.
    Link(String),
}

impl fmt::Display for At {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => out.write_str("status"),
            Self::Reply => out.write_str("reply"),
            Self::Header(name) => write!(out, "header {}", named(name)),
            Self::Cookie(name) => write!(out, "cookie {}", named(name)),
            Self::Segment(index) => write!(out, "path {index}"),
            Self::Query(name, 0) => write!(out, "query {}", named(name)),
            Self::Query(name, number) => write!(out, "query {} {number}", named(name)),
            Self::Body(path) => path.fmt(out),
            Self::Link(target) => write!(out, "link {}", named(target)),
        }
    }
}

impl FromStr for At {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let bad = || BadPlace(text.to_owned());
        if text.starts_with('$') {
            return Ok(Self::Body(text.parse()?));
        }
        match text.split_once(' ') {
            None if text == "status" => Ok(Self::Status),
            None if text == "reply" => Ok(Self::Reply),
            Some(("header", name)) => Ok(Self::Header(unnamed(name).ok_or_else(bad)?.to_ascii_lowercase())),
            Some(("cookie", name)) => Ok(Self::Cookie(unnamed(name).ok_or_else(bad)?)),
            Some(("path", index)) => Ok(Self::Segment(index.parse().map_err(|_| bad())?)),
            Some(("query", rest)) => Ok(match rest.rsplit_once(' ') {
                Some((name, number)) if number.parse::<usize>().is_ok() => {
                    Self::Query(unnamed(name).ok_or_else(bad)?, number.parse().map_err(|_| bad())?)
                }
                _ => Self::Query(unnamed(rest).ok_or_else(bad)?, 0),
            }),
            Some(("link", target)) => Ok(Self::Link(unnamed(target).ok_or_else(bad)?)),
            _ => Err(bad()),
        }
    }
}

/// A place, and the way into the text that stands there: `header location | path 1`.
///
/// Written with ` | ` between the parts, so that a person can read and mend it in a recording.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Where in the message.
    pub at: At,
    /// Ways into the text there, one after the other.
    pub within: Vec<Within>,
}

impl Place {
    /// The whole of what stands there.
    pub fn whole(at: At) -> Self {
        Self { at, within: Vec::new() }
    }
}

/// A way into a text that stands somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Within {
    /// The text is a URL: that segment of its path, from 0.
    Segment(usize),
    /// The text is a URL: that value of its query.
    Query(String),
    /// What stands between these two texts: `between "Bearer " ""`. An empty text is that end of the whole; where neither
    /// is empty, it is the first pair with nothing but the value between: `between "<" ">; rel=\"next\""`.
    Between(String, String),
    /// The text in base64 says it (standard or URL-safe alphabet, padded or not).
    Base64,
    /// The text percent-encoded says it, as in a cookie's value.
    Percent,
}

impl fmt::Display for Within {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Segment(index) => write!(out, "path {index}"),
            Self::Query(name) => write!(out, "query {}", named(name)),
            Self::Between(before, after) => write!(out, "between {} {}", quoted(before), quoted(after)),
            Self::Base64 => out.write_str("base64"),
            Self::Percent => out.write_str("percent"),
        }
    }
}

impl FromStr for Within {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let bad = || BadPlace(text.to_owned());
        match text.split_once(' ') {
            None if text == "base64" => Ok(Self::Base64),
            None if text == "percent" => Ok(Self::Percent),
            Some(("path", index)) => Ok(Self::Segment(index.parse().map_err(|_| bad())?)),
            Some(("query", name)) => Ok(Self::Query(unnamed(name).ok_or_else(bad)?)),
            Some(("between", both)) => {
                let mut texts = serde_json::Deserializer::from_str(both).into_iter::<String>();
                let mut next = || texts.next().and_then(Result::ok).ok_or_else(bad);
                Ok(Self::Between(next()?, next()?))
            }
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(out)?;
        for within in &self.within {
            write!(out, " | {within}")?;
        }
        Ok(())
    }
}

impl FromStr for Place {
    type Err = BadPlace;

    fn from_str(text: &str) -> Result<Self, BadPlace> {
        let mut parts = text.split(" | ");
        let at = parts.next().unwrap_or_default().parse()?;
        let within = parts.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { at, within })
    }
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no place; write `status`, `header NAME`, `cookie NAME`, `path N`, `query NAME` or a path as `$.items[].id`"
)]
pub struct BadPlace(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "status",
            "reply",
            "header etag",
            "cookie sid",
            "path 2",
            "query cursor",
            "query tag 1",
            "$",
            "$.items[].id",
            "$.items[3].id",
            "$[0]",
            "$[\"a b\"].c",
            "link /orders?after={}",
            "header location | path 1",
            "header authorization | between \"Bearer \" \"\"",
            "$.next | query cursor | base64",
            "cookie XSRF-TOKEN | percent",
            "query \"a \\u007c b\" 1",
            "query \"a 1\"",
            "header x | between \" \\u007c \" \"\"",
            "link \"\\\"a b\\\"\"",
        ] {
            let place: Place = text.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "body", "$.", "$x", "path x", "$[", "$[\"a]"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
