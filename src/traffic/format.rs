//! straddle's own recording format, byte for byte.
//!
//! A recording is a file of JSON lines in UTF-8, each ended by `\n`; the whole of it may be compressed with zstd (told
//! by its magic number, whatever the name; written so where the name ends in `.zst`). Empty lines are passed over.
//!
//! The first line is the header:
//!
//! ```json
//! {"format":"straddle-recording","major":1,"minor":1,"settled":true,"redacted":true}
//! ```
//!
//! `settled` (true where it is left out) says that sessions and bindings were looked for; `redacted` (false where it is
//! left out), that credentials were taken out.
//!
//! `major` grows when an older reader would misread the file, and such a file is refused; `minor` grows with every
//! addition, and what a reader doesn't know it passes over. Each other line is one exchange, its keys in this order:
//!
//! ```json
//! {"index":1,"session":0,"last":true,"offset_ms":12,
//!  "call":{"method":"GET","target":"/posts/7","headers":[["Host","shop.test"]],"body":""},
//!  "reply":{"status":200,"headers":[["Content-Type","application/json"]],"body":{"text":"{\"id\":7}"},"trailers":[]},
//!  "bindings":[{"at":"path 1","value":"7","from":[{"exchange":0,"at":"$.id"}]}],
//!  "used":[],
//!  "via":{"connection":"3","http":"2"}}
//! ```
//!
//! - `index` grows from line to line; gaps are allowed, so that lines can be taken out by hand.
//! - `session` numbers the user whose exchange this is, and `last` says that nothing more of that session follows.
//! - `offset_ms` counts from the first call. Lines may have equal offsets.
//! - `target` is the request target as it crossed the wire. Headers are pairs, in order, with their case; bytes that
//!   are not UTF-8 are written as their Latin-1 characters.
//! - A body is `null` or left out where nobody knows it, `""` where it is empty, `{"text":…}` where it is UTF-8,
//!   `{"base64":…}` (standard alphabet, padded) where it is not or is long and shorter so, and `{"frames":[…]}` where there is not just one
//!   frame. A string that is not empty is read as its text. Content encodings that `Content-Encoding` names may be on
//!   or off.
//! - `reply` is `null` where the call was never answered.
//! - `bindings` says which values of the call earlier replies gave out, and `used` names the places of this reply whose
//!   values later calls use. Places read as `model::Place` writes them.
//! - `via` says over which of the client's connections the exchange went, and in which version of HTTP: `1.0`, `1.1` or
//!   `2`. Either is left out where it is unknown or 1.1. (Since minor version 1, as `settled` and `redacted`.)

mod body;
mod escape;
mod line;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::body::{BodyLine, body};
pub(super) use self::line::Line;
pub use self::line::Written;
use crate::model::{Binding, Call, Exchange, HttpVersion, Metadata, Place, Producer, Reply, Via};

/// The format's name, in every header.
pub(super) const FORMAT: &str = "straddle-recording";
/// The greatest major version that is read.
pub(super) const MAJOR: u32 = 1;
/// The minor version that is written.
pub(super) const MINOR: u32 = 1;

/// A longer line is not read, and so not written: an exchange holds at most 64 MiB of bodies, which base64 makes 86.
pub(super) const LONGEST: u64 = 128 << 20;

/// The JSON Schema of one line of a recording: a header or an exchange.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(AnyLine).to_value()
}

/// A line of a recording.
#[derive(JsonSchema)]
#[schemars(untagged, title = "straddle recording, one line")]
#[expect(dead_code, reason = "only its schema is used: a reader knows which line is the first")]
enum AnyLine {
    Header(Header),
    Exchange(Box<ExchangeLine>),
}

/// The first line.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Header {
    /// Always `straddle-recording`.
    pub(super) format: String,
    /// Grows when an older reader would misread the file.
    pub(super) major: u64,
    /// Grows with every addition.
    #[serde(default)]
    pub(super) minor: u64,
    /// Whether sessions and bindings were looked for.
    #[serde(default = "yes")]
    pub(super) settled: bool,
    /// Whether credentials were taken out.
    #[serde(default)]
    pub(super) redacted: bool,
}

fn yes() -> bool {
    true
}

impl Header {
    pub(super) fn current(settled: bool, redacted: bool) -> Self {
        Self { format: FORMAT.to_owned(), major: MAJOR.into(), minor: MINOR.into(), settled, redacted }
    }
}

/// An exchange.
// It is only read: `line` writes. That it can be serialised is for the schema, which names defaults.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ExchangeLine {
    /// Its number, from 0, in recorded order.
    index: u64,
    /// The user whose exchange this is.
    #[serde(default)]
    session: u64,
    /// Whether nothing more of this session follows.
    #[serde(default)]
    last: bool,
    /// Milliseconds since the first call.
    #[serde(default)]
    offset_ms: u64,
    /// What was asked.
    call: CallLine,
    /// What was answered; `null` where nothing was.
    #[serde(default)]
    reply: Option<ReplyLine>,
    /// Values in the call which earlier replies gave out.
    #[serde(default)]
    bindings: Vec<BindingLine>,
    /// Places of the reply whose values later calls use.
    #[serde(default)]
    used: Vec<PlaceText>,
    /// How it crossed the wire.
    #[serde(default, skip_serializing_if = "ViaLine::is_unknown")]
    via: ViaLine,
}

/// How an exchange crossed the wire.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
struct ViaLine {
    /// The name of the client's connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<String>,
    /// The version of HTTP, where it isn't 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http: Option<HttpLine>,
}

impl ViaLine {
    fn is_unknown(&self) -> bool {
        self.connection.is_none() && self.http.is_none()
    }
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
enum HttpLine {
    #[serde(rename = "1.0")]
    Http10,
    #[serde(rename = "1.1")]
    Http11,
    #[serde(rename = "2")]
    Http2,
}

/// What was asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct CallLine {
    /// The method.
    method: String,
    /// The request target as it crossed the wire.
    target: String,
    /// Names and values.
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// What it carried.
    #[serde(default)]
    body: Option<BodyLine>,
}

/// What was answered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ReplyLine {
    /// The status code.
    status: u16,
    /// Names and values.
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// What it carried.
    #[serde(default)]
    body: Option<BodyLine>,
    /// What came after the body.
    #[serde(default)]
    trailers: Vec<(String, String)>,
}

/// A value in a call, and the replies which gave it out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct BindingLine {
    /// Where in the call.
    at: PlaceText,
    /// What was recorded there.
    value: String,
    /// Who gave it out, the surest first.
    from: Vec<ProducerLine>,
}

/// A place in an earlier reply.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct ProducerLine {
    /// The exchange's index.
    exchange: u64,
    /// Where in its reply.
    at: PlaceText,
}

/// A place, as text.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
struct PlaceText(Place);

impl TryFrom<String> for PlaceText {
    type Error = crate::model::BadPlace;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<PlaceText> for String {
    fn from(place: PlaceText) -> Self {
        place.0.to_string()
    }
}

impl From<ExchangeLine> for Exchange {
    fn from(line: ExchangeLine) -> Self {
        let binding = |line: BindingLine| Binding {
            at: line.at.0,
            value: line.value,
            from: line.from.into_iter().map(|from| Producer { exchange: from.exchange, at: from.at.0 }).collect(),
        };
        Self {
            index: line.index,
            session: line.session,
            last: line.last,
            offset_ms: line.offset_ms,
            call: Call {
                method: line.call.method,
                target: line.call.target,
                metadata: Metadata::from_iter(line.call.headers),
                body: body(line.call.body),
            },
            reply: line.reply.map(|reply| Reply {
                status: reply.status,
                metadata: Metadata::from_iter(reply.headers),
                body: body(reply.body),
                trailers: Metadata::from_iter(reply.trailers),
            }),
            bindings: line.bindings.into_iter().map(binding).collect(),
            used: line.used.into_iter().map(|place| place.0).collect(),
            via: Via {
                connection: line.via.connection,
                http: match line.via.http {
                    Some(HttpLine::Http10) => HttpVersion::Http10,
                    Some(HttpLine::Http11) | None => HttpVersion::Http11,
                    Some(HttpLine::Http2) => HttpVersion::Http2,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_the_schema() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/contracts/recording.schema.json");
        let current = format!("{:#}\n", schema());
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == current, "{path} is not what the code says; it should be:\n{current}");
    }
}
