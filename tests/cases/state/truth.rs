//! What PostgreSQL does to a build that is still running, against what straddle says of it: a table of migrations, each with the
//! statements of an old build and what becomes of them, and a pair of builds that run these statements.
//!
//! Without a table of its own (`STRADDLE_TRUTH`, which `cargo xtask truth FILE` sets) it is a small one of this file's.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use straddle::model::{Run, Severity};
use tokio::sync::Mutex as AsyncMutex;
use tokio_postgres::{Client, NoTls};

use crate::cases::postgres::given::given;
use crate::support::has_postgres;
use crate::support::server::{Request, Response, Server};

/// Where the build is told to listen; without it the test that is the build does nothing.
const PORT: &str = "TRUTH_PORT";
/// The file of a table.
const TABLE: &str = "STRADDLE_TRUTH";
/// Rows that are tried at the same time: most of the time is the database's.
const AT_ONCE: usize = 3;

/// A build of OLD's keeps one connection, on which its statements are prepared when it starts.
struct Old {
    runtime: tokio::runtime::Runtime,
    kept: AsyncMutex<Client>,
    statements: BTreeMap<String, Result<(), String>>,
}

/// No test but a server: the builds of these tests run this very binary with the name of this function.
#[test]
fn serve() {
    let Ok(port) = std::env::var(PORT) else { return };
    let var = |name: &str| std::env::var(name).unwrap();
    let statements: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(var("TRUTH_STATEMENTS")).unwrap()).unwrap();
    let url = var("TRUTH_URL");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let is_new = var("TRUTH_SIDE") == "new";
    let write = var("TRUTH_WRITE");
    let answer: Box<dyn Fn(&Request) -> Response + Send + Sync> = if is_new {
        let handle = runtime.handle().clone();
        Box::new(move |request| match (request.method.as_str(), write.as_str()) {
            // What only NEW writes stays; all else NEW does in its own way, and well.
            ("POST", sql) if !sql.is_empty() => {
                said(handle.block_on(async { connect(&url).await.batch_execute(sql).await }).map_err(|e| code(&e)))
            }
            _ => said(Ok(())),
        })
    } else {
        let old = Old::start(runtime, &url, &statements);
        Box::new(move |request| match request.target.strip_prefix("/s/") {
            Some(name) => said(old.run(name)),
            None => said(Ok(())),
        })
    };
    let _server = Server::start_at(port.parse().unwrap(), move |request| answer(request));
    loop {
        std::thread::sleep(Duration::from_mins(1));
    }
}

impl Old {
    fn start(runtime: tokio::runtime::Runtime, url: &str, statements: &BTreeMap<String, String>) -> Self {
        let (kept, statements) = runtime.block_on(async {
            let client = connect(url).await;
            let mut known = BTreeMap::new();
            for (name, sql) in statements {
                let prepared = client.batch_execute(&format!("PREPARE {name} AS {sql}")).await;
                known.insert(name.clone(), prepared.map_err(|error| code(&error)));
            }
            (client, known)
        });
        Self { runtime, kept: AsyncMutex::new(kept), statements }
    }

    /// Runs a statement, and takes back what it did.
    fn run(&self, name: &str) -> Result<(), String> {
        self.statements.get(name).cloned().unwrap_or_else(|| Err("no such statement".to_owned()))?;
        self.runtime.block_on(async {
            let kept = self.kept.lock().await;
            kept.batch_execute("BEGIN").await.map_err(|error| code(&error))?;
            let done = kept.batch_execute(&format!("EXECUTE {name}")).await.map_err(|error| code(&error));
            kept.batch_execute("ROLLBACK").await.map_err(|error| code(&error))?;
            done
        })
    }
}

fn said(done: Result<(), String>) -> Response {
    match done {
        Ok(()) => Response::json(200, r#"{"done":true}"#),
        Err(code) => Response::json(500, &json!({ "error": code }).to_string()),
    }
}

fn code(error: &tokio_postgres::Error) -> String {
    error.code().map_or_else(|| error.to_string(), |code| code.code().to_owned())
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// What a table or straddle says of one migration.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Verdicts {
    live: BTreeSet<String>,
    fresh: BTreeSet<String>,
    /// `ok`, `none exists`, or that it fails.
    down: &'static str,
    data_same: bool,
    unsafe_to_go_back: bool,
}

impl Verdicts {
    /// As a row of a table has it.
    fn of_row(row: &Value) -> Self {
        let broken = |key: &str| {
            let all = row[key].as_object().unwrap();
            all.iter().filter(|(_, outcome)| *outcome != "ok").map(|(name, _)| name.clone()).collect()
        };
        let down = match row["rollback"]["down"].as_str().unwrap() {
            "ok" => "ok",
            "none exists" => "none exists",
            _ => "fails",
        };
        Self {
            live: broken("live_prepared"),
            fresh: broken("fresh"),
            down,
            data_same: row["rollback"]["data_same"].as_bool().unwrap_or(true),
            unsafe_to_go_back: row["verdict"]["rollback_unsafe"].as_bool().unwrap(),
        }
    }

    /// As straddle has it.
    fn of_run(run: &Run, measured: &str) -> Self {
        let at = |point: &str| {
            let fails = run.findings.iter().filter(|finding| {
                finding.rule == "http/status-changed" && finding.checkpoints.iter().any(|name| name == point)
            });
            fails.filter_map(|finding| Some(finding.subject.strip_prefix("GET /s/")?.to_owned())).collect()
        };
        let has = |rule: &str| run.findings.iter().any(|finding| finding.rule == rule);
        // Of the data a table has measured one of the schema's tables, and straddle looks at all.
        let lost = |finding: &straddle::model::Finding| {
            let (table, _) = finding.at.split_once('.').unwrap_or((&finding.at, ""));
            finding.rule == "state/data-lost" && finding.severity == Severity::Breaking && table == measured
        };
        let down = match (has("state/down-missing"), has("state/down-failed")) {
            (true, _) => "none exists",
            (_, true) => "fails",
            _ => "ok",
        };
        let data_same = !run.findings.iter().any(lost) && !has("state/key-shared");
        Self { live: at("C2"), fresh: at("C3"), down, data_same, unsafe_to_go_back: down != "ok" || !data_same }
    }

    /// How many cells agree, of how many, and which don't.
    fn agreement(&self, table: &Self, statements: &BTreeMap<String, String>) -> (usize, usize, Vec<String>) {
        let mut wrong = Vec::new();
        for name in statements.keys() {
            for (what, said, is) in [("live", &self.live, &table.live), ("fresh", &self.fresh, &table.fresh)] {
                if said.contains(name) != is.contains(name) {
                    wrong.push(format!("{what} {name}: straddle says that it breaks: {}", said.contains(name)));
                }
            }
        }
        if self.down != table.down {
            wrong.push(format!("down: straddle says {}, the table {}", self.down, table.down));
        }
        if self.data_same != table.data_same {
            wrong.push(format!("data: straddle says that they are the same: {}", self.data_same));
        }
        if self.unsafe_to_go_back != table.unsafe_to_go_back {
            wrong.push(format!("going back: straddle says that it is unsafe: {}", self.unsafe_to_go_back));
        }
        let cells = 2 * statements.len() + 3;
        (cells - wrong.len(), cells, wrong)
    }
}

/// A project whose two builds are made of a row.
fn project(folder: &Path, url: &str, table: &Value, row: &Value) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("seed.sql", table["old_schema"].as_str().unwrap());
    write("statements.json", &table["old_statements"].to_string());
    write("up.sql", row["up"].as_str().unwrap());
    let entry = |method: &str, target: &str, number: usize| {
        json!({
            "startedDateTime": format!("2026-11-01T10:00:{:02}.000Z", number % 60),
            "request": { "method": method, "url": format!("http://shop.test{target}"), "httpVersion": "HTTP/1.1", "headers": [] },
            "response": { "status": 200, "headers": [{ "name": "content-type", "value": "application/json" }],
                "content": { "mimeType": "application/json", "text": r#"{"done":true}"# } },
        })
    };
    let har = |entries: Vec<Value>| json!({ "log": { "version": "1.2", "entries": entries } }).to_string();
    let names = table["old_statements"].as_object().unwrap().keys();
    write("old.har", &har(names.enumerate().map(|(n, name)| entry("GET", &format!("/s/{name}"), n)).collect()));
    let run = |file: &str, more: &str| {
        format!("{{ sh = \"psql -XAtq {more} -v ON_ERROR_STOP=1 -f {file} '{{state.db.url}}'\" }}")
    };
    let mut migrate = format!("new = {}\n", run("up.sql", ""));
    if let Some(down) = row["down"].as_str() {
        write("down.sql", down);
        writeln!(migrate, "down = {}", run("down.sql", "-1")).unwrap();
    }
    let mut recordings = "[[recording]]\nfile = \"old.har\"\nservice = \"shop\"\nclient = \"old\"\n".to_owned();
    let sql = row["new_write"].as_str().unwrap_or_default();
    if !sql.is_empty() {
        write("new.har", &har(vec![entry("POST", "/new", 0)]));
        recordings.push_str("[[recording]]\nfile = \"new.har\"\nservice = \"shop\"\nclient = \"new\"\n");
    }
    let binary = std::env::current_exe().unwrap().display().to_string();
    let build = |side: &str| {
        let env = json!({ PORT: "{port}", "TRUTH_URL": "{state.db.url}", "TRUTH_SIDE": side, "TRUTH_WRITE": sql,
            "TRUTH_STATEMENTS": folder.join("statements.json") });
        let env = env.as_object().unwrap().iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>();
        format!(
            "[service.shop.{side}]\npath = \".\"\nrun = '{binary} cases::state::truth::serve --exact --nocapture'\nenv = {{ {} }}\n",
            env.join(", ")
        )
    };
    write(
        "straddle.toml",
        &format!(
            "[project]\nname = \"truth\"\n[service.shop]\nready = \"/healthz\"\n{}{}[state.db]\nkind = \"postgres\"\nurl = \"{url}\"\n\
             seed = \"seed.sql\"\n[state.db.migrate]\n{migrate}{recordings}",
            build("old"),
            build("new")
        ),
    );
}

/// What straddle says of a row.
fn asked(url: &str, table: &Value, row: &Value) -> Verdicts {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), url, table, row);
    let args = ["check", "--only", "state", "--report", "json=report.json"];
    let output = Command::new(env!("CARGO_BIN_EXE_straddle")).current_dir(folder.path()).args(args).output().unwrap();
    let text = std::fs::read_to_string(folder.path().join("report.json"))
        .unwrap_or_else(|e| panic!("{}: {e}: {}", row["op"], String::from_utf8_lossy(&output.stderr)));
    let run: Run = serde_json::from_str(&text).unwrap();
    assert!(run.unstable.is_empty(), "{}: {:#?}", row["op"], run.unstable);
    assert!(
        run.checks.iter().all(|check| check.status != straddle::model::Status::Failed),
        "{}: {}",
        row["op"],
        String::from_utf8_lossy(&output.stderr)
    );
    Verdicts::of_run(&run, table["measured"].as_str().unwrap_or("users"))
}

#[tokio::test(flavor = "multi_thread")]
async fn straddle_says_of_migrations_what_postgres_does() {
    if !has_postgres() {
        return;
    }
    let table: Value = match std::env::var(TABLE) {
        Ok(file) => {
            serde_json::from_str(&std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"))).unwrap()
        }
        Err(_) => small(),
    };
    let statements: BTreeMap<String, String> = serde_json::from_value(table["old_statements"].clone()).unwrap();
    let rows: Vec<Value> =
        table["rows"].as_array().unwrap().iter().filter(|row| row["verdict"].is_object()).cloned().collect();
    let (url, _admin) = given("truth").await;
    let (next, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(BTreeMap::new())));
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (next, told, url, table, rows) =
                (Arc::clone(&next), Arc::clone(&told), url.clone(), table.clone(), rows.clone());
            std::thread::spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(row) = rows.get(number) else { break };
                    let said = asked(&url, &table, row);
                    told.lock().unwrap().insert(number, said);
                }
            })
        })
        .collect();
    tokio::task::spawn_blocking(move || workers.into_iter().for_each(|worker| worker.join().unwrap())).await.unwrap();
    let told = told.lock().unwrap();
    let (mut right, mut all, mut lines) = (0, 0, Vec::new());
    for (number, row) in rows.iter().enumerate() {
        let (agree, cells, wrong) = told[&number].agreement(&Verdicts::of_row(row), &statements);
        right += agree;
        all += cells;
        lines.extend(wrong.into_iter().map(|what| format!("{}: {what}", row["op"].as_str().unwrap())));
    }
    println!("{} migrations, {right} of {all} cells agree", rows.len());
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// A few migrations, each of which only one way of looking finds.
fn small() -> Value {
    let star = ["whole_row"].as_slice();
    let row = |op: &str,
               up: &str,
               down: Option<&str>,
               write: Option<&str>,
               live: &[&str],
               fresh: &[&str],
               back: &str,
               same: bool| {
        let all = ["whole_row", "by_name", "add", "add_short", "mend", "by_kind", "seen"];
        let cells = |broken: &[&str]| -> Value {
            all.iter()
                .map(|name| ((*name).to_owned(), json!(if broken.contains(name) { "fails" } else { "ok" })))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        json!({ "op": op, "up": up, "down": down, "new_write": write, "live_prepared": cells(live), "fresh": cells(fresh),
            "rollback": { "down": back, "data_same": same }, "verdict": { "rollback_unsafe": back != "ok" || !same } })
    };
    json!({
        "measured": "goods",
        "old_schema": "CREATE TYPE kind AS ENUM ('tea', 'jam');
            CREATE TABLE goods (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text NOT NULL, kind kind NOT NULL DEFAULT 'tea', stock int, memo text);
            CREATE VIEW seen AS SELECT id, name FROM goods;
            INSERT INTO goods (name, stock, memo) SELECT 'good ' || n, n, CASE WHEN n % 2 = 0 THEN 'memo ' || n END FROM generate_series(1, 20) n;",
        "old_statements": {
            "whole_row": "SELECT * FROM goods WHERE id = 3",
            "by_name": "SELECT id, name, kind, stock, memo FROM goods WHERE id = 3",
            "add": "INSERT INTO goods (name, kind, stock, memo) VALUES ('rye', 'jam', 4, NULL)",
            "add_short": "INSERT INTO goods (name) VALUES ('fig')",
            "mend": "UPDATE goods SET memo = NULL WHERE id = 2",
            "by_kind": "SELECT count(*) FROM goods WHERE kind = 'jam'",
            "seen": "SELECT * FROM seen WHERE id = 1",
        },
        "rows": [
            row("a column more", "ALTER TABLE goods ADD COLUMN origin text", Some("ALTER TABLE goods DROP COLUMN origin"),
                Some("INSERT INTO goods (name, origin) VALUES ('oil', 'Crete')"), star, &[], "ok", true),
            row("a column less", "ALTER TABLE goods DROP COLUMN memo", Some("ALTER TABLE goods ADD COLUMN memo text"), None,
                &["whole_row", "by_name", "add", "mend"], &["by_name", "add", "mend"], "ok", false),
            row("a wider number", "ALTER TABLE goods ALTER stock TYPE bigint", Some("ALTER TABLE goods ALTER stock TYPE int"),
                Some("INSERT INTO goods (name, stock) VALUES ('salt', 3000000000)"), &["whole_row", "by_name"], &[], "fails", true),
            row("another name for a kind", "ALTER TYPE kind RENAME VALUE 'jam' TO 'jelly'", Some("ALTER TYPE kind RENAME VALUE 'jelly' TO 'jam'"),
                None, &[], &["add", "by_kind"], "ok", true),
            row("nulls allowed", "ALTER TABLE goods ALTER name DROP NOT NULL", Some("ALTER TABLE goods ALTER name SET NOT NULL"),
                Some("INSERT INTO goods (name) VALUES (NULL)"), &[], &[], "fails", true),
            row("a kind more", "ALTER TYPE kind ADD VALUE 'oil'", None, Some("INSERT INTO goods (name, kind) VALUES ('olive', 'oil')"),
                &[], &[], "none exists", true),
            row("another key", "ALTER TABLE goods ADD COLUMN shop text NOT NULL DEFAULT 'main', DROP CONSTRAINT goods_pkey, ADD PRIMARY KEY (shop, id)",
                Some("ALTER TABLE goods DROP CONSTRAINT goods_pkey, ADD PRIMARY KEY (id), DROP COLUMN shop"),
                Some("INSERT INTO goods (id, shop, name) VALUES (1, 'harbour', 'tar')"), star, &[], "fails", false),
            row("memos filled in", "UPDATE goods SET memo = '' WHERE memo IS NULL; ALTER TABLE goods ALTER memo SET NOT NULL",
                Some("ALTER TABLE goods ALTER memo DROP NOT NULL"), None, &["add", "add_short", "mend"], &["add", "add_short", "mend"], "ok", false),
        ],
    })
}
