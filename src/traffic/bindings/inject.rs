//! Puts a live value where a recorded one stood, with all else left as it was recorded, byte for byte.

use std::ops::Range;

use super::json_edit;
use super::url::{self, Part};
use super::within;
use crate::model::{At, Body, Call, Metadata, Path, Place, Step, Within};

/// Puts `live` where `recorded` stands in the call. A call that has no such place stays as it is.
pub fn inject(call: &mut Call, place: &Place, recorded: &str, live: &str) {
    if recorded == live {
        return;
    }
    let edit = Edit { ways: &place.within, recorded, live };
    match &place.at {
        At::Segment(number) => {
            let range = url::segments(&call.target).into_iter().nth(*number);
            edit.target(call, range, Part::Segment);
        }
        At::Query(name, number) => {
            let named = url::query(&call.target).into_iter().filter(|(n, _)| n == name);
            let range = named.map(|(_, range)| range).nth(*number);
            edit.target(call, range, Part::Query);
        }
        At::Header(name) => edit.header(&mut call.metadata, name),
        At::Cookie(name) => edit.cookie(&mut call.metadata, name),
        At::Body(path) => edit.body(call, path),
        At::Status | At::Reply | At::Link(_) => {}
    }
}

struct Edit<'a> {
    ways: &'a [Within],
    recorded: &'a str,
    live: &'a str,
}

impl Edit<'_> {
    /// The text with the live value in it, where the recorded one stands there.
    fn of(&self, text: &str) -> Option<String> {
        (within::narrow(text, self.ways)? == self.recorded).then(|| within::replace(text, self.ways, self.live))?
    }

    fn encoded(&self, raw: &str, part: Part) -> Option<String> {
        let text = url::decode(raw, part != Part::Segment)?;
        Some(url::encode_like(raw, &self.of(&text)?, part))
    }

    fn target(&self, call: &mut Call, range: Option<Range<usize>>, part: Part) {
        if let Some(range) = range
            && let Some(new) = self.encoded(&call.target[range.clone()], part)
        {
            call.target.replace_range(range, &new);
        }
    }

    fn header(&self, metadata: &mut Metadata, name: &str) {
        for (n, value) in metadata.iter_mut() {
            if n.eq_ignore_ascii_case(name)
                && let Some(new) = self.of(value)
            {
                *value = one_line(&new);
                return;
            }
        }
    }

    fn cookie(&self, metadata: &mut Metadata, name: &str) {
        for (_, header) in metadata.iter_mut().filter(|(n, _)| n.eq_ignore_ascii_case("cookie")) {
            let mut from = 0;
            for pair in header.clone().split(';') {
                let range = from..from + pair.len();
                from = range.end + 1;
                let Some((n, value)) = pair.split_once('=') else { continue };
                if n.trim() == name
                    && let Some(new) = self.of(value.trim())
                {
                    header.replace_range(range, &format!("{n}={}", one_line(&new)));
                    return;
                }
            }
        }
    }

    fn body(&self, call: &mut Call, path: &Path) {
        let Some(bytes) = call.body.bytes() else { return };
        let Ok(text) = std::str::from_utf8(&bytes) else { return };
        let media = call.metadata.get("content-type").unwrap_or_default();
        let kind = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let new = match kind.as_str() {
            "application/x-www-form-urlencoded" => self.form(text, path),
            "multipart/form-data" => self.multipart(text, media, path),
            _ if path.0.is_empty()
                && json_edit::span(text, &[]).is_none_or(|range| range.len() != text.trim().len()) =>
            {
                self.of(text)
            }
            _ => self.json(text, path),
        };
        let Some(new) = new else { return };
        let length = new.len().to_string();
        call.body = Body::of(new);
        for (_, value) in call.metadata.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            value.clone_from(&length);
        }
    }

    fn json(&self, text: &str, path: &Path) -> Option<String> {
        let range = json_edit::span(text, &path.0)?;
        let raw = &text[range.clone()];
        let new = if raw.starts_with('"') {
            let value: String = serde_json::from_str(raw).ok()?;
            serde_json::Value::from(self.of(&value)?).to_string()
        } else {
            let value = self.of(raw)?;
            // A number stays one where the live value is one.
            let number = value.starts_with(|c: char| c == '-' || c.is_ascii_digit())
                && serde_json::from_str::<serde::de::IgnoredAny>(&value).is_ok();
            if number { value } else { serde_json::Value::from(value).to_string() }
        };
        Some(replaced(text, range, &new))
    }

    fn form(&self, text: &str, path: &Path) -> Option<String> {
        let (name, number) = field(path)?;
        let named = url::pairs(text, 0..text.len()).into_iter().filter(|(n, _)| n == name).map(|(_, range)| range);
        let candidates: Vec<Range<usize>> = named.skip(number).collect();
        candidates.into_iter().find_map(|range| {
            let new = self.encoded(&text[range.clone()], Part::Form)?;
            Some(replaced(text, range, &new))
        })
    }

    fn multipart(&self, text: &str, media: &str, path: &Path) -> Option<String> {
        let (name, number) = field(path)?;
        let boundary = media.split_once("boundary=")?.1.split(';').next()?.trim().trim_matches('"');
        let delimiter = format!("--{boundary}");
        let mut from = 0;
        let mut seen = 0;
        for part in text.split(&delimiter) {
            let start = from;
            from += part.len() + delimiter.len();
            let Some(head) = part.find("\r\n\r\n") else { continue };
            if !part[..head].contains(&format!("name=\"{name}\"")) {
                continue;
            }
            seen += 1;
            let value = start + head + 4..start + part.len() - usize::from(part.ends_with("\r\n")) * 2;
            if seen > number
                && value.start <= value.end
                && let Some(new) = self.of(&text[value.clone()])
            {
                return Some(replaced(text, value, &new));
            }
        }
        None
    }
}

/// A form's field, and which of those with its name.
fn field(path: &Path) -> Option<(&str, usize)> {
    match path.0.as_slice() {
        [Step::Field(name)] => Some((name, 0)),
        [Step::Field(name), Step::Item(number)] => Some((name, *number)),
        _ => None,
    }
}

fn replaced(text: &str, range: Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

/// No live value may end a header: what a build gives out must not become a header of its own.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], " ")
}
