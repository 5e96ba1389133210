//! Protocol-neutral requests, replies and transport failures: metadata and frames.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::rpc::is_rpc;
use super::secret::fragment;

/// Names and values in the order, the case and the number in which they crossed the wire: headers, trailers, metadata.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata(Vec<(String, String)>);

impl Metadata {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one at the end. Bytes that are not UTF-8 come as their Latin-1 characters, as HTTP has it.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first value of that name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All values of that name, whatever its case, in their order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether there is one of that name.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All, in their order, each value to be changed in place.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut String)> {
        self.0.iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    /// Keeps those of which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(all: I) -> Self {
        Self(all.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// What a message carries. HTTP's body is one frame; a stream has one for each message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Body {
    /// Nobody knows: the recording left it out. Not the same as empty.
    Unknown,
    /// Nothing.
    #[default]
    Empty,
    /// One frame or more, as they crossed the wire (content encodings still on).
    Frames(Vec<Bytes>),
}

impl Body {
    /// One frame, or `Empty` where there are no bytes.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        if bytes.is_empty() { Self::Empty } else { Self::Frames(vec![bytes]) }
    }

    /// All frames as one run of bytes; none where the body is unknown.
    pub fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Unknown => None,
            Self::Empty => Some(Cow::Borrowed(&[])),
            Self::Frames(frames) if frames.len() == 1 => Some(Cow::Borrowed(&frames[0])),
            Self::Frames(frames) => Some(Cow::Owned(frames.concat())),
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// HTTP's method; for gRPC always `POST`.
    pub method: String,
    /// The request target exactly as recorded, in origin form: `/orders/7?full=1`.
    pub target: String,
    /// Headers in recorded order and case. `Host` stands among them where it was recorded.
    pub metadata: Metadata,
    /// What it carries.
    pub body: Body,
}

impl Call {
    /// The target up to the query.
    pub fn path(&self) -> &str {
        let target = self.without_fragment();
        &target[..target.find('?').unwrap_or(target.len())]
    }

    /// The target's query without its `?`, where there is one.
    pub fn query(&self) -> Option<&str> {
        self.without_fragment().split_once('?').map(|(_, query)| query)
    }

    /// The path of the remote procedure that is called, where one is: `/shop.v1.Shop/Get`. A call says so by its media type.
    pub fn procedure(&self) -> Option<&str> {
        let is_one = self.method == "POST" && self.metadata.get("content-type").is_some_and(is_rpc);
        is_one.then(|| self.path())
    }

    fn without_fragment(&self) -> &str {
        &self.target[..fragment(&self.target).unwrap_or(self.target.len())]
    }

    /// Whether the method promises to change nothing (RFC 9110, 9.2.1).
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }
}

/// A reply that came whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// HTTP's status code.
    pub status: u16,
    /// Headers in their order and case.
    pub metadata: Metadata,
    /// What it carries.
    pub body: Body,
    /// What came after the body.
    pub trailers: Metadata,
}

/// Why there is no whole reply.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No connection could be made.
    Refused,
    /// The connection closed before the reply's head.
    Closed,
    /// The connection closed within the reply.
    Truncated,
    /// The bytes are no reply: what is wrong with them.
    Malformed(String),
    /// No reply within the time limit; whether its head had come.
    Timeout {
        /// The head had come, the body did not end.
        in_body: bool,
    },
    /// The server broke the exchange off, and says so in the words of its protocol.
    Broken(String),
    /// The reply is longer than straddle is willing to hold, in bytes.
    TooLong(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => out.write_str("connection refused"),
            Self::Closed => out.write_str("connection closed without a reply"),
            Self::Truncated => out.write_str("connection closed within the reply"),
            Self::Malformed(what) => write!(out, "not an HTTP reply: {what}"),
            Self::Timeout { in_body: false } => out.write_str("no reply within the time limit"),
            Self::Timeout { in_body: true } => out.write_str("the reply did not end within the time limit"),
            Self::Broken(how) => out.write_str(how),
            Self::TooLong(limit) => write!(out, "reply longer than {limit} bytes"),
        }
    }
}
