//! Proofs, keyword by keyword, that all that one schema allows is what another accepts.
//!
//! Owns what can be seen by walking both schemas side by side: recursion comes to an end, since a pair that is met again deeper in a
//! document has nothing new to show, and large schemas cost what their size says. Refuses nothing and finds no documents: what it
//! can't prove is just not proved. Main type: [`Prover`]. Works on the plain form.

mod arrays;
mod conjunction;
mod disjoint;
mod objects;
mod prover;
mod same;
mod scalars;

pub(super) use conjunction::{Conjunction, Node};
pub(super) use prover::Prover;
