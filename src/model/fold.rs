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

/// A shorter text is folded only where it stands alone, or as a whole part of a URL.
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
            if needle.len() > folded.len() {
                continue;
            }
            if *folded == **needle {
                return Cow::Owned(name.clone());
            }
            if needle.len() < SHORTEST_INSIDE {
                if let Some(replaced) = replace_part(&folded, needle, name) {
                    folded = Cow::Owned(replaced);
                }
            } else if memchr::memmem::find(folded.as_bytes(), needle.as_bytes()).is_some() {
                folded = Cow::Owned(folded.replace(needle.as_str(), name));
            }
        }
        folded
    }
}

/// The text with `needle` replaced where it is a whole segment of a path or a whole value of a query; none where it is not.
fn replace_part(text: &str, needle: &str, name: &str) -> Option<String> {
    let mut out = String::new();
    let mut last = 0;
    for (at, _) in text.match_indices(needle) {
        let starts = text[..at].ends_with(['/', '=']);
        let rest = &text[at + needle.len()..];
        let ends = rest.is_empty() || rest.starts_with(['/', '?', '&', '#', '>', '"']);
        if starts && ends && at >= last {
            out.push_str(&text[last..at]);
            out.push_str(name);
            last = at + needle.len();
        }
    }
    (last > 0).then(|| out + &text[last..])
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
        check("/orders/7", "/orders/«bound»");
        check("/orders/7?x=17&y=7", "/orders/«bound»?x=17&y=«bound»");
        check("in 7 days", "in 7 days");
    }
}
