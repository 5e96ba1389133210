//! A shop whose store goes from one schema to another, by the name of a case: its two sides, and its migrations.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use crate::cases::sessions::shop::record_by;
use crate::support::server::{Request, Response, Server};

/// Where the shop is told to listen; without it the test that is the shop does nothing.
const PORT: &str = "STATE_SHOP_PORT";
/// Which way the store is to be migrated; then the shop does that and ends.
const MIGRATE: &str = "STATE_SHOP_MIGRATE";

/// What stands in the store at first.
pub const SEED: &str = "
CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, note TEXT);
CREATE TABLE users (name TEXT PRIMARY KEY, kind TEXT);
CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, state INTEGER, amount INTEGER);
INSERT INTO items (name, note) VALUES ('tea', 'green'), ('jam', 'sweet'), ('oil', NULL);
INSERT INTO users VALUES ('ann', 'kind-1');
INSERT INTO orders (state, amount) VALUES (1, 5), (2, 7);
PRAGMA user_version = 1;
";

/// No test but a server, and a migration: the builds of these tests run this very binary with the name of this function.
#[test]
fn serve() {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let shop = Shop { case: var("STATE_SHOP_CASE"), is_new: var("STATE_SHOP_SIDE") == "new", db: var("STATE_SHOP_DB") };
    if let Ok(way) = std::env::var(MIGRATE) {
        std::process::exit(i32::from(!shop.migrate(&way)));
    }
    let Ok(port) = std::env::var(PORT) else { return };
    shop.begin();
    let kept = (shop.case == "locked" && !shop.is_new).then(|| {
        let db = shop.open();
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        db
    });
    let _server = Server::start_at(port.parse().unwrap(), move |request| shop.answer(request));
    loop {
        std::thread::sleep(Duration::from_mins(1));
        let _ = &kept;
    }
}

/// The manifest's lines for both builds, and for the store.
pub fn manifest(case: &str, migrate: &str) -> String {
    let binary = std::env::current_exe().unwrap().display().to_string();
    let serve = format!("{binary} cases::state::shop::serve --exact --nocapture");
    let build = |side: &str| {
        format!(
            "[service.shop.{side}]\npath = \".\"\nrun = '{serve}'\nenv = {{ {PORT} = \"{{port}}\", STATE_SHOP_CASE = \"{case}\", \
             STATE_SHOP_SIDE = \"{side}\", STATE_SHOP_DB = \"{{state.db.path}}\" }}\n"
        )
    };
    let way = |way: &str| format!("{{ sh = 'STATE_SHOP_DB=\"{{state.db.path}}\" {MIGRATE}={way} {serve}' }}");
    let migrate = migrate.replace("UP", &way("up")).replace("DOWN", &way("down"));
    let section = if migrate.is_empty() { String::new() } else { format!("[state.db.migrate]\n{migrate}\n") };
    format!(
        "[project]\nname = \"shop\"\n[service.shop]\nready = \"/healthz\"\n{}{}[state.db]\nkind = \"sqlite\"\nseed = \"seed.sql\"\n{section}",
        build("old"),
        build("new")
    )
}

/// What OLD's users do, or NEW's.
pub fn record(case: &str, is_new: bool, calls: &[&str], folder: &Path) -> Value {
    let db = folder.join(if is_new { "recorded-new.db" } else { "recorded.db" });
    Connection::open(&db).unwrap().execute_batch(SEED).unwrap();
    let shop = Shop { case: case.to_owned(), is_new, db: db.display().to_string() };
    if is_new {
        assert!(shop.migrate("up"));
    }
    record_by(&Server::start(move |request| shop.answer(request)), calls)
}

/// One side of the shop.
struct Shop {
    case: String,
    is_new: bool,
    db: String,
}

impl Shop {
    /// Whether this is the new side of that case.
    fn new_in(&self, case: &str) -> bool {
        self.is_new && self.case == case
    }

    fn open(&self) -> Connection {
        let db = Connection::open(&self.db).unwrap();
        db.busy_timeout(Duration::from_millis(500)).unwrap();
        db.pragma_update(None, "synchronous", "OFF").unwrap();
        db
    }

    /// What the shop does when it starts.
    fn begin(&self) {
        let db = self.open();
        let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        if self.case == "refuses" && !self.is_new && version > 1 {
            eprintln!("schema version {version} is not known here");
            std::process::exit(3);
        }
        if self.new_in("migrates-at-start") && version == 1 {
            db.execute_batch("ALTER TABLE items RENAME COLUMN name TO title; PRAGMA user_version = 2").unwrap();
        }
        if self.new_in("does-not-start") {
            std::process::exit(4);
        }
    }

    /// Whether all went well.
    fn migrate(&self, way: &str) -> bool {
        let is_up = way == "up";
        let (up, down) = match self.case.as_str() {
            "nullable" | "way-back-fails" | "locked" => {
                ("ALTER TABLE items ADD COLUMN tag TEXT", "ALTER TABLE items DROP COLUMN tag")
            }
            "expand-contract" => (
                "ALTER TABLE items ADD COLUMN title TEXT; UPDATE items SET title = name",
                "ALTER TABLE items DROP COLUMN title",
            ),
            "column-dropped" => ("ALTER TABLE items DROP COLUMN note", "ALTER TABLE items ADD COLUMN note TEXT"),
            "column-required" => (
                "CREATE TABLE more (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, note TEXT, sku TEXT NOT NULL);
                 INSERT INTO more SELECT id, name, note, '' FROM items; DROP TABLE items; ALTER TABLE more RENAME TO items",
                "ALTER TABLE items DROP COLUMN sku",
            ),
            "refuses" | "enum-ordinal" => ("PRAGMA user_version = 2", "PRAGMA user_version = 1"),
            "cents" => (
                "UPDATE orders SET amount = amount * 100; PRAGMA user_version = 2",
                "UPDATE orders SET amount = amount / 100; PRAGMA user_version = 1",
            ),
            "half-way" => ("ALTER TABLE items ADD COLUMN tag TEXT; SELECT no_such_function()", ""),
            "once" => ("CREATE TABLE extra (id INTEGER)", "SELECT 1"),
            other => panic!("{other} does not migrate"),
        };
        let db = self.open();
        if self.case == "way-back-fails" && !is_up {
            let tags: i64 = db.query_row("SELECT count(tag) FROM items", [], |row| row.get(0)).unwrap();
            if tags > 0 {
                return false;
            }
        }
        let done = db.execute_batch(if is_up { up } else { down });
        if let Err(error) = &done {
            eprintln!("{error}");
        }
        done.is_ok()
    }

    fn answer(&self, request: &Request) -> Response {
        let path = request.target.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let db = self.open();
        let id = path.strip_prefix("/items/").and_then(|id| id.parse::<i64>().ok());
        let done = match (request.method.as_str(), path, id) {
            ("GET", "/healthz", _) => return Response::json(200, "{}"),
            ("GET", "/items", _) => self.items(&db),
            ("POST", "/items", _) => self.make(&db, body["name"].as_str().unwrap_or_default()),
            ("GET", _, Some(id)) => self.item(&db, id, 200),
            ("POST", "/login", _) => self.login(&db, body["user"].as_str().unwrap_or_default()),
            ("POST", "/users", _) => Ok(Self::sign_up(&db, body["name"].as_str().unwrap_or_default())),
            ("GET", "/cached", _) => self.cached(&db),
            ("POST", "/orders", _) => self.order(&db, &body),
            ("GET", "/orders", _) => self.orders(&db),
            _ => Ok((404, json!({ "error": "nothing here" }))),
        };
        let (status, body) = done.unwrap_or_else(|error| (500, json!({ "error": error.to_string() })));
        Response::json(status, &body.to_string())
    }

    /// The columns of items that this side knows.
    fn columns(&self) -> &'static str {
        match self.case.as_str() {
            "column-dropped" if self.is_new => "id, name, NULL",
            "migrates-at-start" if self.is_new => "id, title, note",
            _ => "id, name, note",
        }
    }

    fn items(&self, db: &Connection) -> rusqlite::Result<(u16, Value)> {
        let mut rows = db.prepare(&format!("SELECT {} FROM items ORDER BY id", self.columns()))?;
        let items = rows.query_map([], Self::row)?.collect::<rusqlite::Result<Vec<Value>>>()?;
        Ok((200, Value::Array(items)))
    }

    fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Value> {
        let (id, name, note): (i64, Option<String>, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(json!({ "id": id, "name": name, "note": note }))
    }

    fn item(&self, db: &Connection, id: i64, status: u16) -> rusqlite::Result<(u16, Value)> {
        let sql = format!("SELECT {} FROM items WHERE id = ?1", self.columns());
        match db.query_row(&sql, [id], Self::row).optional()? {
            Some(item) => Ok((status, item)),
            None => Ok((404, json!({ "error": "no such item" }))),
        }
    }

    fn make(&self, db: &Connection, name: &str) -> rusqlite::Result<(u16, Value)> {
        let sql = match self.case.as_str() {
            "nullable" | "way-back-fails" if self.is_new => {
                "INSERT INTO items (name, note, tag) VALUES (?1, 'new', ?1)"
            }
            "expand-contract" if self.is_new => "INSERT INTO items (name, note, title) VALUES (?1, 'new', ?1)",
            "column-dropped" if self.is_new => "INSERT INTO items (name) VALUES (?1)",
            "column-required" if self.is_new => "INSERT INTO items (name, note, sku) VALUES (?1, 'new', 's')",
            "migrates-at-start" if self.is_new => "INSERT INTO items (title, note) VALUES (?1, 'new')",
            _ => "INSERT INTO items (name, note) VALUES (?1, 'new')",
        };
        db.execute(sql, [name])?;
        self.item(db, db.last_insert_rowid(), 201)
    }

    /// NEW takes the password's hash to its own kind.
    fn login(&self, db: &Connection, user: &str) -> rusqlite::Result<(u16, Value)> {
        let kind: Option<String> =
            db.query_row("SELECT kind FROM users WHERE name = ?1", [user], |row| row.get(0)).optional()?;
        if self.new_in("password-rehash") {
            db.execute("UPDATE users SET kind = 'kind-2' WHERE name = ?1", [user])?;
        }
        let known = kind.is_some_and(|kind| kind == "kind-1" || (self.is_new && kind == "kind-2"));
        Ok(if known { (200, json!({ "user": user })) } else { (401, json!({ "error": "who are you" })) })
    }

    /// A name is taken once.
    fn sign_up(db: &Connection, name: &str) -> (u16, Value) {
        match db.execute("INSERT INTO users VALUES (?1, 'kind-1')", [name]) {
            Ok(_) => (201, json!({ "name": name })),
            Err(_) => (409, json!({ "error": "taken" })),
        }
    }

    /// Each side writes the cache in its own layout; NEW reads both.
    fn cached(&self, db: &Connection) -> rusqlite::Result<(u16, Value)> {
        let known: Option<String> =
            db.query_row("SELECT value FROM cache WHERE key = 'greeting'", [], |row| row.get(0)).optional()?;
        let greeting = match known.as_deref().map(|value| value.split_once('|').unwrap_or_default()) {
            Some(("v1", greeting)) => greeting.to_owned(),
            Some(("v2", greeting)) if self.is_new => greeting.to_owned(),
            Some(_) => return Ok((500, json!({ "error": "the cache holds rubbish" }))),
            None => {
                let layout = if self.new_in("cache-format") { "v2" } else { "v1" };
                db.execute("INSERT INTO cache VALUES ('greeting', ?1)", [format!("{layout}|welcome")])?;
                "welcome".to_owned()
            }
        };
        Ok((200, json!({ "greeting": greeting })))
    }

    fn states(&self) -> &'static [&'static str] {
        if self.new_in("enum-ordinal") {
            &["none", "open", "held", "paid", "sent"]
        } else {
            &["none", "open", "paid", "sent"]
        }
    }

    fn factor(&self) -> i64 {
        if self.new_in("cents") { 100 } else { 1 }
    }

    fn order(&self, db: &Connection, body: &Value) -> rusqlite::Result<(u16, Value)> {
        let state = body["state"].as_str().unwrap_or("open");
        let ordinal = self.states().iter().position(|known| *known == state).unwrap_or_default();
        let amount = body["amount"].as_i64().unwrap_or(1) * self.factor();
        db.execute(
            "INSERT INTO orders (state, amount) VALUES (?1, ?2)",
            params![ordinal.try_into().unwrap_or(0_i64), amount],
        )?;
        Ok((201, json!({ "id": db.last_insert_rowid(), "state": state })))
    }

    fn orders(&self, db: &Connection) -> rusqlite::Result<(u16, Value)> {
        let mut rows = db.prepare("SELECT id, state, amount FROM orders ORDER BY id")?;
        let order = |row: &rusqlite::Row<'_>| {
            let (id, state, amount): (i64, u16, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let state = self.states().get(usize::from(state)).copied();
            Ok(json!({ "id": id, "state": state, "amount": amount / self.factor() }))
        };
        let orders = rows.query_map([], order)?.collect::<rusqlite::Result<Vec<Value>>>()?;
        Ok((200, Value::Array(orders)))
    }
}
