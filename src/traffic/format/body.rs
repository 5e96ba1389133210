//! Bodies on the lines of a recording: text, base64 or frames, whichever says them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Body;

/// A longer text is not for people to read: it is written in base64 where that is shorter.
const LEGIBLE: usize = 1 << 20;

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

/// How a body is written.
pub(super) fn body_line(body: &Body) -> Option<BodyLine> {
    let frame = |frame: &Bytes| match std::str::from_utf8(frame) {
        Ok(text) if text.len() <= LEGIBLE || escaped(text) <= text.len().div_ceil(3) * 4 => {
            FrameLine::Text { text: text.to_owned() }
        }
        _ => FrameLine::Base64 { base64: Base64Text(frame.clone()) },
    };
    match body {
        Body::Unknown => None,
        Body::Empty => Some(BodyLine::Plain(String::new())),
        Body::Frames(frames) => Some(match frames.as_slice() {
            [only] => match frame(only) {
                FrameLine::Text { text } => BodyLine::Text { text },
                FrameLine::Base64 { base64 } => BodyLine::Base64 { base64 },
            },
            all => BodyLine::Frames { frames: all.iter().map(frame).collect() },
        }),
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

/// How long a text is in JSON, without its quotes.
fn escaped(text: &str) -> usize {
    let length = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(length).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_empty_are_written_differently() {
        let line = |body: &Body| serde_json::to_string(&body_line(body)).unwrap_or_else(|e| panic!("{e}"));
        for (body, text) in [
            (Body::Unknown, "null"),
            (Body::Empty, "\"\""),
            (Body::of("{}"), r#"{"text":"{}"}"#),
            (Body::of(vec![0xff]), r#"{"base64":"/w=="}"#),
            (Body::Frames(vec!["a".into(), "b".into()]), r#"{"frames":[{"text":"a"},{"text":"b"}]}"#),
        ] {
            assert_eq!(line(&body), text);
        }
    }

    #[test]
    fn a_long_text_is_written_in_the_shorter_way_and_comes_back() {
        for (text, count, in_base64) in [
            ("\u{1}", LEGIBLE, false),
            ("\u{1}", LEGIBLE + 1, true),
            ("abc\n", LEGIBLE, false),
            ("\"\\", LEGIBLE, true),
        ] {
            let known = Body::of(text.repeat(count));
            let line = body_line(&known);
            assert_eq!(matches!(line, Some(BodyLine::Base64 { .. })), in_base64, "{text:?} {count} times");
            assert!(body(line) == known, "{text:?} {count} times");
        }
    }

    #[test]
    fn the_length_of_a_text_is_that_of_its_json() {
        let all: String = (0..0x100_u32).filter_map(char::from_u32).collect();
        assert_eq!(escaped(&all) + 2, serde_json::to_string(&all).unwrap_or_default().len());
    }
}
