//! Which row of one list is which row of another: by an id-like key before position.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::noise::folded;
use crate::model::Document;
use crate::model::Fold;

/// Two lists, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignment {
    /// For each row of the left list its row of the right one, where key or content tells which that is.
    pub pairs: Vec<Option<usize>>,
    /// Rows that nothing tells apart stand for each other in their order: their ids were made anew.
    pub strangers: Vec<(usize, usize)>,
    /// The rows that were told by key or content do not stand in the same order.
    pub permuted: bool,
    /// Every row of either list was told by its key or its content.
    pub agrees: bool,
    /// A key tells rows apart in both.
    pub keyed: bool,
}

/// Names of fields that tell rows apart, the best first. A row with another of these is another row.
const KEYS: [&str; 10] = ["id", "_id", "@id", "uuid", "guid", "uid", "key", "slug", "code", "sku"];
/// Names of fields that help to find a row again; a row may change them and still be the same.
const HINTS: [&str; 3] = ["number", "name", "title"];

/// Aligns two lists, each under its own cell's names.
pub fn align(left: &[Document], left_fold: &Fold, right: &[Document], right_fold: &Fold) -> Alignment {
    if left.len() == right.len() && left == right {
        return positional(left.len());
    }
    let key = KEYS.into_iter().chain(HINTS).find(|key| tells_apart(left, key) && tells_apart(right, key));
    if let Some(key) = key
        && left.len() == right.len()
        && left.iter().zip(right).all(|(l, r)| told_in(l, key, left_fold) == told_in(r, key, right_fold))
    {
        return Alignment { keyed: true, ..positional(left.len()) };
    }
    let mark = |row: &Document, fold: &Fold| match key {
        Some(key) => {
            let mut hasher = DefaultHasher::new();
            told_in(row, key, fold).hash(&mut hasher);
            hasher.finish()
        }
        None => hash_of(row, fold),
    };
    // The first row of each mark, and for each row the next of the same mark.
    let mut waiting: HashMap<u64, Option<usize>> = HashMap::with_capacity(right.len());
    let mut next = vec![None; right.len()];
    for (index, row) in right.iter().enumerate().rev() {
        next[index] = waiting.insert(mark(row, right_fold), Some(index)).flatten();
    }
    let mut take = |row: &Document| {
        let first = waiting.get_mut(&mark(row, left_fold))?;
        let taken = (*first)?;
        *first = next[taken];
        Some(taken)
    };
    let pairs: Vec<Option<usize>> = left.iter().map(&mut take).collect();
    let matched: Vec<usize> = pairs.iter().flatten().copied().collect();
    let permuted = matched.windows(2).any(|two| two[0] > two[1]);
    let mut taken = vec![false; right.len()];
    for &index in &matched {
        taken[index] = true;
    }
    let free: Vec<usize> = (0..right.len()).filter(|&index| !taken[index]).collect();
    let agrees = free.is_empty() && matched.len() == left.len();
    let lost = pairs.iter().enumerate().filter(|(_, pair)| pair.is_none()).map(|(index, _)| index);
    let strangers: Vec<(usize, usize)> = lost.zip(free).collect();
    Alignment { pairs, strangers, permuted, agrees, keyed: key.is_some() }
}

fn positional(rows: usize) -> Alignment {
    let pairs = (0..rows).map(Some).collect();
    Alignment { pairs, strangers: Vec::new(), permuted: false, agrees: true, keyed: false }
}

impl Alignment {
    /// The row of the right list that stands for row `index` of the left one, told apart or not.
    pub fn pair(&self, index: usize) -> Option<usize> {
        let told = self.pairs.get(index).copied().flatten();
        told.or_else(|| {
            let at = self.strangers.binary_search_by_key(&index, |(left, _)| *left).ok()?;
            Some(self.strangers[at].1)
        })
    }
}

/// How many rows of `left` have a key or content that no row of `right` has, and the other way round.
pub fn lost_and_gained(left: &[Document], left_fold: &Fold, right: &[Document], right_fold: &Fold) -> (usize, usize) {
    let key = KEYS.into_iter().find(|key| tells_apart(left, key) && tells_apart(right, key));
    let Some(key) = key else {
        return (left.len().saturating_sub(right.len()), right.len().saturating_sub(left.len()));
    };
    let keys = |rows: &[Document], fold: &Fold| -> std::collections::HashSet<String> {
        rows.iter().filter_map(|row| row.field(key)).map(|value| told_by(value, fold).into_owned()).collect()
    };
    let (ours, theirs) = (keys(left, left_fold), keys(right, right_fold));
    (ours.difference(&theirs).count(), theirs.difference(&ours).count())
}

/// What tells a row apart that has such a key.
fn told_in<'a>(row: &'a Document, key: &str, fold: &Fold) -> Option<Cow<'a, str>> {
    row.field(key).map(|value| told_by(value, fold))
}

/// What tells a scalar apart under its cell's names, however a number is written.
fn told_by<'a>(scalar: &'a Document, fold: &Fold) -> Cow<'a, str> {
    match (folded(scalar, fold), scalar) {
        (Cow::Borrowed(_), Document::Number(number)) => number.canonical(),
        (folded, _) => folded,
    }
}

/// Whether each row is an object with a scalar of that name, and no two have the same.
fn tells_apart(rows: &[Document], key: &str) -> bool {
    let text = |row| Document::field(row, key).and_then(Document::as_scalar_text);
    let mut last = None;
    let mut ascends = true;
    for row in rows {
        let Some(text) = text(row) else { return false };
        ascends = ascends && last.is_none_or(|last| last < (text.len(), text));
        last = Some((text.len(), text));
    }
    // Most ids do: then no two are the same.
    let mut seen = std::collections::HashSet::new();
    ascends || rows.iter().filter_map(text).all(|text| seen.insert(text))
}

/// A hash of what a row says under its cell's names, whatever the order of its fields.
fn hash_of(document: &Document, fold: &Fold) -> u64 {
    let mut hasher = DefaultHasher::new();
    document.kind().hash(&mut hasher);
    match document {
        Document::List(items) => items.iter().for_each(|item| hash_of(item, fold).hash(&mut hasher)),
        Document::Fields(fields) => fields
            .iter()
            .map(|(name, value)| {
                let mut hasher = DefaultHasher::new();
                name.hash(&mut hasher);
                hash_of(value, fold).hash(&mut hasher);
                hasher.finish()
            })
            .fold(0_u64, u64::wrapping_add)
            .hash(&mut hasher),
        Document::Bytes(bytes) => bytes.hash(&mut hasher),
        scalar => told_by(scalar, fold).hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Number;

    fn rows(ids: &[&str]) -> Vec<Document> {
        ids.iter().map(|id| Document::Fields(vec![("id".into(), Document::text(*id))])).collect()
    }

    fn words(words: &[&str]) -> Vec<Document> {
        words.iter().map(|word| Document::text(*word)).collect()
    }

    #[test]
    fn rows_are_told_by_their_ids() {
        let fold = Fold::default();
        let found = align(&rows(&["a", "b", "c"]), &fold, &rows(&["c", "a", "b"]), &fold);
        assert_eq!(found.pairs, [Some(1), Some(2), Some(0)]);
        assert!(found.permuted && found.agrees && found.keyed);
    }

    #[test]
    fn an_id_is_the_same_however_its_number_is_written() {
        let fold = Fold::default();
        let row = |id: &str| vec![Document::Fields(vec![("id".into(), Document::Number(Number::from_text(id)))])];
        let found = align(&row("1"), &fold, &row("1.0"), &fold);
        assert_eq!((found.pairs, found.agrees), (vec![Some(0)], true));
        assert_eq!(lost_and_gained(&row("1"), &fold, &row("1.0"), &fold), (0, 0));
    }

    #[test]
    fn rows_made_anew_stand_for_each_other_in_their_order() {
        let fold = Fold::default();
        let found = align(&rows(&["a", "x1", "x2"]), &fold, &rows(&["a", "y1", "y2"]), &fold);
        assert_eq!(found.pairs, [Some(0), None, None]);
        assert_eq!(found.strangers, [(1, 1), (2, 2)]);
        assert!(!found.permuted && !found.agrees);
    }

    #[test]
    fn words_are_told_by_themselves() {
        let fold = Fold::default();
        let found = align(&words(&["a", "b"]), &fold, &words(&["b", "a"]), &fold);
        assert!(found.permuted && found.agrees && !found.keyed);
    }

    #[test]
    fn lost_rows_are_counted_by_key() {
        let fold = Fold::default();
        assert_eq!(lost_and_gained(&rows(&["a", "b"]), &fold, &rows(&["b", "c", "d"]), &fold), (1, 2));
        assert_eq!(lost_and_gained(&words(&["a", "b"]), &fold, &words(&["b"]), &fold), (1, 0));
    }
}
