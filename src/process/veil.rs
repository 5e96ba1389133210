//! What hides parts of what processes print, before anything of it is kept.

use std::sync::Arc;

/// A line without an end is looked at in parts of this length.
const LONGEST_LINE: usize = 64 * 1024;

/// Hides parts of texts: whoever starts processes says which.
#[derive(Clone)]
pub struct Veil {
    hide: Arc<Hide>,
    longest: usize,
}

/// The text with other bytes where something is hidden; none where nothing is.
type Hide = dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync;

impl Veil {
    /// What `hide` says; nothing that it hides is longer than `longest`.
    pub fn new(longest: usize, hide: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self { hide: Arc::new(hide), longest }
    }

    fn hidden(&self, text: &[u8]) -> Vec<u8> {
        (self.hide)(text).unwrap_or_else(|| text.to_vec())
    }
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Veil").field("longest", &self.longest).finish_non_exhaustive()
    }
}

/// A text on its way through a veil: what may be the beginning of something hidden waits for the rest.
#[derive(Debug)]
pub(super) struct Veiled {
    veil: Veil,
    waiting: Vec<u8>,
}

impl Veiled {
    pub(super) fn new(veil: Veil) -> Self {
        Self { veil, waiting: Vec::new() }
    }

    /// Takes these bytes, and gives what can be shown of them by now: whole lines.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.waiting.extend_from_slice(bytes);
        if let Some(end) = memchr::memrchr(b'\n', &self.waiting) {
            return self.show(end + 1);
        }
        if self.waiting.len() < LONGEST_LINE + self.veil.longest {
            return Vec::new();
        }
        // What is cut in two is not hidden: the cut goes where that happens to nothing.
        let whole = self.veil.hidden(&self.waiting);
        let last = self.waiting.len() - self.veil.longest;
        let fits = |cut: &usize| {
            let (head, tail) = self.waiting.split_at(*cut);
            [self.veil.hidden(head), self.veil.hidden(tail)].concat() == whole
        };
        match (last.saturating_sub(self.veil.longest)..=last).rev().find(fits) {
            Some(cut) => self.show(cut),
            None => self.rest(),
        }
    }

    /// What is left.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        self.show(self.waiting.len())
    }

    fn show(&mut self, end: usize) -> Vec<u8> {
        let shown = self.veil.hidden(&self.waiting[..end]);
        self.waiting.drain(..end);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil() -> Veil {
        Veil::new(6, |text| {
            let text = std::str::from_utf8(text).unwrap_or_default();
            text.contains("secret").then(|| text.replace("secret", "***").into_bytes())
        })
    }

    fn check(text: &str, expected: &str) {
        for size in [1, 3, 7, text.len().max(1)] {
            let mut veiled = Veiled::new(veil());
            let mut shown = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                shown.extend(veiled.push(chunk));
            }
            shown.extend(veiled.rest());
            assert!(shown == expected.as_bytes(), "in chunks of {size}");
        }
    }

    #[test]
    fn what_is_hidden_is_hidden_however_it_comes() {
        check("a secret\nsecretsecret", "a ***\n******");
        check("", "");
        for before in LONGEST_LINE - 8..LONGEST_LINE + 8 {
            let mut veiled = Veiled::new(veil());
            let text = format!("{}secret{}", "x".repeat(before), "y".repeat(LONGEST_LINE));
            let mut shown: Vec<u8> = text.as_bytes().chunks(1000).flat_map(|chunk| veiled.push(chunk)).collect();
            shown.extend(veiled.rest());
            assert_eq!(shown.len(), before + 3 + LONGEST_LINE, "after {before}");
        }
    }
}
