//! What a schema's documents look like, worked out once.
//!
//! Owns the choices: each `anyOf`, `oneOf`, `if`, `not` and its like is decided in advance, in as many ways as it takes to see each
//! branch, and what is left in each way is a [`Shape`] that values can be put together by. Refuses to go on without end: what
//! is too much is left out. Main type: [`Plan`].

mod choices;
mod cost;
mod denial;
mod draft;
mod inner;
mod planning;
mod shape;
mod shaping;
mod smallest;

pub(super) use planning::Plan;
pub(super) use shape::{Fields, Items, NodeId, Shape};
