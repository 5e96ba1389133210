//! Room on disk for what is too long for memory: an import's passes stand on it.
//!
//! Owns temporary files without a name, which vanish with the process whatever ends it, and the sorting that spills to
//! them. What is small never touches the disk. Knows nothing of what is kept but how calls and replies are written
//! down. The main types are [`Spool`] and [`Sorter`].
//!
//! **Invariant:** memory is bounded by the constants of this module, and never by how much is kept.

mod codec;
mod journal;
mod room;
mod sort;

pub(super) use codec::{Decoder, Encoder};
pub(super) use journal::{Journal, Reading};
pub(super) use room::{Place as Scratch, Span, Spool};
pub(super) use sort::{Runs, Sorted, Sorter};
