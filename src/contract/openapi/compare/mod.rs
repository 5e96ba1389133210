//! Compares two contracts, operation by operation, place by place, in both directions.

mod annotated;
mod bodies;
mod contracts;
mod crossing;
mod judge;
mod meetings;
mod operation;
mod parameters;
mod replies;
mod texts;
mod verdict;

pub use contracts::compare;
pub(super) use crossing::{Crossing, Hit, Party};
pub(super) use verdict::Noted;
