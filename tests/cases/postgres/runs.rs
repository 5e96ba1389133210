//! Whole runs on PostgreSQL, by the command line.

use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::given::given;
use super::postmaster;
use crate::support::{eventually, has_postgres, has_program, require};

/// A shop in Python that asks the database by `psql`, and shows what it was given of it.
const SHOP: &str = r#"
import http.server, json, os, subprocess, sys
url = os.environ["DATABASE_URL"]
open(os.environ["SPY"] + "/" + str(os.getpid()), "w").write(url + " " + os.environ["PLACE"])
print("entering", url, flush=True)
def ask(sql):
    return subprocess.run(["psql", "-XAtq", "-c", sql, url], capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
class Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = ask("SELECT name FROM item ORDER BY id")
        body = json.dumps({"names": names, "database": ask("SELECT current_database()")[0], "url": url}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        ask("INSERT INTO item (name) VALUES ('" + json.loads(self.rfile.read(length))["name"] + "')")
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
"#;

/// A project whose two builds are that shop, and where it writes what it was given.
struct Shops {
    folder: tempfile::TempDir,
    spy: tempfile::TempDir,
}

impl Shops {
    fn new(state: &str, migrate_new: &str) -> Self {
        let (folder, spy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("shop.py", SHOP);
        write(
            "seed.sql",
            "CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);\nCOPY item (name) FROM stdin;\nash\nelm\n\\.\n",
        );
        let reply = |names: &str| {
            json!({ "status": 200, "headers": [{ "name": "content-type", "value": "application/json" }],
            "content": { "mimeType": "application/json", "text": format!("{{\"names\":[{names}],\"database\":\"shop\",\"url\":\"postgres:\"}}") } })
        };
        let entry = |method: &str, body: &str, reply: serde_json::Value| {
            json!({
            "startedDateTime": "2026-01-01T00:00:00Z", "request": { "method": method, "url": "http://shop/items", "headers": [
                { "name": "content-type", "value": "application/json" }], "postData": { "mimeType": "application/json", "text": body } },
            "response": reply })
        };
        let har = json!({ "log": { "version": "1.2", "entries": [
            entry("GET", "", reply("\"ash\",\"elm\"")),
            entry("POST", "{\"name\":\"oak\"}", json!({ "status": 204, "headers": [], "content": {} })),
            entry("GET", "", reply("\"ash\",\"elm\",\"oak\"")),
        ] } });
        write("traffic.har", &har.to_string());
        let build = |side: &str| format!("[service.shop.{side}]\npath = \".\"\nrun = \"python3 shop.py {{port}}\"\n");
        let manifest = format!(
            "[project]\nname = \"shop\"\n[service.shop]\nready = {{ tcp = true }}\nenv = {{ DATABASE_URL = \"{{state.db.url}}\", PLACE = \"{{state.db.path}}\", SPY = \"{}\" }}\n{}{}\
             [state.db]\nkind = \"postgres\"\nseed = \"seed.sql\"\n{state}[state.db.migrate]\nnew = {{ sh = \"psql -XAtq -c '{migrate_new}' {{state.db.url}}\" }}\n\
             [[recording]]\nfile = \"traffic.har\"\nservice = \"shop\"\nclient = \"any\"\n",
            spy.path().display(),
            build("old"),
            build("new"),
        );
        write("straddle.toml", &manifest);
        Self { folder, spy }
    }

    fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_straddle"));
        command.current_dir(self.folder.path()).args([
            "check",
            "--skip",
            "state,sessions",
            "--report",
            "json=report.json",
        ]);
        command
    }

    /// The URLs that builds were given, and the folders of their servers.
    fn given(&self) -> Vec<(String, PathBuf)> {
        let files = std::fs::read_dir(self.spy.path()).unwrap().map(|entry| entry.unwrap().path());
        let text = |file: PathBuf| std::fs::read_to_string(file).unwrap();
        files.filter_map(|file| text(file).split_once(' ').map(|(url, place)| (url.to_owned(), place.into()))).collect()
    }

    /// All that straddle has written.
    fn written(&self) -> String {
        let files = walk(&self.folder.path().join(".straddle"));
        let report = self.folder.path().join("report.json");
        files
            .into_iter()
            .chain([report])
            .map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap_or_default()).into_owned())
            .collect()
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn password(url: &str) -> &str {
    url.split_once("://").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap().1
}

#[test]
fn replayed_traffic_goes_to_builds_on_databases_of_their_own_and_no_password_is_written() {
    if !has_postgres() || !require("python3", || has_program("python3", "--version")) {
        return;
    }
    let shops = Shops::new("", "ALTER TABLE item ADD note text");
    let output = shops.command().output().unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(shops.folder.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{printed}\n{report:#}");
    assert_eq!(report["findings"], json!([]), "{report:#}");
    let urls: Vec<String> = shops.given().into_iter().map(|(url, _)| url).collect();
    let databases: std::collections::BTreeSet<_> = urls.iter().map(|url| url.rsplit_once('/').unwrap().1).collect();
    assert!(urls.len() >= 4 && databases.len() == urls.len(), "each has its own: {urls:?}");
    let password = password(&urls[0]);
    assert!(password.len() >= 32 && !printed.contains(password) && !shops.written().contains(password));
    assert!(
        shops.written().contains("entering postgres://postgres:{secret:postgres.password#1}@"),
        "or logs were not written"
    );

    let wrong = Shops::new("", "ALTER TABLE itme ADD note text");
    let output = wrong.command().output().unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{printed}");
    assert!(
        printed.contains("`migrate.new` of state `db` failed") && printed.contains("relation \"itme\" does not exist"),
        "{printed}"
    );
    assert!(printed.contains("postgres://postgres:{secret:postgres.password#1}@"), "{printed}");
}

#[test]
fn a_server_that_dies_mid_run_ends_the_run_by_name_and_a_killed_straddle_leaves_none() {
    if !has_postgres() || !require("python3", || has_program("python3", "--version")) {
        return;
    }
    for kills_straddle in [false, true] {
        let shops = Shops::new("", "SELECT 1");
        let mut child = shops.command().stderr(std::process::Stdio::piped()).spawn().unwrap();
        eventually("builds are started", || !shops.given().is_empty());
        let (url, place) = shops.given().remove(0);
        let server = Pid::from_raw(postmaster(&place)).unwrap();
        let victim = if kills_straddle { Pid::from_child(&child) } else { server };
        kill_process(victim, Signal::KILL).unwrap();
        if kills_straddle {
            child.wait().unwrap();
        } else {
            let output = child.wait_with_output().unwrap();
            let printed = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{printed}");
            assert!(printed.contains("the PostgreSQL server of this run has died, killed by signal 9"), "{printed}");
            assert!(!printed.contains(password(&url)), "{printed}");
        }
        let segment = format!(" {} ", server.as_raw_nonzero());
        eventually("the server is gone", || !Path::new(&format!("/proc/{}", server.as_raw_nonzero())).exists());
        eventually("its folder is gone", || !place.exists());
        if kills_straddle {
            let left = || std::fs::read_to_string("/proc/sysvipc/shm").unwrap().contains(&segment);
            eventually("its shared memory is gone", || !left());
        }
    }
}

#[tokio::test]
async fn a_run_on_a_server_that_is_given_leaves_nothing_there_however_it_ends() {
    if !has_postgres() || !require("python3", || has_program("python3", "--version")) {
        return;
    }
    let (url, admin) = given("runner").await;
    let of_runs = async || {
        let sql = "SELECT count(*) FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE rolname = 'runner' AND datname LIKE 'straddle%'";
        admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0)
    };
    for is_interrupted in [false, true] {
        let shops = Shops::new("url = { env = \"SHOP_DATABASE\" }\n", "ALTER TABLE item ADD note text");
        let mut child =
            shops.command().env("SHOP_DATABASE", &url).stderr(std::process::Stdio::piped()).spawn().unwrap();
        eventually("builds are started", || !shops.given().is_empty());
        assert!(of_runs().await > 0);
        if is_interrupted {
            kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        }
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(if is_interrupted { 130 } else { 0 }));
        assert_eq!(of_runs().await, 0);
        assert!(!shops.written().contains("hunter"));
    }
}
