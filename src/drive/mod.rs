//! A session through an arrangement: the same calls to every cell, step by step, each with that cell's own values.
//!
//! [`Lanes`] are the cells of one direction; a [`Session`] holds one jar and one table of bindings for each of them, and
//! its [`step`](Session::step) sends one recorded call to all at once.
//!
//! **Invariant:** sends what was recorded and nothing else, and nothing twice. Judges nothing.

mod jar;
mod lanes;
mod redacted;
mod rewrite;
mod session;

pub(crate) use lanes::join_all;
pub use lanes::{Lane, Lanes};
pub use session::{Session, Step};
