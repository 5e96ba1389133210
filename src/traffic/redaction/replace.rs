//! Puts placeholders where credentials stand: at the places that were found, and wherever else one that is known stands.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::base64::Run;
use super::known::{Hit, Known};
use super::spots::{Spot, Written};
use crate::model::secret::placeholders;

/// What is known of a text's syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON: numbers stay numbers, and names that may be words stay names.
    Json,
    /// Anything else.
    Other,
}

/// The text with placeholders in it; none where nothing of it is a credential. The spots come in order, apart.
pub(super) fn replace(known: &Known, text: &[u8], spots: &[Spot], kind: Kind) -> Option<Vec<u8>> {
    let quotes = Quotes::default();
    let mut edit = Edit { known, text, out: Vec::new(), copied: 0, quotes, string: (0, false), unreadable: 0, kind };
    let mut from = 0;
    for spot in spots {
        edit.known_between(from..spot.range.start);
        edit.spot(spot);
        from = spot.range.end;
    }
    edit.known_between(from..text.len());
    if edit.copied == 0 {
        return None;
    }
    edit.out.extend_from_slice(&text[edit.copied..]);
    Some(edit.out)
}

struct Edit<'a> {
    known: &'a Known,
    text: &'a [u8],
    out: Vec<u8>,
    /// The text up to here has been taken over.
    copied: usize,
    quotes: Quotes,
    /// Where the JSON string ends that was looked at last, and whether it is text and no name.
    string: (usize, bool),
    /// Up to here stands what can't be read as base64.
    unreadable: usize,
    kind: Kind,
}

impl Edit<'_> {
    fn put(&mut self, range: &Range<usize>, new: &[u8]) {
        self.out.extend_from_slice(&self.text[self.copied..range.start]);
        self.out.extend_from_slice(new);
        self.copied = range.end;
    }

    fn spot(&mut self, spot: &Spot) {
        let Some(id) = self.known.get(&spot.value) else { return };
        let placeholder = self.known.placeholder(id, &spot.written);
        match &spot.written {
            Written::Plain => self.put(&spot.range, placeholder.as_bytes()),
            Written::Number => self.put(&spot.range, format!("\"{placeholder}\"").as_bytes()),
            Written::Base64 { before, after } => {
                let plain = format!("{before}{placeholder}{after}").into_bytes();
                let plain = replace(self.known, &plain, &[], Kind::Other).unwrap_or(plain);
                self.put(&spot.range, STANDARD.encode(plain).as_bytes());
            }
        }
    }

    /// All known credentials in a part of the text that no placeholder holds.
    fn known_between(&mut self, range: Range<usize>) {
        let mut from = range.start;
        for placeholder in placeholders(&self.text[range.clone()]) {
            self.known_in(from..range.start + placeholder.range.start);
            from = range.start + placeholder.range.end;
        }
        self.known_in(from..range.end);
    }

    fn known_in(&mut self, range: Range<usize>) {
        let mut from = range.start;
        while let Some(hit) = self.known.find(self.text, from, range.end) {
            from = if hit.base64 {
                self.base64(&hit, from..range.end)
            } else if hit.weak && self.kind == Kind::Json && !self.is_json_text(&hit) {
                hit.range.end
            } else {
                let placeholder = self.known.placeholder(hit.id, &Written::Plain);
                self.put(&hit.range, placeholder.as_bytes());
                hit.range.end
            };
        }
    }

    /// A credential within base64: what is around it is taken off and put on again. Gives where to go on.
    fn base64(&mut self, hit: &Hit, bounds: Range<usize>) -> usize {
        if hit.range.start >= self.unreadable {
            let run = Run::around(self.text, &hit.range, &bounds);
            if let Some(run) = run
                && let Some(plain) = replace(self.known, &run.plain, &[], Kind::Other)
            {
                self.put(&run.range, run.write(&plain).as_bytes());
                return run.range.end;
            }
            self.unreadable = Run::end(self.text, hit.range.end, bounds.end);
        }
        // By chance, or where it can't be told what is around it: only a value that can't be met by chance counts.
        if !hit.weak {
            let placeholder = self.known.placeholder(hit.id, &Written::Plain);
            self.put(&hit.range, placeholder.as_bytes());
        }
        hit.range.end
    }

    /// Whether a hit stands in a JSON string that is no name.
    fn is_json_text(&mut self, hit: &Hit) -> bool {
        if hit.range.start < self.string.0 {
            return self.string.1;
        }
        if !self.quotes.inside(self.text, hit.range.start) {
            return false;
        }
        let mut ahead = self.quotes;
        let mut end = hit.range.end;
        while ahead.inside(self.text, end) && end < self.text.len() {
            end += 1;
        }
        // What ends within the escape of a cut text ends with it.
        let rest = self.text.get(end..).unwrap_or_default();
        let next = rest.iter().find(|byte| !byte.is_ascii_whitespace());
        self.string = (end, next != Some(&b':'));
        self.string.1
    }
}

/// Whether a place in JSON is within a string.
#[derive(Debug, Clone, Copy, Default)]
struct Quotes {
    at: usize,
    open: bool,
}

impl Quotes {
    /// Looks on to `to`, which never lies before an earlier one.
    fn inside(&mut self, text: &[u8], to: usize) -> bool {
        while self.at < to.min(text.len()) {
            match text[self.at] {
                b'\\' if self.open => self.at += 1,
                b'"' => self.open = !self.open,
                _ => {}
            }
            self.at += 1;
        }
        self.open
    }
}
