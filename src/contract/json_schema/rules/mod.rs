//! What can break between two schemas: one rule for each kind of keyword that refuses.
//!
//! Every rule speaks in both directions: of what OLD writes and NEW refuses, and of what NEW writes and OLD refuses.

mod additional_refused;
mod bound_narrowed;
mod combination_narrowed;
mod enum_narrowed;
mod length_narrowed;
mod pattern_narrowed;
mod required_added;
mod type_narrowed;

use crate::model::Rule;

pub use additional_refused::RULE as ADDITIONAL_REFUSED;
pub use bound_narrowed::RULE as BOUND_NARROWED;
pub use combination_narrowed::RULE as COMBINATION_NARROWED;
pub use enum_narrowed::RULE as ENUM_NARROWED;
pub use length_narrowed::RULE as LENGTH_NARROWED;
pub use pattern_narrowed::RULE as PATTERN_NARROWED;
pub use required_added::RULE as REQUIRED_ADDED;
pub use type_narrowed::RULE as TYPE_NARROWED;

/// Every rule of this family, sorted by id.
pub static ALL: &[&Rule] = &[
    &ADDITIONAL_REFUSED,
    &BOUND_NARROWED,
    &COMBINATION_NARROWED,
    &ENUM_NARROWED,
    &LENGTH_NARROWED,
    &PATTERN_NARROWED,
    &REQUIRED_ADDED,
    &TYPE_NARROWED,
];
