//! The test kit: two servers, a session that is recorded by asking one of them, and what straddle must say.
//!
//! `Test::new().old(…).new(…).session(…).expect(finding)`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use straddle::model::Run;

use super::server::{Request, Response, Server};

type Handler = Box<dyn Fn(&Request) -> Response + Send + Sync>;

/// Two servers and what is asked of them.
pub struct Test {
    old: Option<Server>,
    new: Option<Server>,
    session: Vec<(String, String, String)>,
    client: &'static str,
    more: String,
    args: Vec<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    pub run: Run,
    pub exit: i32,
}

impl Test {
    pub fn new() -> Self {
        Self { old: None, new: None, session: Vec::new(), client: "any", more: String::new(), args: Vec::new() }
    }

    /// The old server's answers.
    pub fn old(mut self, handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        self.old = Some(Server::start(Box::new(handler) as Handler));
        self
    }

    /// The new server's answers.
    pub fn new_server(mut self, handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        self.new = Some(Server::start(Box::new(handler) as Handler));
        self
    }

    /// Calls that old clients make: `GET /a`, or with a body `POST /a {"x":1}`; `{id}` is the id that the last reply gave.
    pub fn old_clients(mut self, calls: &[&str]) -> Self {
        self.client = "old";
        self.calls(calls)
    }

    /// Calls that new clients make.
    pub fn new_clients(mut self, calls: &[&str]) -> Self {
        self.client = "new";
        self.calls(calls)
    }

    fn calls(mut self, calls: &[&str]) -> Self {
        for call in calls {
            let mut words = call.splitn(3, ' ');
            let mut next = || words.next().unwrap_or_default().to_owned();
            self.session.push((next(), next(), next()));
        }
        self
    }

    /// Further lines of the manifest.
    pub fn manifest(mut self, more: &str) -> Self {
        self.more.push_str(more);
        self
    }

    /// Further arguments of `straddle check`.
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
        self
    }

    /// Records, replays, and gives the report.
    pub fn run(self) -> Report {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
        let (old, new) = (
            self.old.as_ref().unwrap_or_else(|| panic!("no old")),
            self.new.as_ref().unwrap_or_else(|| panic!("no new")),
        );
        let recorded_at = if self.client == "new" { new } else { old };
        let mut entries: Vec<Value> = Vec::new();
        for (n, (method, target, body)) in self.session.iter().enumerate() {
            let target = target.replace("{id}", &last_id(&entries));
            entries.push(record(recorded_at, n, &(method.clone(), target, body.clone())));
        }
        let har = json!({ "log": { "version": "1.2", "entries": entries } });
        write(&folder.path().join("traffic.har"), &har.to_string());
        let (old, new, client, more) = (old.url(), new.url(), self.client, &self.more);
        let manifest = format!(
            "[project]\nname = \"kit\"\n[service.s.old]\nurl = \"{old}\"\nwrites = true\n[service.s.new]\nurl = \"{new}\"\nwrites = true\n\
             [[recording]]\nfile = \"traffic.har\"\nservice = \"s\"\nclient = \"{client}\"\n{more}"
        );
        write(&folder.path().join("straddle.toml"), &manifest);
        let out = Command::new(env!("CARGO_BIN_EXE_straddle"))
            .current_dir(folder.path())
            .args(["check", "--report", "json=report.json"])
            .args(&self.args)
            .output()
            .unwrap_or_else(|e| panic!("straddle does not start: {e}"));
        let report = std::fs::read_to_string(folder.path().join("report.json"))
            .unwrap_or_else(|_| panic!("no report:\n{}", String::from_utf8_lossy(&out.stderr)));
        let run = serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e} in {report}"));
        Report { run, exit: out.status.code().unwrap_or(-1) }
    }

    /// Exactly these findings above info, as `RULE SEVERITY DIRECTION SUBJECT at AT`.
    pub fn expect(self, expected: &[&str]) {
        let report = self.run();
        let found: Vec<String> = report
            .run
            .findings
            .iter()
            .filter(|f| f.severity > straddle::model::Severity::Info)
            .map(|f| format!("{} {} {} {} at {}", f.rule, f.severity, f.direction, f.subject, f.at))
            .collect();
        assert_eq!(found, expected, "exit {}; {:#?}", report.exit, report.run.answers);
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

/// The `id` that the last recorded reply gave: what `{id}` in a target stands for.
fn last_id(entries: &[Value]) -> String {
    let text = entries.last().and_then(|entry| entry["response"]["content"]["text"].as_str()).unwrap_or_default();
    let reply: Value = serde_json::from_str(text).unwrap_or_default();
    reply["id"].as_str().unwrap_or_default().to_owned()
}

/// Asks a server once, and gives the exchange as an entry of a HAR file.
fn record(server: &Server, number: usize, (method, target, body): &(String, String, String)) -> Value {
    let mut stream = TcpStream::connect(server.address).unwrap_or_else(|e| panic!("{e}"));
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    stream.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap_or_else(|e| panic!("{e}"));
    let mut reply = Vec::new();
    // A server that keeps the connection open is read until it falls silent.
    let _ = stream.read_to_end(&mut reply);
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let (head, text) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
    let status: u16 = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let headers: Vec<Value> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let media = headers.iter().find(|h| h["name"] == "content-type").map_or(json!(""), |h| h["value"].clone());
    let mut request = json!({
        "method": method,
        "url": format!("{}{target}", server.url()),
        "httpVersion": "HTTP/1.1",
        "headers": [{ "name": "Host", "value": server.address.to_string() }],
    });
    if !body.is_empty() {
        request["headers"]
            .as_array_mut()
            .unwrap_or_else(|| panic!("headers"))
            .push(json!({ "name": "Content-Type", "value": "application/json" }));
        request["postData"] = json!({ "mimeType": "application/json", "text": body });
    }
    json!({
        "startedDateTime": format!("2026-11-01T10:00:{:02}.000Z", number % 60),
        "request": request,
        "response": { "status": status, "headers": headers, "content": { "mimeType": media, "text": text, "size": text.len() } },
    })
}
