//! A shop on one SQLite file whose two sides differ in what they leave behind, by the name of a case; and its users, whose
//! sessions are recorded by asking the old side.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};

use crate::support::server::{Request, Response, Server};

/// Where the shop is told to listen; without it the test that is the shop does nothing.
const PORT: &str = "SPLICED_SHOP_PORT";

/// What stands in the store at first.
pub const SEED: &str = "
CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, tag TEXT, spare TEXT);
CREATE TABLE charges (key TEXT, amount INTEGER);
CREATE TABLE users (name TEXT UNIQUE);
INSERT INTO items (name) VALUES ('tea'), ('jam'), ('oil'), ('rye'), ('fig');
";

/// No test but a server: the builds of these tests run this very binary with the name of this function.
#[test]
fn serve() {
    let Ok(port) = std::env::var(PORT) else { return };
    let var = |name: &str| std::env::var(name).unwrap();
    let shop = Shop::new(&var("SPLICED_SHOP_CASE"), var("SPLICED_SHOP_SIDE") == "new", &var("SPLICED_SHOP_DB"));
    let _server = Server::start_at(port.parse().unwrap(), move |request| shop.answer(request));
    loop {
        std::thread::sleep(Duration::from_mins(1));
    }
}

/// The manifest's lines for both builds.
pub fn builds(case: &str) -> String {
    let binary = std::env::current_exe().unwrap().display().to_string();
    let run = format!("run = '{binary} cases::sessions::shop::serve --exact --nocapture'");
    let build = |side: &str| {
        format!(
            "[service.shop.{side}]\npath = \".\"\n{run}\nenv = {{ {PORT} = \"{{port}}\", SPLICED_SHOP_CASE = \"{case}\", \
             SPLICED_SHOP_SIDE = \"{side}\", SPLICED_SHOP_DB = \"{{state.db.path}}\" }}\n"
        )
    };
    format!("[service.shop]\nready = \"/healthz\"\n{}{}", build("old"), build("new"))
}

/// One side of the shop.
pub struct Shop {
    case: String,
    is_new: bool,
    db: String,
    served: AtomicU64,
    /// What a shop without a store remembers.
    kept: Mutex<Vec<String>>,
}

impl Shop {
    pub fn new(case: &str, is_new: bool, db: &str) -> Self {
        let (served, kept) = (AtomicU64::new(0), Mutex::default());
        Self { case: case.to_owned(), is_new, db: db.to_owned(), served, kept }
    }

    /// Whether this is the new side of that case.
    fn new_in(&self, case: &str) -> bool {
        self.is_new && self.case == case
    }

    fn open(&self) -> Connection {
        let db = Connection::open(&self.db).unwrap();
        db.busy_timeout(Duration::from_secs(5)).unwrap();
        db.pragma_update(None, "synchronous", "OFF").unwrap();
        db
    }

    pub fn answer(&self, request: &Request) -> Response {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let id = path.strip_prefix("/items/").and_then(|id| id.parse::<i64>().ok());
        match (request.method.as_str(), path, id) {
            ("GET", "/healthz", _) => Response::json(200, "{}"),
            ("POST", "/login", _) => self.login(&body),
            ("GET", "/me", _) => self.me(request),
            ("POST", "/users", _) => self.sign_up(&body),
            ("POST", "/charges", _) => self.charge(request, &body),
            ("GET", "/items", _) => self.page(query),
            ("POST", "/items", _) => self.make(&body),
            ("GET", _, Some(id)) => self.show(id),
            ("PUT", _, Some(id)) => self.change(request, id, &body),
            ("POST", "/notes", _) => {
                self.kept.lock().unwrap().push(body["text"].to_string());
                Response::json(201, "{}")
            }
            ("GET", "/notes", _) => {
                let kept = self.kept.lock().unwrap().len();
                if kept == 0 {
                    Response::json(404, "{}")
                } else {
                    Response::json(200, &json!({ "kept": kept }).to_string())
                }
            }
            _ => Response::json(404, r#"{"error":"nothing here"}"#),
        }
    }

    /// The cookie says who it is, in a form that the other side may not know.
    fn login(&self, body: &Value) -> Response {
        let user = body["user"].as_str().unwrap_or_default();
        let cookie = if self.new_in("cookie-serializer") { format!("b2:{user}:x") } else { format!("a1-{user}") };
        let cookie = format!("sid={cookie}; Path=/");
        Response::with(200, "application/json", "{}", &[("set-cookie", &cookie)])
    }

    fn me(&self, request: &Request) -> Response {
        let cookies = header(request, "cookie");
        let sid = cookies.split("; ").find_map(|pair| pair.strip_prefix("sid=")).unwrap_or_default();
        let reads_both = self.is_new;
        let user = sid
            .strip_prefix("a1-")
            .or_else(|| sid.strip_prefix("b2:").filter(|_| reads_both).and_then(|rest| rest.strip_suffix(":x")));
        match user {
            Some(user) => Response::json(200, &json!({ "user": user }).to_string()),
            None => Response::json(401, r#"{"error":"who are you"}"#),
        }
    }

    /// A name is taken once.
    fn sign_up(&self, body: &Value) -> Response {
        let name = body["name"].as_str().unwrap_or_default();
        match self.open().execute("INSERT INTO users VALUES (?1)", [name]) {
            Ok(_) => Response::json(201, &json!({ "name": name }).to_string()),
            Err(_) => Response::json(409, r#"{"error":"taken"}"#),
        }
    }

    /// Done once for each key, in the form in which this side writes keys.
    fn charge(&self, request: &Request, body: &Value) -> Response {
        let key = header(request, "idempotency-key");
        let key = if self.new_in("lock-key") { format!("v2/{key}") } else { key.to_owned() };
        let db = self.open();
        let known: Option<i64> =
            db.query_row("SELECT amount FROM charges WHERE key = ?1", [&key], |row| row.get(0)).optional().unwrap();
        if known.is_none() {
            db.execute("INSERT INTO charges VALUES (?1, ?2)", params![key, body["amount"].as_i64()]).unwrap();
        }
        Response::json(202, r#"{"status":"accepted"}"#)
    }

    /// Two items and where to go on, in the form in which this side writes cursors.
    fn page(&self, query: &str) -> Response {
        let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="));
        let mark = if self.new_in("page-token") { "keyset-v2." } else { "after-item-" };
        let after = match cursor.map(|cursor| cursor.strip_prefix(mark).and_then(|id| id.parse::<i64>().ok())) {
            None => 0,
            Some(Some(after)) => after,
            Some(None) => return Response::json(400, r#"{"error":"no such cursor"}"#),
        };
        let db = self.open();
        let mut rows = db.prepare("SELECT id, name FROM items WHERE id > ?1 AND id < 6 ORDER BY id LIMIT 2").unwrap();
        let mut items: Vec<(i64, String)> =
            rows.query_map([after], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
        let next = items.last().map(|(id, _)| format!("{mark}{id}"));
        if self.case == "ids-and-order" && self.served.fetch_add(1, Ordering::SeqCst) % 2 == u64::from(self.is_new) {
            items.reverse();
        }
        let items: Vec<Value> = items.into_iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
        Response::json(200, &json!({ "items": items, "next": next }).to_string())
    }

    fn make(&self, body: &Value) -> Response {
        let name = body["name"].as_str().unwrap_or_default();
        let tag = self.is_new.then(|| format!("tag of {name}"));
        let db = self.open();
        db.execute("INSERT INTO items (name, tag) VALUES (?1, ?2)", params![name, tag]).unwrap();
        self.item(&db, db.last_insert_rowid(), 201)
    }

    fn show(&self, id: i64) -> Response {
        self.item(&self.open(), id, 200)
    }

    fn change(&self, request: &Request, id: i64, body: &Value) -> Response {
        let db = self.open();
        let wanted = header(request, "if-match");
        if !wanted.is_empty() && wanted != self.etag(&db, id) {
            return Response::json(412, r#"{"error":"somebody else was faster"}"#);
        }
        let name = body["name"].as_str().unwrap_or_default();
        // The old side writes the row that it knows; where it is careful it leaves the rest alone.
        let sql = if !self.is_new && self.case == "unknown-field-dropped" {
            "INSERT OR REPLACE INTO items (id, name) VALUES (?1, ?2)"
        } else {
            "UPDATE items SET name = ?2 WHERE id = ?1"
        };
        db.execute(sql, params![id, name]).unwrap();
        self.item(&db, id, 200)
    }

    fn item(&self, db: &Connection, id: i64, status: u16) -> Response {
        let row: Option<(String, Option<String>)> = db
            .query_row("SELECT name, tag FROM items WHERE id = ?1", [id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .unwrap();
        let Some((name, tag)) = row else { return Response::json(404, r#"{"error":"no such item"}"#) };
        let has_tag = matches!(self.case.as_str(), "unknown-field-dropped" | "field-added") && self.is_new;
        if self.case == "kills-the-other" && !self.is_new && tag.is_some() {
            std::process::exit(3);
        }
        let mut item = json!({ "id": id, "name": name });
        if has_tag {
            item["tag"] = json!(tag);
        }
        if self.case == "nonces" {
            let served = self.served.fetch_add(1, Ordering::SeqCst);
            item["nonce"] = json!(format!("{:016x}", random()));
            item["served"] = json!(served);
        }
        let etag = self.etag(db, id);
        Response::with(status, "application/json", &item.to_string(), &[("etag", &etag)])
    }

    fn etag(&self, db: &Connection, id: i64) -> String {
        let name: String = db
            .query_row("SELECT name FROM items WHERE id = ?1", [id], |row| row.get(0))
            .optional()
            .unwrap()
            .unwrap_or_default();
        let sum = name.bytes().fold(7_919_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        if self.new_in("etag-algorithm") {
            format!("\"n{:016x}\"", sum ^ 0xabcd_ef01)
        } else {
            format!("\"o{sum:016x}\"")
        }
    }
}

fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    RandomState::new().build_hasher().finish()
}

fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    request.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// A user's calls: `GET /me`, `POST /items {"name":"x"}`, `POST /charges {…} idempotency-key=k1`; `{id}`, `{next}` and `{etag}`
/// are what the last reply gave.
pub fn record(case: &str, is_new: bool, calls: &[&str], folder: &Path) -> Value {
    let db = folder.join("recorded.db");
    Connection::open(&db).unwrap().execute_batch(SEED).unwrap();
    let shop = Shop::new(case, is_new, db.to_str().unwrap());
    record_by(&Server::start(move |request| shop.answer(request)), calls)
}

/// The same of any server.
pub fn record_by(server: &Server, calls: &[&str]) -> Value {
    let mut user = User { server, cookie: None, last: Value::Null, etag: String::new() };
    let entries: Vec<Value> = calls.iter().enumerate().map(|(number, call)| user.call(number, call)).collect();
    json!({ "log": { "version": "1.2", "entries": entries } })
}

struct User<'s> {
    server: &'s Server,
    cookie: Option<String>,
    last: Value,
    etag: String,
}

impl User<'_> {
    fn call(&mut self, number: usize, call: &str) -> Value {
        let id = self.last["id"].to_string();
        let next = self.last["next"].as_str().unwrap_or_default().to_owned();
        let call = call.replace("{id}", &id).replace("{next}", &next).replace("{etag}", &self.etag);
        let mut words = call.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let mut headers = vec![("Host".to_owned(), self.server.address.to_string())];
        let mut body = String::new();
        for word in words {
            match word.split_once('=').filter(|_| !word.starts_with('{')) {
                Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
                None => body.push_str(word),
            }
        }
        headers.extend(self.cookie.iter().map(|cookie| ("Cookie".to_owned(), cookie.clone())));
        if !body.is_empty() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let (status, given, text) = self.ask(method, target, &headers, &body);
        for (name, value) in &given {
            match name.as_str() {
                "set-cookie" => self.cookie = value.split(';').next().map(str::to_owned),
                "etag" => self.etag.clone_from(value),
                _ => {}
            }
        }
        self.last = serde_json::from_str(&text).unwrap_or_default();
        let named = |all: &[(String, String)]| -> Vec<Value> {
            all.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        };
        let mut request = json!({
            "method": method,
            "url": format!("{}{target}", self.server.url()),
            "httpVersion": "HTTP/1.1",
            "headers": named(&headers),
        });
        if !body.is_empty() {
            request["postData"] = json!({ "mimeType": "application/json", "text": body });
        }
        json!({
            "startedDateTime": format!("2026-11-01T10:00:{number:02}.000Z"),
            "connection": "1",
            "request": request,
            "response": { "status": status, "headers": named(&given), "content": { "mimeType": "application/json", "text": text, "size": text.len() } },
        })
    }

    fn ask(
        &self,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> (u16, Vec<(String, String)>, String) {
        let mut stream = TcpStream::connect(self.server.address).unwrap();
        let mut head = format!("{method} {target} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, text) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let given = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        (status, given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), text.to_owned())
    }
}
