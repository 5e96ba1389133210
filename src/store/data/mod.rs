//! What stores hold, compared: which rows were lost, came, changed, by table, key and column.
//!
//! Owns the words for it and how values are shown: shortened, and without secrets. Refuses to say what is bad: a check does.
//! Main type: [`Comparison`].

mod comparison;
mod shown;

pub(super) use comparison::sequences;
pub use comparison::{
    Change, Comparison, Gone, Retyped, RowDifference, SequenceDifference, TableComparison, ValueDifference,
};
pub(super) use shown::{LONGEST, value};
