//! JSON Schema: whether all documents that one schema allows are allowed by another, and which are not.
//!
//! Owns the dialects from draft-04 to 2020-12, what a closed writer and a forgiving reader make of a schema, the proofs, and the
//! search for documents that break. Refuses to fetch what a schema refers to elsewhere. Main entry: [`inclusion`].
//!
//! **Invariant:** nothing breaks without a document that the writer's own validator accepts and the reader's own refuses.

mod canonical;
mod compare;
mod dialect;
mod fits;
mod inclusion;
mod judge;
mod party;
mod proof;
mod raised;
mod receiver;
mod refusal;
pub(crate) mod regular;
pub mod rules;
mod search;
mod sender;
mod speaker;
#[cfg(test)]
mod tests;

pub use compare::compare;
pub use dialect::Dialect;
pub use inclusion::{Broken, Inclusion, inclusion};
pub use judge::{Invalid, Judge};
