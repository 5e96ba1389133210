//! The tables of a database with their columns, and how each value is turned into a text or a hash that no other value has.

use std::collections::BTreeMap;

use super::super::session::Session;

/// Begins to read a database as of one moment, with every type written in one way. No lock is waited for long.
pub(super) const BEGIN: &str = "
SET search_path = pg_catalog; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
SET extra_float_digits = 3; SET bytea_output = 'hex'; SET xmloption = 'content'; SET lc_monetary = 'C';
SET jit = off; SET row_security = off; SET lock_timeout = '20s'; SET statement_timeout = '10min';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Types whose hash says all: equal hashes mean equal texts.
const PLAIN: [&str; 10] = ["int2", "int4", "int8", "bool", "uuid", "date", "timestamp", "timestamptz", "time", "bytea"];
const TEXTS: [&str; 2] = ["text", "varchar"];
const NUMBERS: [&str; 6] = ["int2", "int4", "int8", "numeric", "float4", "float8"];
const MOMENTS: [&str; 3] = ["date", "timestamp", "timestamptz"];
const JSON: [&str; 2] = ["json", "jsonb"];

/// A table that has rows of its own, or of its partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// As SQL has it.
    pub(super) from: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// As SQL has it.
    quoted: String,
    /// With its precision: `numeric(12,2)`.
    pub(super) declared: String,
    /// The name of the type alone, where it is one of PostgreSQL's own.
    kind: String,
    /// Its place in the primary key, from 1.
    pub(super) key: Option<i32>,
}

impl Table {
    /// The columns of its primary key in their order; none where it has none.
    pub(super) fn key(&self) -> Vec<&Column> {
        let mut key: Vec<&Column> = self.columns.iter().filter(|column| column.key.is_some()).collect();
        key.sort_by_key(|column| column.key);
        key
    }
}

impl Column {
    /// Its value as a text, exactly.
    pub(super) fn text(&self) -> String {
        format!("({}::text COLLATE \"C\")", self.quoted)
    }

    /// Its value as something whose hash says all.
    pub(super) fn hashed(&self) -> String {
        if PLAIN.contains(&self.kind.as_str()) {
            self.quoted.clone()
        } else if TEXTS.contains(&self.kind.as_str()) {
            format!("({} COLLATE \"C\")", self.quoted)
        } else {
            self.text()
        }
    }

    /// Its value as a text that means the same in a column of the other type.
    pub(super) fn text_as(&self, other: &Self) -> String {
        let both = |kinds: &[&str]| kinds.contains(&self.kind.as_str()) && kinds.contains(&other.kind.as_str());
        let Self { quoted, .. } = self;
        if self.declared == other.declared {
            self.text()
        } else if both(&NUMBERS) {
            format!("(trim_scale({quoted}::text::numeric)::text COLLATE \"C\")")
        } else if both(&MOMENTS) {
            format!("({quoted}::timestamptz::text COLLATE \"C\")")
        } else if both(&JSON) {
            format!("({quoted}::jsonb::text COLLATE \"C\")")
        } else {
            self.text()
        }
    }

    /// The same as something to be hashed.
    pub(super) fn hashed_as(&self, other: &Self) -> String {
        if self.declared == other.declared { self.hashed() } else { self.text_as(other) }
    }

    /// How many values other than NULL it has.
    pub(super) fn count(&self) -> String {
        format!("count({})", self.quoted)
    }
}

/// A hash of all these values together.
pub(super) fn hash(values: &[String], is_new: bool) -> String {
    match (values, is_new) {
        ([], _) => "0::bigint".to_owned(),
        // Since version 14 a row has a hash, which needs no text of it.
        (_, true) => format!("hash_record_extended(ROW({}), 0)", values.join(", ")),
        (_, false) => format!("hashtextextended((ROW({})::text COLLATE \"C\"), 0)", values.join(", ")),
    }
}

/// All tables by name: those of partitions count with their whole.
pub(super) async fn tables(session: &Session) -> Result<BTreeMap<String, Table>, String> {
    let rows = session
        .rows(
            "SELECT CASE WHEN n.nspname = 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END,
                    CASE WHEN c.relkind = 'p' THEN '' ELSE 'ONLY ' END || format('%I.%I', n.nspname, c.relname),
                    a.attname::text, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                    CASE WHEN tn.nspname = 'pg_catalog' THEN t.typname::text ELSE '' END,
                    array_position(string_to_array(i.indkey::text, ' ')::int[], a.attnum::int)
             FROM pg_class c
             JOIN pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             LEFT JOIN pg_type t ON t.oid = a.atttypid
             LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
             WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND (c.relkind <> 'm' OR c.relispopulated) AND c.relpersistence <> 't'
               AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
               AND NOT EXISTS (SELECT FROM pg_depend d
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
             ORDER BY 1, a.attnum",
            &[],
        )
        .await?;
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in rows {
        let table = tables.entry(row.get(0)).or_insert_with(|| Table { from: row.get(1), columns: Vec::new() });
        let Some(name) = row.get::<_, Option<String>>(2) else { continue };
        table.columns.push(Column {
            name,
            quoted: row.get(3),
            declared: row.get(4),
            kind: row.get::<_, Option<String>>(5).unwrap_or_default(),
            key: row.get(6),
        });
    }
    Ok(tables)
}

/// Where every sequence stands.
pub(super) async fn sequences(session: &Session) -> Result<BTreeMap<String, String>, String> {
    let rows = session
        .rows(
            "SELECT CASE WHEN n.nspname = 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END,
                    format('%I.%I', n.nspname, c.relname)
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_(toast|temp)'
               AND NOT EXISTS (SELECT FROM pg_depend d
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
             ORDER BY 1",
            &[],
        )
        .await?;
    let mut all = BTreeMap::new();
    for row in rows {
        let (name, from): (String, String) = (row.get(0), row.get(1));
        let stands = "last_value::text || CASE WHEN is_called THEN '' ELSE ', not given out' END";
        let place = session.rows(&format!("SELECT {stands} FROM {from}"), &[]).await?;
        all.extend(place.first().map(|place| (name, place.get(0))));
    }
    Ok(all)
}
