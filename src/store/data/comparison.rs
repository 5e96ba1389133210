//! The words for how two stores differ.

use std::collections::{BTreeMap, BTreeSet};

/// How one store, `after`, differs from another, `before`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Tables that only `before` has, with their rows.
    pub tables_gone: Vec<Gone>,
    /// Tables that only `after` has.
    pub tables_new: Vec<String>,
    /// Tables that both have, in the order of their names.
    pub tables: Vec<TableComparison>,
    /// Sequences whose next value is another. They are no rows: one that went on has lost nothing, and one that went back
    /// gives out what is taken already.
    pub sequences: Vec<SequenceDifference>,
}

/// A table that both have. Rows are compared in the columns that both have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableComparison {
    /// Its name, with its schema where that is not the usual one.
    pub name: String,
    /// By which columns a row of one is known in the other; none where it has no primary key that both have: then rows
    /// are compared whole, each as often as it is there, and one that changed is one lost and one that came.
    pub key: Vec<String>,
    /// Columns that only `before` has, with how many values other than NULL.
    pub columns_gone: Vec<Gone>,
    /// Columns that only `after` has.
    pub columns_new: Vec<String>,
    /// Columns of another type: their values are compared by what they mean.
    pub columns_retyped: Vec<Retyped>,
    /// How many rows `before` has.
    pub rows_before: u64,
    /// How many rows `after` has.
    pub rows_after: u64,
    /// Rows of `before` that `after` lacks.
    pub lost: u64,
    /// Rows of `after` that `before` lacks.
    pub added: u64,
    /// Rows of both with another value somewhere.
    pub changed: u64,
    /// How many rows changed in each column that changed at all.
    pub changed_by_column: BTreeMap<String, u64>,
    /// Keys of `before`'s that more than one row of `after` has, where that has another primary key.
    pub shared_keys: u64,
    /// The first few of each: those lost, those changed, those added.
    pub shown: Vec<RowDifference>,
}

/// What is there no more, and how much was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its name.
    pub name: String,
    /// Rows of a table, values of a column.
    pub held: u64,
}

/// A column whose type is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retyped {
    /// The column.
    pub column: String,
    /// Its type before.
    pub before: String,
    /// Its type after.
    pub after: String,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDifference {
    /// Lost, added or changed.
    pub change: Change,
    /// The columns of its key and their values; none in a table without a key.
    pub key: Vec<(String, String)>,
    /// Of a changed row, the columns that changed; of another without a key, all.
    pub values: Vec<ValueDifference>,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Only `before` has it.
    Lost,
    /// Both have it, and not the same.
    Changed,
    /// Only `after` has it.
    Added,
}

/// A column of a row, before and after; none where there is no such row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueDifference {
    /// The column.
    pub column: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// A sequence that stands elsewhere. A value that was not given out yet is followed by `, not given out`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceDifference {
    /// Its name.
    pub name: String,
    /// Its value before; none where it is new.
    pub before: Option<String>,
    /// Its value after; none where it is gone.
    pub after: Option<String>,
}

impl Comparison {
    /// Whether nothing of `before` is missing, and nothing came.
    pub fn is_same(&self) -> bool {
        let same =
            |table: &TableComparison| table.is_same() && table.columns_gone.is_empty() && table.columns_new.is_empty();
        self.tables_gone.is_empty()
            && self.tables_new.is_empty()
            && self.sequences.is_empty()
            && self.tables.iter().all(same)
    }
}

impl TableComparison {
    /// Whether all rows are the same in the columns that both have.
    pub fn is_same(&self) -> bool {
        self.lost == 0 && self.added == 0 && self.changed == 0
    }

    /// Shows a row after those of its kind, if there are not that many yet.
    pub(in super::super) fn show(&mut self, most: usize, row: RowDifference) {
        if self.has_room(row.change, most) {
            let after = self.shown.iter().take_while(|other| other.change <= row.change).count();
            self.shown.insert(after, row);
        }
    }

    /// Whether one more of that kind would be shown.
    pub(in super::super) fn has_room(&self, change: Change, most: usize) -> bool {
        self.shown.iter().filter(|row| row.change == change).count() < most
    }
}

/// The sequences that stand elsewhere, by what each gives as its place.
pub fn sequences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<SequenceDifference> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    differing
        .map(|name| SequenceDifference {
            name: name.clone(),
            before: before.get(name).cloned(),
            after: after.get(name).cloned(),
        })
        .collect()
}
