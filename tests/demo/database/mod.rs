//! The database under the shop: SQLite's file or a PostgreSQL server's, behind one small seam. The same SQL runs on both. Its main
//! type is [`Database`].

mod cell;
mod postgres;
mod sqlite;

use std::path::Path;

pub use cell::{Cell, Row};

/// What the database says against it.
#[derive(Debug, thiserror::Error)]
#[error("the shop's database: {0}")]
pub struct Trouble(String);

impl Trouble {
    /// That it holds what can't be used.
    pub fn of(what: String) -> Self {
        Self(what)
    }
}

/// A connection that is kept, with the statements that it has prepared.
pub trait Database: Send {
    /// Runs a statement whose values are `$1`, `$2` …, which stand in it first in that order.
    fn ask(&mut self, sql: &str, values: &[Cell]) -> Result<Vec<Row>, Trouble>;

    /// Runs statements that give nothing and take nothing.
    fn run(&mut self, sql: &str) -> Result<(), Trouble>;

    /// Begins a transaction beside which no other shop's runs.
    fn begin(&mut self) -> Result<(), Trouble>;

    /// Whether there is that table.
    fn has_table(&mut self, name: &str) -> Result<bool, Trouble>;
}

/// The database at that place: `postgres://…`, or a file.
pub fn open(place: &str) -> Result<Box<dyn Database>, Trouble> {
    if place.starts_with("postgres://") || place.starts_with("postgresql://") {
        Ok(Box::new(postgres::Postgres::open(place)?))
    } else {
        Ok(Box::new(sqlite::Sqlite::open(Path::new(place))?))
    }
}
