//! Shared state: a database, a folder. Seeded once into a template, copied for each instance, shared where an arrangement
//! says so.
//!
//! Owns every store of a run, the commands that seed and migrate it, and the database server that a run may need
//! ([`Engines`]); [`Store`] is the seam that a kind plugs into, and [`Templates`] what the fleet is handed.
//!
//! **Invariant:** no instance ever gets a template itself, only copies of it.

pub mod data;
mod directory;
mod engines;
mod error;
mod migration;
mod postgres;
mod seam;
mod sqlite;
mod statements;
mod templates;
mod values;

pub use engines::{Engines, PASSWORD, password_of, url_of};
pub use error::StoreError;
pub use migration::{Migration, MigrationFailed};
pub use postgres::PostgresError;
pub use seam::{Location, Store, files};
pub use templates::{Preparation, Templates};
pub use values::{Values, program, shown};
