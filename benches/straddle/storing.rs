//! Stores: a PostgreSQL server that comes up, a database that is copied, and what it takes to hash and compare a large one.
//!
//! Where PostgreSQL is missing only SQLite is measured, and that is said.

use std::path::Path;
use std::time::Instant;

use straddle::manifest::{State, StateKind};
use straddle::model::secret::Secrets;
use straddle::process::{Guardian, Launch};
use straddle::store::{Engines, Location, PASSWORD, PostgresError, Store, StoreError};

use crate::Figure;

/// Rows of about 130 bytes, of the types that tables are made of.
const ROWS: u32 = 400_000;
/// Each is measured as often, and the best counts: the machine has other things to do.
const TIMES: usize = 5;

pub fn figures() -> Vec<Figure> {
    let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|e| panic!("no runtime: {e}"));
    runtime.block_on(async {
        let mut figures = sqlite().await.unwrap_or_else(|e| panic!("{e}"));
        match postgres().await {
            Ok(more) => figures.extend(more),
            Err(StoreError::Postgres(PostgresError::Missing { .. })) => {
                eprintln!("storing: PostgreSQL is missing, and was not measured");
            }
            Err(error) => panic!("{error}"),
        }
        figures
    })
}

async fn sqlite() -> Result<Vec<Figure>, StoreError> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
    let store = straddle::store::files(StateKind::Sqlite).unwrap_or_else(|| panic!("no SQLite"));
    let original = store.create(folder.path(), "db").await?;
    let numbers = format!("WITH RECURSIVE s (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < {ROWS})");
    let sql = format!(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price REAL, at TEXT, token TEXT, flag INT, note TEXT);
         INSERT INTO item {numbers} SELECT g, 'name of ' || g, g * 1.25, '2026-01-01 00:00:' || (g % 60), hex(g * 7919) || 'abcdefabcdefabcdef', g % 7 = 0,
           CASE WHEN g % 3 = 0 THEN NULL ELSE '{}' END FROM s;",
        "x".repeat(60)
    );
    seed(store.as_ref(), &original, &sql, folder.path()).await?;
    let copies = folder.path().join("copy");
    std::fs::create_dir(&copies).unwrap_or_else(|e| panic!("{e}"));
    let copy = store.copy(&original, &copies, "db").await?;
    seed(store.as_ref(), &copy, "UPDATE item SET name = 'x' WHERE id = 123456", folder.path()).await?;
    let digest = best(async || store.digest(&original).await.map(drop)).await?;
    let compare = best(async || one_changed(store.as_ref(), &original, &copy).await).await?;
    Ok(vec![
        Figure::at_most("SQLite: digest of 400,000 rows", digest, 500.0, "ms"),
        Figure::at_most("SQLite: 400,000 rows compared, one changed", compare, 1500.0, "ms"),
    ])
}

async fn postgres() -> Result<Vec<Figure>, StoreError> {
    let launch = Launch::of(env!("CARGO_BIN_EXE_straddle"), [] as [&str; 0]);
    let guardian = Guardian::start(&launch).await?;
    let secrets = Secrets::new([(PASSWORD.to_owned(), "of-the-bench".to_owned())]);
    let state = State {
        name: "db".to_owned(),
        kind: StateKind::Postgres,
        shared: true,
        server: None,
        seed: None,
        migrate_old: None,
        migrate_new: None,
        migrate_down: None,
        migrate_timeout: State::MIGRATES_WITHIN,
    };
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
    let log = |name: &str| folder.path().join(format!("{name}.log"));
    let mut up = f64::INFINITY;
    let mut last = None;
    for number in 0..TIMES {
        let within = folder.path().join(number.to_string());
        std::fs::create_dir(&within).unwrap_or_else(|e| panic!("{e}"));
        let begun = Instant::now();
        let store = Engines::new(&guardian, &secrets, &within, &log).of(&state).await?;
        let original = store.create(folder.path(), "db").await?;
        up = up.min(begun.elapsed().as_secs_f64());
        last = Some((store, original));
    }
    let Some((store, original)) = last else { return Ok(Vec::new()) };
    let sql = format!(
        "CREATE TABLE item AS SELECT g AS id, 'name of ' || g AS name, (g * 1.25)::numeric(12,2) AS price, '2026-01-01'::timestamptz + g * interval '1 s' AS at,
           md5(g::text) AS token, g % 7 = 0 AS flag, CASE WHEN g % 3 = 0 THEN NULL ELSE repeat('x', 60) END AS note FROM generate_series(1, {ROWS}) g;
         ALTER TABLE item ADD PRIMARY KEY (id);"
    );
    seed(store.as_ref(), &original, &sql, folder.path()).await?;
    let copy = store.copy(&original, folder.path(), "db").await?;
    seed(store.as_ref(), &copy, "UPDATE item SET name = 'x' WHERE id = 123456", folder.path()).await?;
    let digest = best(async || store.digest(&original).await.map(drop)).await?;
    let compare = best(async || one_changed(store.as_ref(), &original, &copy).await).await?;
    // As large as is promised, and not only as is compared.
    let more = "CREATE TABLE more AS SELECT g, repeat(md5(g::text), 8) AS t FROM generate_series(1, 120000) g;";
    seed(store.as_ref(), &original, more, folder.path()).await?;
    let restore = best(async || {
        let copy = store.copy(&original, folder.path(), "db").await?;
        store.remove(&copy).await
    })
    .await?;
    guardian.shutdown().await;
    Ok(vec![
        Figure::at_most("PostgreSQL: server up, with a database", up, 2.0, "s"),
        Figure::at_most("PostgreSQL: 110 MB restored by template, and dropped", restore, 500.0, "ms"),
        Figure::at_most("PostgreSQL: digest of 400,000 rows", digest, 500.0, "ms"),
        Figure::at_most("PostgreSQL: 400,000 rows compared, one changed", compare, 3000.0, "ms"),
    ])
}

async fn seed(store: &dyn Store, at: &Location, sql: &str, folder: &Path) -> Result<(), StoreError> {
    let file = folder.join("seed.sql");
    std::fs::write(&file, sql).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    store.run_sql(at, &file).await
}

async fn one_changed(store: &dyn Store, before: &Location, after: &Location) -> Result<(), StoreError> {
    let comparison = store.compare(before, after, 5).await?;
    assert_eq!(comparison.tables.iter().map(|table| table.changed).sum::<u64>(), 1);
    Ok(())
}

/// The best of some times, in milliseconds.
async fn best(work: impl AsyncFn() -> Result<(), StoreError>) -> Result<f64, StoreError> {
    let mut best = f64::INFINITY;
    for _ in 0..TIMES {
        let begun = Instant::now();
        work().await?;
        best = best.min(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best)
}
