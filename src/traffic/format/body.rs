//! Bodies as the lines of a recording have them: text, base64 or frames, whichever says them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Body;

/// A body that is known: `""` where it is empty.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a body is null, \"\", or an object with `text`, `base64` or `frames`")]
pub(super) enum BodyLine {
    /// `""`, or text.
    Plain(String),
    /// UTF-8.
    Text { text: String },
    /// Anything else.
    Base64 { base64: Base64Text },
    /// Not just one frame.
    Frames { frames: Vec<FrameLine> },
}

/// One frame of a body.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a frame is an object with `text` or `base64`")]
pub(super) enum FrameLine {
    /// UTF-8.
    Text { text: String },
    /// Anything else.
    Base64 { base64: Base64Text },
}

/// Bytes in base64.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub(super) struct Base64Text(Bytes);

impl TryFrom<String> for Base64Text {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(|bytes| Self(bytes.into()))
    }
}

impl From<Base64Text> for String {
    fn from(bytes: Base64Text) -> Self {
        STANDARD.encode(bytes.0)
    }
}

impl Clone for Base64Text {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The body that was written so.
pub(super) fn body(line: Option<BodyLine>) -> Body {
    let frame = |frame: FrameLine| match frame {
        FrameLine::Text { text } => Bytes::from(text),
        FrameLine::Base64 { base64 } => base64.0,
    };
    match line {
        None => Body::Unknown,
        Some(BodyLine::Plain(text)) => Body::of(text),
        Some(BodyLine::Text { text }) => Body::Frames(vec![text.into()]),
        Some(BodyLine::Base64 { base64 }) => Body::Frames(vec![base64.0]),
        Some(BodyLine::Frames { frames }) => Body::Frames(frames.into_iter().map(frame).collect()),
    }
}
