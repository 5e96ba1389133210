//! Documents that are simpler than another and still valid.
//!
//! Owns the order of what is simpler and the steps down. Refuses steps that only lead aside: each is strictly simpler, so that
//! whoever follows them comes to an end.

mod steps;
mod tree;
mod weight;

pub use tree::Tree;
pub(super) use weight::Weight;
