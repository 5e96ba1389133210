//! `straddle.toml`: what was asked for.
//!
//! A text goes through three steps: TOML with the span of everything, `read` against the form that `shape` and
//! `sections` give as data, and the sections' own functions, which check what values mean to each other and fill the
//! [`Manifest`]. The JSON Schema comes from the same data. Everything that is wrong is reported at once, with line, column,
//! caret and fix ([`ManifestError`]).
//!
//! It refuses: unknown keys, values that nobody will use, paths that lead nowhere, placeholders that nobody can fill. It
//! doesn't know which checks, stores or sources this release has, doesn't fill placeholders, and runs nothing.

mod arguments;
mod database;
mod error;
mod excerpt;
mod load;
mod names;
mod nearest;
mod node;
pub mod placeholders;
mod read;
mod reading;
mod scalar;
mod schema;
mod sections;
mod shape;
mod state;
mod syntax;
mod types;
mod words;

pub use arguments::SourceError;
pub use database::DatabaseUrl;
pub use error::{ManifestError, Problem};
pub use load::{load, load_before_recording, load_with, parse, parse_with};
pub use nearest::nearest;
pub use scalar::duration;
pub use schema::schema;
pub use state::{Seed, ServerUrl, State, StateKind, StateServer};
pub use types::*;

#[cfg(test)]
mod tests;
