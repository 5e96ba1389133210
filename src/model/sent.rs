//! What the client itself has sent in a session: a reply that gives one of these values back otherwise has lost it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Document;

/// Values that a client sent, by name, and long ones under any name. Bounded: after that many it learns no more.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    known: HashSet<u64>,
}

/// A session that sends more than this many values is judged by the first ones.
const MOST: usize = 10_000;
/// From this length on a value is recognised under another name too.
const LONG: usize = 8;

impl Sent {
    /// Notes one value under the name under which it was sent.
    pub fn insert(&mut self, name: &str, value: &str) {
        if self.known.len() < MOST && !value.is_empty() {
            self.known.insert(hash(name, value));
            if value.len() >= LONG {
                self.known.insert(hash("", value));
            }
        }
    }

    /// Notes every scalar of a document under the names of its fields.
    pub fn insert_document(&mut self, name: &str, document: &Document) {
        match document {
            Document::List(items) => items.iter().for_each(|item| self.insert_document(name, item)),
            Document::Fields(fields) => fields.iter().for_each(|(name, value)| self.insert_document(name, value)),
            scalar => {
                if let Some(text) = scalar.as_scalar_text() {
                    self.insert(name, text);
                }
            }
        }
    }

    /// Whether the client sent this value under this name, or, where it is long, under any.
    pub fn has(&self, name: &str, value: &Document) -> bool {
        let Some(text) = value.as_scalar_text() else { return false };
        self.known.contains(&hash(name, text)) || (text.len() >= LONG && self.known.contains(&hash("", text)))
    }
}

fn hash(name: &str, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, value).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_count_under_their_name_only() {
        let mut sent = Sent::default();
        sent.insert("qty", "2");
        sent.insert("title", "a long title");
        assert!(sent.has("qty", &Document::Number(2.into())));
        assert!(!sent.has("page", &Document::Number(2.into())));
        assert!(sent.has("heading", &Document::text("a long title")));
        assert!(!sent.has("title", &Document::text("another")));
    }
}
