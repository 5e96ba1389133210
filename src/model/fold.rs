//! Folding: what is one thing under other names in each cell becomes the same text.
//!
//! Hosts, ports and folders of an instance, and values that are bound to an earlier reply, are never learned as noise:
//! they are known, and folded to a name.

use std::borrow::Cow;

/// What to replace, and by what, in the texts of one cell.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// The longest needle first.
    needles: Vec<(String, String)>,
}

/// A bound value shorter than this is folded only where it stands alone.
const SHORTEST_INSIDE: usize = 6;

impl Fold {
    /// Folds each needle to its name.
    pub fn new(needles: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut fold = Self::default();
        for (needle, name) in needles {
            fold.insert(needle, name);
        }
        fold
    }

    /// Adds one more. The first name of a needle stays.
    pub fn insert(&mut self, needle: String, name: String) {
        if needle.is_empty() || self.needles.iter().any(|(known, _)| *known == needle) {
            return;
        }
        let at = self.needles.partition_point(|(known, _)| known.len() >= needle.len());
        self.needles.insert(at, (needle, name));
    }

    /// The text under its common names.
    pub fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut folded = Cow::Borrowed(text);
        for (needle, name) in &self.needles {
            if *folded == **needle {
                return Cow::Owned(name.clone());
            }
            if needle.len() >= SHORTEST_INSIDE && memchr::memmem::find(folded.as_bytes(), needle.as_bytes()).is_some() {
                folded = Cow::Owned(folded.replace(needle.as_str(), name));
            }
        }
        folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, folded: &str) {
        let fold = Fold::new([
            ("127.0.0.1:4000".to_owned(), "{host}".to_owned()),
            ("/tmp/run/1".to_owned(), "{dir}".to_owned()),
            ("/tmp/run/1/data".to_owned(), "{state.data.path}".to_owned()),
            ("7".to_owned(), "«bound»".to_owned()),
        ]);
        assert_eq!(fold.apply(text), folded);
    }

    #[test]
    fn the_longest_needle_wins_and_short_ones_stand_alone() {
        check("http://127.0.0.1:4000/x", "http://{host}/x");
        check("/tmp/run/1/data/demo.db", "{state.data.path}/demo.db");
        check("/tmp/run/1/log", "{dir}/log");
        check("7", "«bound»");
        check("17", "17");
    }
}
