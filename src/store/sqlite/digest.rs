//! The digest of a database: its schema and its rows, whatever pages they lie in.
//!
//! Rows are added up, so that their order does not count and none has to be kept: each is hashed by itself, and the hashes
//! are summed lane by lane.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::super::StoreError;
use super::open;

/// How many rows, and the sum of their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rows {
    pub(super) count: u64,
    lanes: [u64; 4],
}

/// The digest of the database in that file; one that is not there holds nothing.
pub(super) fn digest(path: &Path) -> Result<String, StoreError> {
    let mut hasher = blake3::Hasher::new();
    if path.exists() {
        hash_database(&open(path)?, &mut hasher).map_err(StoreError::sqlite(path))?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Virtual tables are left to the tables that they keep their content in; what `ANALYZE` has counted is no content.
fn hash_database(connection: &Connection, hasher: &mut blake3::Hasher) -> rusqlite::Result<()> {
    // One moment, whoever writes meanwhile.
    connection.execute_batch("BEGIN")?;
    let mut schema = connection.prepare(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY type, name",
    )?;
    let entries = schema.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for entry in entries {
        let (kind, name, sql): (String, String, String) = entry?;
        let mut part = Vec::new();
        for text in [&kind, &name, &sql] {
            put(&mut part, b't', text.as_bytes());
        }
        hasher.update(&part);
        let is_virtual = sql.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("create virtual"));
        if kind == "table" && !is_virtual {
            let rows = rows(connection, &format!("SELECT * FROM {}", quoted(&name)))?;
            hasher.update(&rows.count.to_le_bytes());
            for lane in rows.lanes {
                hasher.update(&lane.to_le_bytes());
            }
        }
    }
    connection.execute_batch("COMMIT")
}

/// The rows of a query, added up.
pub(super) fn rows(connection: &Connection, sql: &str) -> rusqlite::Result<Rows> {
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut sum = Rows::default();
    let mut bytes = Vec::new();
    while let Some(row) = rows.next()? {
        bytes.clear();
        for column in 0..columns {
            put_value(&mut bytes, row.get_ref(column)?);
        }
        let hash = blake3::hash(&bytes);
        for (lane, part) in sum.lanes.iter_mut().zip(hash.as_bytes().as_chunks::<8>().0) {
            *lane = lane.wrapping_add(u64::from_le_bytes(*part));
        }
        sum.count += 1;
    }
    Ok(sum)
}

/// A name as SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn put_value(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => put(bytes, b'n', &[]),
        ValueRef::Integer(integer) => put(bytes, b'i', &integer.to_le_bytes()),
        ValueRef::Real(real) => put(bytes, b'r', &real.to_bits().to_le_bytes()),
        ValueRef::Text(text) => put(bytes, b't', text),
        ValueRef::Blob(blob) => put(bytes, b'b', blob),
    }
}

/// Kind and length go first, so that no two rows read the same.
fn put(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
    bytes.extend_from_slice(value);
}
