//! Server-sent events (HTML, 9.2.6): a list of what a page would be handed, each with its `event`, its `data` and, where the
//! server gave them, its `id` and `retry`.
//!
//! Data that is a JSON object or array is read as one. Comments, how lines end, and an event that the stream's end cuts off
//! are nothing that a page sees.

use super::json;
use super::weight::Weight;
use crate::model::Document;

/// The events of a stream.
pub(super) fn read(text: &str) -> Document {
    let mut events = Vec::new();
    each(text, &mut |event| events.push(event.document()));
    Document::List(events)
}

/// What [`read`] would make of it.
pub(super) fn weigh(text: &str) -> Weight {
    let mut weight = Weight::default();
    each(text, &mut |event| {
        weight.add_container();
        for (name, value) in event.texts() {
            weight.add_name(name.len());
            weight.add_leaf(value.len());
        }
        weight.add_name(4);
        weight = weight.and(event.json_weight().unwrap_or_else(|| Weight::leaf(event.data.len())));
    });
    weight.or_empty()
}

/// How many bytes of the stream are whole events.
pub(super) fn whole(bytes: &[u8]) -> usize {
    let mut at = 0;
    let mut end = 0;
    while let Some(length) = memchr::memchr2(b'\n', b'\r', &bytes[at..]) {
        at += length + if bytes[at + length..].starts_with(b"\r\n") { 2 } else { 1 };
        if length == 0 {
            end = at;
        }
    }
    end
}

/// An event as it is collected.
#[derive(Default)]
struct Event<'a> {
    kind: Option<&'a str>,
    id: Option<&'a str>,
    retry: Option<&'a str>,
    data: String,
    has_data: bool,
}

impl<'a> Event<'a> {
    fn line(&mut self, line: &'a str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => self.kind = Some(value).filter(|value| !value.is_empty()),
            "id" if !value.contains('\0') => self.id = Some(value),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => self.retry = Some(value),
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(value);
            }
            _ => {}
        }
    }

    fn texts(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let named = [("event", Some(self.kind.unwrap_or("message"))), ("id", self.id), ("retry", self.retry)];
        named.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }

    fn document(&self) -> Document {
        let mut fields: Vec<(Box<str>, Document)> =
            self.texts().map(|(name, value)| (name.into(), Document::text(value))).collect();
        let data = self.json_weight().and_then(|_| json::parse(self.data.as_bytes()).ok());
        fields.push(("data".into(), data.unwrap_or_else(|| Document::text(self.data.as_str()))));
        Document::Fields(fields)
    }

    fn json_weight(&self) -> Option<Weight> {
        self.data.trim_start().starts_with(['{', '[']).then(|| json::weigh(self.data.as_bytes()).ok())?
    }
}

fn each<'a>(text: &'a str, found: &mut dyn FnMut(&Event<'a>)) {
    let mut event = Event::default();
    let mut rest = text;
    while let Some(end) = rest.find(['\n', '\r']) {
        let line = &rest[..end];
        rest = rest[end..].strip_prefix("\r\n").unwrap_or(&rest[end + 1..]);
        if !line.is_empty() {
            event.line(line);
            continue;
        }
        if event.has_data {
            found(&event);
        }
        event = Event::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        let document = read(text);
        assert_eq!(json::to_string(&document), expected, "{text:?}");
        assert_eq!(weigh(text).leaves, document.leaves(), "{text:?}");
    }

    #[test]
    fn an_event_is_what_a_page_is_handed() {
        check(
            "event: price\nid: 7\ndata: {\"sku\":\"a\",\"price\":1.50}\n\n",
            r#"[{"event":"price","id":"7","data":{"sku":"a","price":1.50}}]"#,
        );
        check("data: hello\n\n", r#"[{"event":"message","data":"hello"}]"#);
        check("data: one\ndata:two\ndata\n\n", r#"[{"event":"message","data":"one\ntwo\n"}]"#);
        check("retry: 100\ndata: x\n\n", r#"[{"event":"message","retry":"100","data":"x"}]"#);
        check("data: [DONE]\n\n", r#"[{"event":"message","data":"[DONE]"}]"#);
    }

    #[test]
    fn what_a_page_does_not_see_is_nothing() {
        for text in
            [": welcome\n\ndata: a\n\n", "data: a\r\n\r\n", "data: a\r\r", "event: message\ndata: a\nunheard: of\n\n"]
        {
            check(text, r#"[{"event":"message","data":"a"}]"#);
        }
        check("id: 7\n\nevent: x\n\n", "[]");
        check("data: cut off\n", "[]");
        check("", "[]");
    }

    #[test]
    fn whole_events_are_told_from_one_that_is_not() {
        for (text, expected) in [
            ("data: a\n\ndata: b", 9),
            ("data: a\r\n\r\nda", 11),
            ("data: a\n\n", 9),
            ("data: a\n", 0),
            (": hi\n\n", 6),
            ("", 0),
        ] {
            assert_eq!(whole(text.as_bytes()), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(data: |event:|id|[{}\\[\\]a:]|\n|\r){0,20}") {
            let document = read(&text);
            prop_assert_eq!(weigh(&text).leaves, document.leaves());
            prop_assert_eq!(read(&text[..whole(text.as_bytes())]), document);
        }
    }
}
