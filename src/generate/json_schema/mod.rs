//! Documents that a JSON Schema allows, made up.
//!
//! Owns what a schema's documents look like, drawing them by chance, what lies at the edges, what one schema allows and another
//! doesn't, and the way from a document to simpler ones. Refuses to tell what it is not sure of: whatever comes out was accepted by the
//! schema's own validator. Names that nobody has declared are only made up where a schema speaks of them. Main type: [`Messages`].
//!
//! **Invariant:** the same numbers give the same documents, on every machine.

mod beyond;
mod chance;
mod make;
mod messages;
mod number;
mod plan;
mod schema;
mod seen;
mod simpler;
#[cfg(test)]
mod tests;
mod text;
mod unmade;

pub use messages::Messages;
pub use simpler::Tree;
use simpler::Weight;
pub use unmade::Unmade;
