//! Schemas as OpenAPI has them, turned into JSON Schema's documents, each with what it refers to.
//!
//! What is only for people is left out, so that contracts which mean the same read the same.

mod bundle;
mod hidden;
mod named;
mod schemas;
mod translate;

pub(super) use schemas::{Mode, Reading, Role, SchemaId, Schemas};
