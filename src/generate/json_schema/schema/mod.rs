//! Schemas of every dialect as one kind of thing, read once: references are numbers, expressions are prepared.
//!
//! Owns what keywords mean in which dialect and what a reference leads to. Refuses to judge for good: that is the validator's part.
//! Main type: [`Schemas`].

mod fits;
mod places;
mod reading;
mod schemas;
mod types;

pub(super) use fits::equal;
pub(super) use reading::read;
pub(super) use schemas::{Id, Lit, Schema, Schemas};
pub(super) use types::Types;
