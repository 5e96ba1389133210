//! A shop on one SQLite file whose two sides differ in how they start, end, and leave things behind, by the name of a case.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use crate::support::server::{Request, Response, Server};

/// Where the shop is told to listen; without it the test that is the shop does nothing.
const PORT: &str = "ROLLOUT_SHOP_PORT";
/// Its store; migrations get it too.
const DB: &str = "ROLLOUT_SHOP_DB";

/// What stands in the store at first.
pub const SEED: &str = "
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT);
CREATE TABLE log (entry TEXT);
CREATE TABLE peers (side TEXT);
PRAGMA user_version = 1;
";

/// How long a slow call takes.
const SLOW: Duration = Duration::from_millis(150);

/// No test but a server: the builds of these tests run this very binary with the name of this function.
#[test]
fn serve() {
    let Ok(port) = std::env::var(PORT) else { return };
    let var = |name: &str| std::env::var(name).unwrap();
    let shop = Shop::new(&var("ROLLOUT_SHOP_CASE"), var("ROLLOUT_SHOP_SIDE") == "new", &var(DB));
    let drains = shop.drains();
    shop.starts();
    let shop = std::sync::Arc::new(shop);
    let answering = std::sync::Arc::clone(&shop);
    let server = Server::start_at(port.parse().unwrap(), move |request| answering.answer(request));
    if drains {
        terminated();
        drop(server);
        while shop.open.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was answered is being written.
        std::thread::sleep(Duration::from_millis(50));
        std::process::exit(0);
    }
    loop {
        std::thread::sleep(Duration::from_mins(1));
    }
}

/// No test but a migration.
#[test]
fn migrate() {
    migration_is(|case| match case {
        "expand-contract" => "ALTER TABLE orders ADD COLUMN title TEXT",
        _ => "PRAGMA user_version = 2",
    });
}

/// No test but the way back from it.
#[test]
fn take_back() {
    migration_is(|case| match case {
        "no-way-back" => "DROP TABLE that_is_not_there",
        _ => "PRAGMA user_version = 1",
    });
}

fn migration_is(sql: fn(&str) -> &'static str) {
    let (Ok(db), Ok(case), Err(_)) = (std::env::var(DB), std::env::var("ROLLOUT_SHOP_CASE"), std::env::var(PORT))
    else {
        return;
    };
    Connection::open(db).unwrap().execute_batch(sql(&case)).unwrap();
}

/// Waits for a SIGTERM.
fn terminated() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut signals = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
        signals.recv().await;
    });
}

/// The manifest's lines for both builds.
pub fn builds(case: &str) -> String {
    let binary = std::env::current_exe().unwrap().display().to_string();
    let run = format!("run = '{binary} cases::rollout::shop::serve --exact --nocapture'");
    let build = |side: &str| {
        format!(
            "[service.shop.{side}]\npath = \".\"\n{run}\nenv = {{ {PORT} = \"{{port}}\", ROLLOUT_SHOP_CASE = \"{case}\", \
             ROLLOUT_SHOP_SIDE = \"{side}\", {DB} = \"{{state.db.path}}\" }}\n"
        )
    };
    let timeouts = "ready_timeout = \"4s\"\nstop_timeout = \"5s\"\n";
    format!("[service.shop]\nready = \"/healthz\"\n{timeouts}{}{}", build("old"), build("new"))
}

/// The manifest's line for the migration.
pub fn migration() -> String {
    format!("[state.db.migrate]\nnew = '{}'\n", command("migrate"))
}

/// And for the way back.
pub fn way_back() -> String {
    format!("down = '{}'\n", command("take_back"))
}

fn command(name: &str) -> String {
    let binary = std::env::current_exe().unwrap().display().to_string();
    format!("{binary} cases::rollout::shop::{name} --exact --nocapture")
}

/// One side of the shop.
struct Shop {
    case: String,
    is_new: bool,
    db: String,
    /// Calls that it has not answered.
    open: AtomicUsize,
    /// Who is logged in, where it remembers that by itself.
    sessions: Mutex<Vec<String>>,
    ready: std::sync::atomic::AtomicBool,
}

impl Shop {
    fn new(case: &str, is_new: bool, db: &str) -> Self {
        let (open, sessions) = (AtomicUsize::new(0), Mutex::default());
        Self { case: case.to_owned(), is_new, db: db.to_owned(), open, sessions, ready: true.into() }
    }

    /// Whether this is the new side of that case.
    fn new_in(&self, case: &str) -> bool {
        self.is_new && self.case == case
    }

    /// Whether it finishes what it has when it is asked to end.
    fn drains(&self) -> bool {
        self.case != "both-drop" && !self.new_in("new-drops")
    }

    fn open_db(&self) -> Connection {
        let db = Connection::open(&self.db).unwrap();
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        db.pragma_update(None, "synchronous", "OFF").unwrap();
        db
    }

    /// The version of the schema.
    fn version(&self) -> i64 {
        self.open_db().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    /// Looks at its store, and may not like it.
    fn starts(&self) {
        let (db, version) = (self.open_db(), self.version());
        if matches!(self.case.as_str(), "migration-one-way" | "no-way-back") && !self.is_new && version > 1 {
            println!("the schema is of version {version}, and I know 1");
            std::process::exit(3);
        }
        let strange: i64 =
            db.query_row("SELECT count(*) FROM log WHERE entry LIKE 'v2 %'", [], |row| row.get(0)).unwrap();
        if self.case == "log-property" && !self.is_new && strange > 0 {
            println!("unknown property in the log");
            std::process::exit(3);
        }
        let olds: i64 = db.query_row("SELECT count(*) FROM peers WHERE side = 'old'", [], |row| row.get(0)).unwrap();
        if self.new_in("never-ready") && olds > 0 {
            self.ready.store(false, Ordering::SeqCst);
        }
        let side = if self.is_new { "new" } else { "old" };
        db.execute("INSERT INTO peers VALUES (?1)", [side]).unwrap();
    }

    fn answer(&self, request: &Request) -> Response {
        self.open.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer_to(request);
        self.open.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    fn answer_to(&self, request: &Request) -> Response {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let id = request.target.strip_prefix("/orders/").and_then(|id| id.parse::<i64>().ok());
        match (request.method.as_str(), request.target.as_str(), id) {
            ("GET", "/healthz", _) if self.ready.load(Ordering::SeqCst) => Response::json(200, "{}"),
            ("GET", "/healthz", _) => Response::json(503, "{}"),
            ("GET", "/slow", _) => {
                std::thread::sleep(SLOW);
                Response::json(200, r#"{"slow":true}"#)
            }
            ("POST", "/login", _) => self.login(&body),
            ("GET", "/me", _) => self.me(request),
            ("POST", "/orders", _) => self.order(&body),
            ("GET", _, Some(id)) => self.show(id, 200),
            _ => Response::json(404, r#"{"error":"nothing here"}"#),
        }
    }

    fn login(&self, body: &Value) -> Response {
        let user = body["user"].as_str().unwrap_or_default();
        self.sessions.lock().unwrap().push(user.to_owned());
        let cookie = if self.new_in("cookie-serializer") { format!("b2:{user}:x") } else { format!("a1-{user}-x") };
        Response::with(200, "application/json", "{}", &[("set-cookie", &format!("sid={cookie}; Path=/"))])
    }

    fn me(&self, request: &Request) -> Response {
        let cookies = request.headers.iter().find(|(name, _)| name == "cookie").map_or("", |(_, value)| value);
        let sid = cookies.split("; ").find_map(|pair| pair.strip_prefix("sid=")).unwrap_or_default();
        let a = sid.strip_prefix("a1-").and_then(|rest| rest.strip_suffix("-x"));
        let b = sid.strip_prefix("b2:").and_then(|rest| rest.strip_suffix(":x")).filter(|_| self.is_new);
        let remembers =
            |user: &&str| self.case != "in-memory" || self.sessions.lock().unwrap().iter().any(|u| u == user);
        match a.or(b).filter(remembers) {
            Some(user) => Response::json(200, &json!({ "user": user }).to_string()),
            None => Response::json(401, r#"{"error":"who are you"}"#),
        }
    }

    fn order(&self, body: &Value) -> Response {
        let mut item = body["item"].as_str().unwrap_or_default().to_owned();
        if self.new_in("closes-over") || self.new_in("dies-over") {
            // In a form of its own, which only itself can read.
            item.push('+');
        }
        let db = self.open_db();
        if self.new_in("expand-contract") {
            db.execute("INSERT INTO orders (item, title) VALUES (?1, ?1)", [&item]).unwrap();
        } else {
            db.execute("INSERT INTO orders (item) VALUES (?1)", [&item]).unwrap();
        }
        let version = if self.is_new { "v2" } else { "v1" };
        db.execute("INSERT INTO log VALUES (?1)", params![format!("{version} ordered")]).unwrap();
        let id = db.query_row("SELECT max(id) FROM orders", [], |row| row.get(0)).unwrap();
        self.show(id, 201)
    }

    fn show(&self, id: i64, status: u16) -> Response {
        if status == 200 && !self.is_new && self.case == "trips-over-schema" && self.version() > 1 {
            return Response::json(500, r#"{"error":"no such column"}"#);
        }
        let columns = if self.new_in("expand-contract") { "coalesce(title, item)" } else { "item" };
        let item: Option<String> = self
            .open_db()
            .query_row(&format!("SELECT {columns} FROM orders WHERE id = ?1"), [id], |row| row.get(0))
            .optional()
            .unwrap();
        let is_strange = !self.is_new && item.as_deref().is_some_and(|item| item.ends_with('+'));
        match item.map(|item| item.trim_end_matches('+').to_owned()) {
            Some(_) if is_strange && self.case == "closes-over" => Response::raw(Vec::new()),
            Some(_) if is_strange && self.case == "dies-over" => std::process::exit(3),
            Some(item) => Response::json(status, &json!({ "id": id, "item": item }).to_string()),
            None => Response::json(404, r#"{"error":"no such order"}"#),
        }
    }
}

/// What two users did with the old side.
pub fn recorded() -> Value {
    let ann = [
        call(0, "1", "POST /login", r#"{"user":"ann"}"#, "", (200, "{}")),
        call(1, "1", "GET /me", "", "sid=a1-ann-x", (200, r#"{"user":"ann"}"#)),
        call(2, "1", "POST /orders", r#"{"item":"tea"}"#, "sid=a1-ann-x", (201, r#"{"id":1,"item":"tea"}"#)),
        call(3, "1", "GET /orders/1", "", "sid=a1-ann-x", (200, r#"{"id":1,"item":"tea"}"#)),
        call(4, "1", "GET /me", "", "sid=a1-ann-x", (200, r#"{"user":"ann"}"#)),
    ];
    let bob = [
        call(5, "2", "POST /login", r#"{"user":"bob"}"#, "", (200, "{}")),
        call(6, "2", "GET /me", "", "sid=a1-bob-x", (200, r#"{"user":"bob"}"#)),
    ];
    let entries = [ann.as_slice(), bob.as_slice()].concat();
    json!({ "log": { "version": "1.2", "entries": entries } })
}

/// The same, and one who waits.
pub fn recorded_with_a_slow_call() -> Value {
    let mut all = recorded();
    let slow = call(7, "3", "GET /slow", "", "", (200, r#"{"slow":true}"#));
    all["log"]["entries"].as_array_mut().unwrap().push(slow);
    all
}

fn call(number: usize, connection: &str, what: &str, body: &str, cookie: &str, reply: (u16, &str)) -> Value {
    let (method, target) = what.split_once(' ').unwrap();
    let header = |name: &str, value: &str| json!({ "name": name, "value": value });
    let mut headers = vec![header("Host", "shop.test")];
    if !cookie.is_empty() {
        headers.push(header("Cookie", cookie));
    }
    let mut request =
        json!({ "method": method, "url": format!("http://shop.test{target}"), "httpVersion": "HTTP/1.1" });
    if !body.is_empty() {
        headers.push(header("Content-Type", "application/json"));
        request["postData"] = json!({ "mimeType": "application/json", "text": body });
    }
    request["headers"] = json!(headers);
    let mut given = vec![header("content-type", "application/json")];
    if target == "/login" {
        let user = if body.contains("ann") { "ann" } else { "bob" };
        given.push(header("set-cookie", &format!("sid=a1-{user}-x; Path=/")));
    }
    let (status, text) = reply;
    json!({
        "startedDateTime": format!("2026-11-01T10:00:{number:02}.000Z"),
        "connection": connection,
        "request": request,
        "response": { "status": status, "headers": given, "content": { "mimeType": "application/json", "text": text, "size": text.len() } },
    })
}
