//! Numbers that bounds and steps allow.
//!
//! Owns exact decimals and the grid of what may be written; refuses floats, in which 0.1 + 0.2 is none of its multiples.

mod decimal;
mod grid;

pub(super) use decimal::Decimal;
pub(super) use grid::{Bounds, Grid};
