//! How many rows each table has.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;

use super::digest::quoted;
use super::{StoreError, open};

/// How many rows each table has, those of SQLite's own and virtual ones left out.
pub(super) fn rows(path: &Path) -> Result<BTreeMap<String, u64>, StoreError> {
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    count(&open(path)?).map_err(StoreError::sqlite(path))
}

fn count(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut tables = connection.prepare(
        "SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let count = |name: String| {
        let sql = format!("SELECT count(*) FROM {}", quoted(&name));
        let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        Ok((name, u64::try_from(rows).unwrap_or_default()))
    };
    names.into_iter().map(count).collect()
}
