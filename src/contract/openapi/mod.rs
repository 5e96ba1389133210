//! OpenAPI 3.0 and 3.1: what clients send and servers reply, by each contract, and whether the other side takes it.
//!
//! Owns reading contracts of one file or many; the operations, and their names as surfaces; schemas as JSON Schema, with `readOnly`,
//! `writeOnly`, `nullable` and discriminators; the comparison at every place of every operation, from both sides' clients to the
//! other's server and back. Refuses Swagger 2.0, and to fetch anything. Leaves what schemas allow to `json_schema`. Main entry:
//! [`compare`].

mod compare;
mod prepared;
mod promises;
mod read;
mod requests;
pub mod rules;
mod schema;
#[cfg(test)]
mod tests;

pub use compare::compare;
pub use prepared::Prepared;
pub use requests::{Field, Link, Location, Payload, Request, Requests};
