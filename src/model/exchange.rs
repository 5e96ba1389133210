//! Recorded traffic: exchanges, and the values that flow from replies into later calls.

use super::{Call, Place, Reply};

/// A recorded call, its reply, and what binds it to earlier ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Its number in the recording, from 0, in recorded order.
    pub index: u64,
    /// The session that it belongs to: exchanges of one user.
    pub session: u64,
    /// Whether nothing more of this session follows.
    pub last: bool,
    /// When the call was made, in milliseconds since the recording began.
    pub offset_ms: u64,
    /// What was asked.
    pub call: Call,
    /// What was answered; none where the recording has no reply (a status of 0 in a HAR file).
    pub reply: Option<Reply>,
    /// Values in the call which earlier replies gave out.
    pub bindings: Vec<Binding>,
    /// Places of the reply whose values later calls use: the other end of `bindings`, so that a reader needn't look ahead.
    pub used: Vec<Place>,
    /// How it crossed the wire.
    pub via: Via,
}

/// How a recorded exchange crossed the wire, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Via {
    /// The name of the client's connection: calls of one name came over one connection. None where nobody knows.
    pub connection: Option<String>,
    /// The version of HTTP that the client spoke.
    pub http: HttpVersion,
}

/// A version of HTTP. Its text is what stands in recordings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1, also where nobody knows.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
}

impl HttpVersion {
    /// Its number, as people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
        }
    }
}

/// A value in a call, and the earlier replies which gave it out. Any of them will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where in the call.
    pub at: Place,
    /// What was recorded there.
    pub value: String,
    /// Who gave it out: first the places that hang on no list's order, and of them the nearest first.
    pub from: Vec<Producer>,
}

/// A place in an earlier reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// The exchange's number in the recording.
    pub exchange: u64,
    /// Where in its reply.
    pub at: Place,
}
