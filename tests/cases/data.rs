//! What stores hold, hashed and compared: the same cases on SQLite and on PostgreSQL, and what only one of them has.

#![expect(clippy::unwrap_used, reason = "a test")]

use straddle::manifest::StateKind;
use straddle::store::data::{Change, Comparison};
use straddle::store::{Location, Store, files};

use super::postgres::{connect, shared};
use crate::support::has_postgres;

/// A kind of database, and where its tests' stores lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

/// Those that are here.
fn engines() -> Vec<Engine> {
    if has_postgres() { vec![Engine::Sqlite, Engine::Postgres] } else { vec![Engine::Sqlite] }
}

impl Engine {
    /// A store with that content, a copy of it on which `change` has run, and what both say.
    async fn compare(self, content: &str, change: &str) -> (Comparison, bool) {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = files(StateKind::Sqlite).unwrap();
        let store: &dyn Store = if self == Self::Sqlite { sqlite.as_ref() } else { shared().await.store.as_ref() };
        let before = store.create(folder.path(), "db").await.unwrap();
        self.run(&before, content).await;
        let copies = folder.path().join("copy");
        std::fs::create_dir(&copies).unwrap();
        let after = store.copy(&before, &copies, "db").await.unwrap();
        let same = store.digest(&before).await.unwrap() == store.digest(&after).await.unwrap();
        assert!(same, "a copy has its original's digest");
        assert!(store.compare(&before, &after, 5).await.unwrap().is_same());
        self.run(&after, change).await;
        let comparison = store.compare(&before, &after, 5).await.unwrap();
        let differs = store.digest(&before).await.unwrap() != store.digest(&after).await.unwrap();
        (comparison, differs)
    }

    async fn run(self, location: &Location, sql: &str) {
        match self {
            Self::Sqlite => rusqlite::Connection::open(&location.path).unwrap().execute_batch(sql).unwrap(),
            Self::Postgres => connect(&location.url).await.batch_execute(sql).await.unwrap(),
        }
    }
}

/// A line for every way in which they differ.
fn told(comparison: &Comparison) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(comparison.tables_gone.iter().map(|table| format!("{} is gone with {}", table.name, table.held)));
    lines.extend(comparison.tables_new.iter().map(|table| format!("{table} is new")));
    for table in &comparison.tables {
        let name = &table.name;
        lines.extend(table.columns_gone.iter().map(|gone| format!("{name}.{} is gone with {}", gone.name, gone.held)));
        lines.extend(table.columns_new.iter().map(|column| format!("{name}.{column} is new")));
        lines.extend(
            table.columns_retyped.iter().map(|it| format!("{name}.{}: {} is {}", it.column, it.before, it.after)),
        );
        if !table.is_same() {
            let (rows, changes) = ((table.rows_before, table.rows_after), (table.lost, table.added, table.changed));
            lines.push(format!(
                "{name}: rows {rows:?}, lost, added, changed {changes:?}, {:?}",
                table.changed_by_column
            ));
        }
        for row in &table.shown {
            let key: Vec<String> = row.key.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let none = || "-".to_owned();
            let values: Vec<String> = row
                .values
                .iter()
                .map(|it| {
                    let (before, after) =
                        (it.before.clone().unwrap_or_else(none), it.after.clone().unwrap_or_else(none));
                    format!("{} {before} > {after}", it.column)
                })
                .collect();
            let change = match row.change {
                Change::Lost => "lost",
                Change::Added => "added",
                Change::Changed => "changed",
            };
            lines.push(format!("  {change} {}", [key, values].concat().join(" ")));
        }
    }
    let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "-".to_owned());
    lines.extend(
        comparison
            .sequences
            .iter()
            .map(|it| format!("{} stands {} > {}", it.name, place(&it.before), place(&it.after))),
    );
    lines
}

async fn check_on(engines: &[Engine], content: &str, change: &str, expected: &[&str]) {
    for engine in engines {
        let (comparison, differs) = engine.compare(content, change).await;
        assert_eq!(told(&comparison), expected, "{change}");
        assert!(differs, "the digest does not see: {change}");
        let says_so =
            expected.iter().all(|line| line.contains(" is ") && !line.ends_with("new") && !line.contains("gone"));
        assert_eq!(comparison.is_same(), says_so, "{change}");
    }
}

async fn check(change: &str, expected: &[&str]) {
    let content = "CREATE TABLE item (id int PRIMARY KEY, name text, api_key text);
        INSERT INTO item VALUES (1, 'ash', 'k1'), (2, 'elm', 'k2'), (3, NULL, 'k3');
        CREATE TABLE tag (a text, b int); INSERT INTO tag VALUES ('x', 1), ('x', 1), ('y', NULL);";
    check_on(&engines(), content, change, expected).await;
}

#[tokio::test]
async fn rows_that_went_came_and_changed_are_told_by_key_and_column() {
    check(
        "DELETE FROM item WHERE id = 1; UPDATE item SET name = 'oak' WHERE id = 2; INSERT INTO item VALUES (4, 'fir', 'k4')",
        &[
            "item: rows (3, 3), lost, added, changed (1, 1, 1), {\"name\": 1}",
            "  lost id=1",
            "  changed id=2 name elm > oak",
            "  added id=4",
        ],
    )
    .await;
}

#[tokio::test]
async fn null_is_not_empty_and_credentials_are_not_shown() {
    check(
        "UPDATE item SET name = '', api_key = 'other' WHERE id = 3",
        &[
            "item: rows (3, 3), lost, added, changed (0, 0, 1), {\"api_key\": 1, \"name\": 1}",
            "  changed id=3 name NULL >  api_key «secret» > «secret»",
        ],
    )
    .await;
}

#[tokio::test]
async fn rows_without_a_key_are_counted_as_often_as_they_are_there() {
    check(
        "DELETE FROM tag WHERE a = 'x'; INSERT INTO tag VALUES ('x', 1), ('y', 0)",
        &["tag: rows (3, 3), lost, added, changed (1, 1, 0), {}", "  lost a x > - b 1 > -", "  added a - > y b - > 0"],
    )
    .await;
}

#[tokio::test]
async fn values_that_are_swapped_between_rows_have_changed() {
    check(
        "UPDATE item SET name = CASE id WHEN 1 THEN 'elm' ELSE 'ash' END WHERE id < 3",
        &[
            "item: rows (3, 3), lost, added, changed (0, 0, 2), {\"name\": 2}",
            "  changed id=1 name ash > elm",
            "  changed id=2 name elm > ash",
        ],
    )
    .await;
}

#[tokio::test]
async fn rows_are_compared_in_the_columns_that_both_have() {
    check(
        "ALTER TABLE item DROP COLUMN name; ALTER TABLE item ADD COLUMN note text DEFAULT 'n'; DROP TABLE tag; CREATE TABLE t (a int)",
        &["tag is gone with 3", "t is new", "item.name is gone with 2", "item.note is new"],
    )
    .await;
}

#[tokio::test]
async fn many_rows_are_compared_and_few_shown() {
    for engine in engines() {
        let numbers = match engine {
            Engine::Sqlite => {
                "WITH RECURSIVE s (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < 30000) SELECT g, 'n' || g FROM s"
            }
            Engine::Postgres => "SELECT g, 'n' || g FROM generate_series(1, 30000) g",
        };
        let content = format!("CREATE TABLE item (id bigint PRIMARY KEY, name text); INSERT INTO item {numbers}");
        let (few, _) = engine.compare(&content, "UPDATE item SET name = 'x' WHERE id = 17777").await;
        assert_eq!(
            told(&few),
            [
                "item: rows (30000, 30000), lost, added, changed (0, 0, 1), {\"name\": 1}",
                "  changed id=17777 name n17777 > x"
            ]
        );
        let (all, _) =
            engine.compare(&content, "UPDATE item SET name = name || '!'; DELETE FROM item WHERE id > 20000").await;
        let table = &all.tables[0];
        assert_eq!((table.lost, table.added, table.changed, table.shown.len()), (10_000, 0, 20_000, 10));
    }
}

#[tokio::test]
async fn values_are_told_apart_exactly_in_every_type_of_postgres() {
    if !has_postgres() {
        return;
    }
    let content = "CREATE TYPE mood AS ENUM ('ok', 'bad');
        CREATE TABLE v (id int PRIMARY KEY, n numeric, f float8, b bytea, j json, jb jsonb, a int[], z timestamptz, m mood, i interval, c char(4));
        INSERT INTO v SELECT 1, 1.50, 0.1, '\\x00', '{\"a\": 1}', '{\"a\": 1}', '{1,2}', '2026-01-01 00:00+00', 'ok', '1 mon', 'x';";
    let changes = [
        ("n = 1.5", "n 1.50 > 1.5"),
        ("n = 1.50000000000000000000000000000001", "n 1.50 > 1.50000000000000000000000000000001"),
        ("f = 0.1::float8 + 2e-17", "f 0.1 > 0.10000000000000002"),
        ("f = '-0'", "f 0.1 > -0"),
        ("b = '\\x0000'", "b \\x00 > \\x0000"),
        ("b = ''", "b \\x00 > \\x"),
        ("j = '{\"a\":1}'", "j {\"a\": 1} > {\"a\":1}"),
        ("jb = '{\"a\": 1.0}'", "jb {\"a\": 1} > {\"a\": 1.0}"),
        ("a = '{1,NULL}'", "a {1,2} > {1,NULL}"),
        ("z = '2026-01-01 00:00:00.000001+00'", "z 2026-01-01 00:00:00+00 > 2026-01-01 00:00:00.000001+00"),
        ("m = 'bad'", "m ok > bad"),
        ("i = '30 days'", "i 1 mon > 30 days"),
        ("n = 'NaN'", "n 1.50 > NaN"),
    ];
    for (change, shown) in changes {
        let (comparison, differs) = Engine::Postgres.compare(content, &format!("UPDATE v SET {change}")).await;
        assert!(
            differs && told(&comparison).last().is_some_and(|line| *line == format!("  changed id=1 {shown}")),
            "{change}: {:?}",
            told(&comparison)
        );
    }
}

#[tokio::test]
async fn what_a_changed_type_means_the_same_is_the_same() {
    if !has_postgres() {
        return;
    }
    let content = "CREATE TABLE v (id int PRIMARY KEY, n numeric(12,2), k int, t varchar(100), z timestamp, j json);
        INSERT INTO v VALUES (1, 1.25, 7, 'x', '2026-01-01 00:00', '{\"b\":1, \"a\":2}');";
    check_on(
        &[Engine::Postgres],
        content,
        "ALTER TABLE v ALTER n TYPE numeric(12,4), ALTER k TYPE bigint, ALTER t TYPE text, ALTER z TYPE timestamptz USING z AT TIME ZONE 'UTC', ALTER j TYPE jsonb",
        &[
            "v.n: numeric(12,2) is numeric(12,4)",
            "v.k: integer is bigint",
            "v.t: character varying(100) is text",
            "v.z: timestamp without time zone is timestamp with time zone",
            "v.j: json is jsonb",
        ],
    )
    .await;
    check_on(
        &[Engine::Postgres],
        content,
        "ALTER TABLE v ALTER n TYPE numeric(12,0)",
        &[
            "v.n: numeric(12,2) is numeric(12,0)",
            "v: rows (1, 1), lost, added, changed (0, 0, 1), {\"n\": 1}",
            "  changed id=1 n 1.25 > 1",
        ],
    )
    .await;
}

#[tokio::test]
async fn partitions_sequences_generated_columns_and_odd_names_count_as_what_they_are() {
    if !has_postgres() {
        return;
    }
    let content = "CREATE TABLE part (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
        INSERT INTO part VALUES (1, '2026-01-05'), (2, '2026-02-05');
        CREATE SCHEMA s; CREATE TABLE s.\"Odd \"\"name\" (\"Select\" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, twice int GENERATED ALWAYS AS (\"n\" * 2) STORED, n int);
        INSERT INTO s.\"Odd \"\"name\" (n) VALUES (1), (2);
        CREATE TABLE none (); INSERT INTO none DEFAULT VALUES;";
    check_on(
        &[Engine::Postgres],
        content,
        "DELETE FROM part WHERE id = 2; UPDATE s.\"Odd \"\"name\" SET n = 5 WHERE n = 2; SELECT nextval('s.\"Odd \"\"name_Select_seq\"')",
        &[
            "part: rows (2, 1), lost, added, changed (1, 0, 0), {}",
            "  lost id=2 at=2026-02-05",
            "s.Odd \"name: rows (2, 2), lost, added, changed (0, 0, 1), {\"n\": 1, \"twice\": 1}",
            "  changed Select=2 twice 4 > 10 n 2 > 5",
            "s.Odd \"name_Select_seq stands 2 > 3",
        ],
    )
    .await;
}

#[tokio::test]
async fn the_digest_sees_every_part_of_a_schema_and_no_layout() {
    if !has_postgres() {
        return;
    }
    let content = "CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'a'), (2, 'b');
        CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'; CREATE VIEW v AS SELECT id FROM item;";
    for change in [
        "CREATE INDEX ON item (name)",
        "ALTER TABLE item ALTER name SET NOT NULL",
        "ALTER TABLE item ALTER name SET DEFAULT 'x'",
        "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 2'",
        "CREATE OR REPLACE VIEW v AS SELECT id + 0 AS id FROM item",
        "CREATE TYPE mood AS ENUM ('ok')",
        "ALTER TABLE item ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE item ADD CHECK (id > 0)",
    ] {
        let (comparison, differs) = Engine::Postgres.compare(content, change).await;
        assert!(differs && comparison.is_same(), "{change}");
    }
    let (_, differs) = Engine::Postgres
        .compare(content, "CREATE TABLE gone AS SELECT * FROM item; DELETE FROM item; INSERT INTO item SELECT * FROM gone ORDER BY id DESC; DROP TABLE gone")
        .await;
    assert!(!differs);
}

#[tokio::test]
async fn one_is_not_one_point_nought_in_sqlite_and_its_counter_is_a_sequence() {
    let content = "CREATE TABLE v (id INTEGER PRIMARY KEY AUTOINCREMENT, x, t TEXT COLLATE NOCASE); INSERT INTO v (x, t) VALUES (1, 'a')";
    for (change, expected) in [
        ("UPDATE v SET x = 1.0", "  changed id=1 x 1 > 1.0"),
        ("UPDATE v SET x = '1'", "  changed id=1 x 1 > 1"),
        ("UPDATE v SET x = x'31'", "  changed id=1 x 1 > x'31'"),
        ("UPDATE v SET t = 'A'", "  changed id=1 t a > A"),
    ] {
        let (comparison, differs) = Engine::Sqlite.compare(content, change).await;
        assert!(differs);
        assert_eq!(told(&comparison).last().map(String::as_str), Some(expected), "{change}");
    }
    check_on(
        &[Engine::Sqlite],
        content,
        "INSERT INTO v (x) VALUES (2); DELETE FROM v WHERE id = 2",
        &["v stands 1 > 2"],
    )
    .await;
}

#[tokio::test]
async fn folders_are_compared_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = files(StateKind::Directory).unwrap();
    let before = store.create(folder.path(), "before").await.unwrap();
    std::fs::create_dir(before.path.join("sub")).unwrap();
    for (name, content) in [("kept", "k"), ("changed", "a"), ("sub/lost", "l")] {
        std::fs::write(before.path.join(name), content).unwrap();
    }
    let after = store.copy(&before, folder.path(), "after").await.unwrap();
    assert!(store.compare(&before, &after, 5).await.unwrap().is_same());
    std::fs::remove_file(after.path.join("sub/lost")).unwrap();
    std::fs::write(after.path.join("changed"), "b").unwrap();
    std::fs::write(after.path.join("new"), "n").unwrap();
    let lines = told(&store.compare(&before, &after, 5).await.unwrap());
    assert_eq!(lines[0], "files: rows (4, 4), lost, added, changed (1, 1, 1), {\"content\": 1}");
    assert!(lines[2].starts_with("  changed path=changed content 1 bytes"), "{lines:?}");
    assert_eq!([&*lines[1], &*lines[3]], ["  lost path=sub/lost", "  added path=new"]);
}
