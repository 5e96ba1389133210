//! PostgreSQL stores, on a server of straddle's own and on one that is given.

#![expect(clippy::unwrap_used, reason = "a test")]

pub mod given;
mod runs;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use straddle::manifest::{State, StateKind, StateServer};
use straddle::model::secret::Secrets;
use straddle::process::Guardian;
use straddle::store::{Engines, Location, PASSWORD, Store};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

use crate::support::{has_postgres, launch};

const PASSWORD_OF_TESTS: &str = "a-password-of-tests";

fn state(server: Option<StateServer>) -> State {
    State {
        name: "db".to_owned(),
        kind: StateKind::Postgres,
        shared: true,
        server,
        seed: None,
        migrate_old: None,
        migrate_new: None,
        migrate_down: None,
    }
}

fn secrets() -> Secrets {
    Secrets::new([(PASSWORD.to_owned(), PASSWORD_OF_TESTS.to_owned())])
}

/// A server and what makes stores on it.
pub struct Fixture {
    pub store: Box<dyn Store>,
    guardian: Guardian,
    folder: tempfile::TempDir,
}

impl Fixture {
    async fn of(state: &State, limit: Option<Duration>) -> Result<Self, String> {
        Self::in_folder(tempfile::tempdir().unwrap(), state, limit).await
    }

    async fn in_folder(folder: tempfile::TempDir, state: &State, limit: Option<Duration>) -> Result<Self, String> {
        let guardian = Guardian::start(&launch()).await.unwrap();
        let (secrets, logs) = (secrets(), folder.path().to_owned());
        let log = move |name: &str| logs.join(format!("{name}.log"));
        let mut engines = Engines::new(&guardian, &secrets, folder.path(), &log);
        if let Some(limit) = limit {
            engines = engines.seeds_within(limit);
        }
        let store = engines.of(state).await.map_err(|error| error.to_string())?;
        Ok(Self { store, guardian, folder })
    }

    async fn own() -> Self {
        Self::of(&state(None), None).await.unwrap()
    }

    async fn create(&self) -> Location {
        self.store.create(self.folder.path(), "db").await.unwrap()
    }

    pub async fn seeded(&self, sql: &str) -> Location {
        let location = self.create().await;
        self.seed(&location, sql).await.unwrap();
        location
    }

    async fn seed(&self, location: &Location, sql: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seed.sql");
        std::fs::write(&file, sql).unwrap();
        self.store.run_sql(location, &file).await.map_err(|error| error.to_string())
    }

    pub async fn copy(&self, location: &Location) -> Location {
        self.store.copy(location, self.folder.path(), "db").await.unwrap()
    }
}

/// One server for all tests that leave it as it is.
pub async fn shared() -> &'static Fixture {
    static SHARED: OnceCell<Fixture> = OnceCell::const_new();
    SHARED.get_or_init(Fixture::own).await
}

pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn text(location: &Location, sql: &str) -> String {
    connect(&location.url).await.query_one(sql, &[]).await.unwrap().get(0)
}

async fn databases(client: &Client) -> Vec<String> {
    let rows = client.query("SELECT datname::text FROM pg_database ORDER BY 1", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_server_of_straddles_own_is_up_and_gone_and_only_its_password_opens_it() {
    if !has_postgres() {
        return;
    }
    let fixture = Fixture::own().await;
    let location = fixture.create().await;
    assert!(location.url.starts_with(&format!("postgres://postgres:{PASSWORD_OF_TESTS}@127.0.0.1:")));
    assert!(!format!("{location:?}").contains(PASSWORD_OF_TESTS));
    assert_eq!(text(&location, "SHOW fsync").await, "off");
    assert_eq!(text(&location, "SHOW server_encoding").await, "UTF8");
    for url in [
        location.url.replace(PASSWORD_OF_TESTS, "wrong"),
        location.url.replace(&format!(":{PASSWORD_OF_TESTS}"), ""),
        format!("host={} user=postgres dbname=postgres port={}", location.path.display(), port(&location)),
    ] {
        assert!(tokio_postgres::connect(&url, NoTls).await.is_err(), "{url}");
    }
    let pid = postmaster(&location.path);
    let segment = format!(" {pid} ");
    let (path, guardian) = (location.path.clone(), fixture.guardian.clone());
    assert!(std::fs::read_to_string("/proc/sysvipc/shm").unwrap().contains(&segment), "or this test means nothing");
    drop(fixture);
    guardian.shutdown().await;
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    assert!(!path.exists(), "{}", path.display());
    assert!(!std::fs::read_to_string("/proc/sysvipc/shm").unwrap().contains(&segment), "its shared memory is left");
}

fn port(location: &Location) -> &str {
    location.url.rsplit_once(':').unwrap().1.split_once('/').unwrap().0
}

fn postmaster(place: &Path) -> i32 {
    std::fs::read_to_string(place.join("data/postmaster.pid")).unwrap().lines().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_copy_is_its_original_at_that_moment_and_each_goes_its_own_way() {
    if !has_postgres() {
        return;
    }
    let shared = shared().await;
    let original = shared.seeded("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1), (2);").await;
    let copy = shared.copy(&original).await;
    connect(&copy.url).await.batch_execute("DELETE FROM item").await.unwrap();
    assert_eq!(text(&original, "SELECT count(*)::text FROM item").await, "2");
    assert_eq!(text(&copy, "SELECT count(*)::text FROM item").await, "0");
    shared.store.remove(&copy).await.unwrap();
    assert!(tokio_postgres::connect(&copy.url, NoTls).await.is_err());
    let again = shared.store.remove(&copy).await.unwrap_err().to_string();
    assert!(again.contains("is no database that this run has made"), "{again}");
}

#[tokio::test]
async fn a_database_in_use_is_copied_and_its_users_go_on() {
    if !has_postgres() {
        return;
    }
    let shared = shared().await;
    let original = shared
        .seeded(
            "CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY, m mood);
             INSERT INTO item (m) VALUES ('ok'), ('bad'); CREATE VIEW v AS SELECT * FROM item;",
        )
        .await;
    let user = connect(&original.url).await;
    user.batch_execute("PREPARE p AS SELECT count(*) FROM item").await.unwrap();
    let copy = shared.copy(&original).await;
    assert_eq!(shared.store.digest(&original).await.unwrap(), shared.store.digest(&copy).await.unwrap());
    user.batch_execute("EXECUTE p").await.unwrap();
    assert_eq!(text(&copy, "SELECT string_agg(m::text, ',' ORDER BY id) FROM v").await, "ok,bad");
    assert_eq!(text(&copy, "INSERT INTO item (m) VALUES ('ok') RETURNING id::text").await, "3");
}

#[tokio::test]
async fn what_pg_dump_writes_is_a_seed() {
    if !has_postgres() {
        return;
    }
    let dump = "\
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $_$ select 'a;b' $_$;
ALTER FUNCTION public.f() OWNER TO postgres;
CREATE TABLE public.item (id integer NOT NULL, name text);
ALTER TABLE public.item OWNER TO postgres;
COPY public.item (id, name) FROM stdin;
1\tone; two
2\t\\N
\\.
ALTER TABLE ONLY public.item ADD CONSTRAINT item_pkey PRIMARY KEY (id);
";
    let location = shared().await.seeded(dump).await;
    assert_eq!(
        text(&location, "SELECT string_agg(coalesce(name, f()), '|' ORDER BY id) FROM item").await,
        "one; two|a;b"
    );
}

#[tokio::test]
async fn an_error_in_a_seed_is_told_by_file_line_and_statement() {
    if !has_postgres() {
        return;
    }
    let check = async |sql: &str, expected: &[&str]| {
        let shared = shared().await;
        let location = shared.create().await;
        let error = shared.seed(&location, sql).await.unwrap_err();
        for part in expected {
            assert!(error.contains(part), "{part} is not in {error}");
        }
        assert!(!error.contains(PASSWORD_OF_TESTS), "{error}");
    };
    check(
        "CREATE TABLE item (id int);\n\nINSERT INTO item\n  VALEUS (1);\n",
        &["seed.sql:4: syntax error at or near \"VALEUS\", in the statement `INSERT INTO item"],
    )
    .await;
    check(
        "CREATE TABLE item (id int UNIQUE);\nINSERT INTO item VALUES (1);\n-- again\nINSERT INTO item\nVALUES (1);\n",
        &["seed.sql:4: duplicate key value", "Key (id)=(1) already exists.", "`INSERT INTO item\nVALUES (1);`"],
    )
    .await;
    check("CREATE TABLE item (id int);\nCOPY item FROM stdin;\n1\nx\n\\.\n", &["seed.sql:", "item, line 2, column id"])
        .await;
    check("\\connect postgres\nDROP TABLE x;", &["seed.sql:1: `\\connect postgres` leaves the store's own database"])
        .await;
    check("\\nonsense\n", &["seed.sql", "invalid command \\nonsense"]).await;
    check("SELECT 'never ends\n", &["seed.sql"]).await;
}

#[tokio::test]
async fn a_seed_that_hangs_is_ended_and_one_that_waits_for_input_gets_none() {
    if !has_postgres() {
        return;
    }
    let fixture = Fixture::of(&state(None), Some(Duration::from_secs(3))).await.unwrap();
    let location = fixture.create().await;
    let error = fixture.seed(&location, "SELECT pg_sleep(600);").await.unwrap_err();
    assert!(error.contains("the seed ") && error.contains("did not end within 3 s"), "{error}");
    let begun = Instant::now();
    let _ = fixture.seed(&location, "\\prompt 'name? ' name\nSELECT 1;").await;
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_build_that_holds_a_lock_keeps_nothing_from_ending() {
    if !has_postgres() {
        return;
    }
    let shared = shared().await;
    let location = shared.seeded("CREATE TABLE item (id int);").await;
    let user = connect(&location.url).await;
    user.batch_execute("BEGIN; LOCK item IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let begun = Instant::now();
    shared.store.remove(&location).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(user.batch_execute("COMMIT").await.is_err());
}

#[tokio::test]
async fn a_server_that_died_is_told_as_that_and_nothing_hangs() {
    if !has_postgres() {
        return;
    }
    let fixture = Fixture::own().await;
    let location = fixture.create().await;
    let pid = rustix::process::Pid::from_raw(postmaster(&location.path)).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::QUIT).unwrap();
    let begun = Instant::now();
    for error in [
        fixture.store.copy(&location, fixture.folder.path(), "db").await.unwrap_err().to_string(),
        fixture.store.remove(&location).await.unwrap_err().to_string(),
        fixture.seed(&location, "SELECT 1").await.unwrap_err(),
    ] {
        assert!(error.contains("the PostgreSQL server of this run has died"), "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_servers_files_are_in_the_runs_own_folder_where_its_user_gets_there() {
    if !has_postgres() {
        return;
    }
    let folder = tempfile::Builder::new().prefix("s").permissions(Permissions::from_mode(0o755)).tempdir().unwrap();
    let fixture = Fixture::in_folder(folder, &state(None), None).await.unwrap();
    let location = fixture.create().await;
    assert_eq!(location.path, fixture.folder.path().join("postgres"));
    assert_eq!(std::fs::metadata(&location.path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn two_runs_at_once_have_servers_of_their_own() {
    if !has_postgres() {
        return;
    }
    let (one, two) = tokio::join!(Fixture::own(), Fixture::own());
    let (one, two) = (one.create().await, two.create().await);
    assert_ne!((port(&one), &one.path), (port(&two), &two.path));
}
