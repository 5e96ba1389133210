//! Puts a live value into a body where a recorded one stood, of whatever kind the body is, with all else left byte for byte.

use std::ops::Range;

use super::inject::Edit;
use super::json_edit;
use super::url::{self, Part};
use crate::model::{Body, Call, Step};
use crate::wire::table::{self, Column, Header};
use crate::wire::{encoding, form, lines};

impl Edit<'_> {
    /// Puts it into the call's body. One that was sent encoded goes out plain, which every server takes.
    pub(super) fn body(&self, call: &mut Call, path: &[Step]) {
        let Some(raw) = call.body.bytes() else { return };
        let encodings = encoding::named(call.metadata.all("content-encoding"));
        let decoded = (!encodings.is_empty()).then(|| encoding::decode_lenient(&encodings, &raw.to_vec().into()).0);
        let bytes = decoded.as_deref().unwrap_or(&raw);
        let content_type = call.metadata.get("content-type").unwrap_or_default();
        let Some(new) = self.written(content_type, bytes, path) else { return };
        let length = new.len().to_string();
        call.body = Body::of(new);
        call.metadata.retain(|name, _| !name.eq_ignore_ascii_case("content-encoding"));
        for (_, value) in call.metadata.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            value.clone_from(&length);
        }
    }

    /// The bytes of a body of that type with the live value at that path.
    fn written(&self, content_type: &str, bytes: &[u8], path: &[Step]) -> Option<Vec<u8>> {
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media.starts_with("multipart/") {
            return self.multipart(&media, bytes, path);
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let (range, new) = match media.as_str() {
            "application/x-www-form-urlencoded" => self.form(text, path)?,
            _ if table::is_table(&media) => self.cell(text, Header::said_by(content_type), path)?,
            _ if lines::are_lines(&media) => self.line(text, path)?,
            _ if path.is_empty() && media.starts_with("text/") && media != "text/json" => {
                (0..text.len(), self.of(text)?)
            }
            _ if path.is_empty() && json_edit::span(text, &[]).is_none_or(|range| range.len() != text.trim().len()) => {
                (0..text.len(), self.of(text)?)
            }
            _ => self.json(text, path)?,
        };
        Some(replaced(bytes, range, new.as_bytes()))
    }

    fn json(&self, text: &str, path: &[Step]) -> Option<(Range<usize>, String)> {
        let range = json_edit::span(text, path)?;
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
        Some((range, new))
    }

    fn line(&self, text: &str, path: &[Step]) -> Option<(Range<usize>, String)> {
        let (Step::Item(number), rest) = path.split_first()? else { return None };
        let record = lines::records(text.as_bytes()).nth(*number)?;
        let (range, new) = self.json(&text[record.clone()], rest)?;
        Some((record.start + range.start..record.start + range.end, new))
    }

    fn cell(&self, text: &str, header: Header, path: &[Step]) -> Option<(Range<usize>, String)> {
        let (row, column) = match path {
            [Step::Item(row), Step::Field(name)] => (*row, Column::Name(name)),
            [Step::Item(row), Step::Item(number)] => (*row, Column::Number(*number)),
            _ => return None,
        };
        let range = table::cell(text, header, row, column)?;
        let raw = &text[range.clone()];
        let new = table::quoted(raw, &self.of(&table::unquoted(raw))?);
        Some((range, new))
    }

    fn form(&self, text: &str, path: &[Step]) -> Option<(Range<usize>, String)> {
        let (name, number) = match path {
            [Step::Field(name)] => (name, 0),
            [Step::Field(name), Step::Item(number)] => (name, *number),
            _ => return None,
        };
        let named = url::pairs(text, 0..text.len()).into_iter().filter(|(n, _)| *n == **name).map(|(_, range)| range);
        let mut candidates = named.skip(number);
        candidates.find_map(|range| {
            let new = self.encoded(&text[range.clone()], Part::Form)?;
            Some((range, new))
        })
    }

    /// Into the first part that it fits, of those that the path may mean: names of a form may stand twice.
    fn multipart(&self, media: &str, bytes: &[u8], path: &[Step]) -> Option<Vec<u8>> {
        let parts = form::parts(bytes)?;
        let (first, rest) = path.split_first()?;
        let meant: Vec<&form::Part> = match first {
            Step::Field(name) if media == "multipart/form-data" => {
                parts.iter().filter(|part| *part.name == **name).collect()
            }
            Step::Item(number) => parts.get(*number).into_iter().collect(),
            _ => return None,
        };
        meant.into_iter().find_map(|part| {
            let nested = match rest.split_first() {
                Some((Step::Field(name), rest)) if &**name == "content" => rest,
                _ if part.filename.is_none() && media == "multipart/form-data" => rest,
                _ => return None,
            };
            let content = &bytes[part.content.clone()];
            let new = match &part.content_type {
                Some(own) => self.written(own, content, nested)?,
                None if nested.is_empty() => self.of(std::str::from_utf8(content).ok()?)?.into_bytes(),
                None => return None,
            };
            Some(replaced(bytes, part.content.clone(), &new))
        })
    }
}

fn replaced(bytes: &[u8], range: Range<usize>, new: &[u8]) -> Vec<u8> {
    [&bytes[..range.start], new, &bytes[range.end..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Metadata, Path};

    /// The body after `7` has given way to `new 8` at that path, and where the document then has it.
    #[track_caller]
    fn check(content_type: &str, body: &str, path: &str, expected: Option<&str>) {
        let path: Path = path.parse().unwrap_or_else(|e| panic!("{e}"));
        let mut call = Call {
            metadata: Metadata::from_iter([("Content-Type", content_type), ("Content-Length", "1")]),
            body: Body::of(body.to_owned()),
            ..Call::default()
        };
        let before = call.clone();
        Edit::plain("7", "new 8").body(&mut call, &path.0);
        let Some(expected) = expected else { return assert_eq!(call, before) };
        assert_eq!(String::from_utf8_lossy(&call.body.bytes().unwrap_or_default()), expected);
        assert_eq!(call.metadata.get("content-length"), Some(expected.len().to_string().as_str()));
        let content = crate::wire::carried(&call, None);
        assert_eq!(content.document().at(&path).and_then(|d| d.as_scalar_text()), Some("new 8"), "read again");
    }

    #[test]
    fn a_value_goes_into_a_table_and_into_lines() {
        check("text/csv", "id,n\r\n6,a\r\n\"7\",b\r\n", "$[1].id", Some("id,n\r\n6,a\r\n\"new 8\",b\r\n"));
        check("text/csv; header=absent", "a;7\n", "$[0][1]", Some("a;new 8\n"));
        check("text/csv", "id,n\n7,b\n", "$[0].n", None);
        check(
            "application/x-ndjson",
            "{\"id\":6}\n{\"id\": 7}\n",
            "$[1].id",
            Some("{\"id\":6}\n{\"id\": \"new 8\"}\n"),
        );
        check("application/x-ndjson", "{}\n", "$[3].id", None);
    }

    #[test]
    fn a_value_goes_into_a_part() {
        let form = |file: &str, id: &str| {
            format!(
                "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n\
                 {{\"id\":{file}}}\r\n--X\r\nContent-Disposition: form-data; name=id\r\n\r\n{id}\r\n--X--\r\n"
            )
        };
        let media = "multipart/form-data; boundary=X";
        check(media, &form("7", "7"), "$.f.content.id", Some(&form("\"new 8\"", "7")));
        check(media, &form("7", "7"), "$.id", Some(&form("7", "new 8")));
        check(media, &form("7", "7"), "$.f", None);
        let mixed = |id: &str| format!("--X\r\n\r\na\r\n--X\r\nContent-Type: text/plain\r\n\r\n{id}\r\n--X--");
        check("multipart/mixed; boundary=X", &mixed("7"), "$[1].content", Some(&mixed("new 8")));
    }

    #[test]
    fn bytes_beside_it_stay_as_they_are() {
        let body = b"--X\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n\xff\0\r\n--X\r\n\
                     Content-Disposition: form-data; name=id\r\n\r\n7\r\n--X--";
        let mut call = Call {
            metadata: Metadata::from_iter([("Content-Type", "multipart/form-data; boundary=X")]),
            body: Body::of(&body[..]),
            ..Call::default()
        };
        Edit::plain("7", "8").body(&mut call, &[Step::Field("id".into())]);
        let expected = [&body[..body.len() - 8], b"8\r\n--X--"].concat();
        assert_eq!(call.body, Body::of(expected));
    }

    #[test]
    fn an_encoded_body_goes_out_plain() {
        let packed = zstd::encode_all(&b"{\"id\":7}"[..], 3).unwrap_or_else(|e| panic!("{e}"));
        let mut call = Call {
            metadata: Metadata::from_iter([("Content-Type", "application/json"), ("Content-Encoding", "zstd")]),
            body: Body::of(packed),
            ..Call::default()
        };
        Edit::plain("7", "8").body(&mut call, &[Step::Field("id".into())]);
        assert_eq!((call.body, call.metadata.has("content-encoding")), (Body::of("{\"id\":8}"), false));
    }
}
