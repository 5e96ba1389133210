//! Shared state: a database, a folder. Seeded once into a template, copied for each instance, shared where an arrangement
//! says so.
//!
//! Owns every store of a run and the commands that seed and migrate it; [`Store`] is the seam that a kind plugs into, and
//! [`Templates`] what the fleet is handed.
//!
//! **Invariant:** no instance ever gets a template itself, only copies of it.

mod directory;
mod error;
mod seam;
mod sqlite;
mod statements;
mod templates;
mod values;

pub use error::StoreError;
pub use seam::{Location, Store, store};
pub use templates::{Preparation, Templates};
pub use values::{Values, program, shown};
