//! SQLite: one file, which several shops may have open at once.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};

use super::{Cell, Database, Row, Trouble};

/// How long another shop's lock is waited for.
const BUSY: Duration = Duration::from_secs(10);
/// As many statements are kept prepared.
const PREPARED: usize = 64;

/// The file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens it, and makes it where there is none.
    pub fn open(file: &Path) -> Result<Self, Trouble> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(BUSY)?;
        // A demo need not survive a power cut.
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self { connection })
    }
}

impl Database for Sqlite {
    fn ask(&mut self, sql: &str, values: &[Cell]) -> Result<Vec<Row>, Trouble> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut found = statement.query(params_from_iter(values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let cells = (0..columns).map(|at| row.get_ref(at).map(cell));
            rows.push(Row(cells.collect::<rusqlite::Result<_>>()?));
        }
        Ok(rows)
    }

    fn run(&mut self, sql: &str) -> Result<(), Trouble> {
        Ok(self.connection.execute_batch(sql)?)
    }

    fn begin(&mut self) -> Result<(), Trouble> {
        self.run("BEGIN IMMEDIATE")
    }

    fn has_table(&mut self, name: &str) -> Result<bool, Trouble> {
        Ok(!self.ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1", &[name.into()])?.is_empty())
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Integer(number) => Cell::Number(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        _ => Cell::Null,
    }
}
