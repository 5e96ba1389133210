//! The digest of a database: what its catalogs say of it by names, and a sum over the hashes of each table's rows, made by
//! the server, so that neither the order of rows nor where they lie counts, and none is sent.

use super::super::session::Session;
use super::catalog::{BEGIN, hash, sequences, tables};

/// A line for everything that a schema has, by names and never by numbers. Each part is a query of one text.
const SCHEMA: [&str; 10] = [
    "SELECT 'schema ' || nspname || coalesce(nspacl::text, '') FROM pg_namespace n WHERE $SCHEMAS AND $OURS(pg_namespace, n)",
    "SELECT concat_ws(' ', 'relation', n.nspname, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
       c.reloptions, c.relacl, pg_get_expr(c.relpartbound, c.oid), CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END)
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind NOT IN ('i', 'I', 't') AND $SCHEMAS AND $OURS(pg_class, c)",
    "SELECT concat_ws(' ', 'column', n.nspname, c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
       format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid),
       o.collname, a.attacl)
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum LEFT JOIN pg_collation o ON o.oid = a.attcollation
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND $SCHEMAS AND $OURS(pg_class, c)",
    "SELECT concat_ws(' ', 'constraint', n.nspname, k.conrelid::regclass, k.contypid::regtype, k.conname, pg_get_constraintdef(k.oid))
     FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE $SCHEMAS AND $OURS(pg_class, k, conrelid)",
    "SELECT 'index ' || pg_get_indexdef(i.indexrelid) || i.indisvalid
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE $SCHEMAS AND $OURS(pg_class, c)",
    "SELECT CASE WHEN p.prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(p.oid)
       ELSE 'aggregate ' || p.proname || pg_get_function_identity_arguments(p.oid) END || coalesce(p.proacl::text, '')
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE $SCHEMAS AND $OURS(pg_proc, p)",
    "SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), t.tgenabled)
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal AND $SCHEMAS",
    "SELECT concat_ws(' ', 'type', n.nspname, t.typname, t.typtype, t.typnotnull, t.typdefault,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND $SCHEMAS AND $OURS(pg_type, t)",
    "SELECT concat_ws(' ', 'sequence', n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqmin,
       s.seqcache, s.seqcycle)
     FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE $SCHEMAS AND $OURS(pg_class, c)",
    "SELECT 'policy ' || p::text FROM pg_policies p UNION ALL SELECT concat_ws(' ', 'extension', extname, extversion) FROM pg_extension
     UNION ALL SELECT 'rule ' || pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' AND $SCHEMAS",
];

/// Schemas that people make.
const SCHEMAS: &str = "(n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)')";

/// A hash of all that a database holds.
pub(in super::super) async fn digest(session: &Session) -> Result<String, String> {
    session.run(BEGIN).await?;
    let is_new = session.version().await? >= 14;
    let mut hasher = blake3::Hasher::new();
    let mut put = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    for part in SCHEMA {
        let sql = format!("SELECT line FROM ({}) s (line) ORDER BY line COLLATE \"C\"", filled(part));
        for row in session.rows(&sql, &[]).await? {
            put(&row.get::<_, Option<String>>(0).unwrap_or_default());
        }
    }
    for (name, table) in tables(session).await? {
        let values: Vec<String> = table.columns.iter().map(super::catalog::Column::hashed).collect();
        let (count, sum) = sum(session, &table.from, &hash(&values, is_new)).await?;
        put(&format!("{name} {count} {sum}"));
    }
    for (name, place) in sequences(session).await? {
        put(&format!("{name} {place}"));
    }
    session.run("COMMIT").await?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// How many rows, and the sum of their hashes.
pub(super) async fn sum(session: &Session, from: &str, hash: &str) -> Result<(u64, String), String> {
    let rows = session.rows(&format!("SELECT count(*), coalesce(sum({hash}), 0)::text FROM {from}"), &[]).await?;
    let row = rows.first().ok_or("it counted nothing")?;
    Ok((u64::try_from(row.get::<_, i64>(0)).unwrap_or_default(), row.get(1)))
}

/// `$SCHEMAS`, and `$OURS(CATALOG, ALIAS)` or `$OURS(CATALOG, ALIAS, COLUMN)`: that no extension brought it along.
fn filled(part: &str) -> String {
    let mut sql = part.replace("$SCHEMAS", SCHEMAS);
    while let Some(at) = sql.find("$OURS(") {
        let Some(length) = sql[at..].find(')') else { break };
        let arguments: Vec<&str> = sql[at + "$OURS(".len()..at + length].split(", ").collect();
        let (catalog, alias) = (arguments[0], arguments.get(1).copied().unwrap_or_default());
        let column = arguments.get(2).copied().unwrap_or("oid");
        let condition = format!(
            "NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '{catalog}'::regclass AND x.objid = {alias}.{column} AND x.deptype = 'e')"
        );
        sql.replace_range(at..=at + length, &condition);
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::{SCHEMA, filled};

    #[test]
    fn nothing_is_left_to_fill() {
        for part in SCHEMA {
            assert!(!filled(part).contains('$'), "{part}");
        }
    }
}
