//! Which form a payload is read in: by its type, else by its bytes; and what stood in the way of reading it as its type asks.

use std::borrow::Cow;

use bytes::Bytes;

use super::readers;
use crate::model::{Form, Reader};
use crate::wire::table::{self, Header};
use crate::wire::weight::Weight;
use crate::wire::{events, form, json, lines, magic, media, text, xml};

/// How a payload will be read.
pub(super) struct Choice {
    pub form: Form,
    pub reader: Reader,
    /// What is read: text as UTF-8, whatever it was.
    pub bytes: Bytes,
    /// Why it is not read as its type asks, where it isn't.
    pub trouble: Option<String>,
    /// How many leaves there are, where looking for trouble has counted them.
    pub leaves: Option<u64>,
}

impl Choice {
    pub fn of(form: Form, reader: Reader, bytes: Bytes) -> Self {
        Self { form, reader, bytes, trouble: None, leaves: None }
    }

    pub fn opaque(bytes: Bytes) -> Self {
        Self::of(Form::Opaque, readers::OPAQUE, bytes)
    }

    pub fn but(self, trouble: String) -> Self {
        Self { trouble: Some(trouble), ..self }
    }

    /// Read in this form, unless its document would take too much.
    fn weighed(form: Form, reader: Reader, bytes: Bytes, weight: Weight) -> Self {
        match weight.too_much(bytes.len()) {
            Some(trouble) => Self::opaque(bytes).but(trouble),
            None => Self { leaves: Some(weight.leaves), ..Self::of(form, reader, bytes) },
        }
    }
}

/// By its type.
pub(super) fn by_type(content_type: &str, media: &str, bytes: Bytes, lenient: bool) -> Choice {
    let charset = media::parameter(content_type, "charset");
    let form = media::form(media);
    match form {
        Form::Json => {
            let read = text::json(charset, &bytes);
            match json::weigh(&read) {
                Ok(weight) => Choice::weighed(form, readers::JSON, read, weight),
                Err(error) => as_text(charset, bytes, lenient).but(format!("not JSON: {error}")),
            }
        }
        Form::Lines => {
            let read = text::json(charset, &bytes);
            match lines::weigh(&read) {
                Ok(weight) => Choice::weighed(form, readers::LINES, read, weight),
                Err(error) => as_text(charset, bytes, lenient).but(format!("not lines of JSON: {error}")),
            }
        }
        Form::Fields | Form::Parts if media.starts_with("multipart/") => {
            let own = form::without_preamble(&bytes, media::parameter(content_type, "boundary"));
            if form::parts(&own).is_none() {
                return as_text(charset, bytes, lenient).but(format!("not {media}: no boundary ends its parts"));
            }
            Choice::of(form, if form == Form::Fields { readers::MULTIPART } else { readers::MIXED }, own)
        }
        Form::Fields | Form::Parts => {
            let weight = form::weigh(&bytes);
            Choice { leaves: None, ..Choice::weighed(Form::Fields, readers::URLENCODED, bytes, weight) }
        }
        Form::Events => {
            let read = text::page(Some("utf-8"), &bytes, lenient);
            let weight = events::weigh(&text::unicode(&read));
            Choice::weighed(form, readers::EVENTS, read, weight)
        }
        Form::Table => {
            let text = as_text(charset, bytes, lenient);
            if text.form != Form::Text {
                return text;
            }
            let header = Header::said_by(content_type);
            let weight = table::weigh(&text::unicode(&text.bytes), header);
            Choice::weighed(form, readers::table(header), text.bytes, weight)
        }
        Form::Html => Choice::of(form, readers::HTML, text::page(charset, &bytes, lenient)),
        Form::Text | Form::Xml => {
            let charset = charset.map(str::to_owned).or_else(|| text::in_xml(&bytes).map(str::to_owned));
            let text = as_text(charset.as_deref(), bytes, lenient);
            if form != Form::Xml || text.form != Form::Text || text.bytes.len() > xml::MAX_LENGTH {
                return text;
            }
            match xml::read(&text::unicode(&text.bytes)) {
                Ok(document) => {
                    Choice { leaves: Some(document.leaves()), ..Choice::of(form, readers::XML, text.bytes) }
                }
                Err(error) => text.but(format!("not XML: {error}")),
            }
        }
        Form::Empty | Form::Messages | Form::Opaque => match magic::contradicts(media, &bytes) {
            Some(trouble) => Choice::opaque(bytes).but(trouble),
            None => Choice::opaque(bytes),
        },
    }
}

fn as_text(charset: Option<&str>, bytes: Bytes, lenient: bool) -> Choice {
    match text::utf8(charset, &bytes, lenient) {
        Ok(text) => Choice::of(Form::Text, readers::TEXT, text),
        Err(trouble) => Choice::opaque(bytes).but(trouble),
    }
}

/// No type: what the bytes look like.
pub(super) fn by_bytes(bytes: Bytes) -> Choice {
    let Ok(read) = text::utf8(None, &bytes, false) else { return Choice::opaque(bytes) };
    let text: Cow<'_, str> = text::unicode(&read);
    let start = text.trim_start();
    let begins = |word: &str| start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if start.starts_with(['{', '['])
        && let Ok(weight) = json::weigh(&read)
    {
        drop(text);
        Choice::weighed(Form::Json, readers::JSON, read, weight)
    } else if begins("<!doctype html") || begins("<html") {
        drop(text);
        Choice::of(Form::Html, readers::HTML, read)
    } else if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        Choice::opaque(bytes)
    } else {
        drop(text);
        Choice::of(Form::Text, readers::TEXT, read)
    }
}
