//! Puts a live value where a recorded one stood, with all else left as it was recorded, byte for byte.

use std::ops::Range;

use super::url::{self, Part};
use super::within;
use crate::model::{At, Call, Metadata, Place, Within};

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
        At::Body(path) => edit.body(call, &path.0),
        At::Status | At::Reply | At::Link(_) => {}
    }
}

/// A live value that takes a recorded one's place.
pub(super) struct Edit<'a> {
    ways: &'a [Within],
    recorded: &'a str,
    live: &'a str,
}

#[cfg(test)]
impl<'a> Edit<'a> {
    /// One for the whole of what stands there.
    pub(super) fn plain(recorded: &'a str, live: &'a str) -> Self {
        Self { ways: &[], recorded, live }
    }
}

impl Edit<'_> {
    /// The text with the live value in it, where the recorded one stands there.
    pub(super) fn of(&self, text: &str) -> Option<String> {
        (within::narrow(text, self.ways)? == self.recorded).then(|| within::replace(text, self.ways, self.live))?
    }

    pub(super) fn encoded(&self, raw: &str, part: Part) -> Option<String> {
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
}

/// No live value may end a header: what a build gives out must not become a header of its own.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\0'], " ")
}
