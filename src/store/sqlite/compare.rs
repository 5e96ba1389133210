//! Two databases compared by SQLite itself, which has both open: rows are matched by their primary key, and only those of
//! tables whose digests differ are looked at.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::super::StoreError;
use super::super::data::{
    self, Change, Comparison, Gone, LONGEST, Retyped, RowDifference, SequenceDifference, TableComparison,
    ValueDifference,
};
use super::BUSY;
use super::digest::{quoted, rows};

/// How the data of the file `after` differ from those of the file `before`; a file that is not there holds nothing.
pub(super) fn compare(before: &Path, after: &Path, shown: usize) -> Result<Comparison, StoreError> {
    let both = Both::open(before, after)?;
    both.compare(shown).map_err(StoreError::sqlite(after))
}

/// A connection that has one database as `before` and the other as `after`.
struct Both(Connection);

struct Column {
    name: String,
    declared: String,
    /// Its place in the primary key, from 1.
    key: i64,
}

impl Both {
    fn open(before: &Path, after: &Path) -> Result<Self, StoreError> {
        let failed = StoreError::sqlite(after);
        let connection = Connection::open_in_memory().map_err(&failed)?;
        connection.busy_timeout(BUSY).map_err(&failed)?;
        for (path, name) in [(before, "before"), (after, "after")] {
            let file = if path.exists() { path.display().to_string() } else { ":memory:".to_owned() };
            let attach = format!("ATTACH DATABASE ?1 AS {name}");
            connection.execute(&attach, [file]).map_err(StoreError::sqlite(path))?;
        }
        connection.execute_batch("BEGIN").map_err(&failed)?;
        Ok(Self(connection))
    }

    fn compare(&self, shown: usize) -> rusqlite::Result<Comparison> {
        let (before, after) = (self.tables("before")?, self.tables("after")?);
        let mut comparison = Comparison {
            tables_new: after.iter().filter(|name| !before.contains(name)).cloned().collect(),
            ..Comparison::default()
        };
        for name in before {
            if after.contains(&name) {
                comparison.tables.push(self.table(&name, shown)?);
            } else {
                let held = self.number(&format!("SELECT count(*) FROM before.{}", quoted(&name)))?;
                comparison.tables_gone.push(Gone { name, held });
            }
        }
        comparison.sequences = self.sequences()?;
        Ok(comparison)
    }

    /// Tables by name: not virtual ones, but what those keep their content in.
    fn tables(&self, schema: &str) -> rusqlite::Result<Vec<String>> {
        let mut list = self.0.prepare(
            "SELECT name FROM pragma_table_list WHERE schema = ?1 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             AND (type = 'table' OR (type = 'shadow' AND name LIKE '%\\_content' ESCAPE '\\')) ORDER BY name",
        )?;
        list.query_map([schema], |row| row.get(0))?.collect()
    }

    fn columns(&self, schema: &str, table: &str) -> rusqlite::Result<Vec<Column>> {
        let mut info =
            self.0.prepare("SELECT name, type, pk FROM pragma_table_xinfo(?1, ?2) WHERE hidden <> 1 ORDER BY cid")?;
        let column =
            |row: &rusqlite::Row<'_>| Ok(Column { name: row.get(0)?, declared: row.get(1)?, key: row.get(2)? });
        info.query_map([table, schema], column)?.collect()
    }

    fn table(&self, name: &str, shown: usize) -> rusqlite::Result<TableComparison> {
        let (before, after) = (self.columns("before", name)?, self.columns("after", name)?);
        let of_after = |column: &Column| after.iter().find(|other| other.name.eq_ignore_ascii_case(&column.name));
        let table = quoted(name);
        let mut result = TableComparison {
            name: name.to_owned(),
            columns_new: after
                .iter()
                .filter(|column| !before.iter().any(|other| other.name.eq_ignore_ascii_case(&column.name)))
                .map(|column| column.name.clone())
                .collect(),
            ..TableComparison::default()
        };
        let mut common = Vec::new();
        for column in &before {
            match of_after(column) {
                None => {
                    let held = self.number(&format!("SELECT count({}) FROM before.{table}", quoted(&column.name)))?;
                    result.columns_gone.push(Gone { name: column.name.clone(), held });
                }
                Some(other) => {
                    let is_retyped = !other.declared.eq_ignore_ascii_case(&column.declared);
                    if is_retyped {
                        let (before, after) = (column.declared.clone(), other.declared.clone());
                        result.columns_retyped.push(Retyped { column: column.name.clone(), before, after });
                    }
                    common.push((column.name.as_str(), is_retyped));
                }
            }
        }
        let list = common.iter().map(|(name, _)| quoted(name)).collect::<Vec<_>>().join(", ");
        let list = if list.is_empty() { "NULL".to_owned() } else { list };
        let left = rows(&self.0, &format!("SELECT {list} FROM before.{table}"))?;
        let right = rows(&self.0, &format!("SELECT {list} FROM after.{table}"))?;
        (result.rows_before, result.rows_after) = (left.count, right.count);
        result.key = key(&before).filter(|found| Some(found) == key(&after).as_ref()).unwrap_or_default();
        if let Some(old) = key(&before).filter(|_| result.key.is_empty())
            && old.iter().all(|name| common.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)))
        {
            let columns = old.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
            let groups = format!("SELECT 1 FROM after.{table} GROUP BY {columns} HAVING count(*) > 1");
            result.shared_keys = self.number(&format!("SELECT count(*) FROM ({groups})"))?;
        }
        if left == right {
            return Ok(result);
        }
        if result.key.is_empty() {
            self.multisets(&table, &common, shown, &mut result)?;
        } else {
            self.keyed(&table, &common, shown, &mut result)?;
        }
        Ok(result)
    }

    fn keyed(
        &self,
        table: &str,
        common: &[(&str, bool)],
        shown: usize,
        result: &mut TableComparison,
    ) -> rusqlite::Result<()> {
        let key: Vec<String> = result.key.iter().map(|name| quoted(name)).collect();
        let same = key.iter().map(|name| format!("a.{name} IS b.{name}")).collect::<Vec<_>>().join(" AND ");
        let keys = |of: &str| key.iter().map(|name| format!("{of}.{name}")).collect::<Vec<_>>().join(", ");
        let only = |here: &str, at: &str, there: &str, other: &str| {
            format!("FROM {here}.{table} {at} WHERE NOT EXISTS (SELECT 1 FROM {there}.{table} {other} WHERE {same})")
        };
        let differs: Vec<String> = common.iter().map(|(name, retyped)| differs(name, *retyped)).collect();
        let sums: Vec<String> = differs.iter().map(|differs| format!("coalesce(sum({differs}), 0)")).collect();
        let matched = format!("FROM before.{table} b JOIN after.{table} a ON {same} WHERE {}", differs.join(" OR "));
        for (change, from, of) in [
            (Change::Lost, only("before", "b", "after", "a"), "b"),
            (Change::Added, only("after", "a", "before", "b"), "a"),
        ] {
            let count = self.number(&format!("SELECT count(*) {from}"))?;
            *if change == Change::Lost { &mut result.lost } else { &mut result.added } = count;
            let values: Vec<String> = key.iter().map(|name| text(&format!("{of}.{name}"))).collect();
            let sql = format!("SELECT {} {from} ORDER BY {} LIMIT {shown}", values.join(", "), keys(of));
            for row in self.texts(&sql, if count == 0 { 0 } else { values.len() })? {
                let key = named(&result.key, &row);
                result.show(shown, RowDifference { change, key, values: Vec::new() });
            }
        }
        let mut counts = self.0.prepare(&format!("SELECT count(*), {} {matched}", sums.join(", ")))?;
        let mut row = counts.query([])?;
        if let Some(row) = row.next()? {
            result.changed = unsigned(row.get(0)?);
            for (at, (name, _)) in common.iter().enumerate() {
                let count = unsigned(row.get(at + 1)?);
                if count > 0 {
                    result.changed_by_column.insert((*name).to_owned(), count);
                }
            }
        }
        let mut wanted: Vec<String> = key.iter().map(|name| text(&format!("b.{name}"))).collect();
        for (name, _) in common {
            wanted.extend(["b", "a"].map(|of| text(&format!("{of}.{}", quoted(name)))));
        }
        wanted.extend(differs);
        let sql = format!("SELECT {} {matched} ORDER BY {} LIMIT {shown}", wanted.join(", "), keys("b"));
        for row in self.texts(&sql, if result.changed == 0 { 0 } else { wanted.len() })? {
            let (key, rest) = row.split_at(result.key.len());
            let (pairs, flags) = rest.split_at(2 * common.len());
            let values = common.iter().zip(pairs.chunks(2)).zip(flags).filter(|(_, flag)| flag.as_deref() == Some("1"));
            let values = values.map(|(((name, _), pair), _)| ValueDifference {
                column: (*name).to_owned(),
                before: Some(data::value(name, pair[0].as_deref())),
                after: Some(data::value(name, pair[1].as_deref())),
            });
            let values = values.collect();
            result.show(shown, RowDifference { change: Change::Changed, key: named(&result.key, key), values });
        }
        Ok(())
    }

    fn multisets(
        &self,
        table: &str,
        common: &[(&str, bool)],
        shown: usize,
        result: &mut TableComparison,
    ) -> rusqlite::Result<()> {
        let exact: Vec<String> = common.iter().map(|(name, _)| exact(&quoted(name))).collect();
        let exact = if exact.is_empty() { "''".to_owned() } else { exact.join(" || ',' || ") };
        let values: Vec<String> = common.iter().map(|(name, _)| format!("min({})", text(&quoted(name)))).collect();
        let grouped = |schema: &str| {
            let values: Vec<_> = values.iter().enumerate().map(|(at, value)| format!(", {value} AS v{at}")).collect();
            format!("(SELECT {exact} AS k, count(*) AS n{} FROM {schema}.{table} GROUP BY 1)", values.concat())
        };
        for (change, here, there) in [(Change::Lost, "before", "after"), (Change::Added, "after", "before")] {
            let from = format!(
                "FROM {} h LEFT JOIN {} t ON t.k = h.k WHERE h.n > coalesce(t.n, 0)",
                grouped(here),
                grouped(there)
            );
            let count = self.number(&format!("SELECT coalesce(sum(h.n - coalesce(t.n, 0)), 0) {from}"))?;
            *if change == Change::Lost { &mut result.lost } else { &mut result.added } = count;
            let columns: Vec<String> = (0..values.len()).map(|at| format!("h.v{at}")).collect();
            let sql = format!("SELECT {} {from} ORDER BY h.k LIMIT {shown}", columns.join(", "));
            for row in self.texts(&sql, if count == 0 { 0 } else { columns.len() })? {
                let value = |(name, value): (&(&str, bool), &Option<String>)| {
                    let told = Some(data::value(name.0, value.as_deref()));
                    let (before, after) = if change == Change::Lost { (told, None) } else { (None, told) };
                    ValueDifference { column: name.0.to_owned(), before, after }
                };
                let values = common.iter().zip(&row).map(value).collect();
                result.show(shown, RowDifference { change, key: Vec::new(), values });
            }
        }
        Ok(())
    }

    /// What `AUTOINCREMENT` counts.
    fn sequences(&self) -> rusqlite::Result<Vec<SequenceDifference>> {
        let has = |schema: &str| {
            let sql = format!("SELECT 1 FROM {schema}.sqlite_master WHERE name = 'sqlite_sequence'");
            self.0.query_row(&sql, [], |_| Ok(())).optional()
        };
        let of = |schema: &str| -> rusqlite::Result<std::collections::BTreeMap<String, String>> {
            if has(schema)?.is_none() {
                return Ok(std::collections::BTreeMap::new());
            }
            let mut all = self.0.prepare(&format!("SELECT name, cast(seq AS text) FROM {schema}.sqlite_sequence"))?;
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        Ok(data::sequences(&of("before")?, &of("after")?))
    }

    fn number(&self, sql: &str) -> rusqlite::Result<u64> {
        self.0.query_row(sql, [], |row| row.get(0)).map(unsigned)
    }

    /// The rows of a query, all of whose columns are texts; none where no column is asked for.
    fn texts(&self, sql: &str, columns: usize) -> rusqlite::Result<Vec<Vec<Option<String>>>> {
        if columns == 0 {
            return Ok(Vec::new());
        }
        let mut statement = self.0.prepare(sql)?;
        let texts = |row: &rusqlite::Row<'_>| {
            (0..columns)
                .map(|at| {
                    Ok(match row.get_ref(at)? {
                        rusqlite::types::ValueRef::Null => None,
                        rusqlite::types::ValueRef::Integer(integer) => Some(integer.to_string()),
                        other => Some(String::from_utf8_lossy(other.as_bytes().unwrap_or_default()).into_owned()),
                    })
                })
                .collect()
        };
        statement.query_map([], texts)?.collect()
    }
}

/// The columns of the primary key in their order.
fn key(columns: &[Column]) -> Option<Vec<String>> {
    let mut key: Vec<&Column> = columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    Some(key.into_iter().map(|column| column.name.to_ascii_lowercase()).collect::<Vec<_>>())
        .filter(|key| !key.is_empty())
}

/// Whether a column's values differ: by bytes whatever its collation, and 1 is not 1.0 unless its type changed.
fn differs(name: &str, retyped: bool) -> String {
    let name = quoted(name);
    let kinds = if retyped { String::new() } else { format!(" OR typeof(b.{name}) <> typeof(a.{name})") };
    format!("(b.{name} COLLATE BINARY IS NOT a.{name}{kinds})")
}

/// A text that no other value has.
fn exact(value: &str) -> String {
    format!(
        "CASE typeof({value}) WHEN 'text' THEN 't' || hex({value}) WHEN 'blob' THEN 'b' || hex({value}) ELSE quote({value}) END"
    )
}

/// A value as it is shown: of bytes, their digits.
fn text(value: &str) -> String {
    format!(
        "CASE typeof({value}) WHEN 'null' THEN NULL WHEN 'blob' THEN 'x''' || hex(substr({value}, 1, {LONGEST})) || '''' \
         ELSE substr(cast({value} AS text), 1, {}) END",
        4 * LONGEST
    )
}

fn named(names: &[String], values: &[Option<String>]) -> Vec<(String, String)> {
    names.iter().zip(values).map(|(name, value)| (name.clone(), data::value(name, value.as_deref()))).collect()
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
