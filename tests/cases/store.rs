//! Stores as their users see them: seeded, copied, hashed, and refused by name.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;

use rusqlite::Connection;
use straddle::manifest::{State, StateKind};
use straddle::store::{Location, Store, files};

struct Fixture {
    folder: tempfile::TempDir,
    store: Box<dyn Store>,
    original: Location,
}

impl Fixture {
    async fn of(kind: StateKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = files(kind).unwrap();
        std::fs::create_dir(folder.path().join("original")).unwrap();
        let original = store.create(&folder.path().join("original"), "shop").await.unwrap();
        Self { folder, store, original }
    }

    async fn seeded(sql: &str) -> Self {
        let fixture = Self::of(StateKind::Sqlite).await;
        fixture.seed(sql).await.unwrap();
        fixture
    }

    async fn seed(&self, sql: &str) -> Result<(), String> {
        let file = self.folder.path().join("seed.sql");
        std::fs::write(&file, sql).unwrap();
        self.store.run_sql(&self.original, &file).await.map_err(|error| error.to_string())
    }

    async fn copy(&self) -> Location {
        let folder = self.folder.path().join("copy");
        std::fs::create_dir(&folder).unwrap();
        self.store.copy(&self.original, &folder, "shop").await.unwrap()
    }

    async fn digest(&self, location: &Location) -> String {
        self.store.digest(location).await.unwrap()
    }
}

fn count(path: &Path) -> i64 {
    Connection::open(path).unwrap().query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_empty_sqlite_store_is_no_file_and_its_copy_is_none_either() {
    let fixture = Fixture::of(StateKind::Sqlite).await;
    assert!(!fixture.original.path.exists());
    assert_eq!(fixture.original.url, format!("sqlite://{}", fixture.original.path.display()));
    let copy = fixture.copy().await;
    assert!(!copy.path.exists());
    assert_eq!(fixture.digest(&copy).await, fixture.digest(&fixture.original).await);
}

#[tokio::test]
async fn a_seed_runs_statement_by_statement_triggers_and_all() {
    let fixture = Fixture::seeded(
        "\u{feff}PRAGMA journal_mode = WAL;\n\
         CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);\n\
         CREATE TRIGGER twice AFTER INSERT ON item WHEN new.name = 'a;b' BEGIN\n\
           INSERT INTO item (name) VALUES ('second');\n\
         END;\n\
         BEGIN; INSERT INTO item (name) VALUES ('a;b'); COMMIT -- no semicolon",
    )
    .await;
    assert_eq!(count(&fixture.original.path), 2);
}

#[tokio::test]
async fn a_syntax_error_in_a_seed_is_told_by_line_and_statement() {
    let fixture = Fixture::of(StateKind::Sqlite).await;
    let error = fixture.seed("CREATE TABLE item (id);\n\nINSERT INTO item\n  VALEUS (1);\n").await.unwrap_err();
    assert!(error.contains("seed.sql:4: near \"VALEUS\": syntax error, in the statement `INSERT INTO item"), "{error}");
}

#[tokio::test]
async fn a_broken_constraint_in_a_seed_is_told_by_line() {
    let fixture = Fixture::of(StateKind::Sqlite).await;
    let sql = "CREATE TABLE item (id UNIQUE);\nINSERT INTO item VALUES (1);\n-- again\nINSERT INTO item VALUES (1);\n";
    let error = fixture.seed(sql).await.unwrap_err();
    assert!(error.contains("seed.sql:4: UNIQUE constraint failed: item.id"), "{error}");
}

#[tokio::test]
async fn a_seed_that_is_not_there_is_named() {
    let fixture = Fixture::of(StateKind::Sqlite).await;
    let missing = fixture.folder.path().join("missing.sql");
    let error = fixture.store.run_sql(&fixture.original, &missing).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot read the seed") && error.contains("missing.sql"), "{error}");
}

#[tokio::test]
async fn a_copy_has_what_stands_in_the_write_ahead_log_of_an_open_database() {
    let fixture = Fixture::seeded("PRAGMA journal_mode = WAL; CREATE TABLE item (id);").await;
    let open = Connection::open(&fixture.original.path).unwrap();
    open.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    open.execute("INSERT INTO item VALUES (1), (2)", []).unwrap();
    let log = fixture.original.path.with_extension("db-wal");
    assert!(
        std::fs::metadata(&log).unwrap().len() > 0,
        "the rows must stand in the log for this test to mean anything"
    );
    let copy = fixture.copy().await;
    assert_eq!(count(&copy.path), 2);
    assert_eq!(copy.path.file_name(), fixture.original.path.file_name(), "programs show the file's name");
}

#[tokio::test]
async fn a_copy_is_its_originals_equal_until_one_of_them_changes() {
    let fixture =
        Fixture::seeded("CREATE TABLE item (id, b); INSERT INTO item VALUES (1, x'00'), (2, 'x'), (3, 1.5);").await;
    let copy = fixture.copy().await;
    let before = fixture.digest(&fixture.original).await;
    assert_eq!(fixture.digest(&copy).await, before);
    Connection::open(&copy.path).unwrap().execute("UPDATE item SET b = 'y' WHERE id = 2", []).unwrap();
    assert_ne!(fixture.digest(&copy).await, before);
    assert_eq!(fixture.digest(&fixture.original).await, before);
}

#[tokio::test]
async fn a_digest_sees_content_and_not_where_it_lies_in_the_file() {
    let rows = Fixture::seeded("CREATE TABLE item (id); INSERT INTO item VALUES (1), (2);").await;
    let turned = Fixture::seeded(
        "CREATE TABLE item (id); INSERT INTO item VALUES (9), (2), (1); DELETE FROM item WHERE id = 9;",
    )
    .await;
    assert_eq!(rows.digest(&rows.original).await, turned.digest(&turned.original).await);
    let text = Fixture::seeded("CREATE TABLE item (id); INSERT INTO item VALUES ('1'), (2);").await;
    assert_ne!(rows.digest(&rows.original).await, text.digest(&text.original).await);
}

#[tokio::test]
async fn a_directory_is_copied_with_modes_links_and_times() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let fixture = Fixture::of(StateKind::Directory).await;
    let root = &fixture.original.path;
    std::fs::create_dir(root.join("sub")).unwrap();
    std::fs::write(root.join("sub/run"), "#!/bin/sh").unwrap();
    std::fs::set_permissions(root.join("sub/run"), std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("sub/run", root.join("relative")).unwrap();
    symlink(root.join("sub/run"), root.join("absolute")).unwrap();
    symlink("/nowhere", root.join("dangling")).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    std::fs::File::open(root.join("sub/run")).unwrap().set_modified(long_ago).unwrap();

    let copy = fixture.copy().await;

    let link = |name: &str| std::fs::read_link(copy.path.join(name)).unwrap();
    let facts = std::fs::metadata(copy.path.join("sub/run")).unwrap();
    assert_eq!(facts.permissions().mode() & 0o777, 0o750);
    assert_eq!(facts.modified().unwrap(), long_ago);
    assert_eq!(link("relative"), Path::new("sub/run"));
    assert_eq!(link("absolute"), copy.path.join("sub/run"), "or the copy would write to its original");
    assert_eq!(link("dangling"), Path::new("/nowhere"));
    assert_eq!(fixture.digest(&copy).await, fixture.digest(root_of(&fixture)).await);
    std::fs::write(copy.path.join("sub/run"), "#!/bin/bash").unwrap();
    assert_ne!(fixture.digest(&copy).await, fixture.digest(root_of(&fixture)).await);
}

fn root_of(fixture: &Fixture) -> &Location {
    &fixture.original
}

#[tokio::test]
async fn a_directory_with_a_socket_is_refused_by_its_name() {
    let fixture = Fixture::of(StateKind::Directory).await;
    let _listener = std::os::unix::net::UnixListener::bind(fixture.original.path.join("s.sock")).unwrap();
    let folder = fixture.folder.path().join("copy");
    std::fs::create_dir(&folder).unwrap();
    let error = fixture.store.copy(&fixture.original, &folder, "shop").await.unwrap_err().to_string();
    assert!(error.contains("s.sock: a socket can't be copied"), "{error}");
}

#[tokio::test]
async fn a_directory_can_not_be_seeded_with_sql() {
    let fixture = Fixture::of(StateKind::Directory).await;
    let error = fixture.seed("SELECT 1").await.unwrap_err();
    assert!(error.contains("seed.sql: a directory can't run SQL") && error.contains("{state.NAME.path}"), "{error}");
}

#[tokio::test]
async fn a_kind_that_is_not_in_this_release_is_named() {
    for (kind, word) in [(StateKind::Mysql, "mysql"), (StateKind::Redis, "redis")] {
        let state = State {
            name: "db".to_owned(),
            kind,
            shared: true,
            server: None,
            seed: None,
            migrate_old: None,
            migrate_new: None,
            migrate_down: None,
            migrate_timeout: State::MIGRATES_WITHIN,
        };
        let error = crate::support::project::Project::new().state(state).error().await;
        assert!(error.contains(&format!("`{word}` is not in this release")), "{error}");
    }
}
