//! `sqlite`: one file. Seeded by statement, copied by SQLite's backup, so that what still stands in a write-ahead log is
//! copied too and a copy keeps rowids and journal mode.
//!
//! An empty store is no file at all: many programs set their database up when they don't find it, and fail on an empty one.

mod compare;
mod digest;
mod rows;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::StoreError;
use super::data::Comparison;
use super::seam::{Location, Store, apart};
use super::statements::{Statement, statements};

/// Pages that a backup copies before it lets others have the file: all of them, for a copy of one moment.
const ALL_PAGES: i32 = i32::MAX;
/// How long another process's lock is waited for.
const BUSY: Duration = Duration::from_secs(10);
/// How long between two looks at a lock.
const PAUSE: Duration = Duration::from_millis(20);
/// As much of a statement as an error shows, in characters.
const SHOWN: usize = 120;

/// SQLite files.
#[derive(Debug)]
pub struct Sqlite;

#[async_trait]
impl Store for Sqlite {
    async fn create(&self, folder: &Path, name: &str) -> Result<Location, StoreError> {
        // Programs show a database under its file's name, so every copy has the same.
        let path = folder.join(format!("{name}.db"));
        let url = format!("sqlite://{}", path.display());
        Ok(Location { path, url, seen_as: Vec::new() })
    }

    async fn run_sql(&self, store: &Location, file: &Path) -> Result<(), StoreError> {
        let (path, file) = (store.path.clone(), file.to_owned());
        apart(&store.path, move || run_sql(&path, &file)).await
    }

    async fn copy(&self, store: &Location, folder: &Path, name: &str) -> Result<Location, StoreError> {
        let copy = self.create(folder, name).await?;
        let (from, to) = (store.path.clone(), copy.path.clone());
        apart(&copy.path, move || backup(&from, &to)).await?;
        Ok(copy)
    }

    async fn digest(&self, store: &Location) -> Result<String, StoreError> {
        let path = store.path.clone();
        apart(&store.path, move || digest::digest(&path)).await
    }

    async fn compare(&self, before: &Location, after: &Location, shown: usize) -> Result<Comparison, StoreError> {
        let (before, after) = (before.path.clone(), after.path.clone());
        apart(&after.clone(), move || compare::compare(&before, &after, shown)).await
    }

    async fn rows(&self, store: &Location) -> Result<Option<BTreeMap<String, u64>>, StoreError> {
        let path = store.path.clone();
        apart(&store.path, move || rows::rows(&path).map(Some)).await
    }
}

fn run_sql(path: &Path, file: &Path) -> Result<(), StoreError> {
    let sql = std::fs::read_to_string(file).map_err(StoreError::io("cannot read the seed", file))?;
    let connection = Connection::open(path).map_err(StoreError::sqlite(path))?;
    // A seed that fails is made anew from nothing: it need not survive a power cut.
    connection.pragma_update(None, "synchronous", "OFF").map_err(StoreError::sqlite(path))?;
    for statement in statements(sql.trim_start_matches('\u{feff}')) {
        run(&connection, statement.text).map_err(|error| describe(file, statement, &error))?;
    }
    connection.close().map_err(|(_, error)| StoreError::sqlite(path)(error))
}

fn run(connection: &Connection, statement: &str) -> rusqlite::Result<()> {
    let mut prepared = connection.prepare(statement)?;
    let mut rows = prepared.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn describe(file: &Path, statement: Statement<'_>, error: &rusqlite::Error) -> StoreError {
    let (message, offset) = match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => {
            (msg.clone(), usize::try_from(*offset).unwrap_or_default())
        }
        rusqlite::Error::SqliteFailure(_, Some(message)) => (message.clone(), 0),
        other => (other.to_string(), 0),
    };
    let lines_before = statement.text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let mut shown: String = statement.text.chars().take(SHOWN).collect();
    if shown.len() < statement.text.len() {
        shown.push('…');
    }
    StoreError::Statement { file: file.to_owned(), line: statement.line + lines_before, message, statement: shown }
}

fn backup(from: &Path, to: &Path) -> Result<(), StoreError> {
    if !from.exists() {
        return Ok(());
    }
    let source = open(from)?;
    let mut target = Connection::open(to).map_err(StoreError::sqlite(to))?;
    target.pragma_update(None, "synchronous", "OFF").map_err(StoreError::sqlite(to))?;
    let backup = Backup::new(&source, &mut target).map_err(StoreError::sqlite(from))?;
    let begun = Instant::now();
    loop {
        match backup.step(ALL_PAGES).map_err(StoreError::sqlite(from))? {
            StepResult::Done => return Ok(()),
            StepResult::Busy | StepResult::Locked if begun.elapsed() > BUSY => {
                return Err(StoreError::Locked { path: from.to_owned(), seconds: BUSY.as_secs() });
            }
            StepResult::Busy | StepResult::Locked => std::thread::sleep(PAUSE),
            // Not all pages at once: there are more than the constant has room for, or a kind of result that is new.
            _ => {}
        }
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    // Not read-only: a write-ahead log that a killed process left can't be read without its index being made.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(StoreError::sqlite(path))?;
    connection.busy_timeout(BUSY).map_err(StoreError::sqlite(path))?;
    Ok(connection)
}
