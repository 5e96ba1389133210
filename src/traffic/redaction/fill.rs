//! Fills placeholders of a call with values, each in the writing of its place.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::base64::Run;
use super::body::Syntax;
use crate::model::secret::{placeholders, writing};
use crate::model::{Body, Call};

/// What every base64 text with a placeholder in it holds one of.
static MARKS: LazyLock<Vec<Finder<'static>>> =
    LazyLock::new(|| writing::within_base64(b"{secret:").iter().map(|mark| Finder::new(mark).into_owned()).collect());

/// How a value is written where its placeholder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    /// As it is, on one line.
    Header,
    /// Percent-encoded.
    Url,
    /// As in a form: a space is a `+`.
    Form,
    /// Within a JSON string.
    Json,
    /// As it is.
    Plain,
    /// Escaped as in markup.
    Markup,
}

/// Fills what `value` knows by its name and number (`password#1`). The rest stays, and its names are given.
pub fn fill(call: &mut Call, value: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut unfilled = Vec::new();
    let mut text = |bytes: &[u8], writing| filled(bytes, writing, value, &mut unfilled);
    if let Some(target) = text(call.target.as_bytes(), Writing::Url).and_then(|bytes| String::from_utf8(bytes).ok()) {
        call.target = target;
    }
    for (_, header) in call.metadata.iter_mut() {
        if let Some(new) = text(header.as_bytes(), Writing::Header).and_then(|bytes| String::from_utf8(bytes).ok()) {
            *header = new;
        }
    }
    if let Body::Frames(frames) = &mut call.body {
        for frame in frames {
            let writing = match Syntax::of(&call.metadata, frame) {
                Syntax::Json => Writing::Json,
                Syntax::Form => Writing::Form,
                Syntax::Page | Syntax::Xml => Writing::Markup,
                Syntax::Multipart | Syntax::Text | Syntax::File => Writing::Plain,
            };
            if let Some(new) = text(frame, writing) {
                *frame = new.into();
            }
        }
    }
    unfilled
}

/// The names and numbers of all placeholders of a call, each once.
pub fn missing(call: &Call) -> Vec<String> {
    let mut all = Vec::new();
    let mut look = |bytes: &[u8]| {
        filled(bytes, Writing::Plain, &|_| None, &mut all);
    };
    look(call.target.as_bytes());
    call.metadata.iter().for_each(|(_, value)| look(value.as_bytes()));
    if let Body::Frames(frames) = &call.body {
        for frame in frames {
            look(frame);
        }
    }
    all
}

/// The text with its placeholders filled; none where it has none that can be.
fn filled(
    text: &[u8],
    writing: Writing,
    value: &dyn Fn(&str) -> Option<String>,
    unfilled: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    let mut copied = 0;
    for (range, new) in edits(text, writing, value, unfilled) {
        let out = out.get_or_insert_default();
        if range.start < copied {
            continue;
        }
        out.extend_from_slice(&text[copied..range.start]);
        out.extend_from_slice(&new);
        copied = range.end;
    }
    out.map(|mut out| {
        out.extend_from_slice(&text[copied..]);
        out
    })
}

fn edits(
    text: &[u8],
    writing: Writing,
    value: &dyn Fn(&str) -> Option<String>,
    unfilled: &mut Vec<String>,
) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut edits = Vec::new();
    for placeholder in placeholders(text) {
        let key = placeholder.key();
        let Some(value) = value(&key) else {
            if !unfilled.contains(&key) {
                unfilled.push(key);
            }
            continue;
        };
        let mut range = placeholder.range;
        let number = placeholder.as_number && serde_json::from_str::<serde_json::Number>(&value).is_ok();
        if number && range.start > 0 && text[range.start - 1] == b'"' && text.get(range.end) == Some(&b'"') {
            range = range.start - 1..range.end + 1;
        }
        edits.push((range, writing.write(&value).into_bytes()));
    }
    for mark in MARKS.iter() {
        for at in mark.find_iter(text) {
            let Some(run) = Run::around(text, &(at..at + mark.needle().len()), &(0..text.len())) else { continue };
            if let Some(new) = filled(&run.plain, Writing::Plain, value, unfilled) {
                edits.push((run.range.clone(), run.write(&new).into_bytes()));
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    edits
}

impl Writing {
    fn write(self, value: &str) -> String {
        match self {
            Self::Plain => value.to_owned(),
            // No value may end a header and begin another.
            Self::Header => value.replace(['\r', '\n', '\0'], " "),
            Self::Url => writing::percent(value, b""),
            Self::Form => writing::percent(value, b" ").replace(' ', "+"),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            }
            Self::Markup => {
                value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metadata;

    fn check(target: &str, headers: &[(&str, &str)], body: &str, expected: (&str, &[&str], &str)) {
        let mut call = Call {
            target: target.to_owned(),
            metadata: headers.iter().copied().collect::<Metadata>(),
            body: Body::of(body.to_owned()),
            ..Call::default()
        };
        let value = |key: &str| (key == "password#1").then(|| "p@ss \"1".to_owned());
        assert_eq!(fill(&mut call, &value), [""; 0]);
        let values: Vec<&str> = call.metadata.iter().map(|(_, value)| value).collect();
        let body = String::from_utf8_lossy(&call.body.bytes().unwrap_or_default()).into_owned();
        assert_eq!((call.target.as_str(), values.as_slice(), body.as_str()), expected);
    }

    #[test]
    fn a_value_is_written_as_its_place_has_it() {
        check("/a?p={secret:password#1}", &[], "", ("/a?p=p%40ss%20%221", &[], ""));
        let json = ("Content-Type", "application/json");
        check("/", &[json], "{\"p\":\"{secret:password#1}\"}", ("/", &[json.1], "{\"p\":\"p@ss \\\"1\"}"));
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        check("/", &[form], "p={secret:password#1}&x=1", ("/", &[form.1], "p=p%40ss+%221&x=1"));
        // anna:{secret:password#1} and anna:p@ss "1
        check(
            "/",
            &[("Authorization", "Basic YW5uYTp7c2VjcmV0OnBhc3N3b3JkIzF9")],
            "",
            ("/", &["Basic YW5uYTpwQHNzICIx"], ""),
        );
    }

    #[test]
    fn a_number_is_a_number_again() {
        let body = "{\"pin\":\"{secret:pin.number#1}\"}".to_owned();
        let mut call = Call { body: Body::of(body), ..Call::default() };
        assert_eq!(fill(&mut call, &|key| (key == "pin#1").then(|| "0042".to_owned())), [""; 0]);
        assert_eq!(call.body, Body::of("{\"pin\":\"0042\"}"), "0042 is no number");
        let mut call = Call { body: Body::of("{\"pin\":\"{secret:pin.number#1}\"}"), ..Call::default() };
        fill(&mut call, &|_| Some("1234".to_owned()));
        assert_eq!(call.body, Body::of("{\"pin\":1234}"));
    }

    #[test]
    fn what_nobody_knows_stays_and_is_named() {
        let target = "/a?p={secret:password#2}&b=e3NlY3JldDpzaWQjMX0=".to_owned();
        let mut call = Call { target: target.clone(), ..Call::default() };
        assert_eq!(missing(&call), ["password#2", "sid#1"]);
        assert_eq!(fill(&mut call, &|_| None), ["password#2", "sid#1"]);
        assert_eq!(call.target, target);
    }
}
