//! Exchanges as lines, written straight from what is in memory: nothing of a body is copied on the way.
//!
//! Refuses what a reader refuses: a line that would be too long loses its bodies first, and is none at last. The main type is
//! [`Line`].

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::escape::{escape, escaped};
use super::{Header, LONGEST};
use crate::model::{Binding, Body, Exchange, HttpVersion, Metadata, Place, Reply, Via};

/// A longer text is not for people to read: it is written in base64 where that is shorter.
const LEGIBLE: usize = 1 << 20;
/// As much is kept of the room that a long line took.
const KEPT: usize = 1 << 20;

/// Whether all of an exchange was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It was.
    Whole,
    /// Its line would be too long to be read again: a body, at least, is written as unknown.
    Shortened,
    /// It would be too long even so: nothing is written.
    LeftOut,
}

/// Room for one line after the other.
#[derive(Debug)]
pub(in crate::traffic) struct Line {
    bytes: Vec<u8>,
    longest: usize,
}

/// What of an exchange is written.
#[derive(Debug, Clone, Copy)]
struct Parts {
    call_body: bool,
    reply_body: bool,
    flows: bool,
}

impl Line {
    /// Room for lines that can be read again.
    pub(in crate::traffic) fn new() -> Self {
        Self { bytes: Vec::new(), longest: usize::try_from(LONGEST).unwrap_or(usize::MAX) }
    }

    /// What was put together last, with its line break.
    pub(in crate::traffic) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Puts a recording's first line together.
    pub(in crate::traffic) fn header(&mut self, header: &Header) {
        self.bytes.clear();
        let Header { format, major, minor, settled, redacted } = header;
        self.raw("{\"format\":");
        self.string(format);
        self.raw(",\"major\":");
        self.number(*major);
        self.raw(",\"minor\":");
        self.number(*minor);
        self.raw(",\"settled\":");
        self.truth(*settled);
        self.raw(",\"redacted\":");
        self.truth(*redacted);
        self.raw("}\n");
    }

    /// Puts the line of an exchange together. Where it would be too long bodies are left out, the longer one first, then what
    /// says how values flow, then all of it.
    pub(in crate::traffic) fn exchange(&mut self, exchange: &Exchange) -> Written {
        let mut parts = Parts { call_body: true, reply_body: true, flows: true };
        let call_is_longer =
            length(&exchange.call.body) > exchange.reply.as_ref().map_or(0, |reply| length(&reply.body));
        for cut in 0..4 {
            match (cut, call_is_longer) {
                (0, _) => {}
                (1, true) | (2, false) => parts.call_body = false,
                (1, false) | (2, true) => parts.reply_body = false,
                _ => parts.flows = false,
            }
            if self.whole(exchange, parts) {
                return if cut == 0 { Written::Whole } else { Written::Shortened };
            }
        }
        self.clear();
        Written::LeftOut
    }

    /// Whether it is short enough.
    fn whole(&mut self, exchange: &Exchange, parts: Parts) -> bool {
        self.clear();
        let Exchange { index, session, last, offset_ms, call, reply, bindings, used, via } = exchange;
        self.raw("{\"index\":");
        self.number(*index);
        self.raw(",\"session\":");
        self.number(*session);
        self.raw(",\"last\":");
        self.truth(*last);
        self.raw(",\"offset_ms\":");
        self.number(*offset_ms);
        self.raw(",\"call\":{\"method\":");
        self.string(&call.method);
        self.raw(",\"target\":");
        self.string(&call.target);
        self.raw(",\"headers\":");
        self.pairs(&call.metadata);
        self.raw(",\"body\":");
        self.body(if parts.call_body { &call.body } else { &Body::Unknown });
        self.raw("},\"reply\":");
        self.reply(reply.as_ref(), parts.reply_body);
        self.raw(",\"bindings\":");
        self.list(if parts.flows { bindings } else { &[] }, Self::binding);
        self.raw(",\"used\":");
        self.list(if parts.flows { used } else { &[] }, Self::place);
        self.via(via);
        self.raw("}\n");
        self.bytes.len() <= self.longest
    }

    fn reply(&mut self, reply: Option<&Reply>, with_body: bool) {
        let Some(Reply { status, metadata, body, trailers }) = reply else { return self.raw("null") };
        self.raw("{\"status\":");
        self.number((*status).into());
        self.raw(",\"headers\":");
        self.pairs(metadata);
        self.raw(",\"body\":");
        self.body(if with_body { body } else { &Body::Unknown });
        self.raw(",\"trailers\":");
        self.pairs(trailers);
        self.raw("}");
    }

    fn pairs(&mut self, metadata: &Metadata) {
        self.raw("[");
        for (number, (name, value)) in metadata.iter().enumerate() {
            self.raw(if number == 0 { "[" } else { ",[" });
            self.string(name);
            self.raw(",");
            self.string(value);
            self.raw("]");
        }
        self.raw("]");
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Unknown => self.raw("null"),
            Body::Empty => self.raw("\"\""),
            Body::Frames(frames) => match frames.as_slice() {
                [only] => self.frame(only),
                all => {
                    self.raw("{\"frames\":");
                    self.list(all, |line, frame| line.frame(frame));
                    self.raw("}");
                }
            },
        }
    }

    fn frame(&mut self, frame: &[u8]) {
        match std::str::from_utf8(frame) {
            Ok(text) if text.len() <= LEGIBLE || escaped(text) <= text.len().div_ceil(3) * 4 => {
                self.raw("{\"text\":");
                self.string(text);
            }
            _ => {
                self.raw("{\"base64\":");
                self.base64(frame);
            }
        }
        self.raw("}");
    }

    fn base64(&mut self, bytes: &[u8]) {
        const BLOCK: usize = 3 << 10;
        let mut room = [0; BLOCK / 3 * 4];
        self.raw("\"");
        for block in bytes.chunks(BLOCK) {
            if self.bytes.len() > self.longest {
                return;
            }
            let written = STANDARD.encode_slice(block, &mut room).unwrap_or_default();
            self.bytes.extend_from_slice(&room[..written]);
        }
        self.raw("\"");
    }

    fn binding(&mut self, binding: &Binding) {
        self.raw("{\"at\":");
        self.place(&binding.at);
        self.raw(",\"value\":");
        self.string(&binding.value);
        self.raw(",\"from\":");
        self.list(&binding.from, |line, from| {
            line.raw("{\"exchange\":");
            line.number(from.exchange);
            line.raw(",\"at\":");
            line.place(&from.at);
            line.raw("}");
        });
        self.raw("}");
    }

    fn place(&mut self, place: &Place) {
        self.string(&place.to_string());
    }

    /// How it crossed the wire, where anything is known of it.
    fn via(&mut self, via: &Via) {
        let http = match via.http {
            HttpVersion::Http10 => Some("1.0"),
            HttpVersion::Http11 => None,
            HttpVersion::Http2 => Some("2"),
        };
        let parts = [("connection", via.connection.as_deref()), ("http", http)];
        let mut before = ",\"via\":{";
        for (name, value) in parts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            self.raw(before);
            self.string(name);
            self.raw(":");
            self.string(value);
            before = ",";
        }
        if before == "," {
            self.raw("}");
        }
    }

    fn list<T>(&mut self, all: &[T], mut one: impl FnMut(&mut Self, &T)) {
        self.raw("[");
        for (number, each) in all.iter().enumerate() {
            if number > 0 {
                self.raw(",");
            }
            one(self, each);
        }
        self.raw("]");
    }

    fn string(&mut self, text: &str) {
        self.raw("\"");
        escape(text, &mut self.bytes, self.longest);
        self.raw("\"");
    }

    fn number(&mut self, number: u64) {
        // Memory takes whatever is written.
        let _ = write!(self.bytes, "{number}");
    }

    fn truth(&mut self, truth: bool) {
        self.raw(if truth { "true" } else { "false" });
    }

    /// What is too long already does not grow by what is around its values either.
    fn raw(&mut self, text: &str) {
        if self.bytes.len() <= self.longest {
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }

    /// One long line must not be paid for to the end.
    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
    }
}

/// What is written of a body, roughly.
fn length(body: &Body) -> usize {
    const FRAME: usize = 16;
    match body {
        Body::Unknown | Body::Empty => 0,
        Body::Frames(frames) => frames.iter().map(|frame| frame.len() + FRAME).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ExchangeLine;
    use super::*;
    use crate::model::{Call, Producer};

    fn exchange(call: Body, reply: Body) -> Exchange {
        let metadata = Metadata::from_iter([("Host", "shop.test"), ("X-É", "\"\u{7f}\t")]);
        Exchange {
            index: 7,
            session: 2,
            last: true,
            offset_ms: 12,
            call: Call { method: "GET".to_owned(), target: "/posts/7?a=\"".to_owned(), metadata, body: call },
            reply: Some(Reply { status: 200, body: reply, ..Reply::default() }),
            bindings: Vec::new(),
            used: Vec::new(),
            via: Via::default(),
        }
    }

    fn line(exchange: &Exchange) -> String {
        let mut line = Line::new();
        assert_eq!(line.exchange(exchange), Written::Whole);
        String::from_utf8_lossy(line.bytes()).into_owned()
    }

    /// It is written as JSON is that has been read, and comes back as it was.
    #[track_caller]
    fn check(exchange: &Exchange) {
        let text = line(exchange);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(format!("{value}\n"), text);
        let read: ExchangeLine = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(&Exchange::from(read), exchange, "{text}");
    }

    #[test]
    fn a_line_has_its_keys_in_their_order() {
        let place = |text: &str| text.parse::<Place>().unwrap_or_else(|e| panic!("{e}"));
        let mut exchange = exchange(Body::Empty, Body::of("{\"id\":7}"));
        exchange.bindings.push(Binding {
            at: place("path 1"),
            value: "7".to_owned(),
            from: vec![Producer { exchange: 0, at: place("$.id") }],
        });
        exchange.used.push(place("$.id"));
        exchange.via = Via { connection: Some("3".to_owned()), http: HttpVersion::Http2 };
        check(&exchange);
        let expected = concat!(
            r#"{"index":7,"session":2,"last":true,"offset_ms":12,"call":{"method":"GET","target":"/posts/7?a=\"","#,
            r#""headers":[["Host","shop.test"],["X-É","\""#,
            "\u{7f}",
            r#"\t"]],"body":""},"reply":{"status":200,"headers":[],"body":{"text":"{\"id\":7}"},"trailers":[]},"#,
            r#""bindings":[{"at":"path 1","value":"7","from":[{"exchange":0,"at":"$.id"}]}],"used":["$.id"],"#,
            r#""via":{"connection":"3","http":"2"}}"#,
            "\n"
        );
        assert_eq!(line(&exchange), expected);
    }

    #[test]
    fn whatever_is_unknown_is_left_out_or_null() {
        let mut exchange = exchange(Body::Unknown, Body::Unknown);
        check(&exchange);
        exchange.reply = None;
        exchange.call = Call { body: Body::Unknown, ..Call::default() };
        let expected = concat!(
            r#"{"index":7,"session":2,"last":true,"offset_ms":12,"call":{"method":"","target":"","headers":[],"body":null},"#,
            r#""reply":null,"bindings":[],"used":[]"#
        );
        for (http, text) in [
            (HttpVersion::Http11, "}\n"),
            (HttpVersion::Http10, ",\"via\":{\"http\":\"1.0\"}}\n"),
            (HttpVersion::Http2, ",\"via\":{\"http\":\"2\"}}\n"),
        ] {
            exchange.via = Via { connection: None, http };
            check(&exchange);
            assert_eq!(line(&exchange), format!("{expected}{text}"));
        }
    }

    #[test]
    fn unknown_and_empty_bodies_are_written_differently() {
        for (body, text) in [
            (Body::Unknown, "null"),
            (Body::Empty, "\"\""),
            (Body::of("{}"), r#"{"text":"{}"}"#),
            (Body::of(vec![0xff]), r#"{"base64":"/w=="}"#),
            (Body::Frames(vec!["a".into(), "b".into()]), r#"{"frames":[{"text":"a"},{"text":"b"}]}"#),
            (Body::Frames(Vec::new()), r#"{"frames":[]}"#),
        ] {
            let exchange = exchange(body, Body::Empty);
            check(&exchange);
            let line = line(&exchange);
            assert!(line.contains(&format!(",\"body\":{text}}},\"reply\"")), "{line}");
        }
    }

    #[test]
    fn a_long_text_is_written_in_the_shorter_way() {
        for (text, count, in_base64) in [
            ("\u{1}", LEGIBLE, false),
            ("\u{1}", LEGIBLE + 1, true),
            ("abc\n", LEGIBLE, false),
            ("\"\\", LEGIBLE, true),
        ] {
            let exchange = exchange(Body::of(text.repeat(count)), Body::Empty);
            assert_eq!(line(&exchange).contains("base64"), in_base64, "{text:?} {count} times");
            check(&exchange);
        }
    }

    #[test]
    fn a_line_that_would_be_too_long_to_be_read_loses_bodies_the_longer_first_and_is_none_at_last() {
        let body = |length: usize| Body::of("a".repeat(length));
        for (target, call, reply, known) in [
            (1, 50, 50, Some((true, true))),
            (1, 1_500, 200, Some((true, true))),
            (1, 1_500, 500, Some((false, true))),
            (1, 500, 1_500, Some((true, false))),
            (1, 2_500, 2_500, Some((false, false))),
            (2_500, 0, 0, None),
        ] {
            let mut exchange = exchange(body(call), body(reply));
            exchange.call.target = "x".repeat(target);
            let mut line = Line { longest: 2_000, ..Line::new() };
            let written = line.exchange(&exchange);
            assert!(line.bytes().len() <= 2_000, "{call} {reply}");
            let read = serde_json::from_slice::<ExchangeLine>(line.bytes()).ok().map(Exchange::from);
            let is_known = |body: &Body| *body != Body::Unknown;
            let seen = read.map(|read| (is_known(&read.call.body), is_known(&read.reply.unwrap_or_default().body)));
            assert_eq!(seen, known, "{call} {reply}");
            let expected = match known {
                None => Written::LeftOut,
                Some((true, true)) => Written::Whole,
                Some(_) => Written::Shortened,
            };
            assert_eq!(written, expected, "{call} {reply}");
        }
    }
}
