//! Base64 texts within others: where they begin and end, and what stands in them.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_NO_PAD, STANDARD_PAD_INDIFFERENT, URL_SAFE, URL_SAFE_NO_PAD, URL_SAFE_PAD_INDIFFERENT,
};

/// The base64 text around a part of it, what it says, and how it is written.
pub(super) struct Run {
    pub(super) range: Range<usize>,
    pub(super) plain: Vec<u8>,
    url_safe: bool,
    padded: bool,
}

/// Longer texts are files, which have no credentials of a person in them.
const LONGEST: usize = 64 * 1024;

impl Run {
    /// The base64 text around `part`, within `bounds`; none where what stands there can't be read as some.
    pub(super) fn around(text: &[u8], part: &Range<usize>, bounds: &Range<usize>) -> Option<Self> {
        let floor = bounds.start.max(part.start.saturating_sub(LONGEST));
        let ceiling = bounds.end.min(part.end + LONGEST);
        let start = part.start - text[floor..part.start].iter().rev().take_while(|b| is_core(**b)).count();
        let end = Self::end(text, part.end, ceiling);
        let padding = text[end..ceiling].iter().take_while(|b| **b == b'=').count().min(2);
        // What comes before may be a path, or a name and a sign, that base64 could hold as well.
        let starts = std::iter::once(start)
            .chain((start..part.start).filter(|at| b"/-_+".contains(&text[*at])).map(|at| at + 1))
            .take(16);
        starts.into_iter().find_map(|start| Self::read(text, start..end + padding, padding > 0))
    }

    /// Where the base64 characters from `from` on end, by `limit` at the latest.
    pub(super) fn end(text: &[u8], from: usize, limit: usize) -> usize {
        from + text[from..limit].iter().take_while(|b| is_core(**b)).count()
    }

    fn read(text: &[u8], range: Range<usize>, padding: bool) -> Option<Self> {
        let raw = &text[range.clone()];
        let url_safe = raw.iter().any(|b| b"-_".contains(b));
        let engine = if url_safe { URL_SAFE_PAD_INDIFFERENT } else { STANDARD_PAD_INDIFFERENT };
        let plain = engine.decode(raw).ok()?;
        // Without a remainder there is no telling; padding is what servers and browsers write by default.
        Some(Self { range, plain, url_safe, padded: padding || raw.len().is_multiple_of(4) })
    }

    /// Other bytes, written as this text is.
    pub(super) fn write(&self, plain: &[u8]) -> String {
        match (self.url_safe, self.padded) {
            (false, true) => STANDARD.encode(plain),
            (false, false) => STANDARD_NO_PAD.encode(plain),
            (true, true) => URL_SAFE.encode(plain),
            (true, false) => URL_SAFE_NO_PAD.encode(plain),
        }
    }
}

fn is_core(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}
