//! How many rows each table has, as of one moment.

use std::collections::BTreeMap;

use super::super::session::Session;
use super::catalog::{BEGIN, tables};

/// How many rows each table has, those of its partitions among them.
pub(in crate::store::postgres) async fn count(session: &Session) -> Result<BTreeMap<String, u64>, String> {
    session.run(BEGIN).await?;
    let mut counts = BTreeMap::new();
    for (name, table) in tables(session).await? {
        let rows = session.rows(&format!("SELECT count(*) FROM {}", table.from), &[]).await?;
        let count: i64 = rows.first().map_or(0, |row| row.get(0));
        counts.insert(name, u64::try_from(count).unwrap_or_default());
    }
    Ok(counts)
}
