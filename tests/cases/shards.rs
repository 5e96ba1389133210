//! The shards of a run, joined, are that run, byte for byte; and what is no part of it is refused by name.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::support::demo::{Checked, Demo, case};

/// Which side the server of these tests plays, and where it listens; without it the test that is the server does nothing.
const SIDE: &str = "STRADDLE_TEST_SHARDS_SIDE";
const PORT: &str = "STRADDLE_TEST_SHARDS_PORT";
/// Its scratch folder, whose number grows from instance to instance.
const SCRATCH: &str = "STRADDLE_TEST_SHARDS_SCRATCH";

/// The scratch folders of the first arrangement and of what it is made of have numbers up to this one.
const FIRST: u32 = 8;

/// No test but a server: builds of these tests run this very binary with the name of this function.
#[test]
fn server() {
    let (Ok(side), Ok(port)) = (std::env::var(SIDE), std::env::var(PORT)) else { return };
    let shop: &'static Shop = Box::leak(Box::new(Shop::new(&side)));
    let listener = TcpListener::bind(("127.0.0.1", port.parse().unwrap())).unwrap();
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || shop.connection(stream));
    }
}

/// A shop whose forms carry a token that is made anew for each session, and whose list shows what was bought.
struct Shop {
    is_new: bool,
    /// One of the instances that stand up first.
    is_early: bool,
    tokens: Mutex<Vec<String>>,
    bought: Mutex<Vec<String>>,
    count: AtomicU64,
}

impl Shop {
    fn new(side: &str) -> Self {
        // Two instances never give out the same token.
        let count = AtomicU64::new(u64::from(std::process::id()) * 7_919);
        let scratch = std::env::var(SCRATCH).unwrap_or_default();
        let number: u32 = scratch.rsplit('/').next().and_then(|name| name.parse().ok()).unwrap_or_default();
        Self {
            is_new: side == "new",
            is_early: number <= FIRST,
            tokens: Mutex::default(),
            bought: Mutex::default(),
            count,
        }
    }

    fn connection(&self, stream: TcpStream) {
        let mut out = stream.try_clone().unwrap();
        let mut input = BufReader::new(stream);
        loop {
            let (mut head, mut line) = (String::new(), String::new());
            while input.read_line(&mut line).unwrap_or(0) > 0 && line != "\r\n" {
                head.push_str(&line);
                line.clear();
            }
            let mut words = head.split(' ').map(str::to_owned);
            let (Some(method), Some(target)) = (words.next(), words.next()) else { return };
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            input.read_exact(&mut body).unwrap();
            let (status, more, text) = self.answer(&method, &target, &String::from_utf8(body).unwrap());
            let length = text.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{more}content-length: {length}\r\n\r\n"
            );
            if out.write_all((head + &text).as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, method: &str, target: &str, body: &str) -> (u16, String, String) {
        let made =
            || format!("{:016x}", self.count.fetch_add(104_729, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        match (method, target.split('/').nth(1).unwrap_or_default()) {
            ("GET", "form") => {
                let token = made();
                self.tokens.lock().unwrap().push(token.clone());
                (200, format!("set-cookie: visit={}; Path=/\r\n", made()), json!({ "token": token }).to_string())
            }
            ("POST", "buy") => {
                let form: Value = serde_json::from_str(body).unwrap();
                let known = self.tokens.lock().unwrap().iter().any(|token| form["token"] == *token);
                if !known {
                    return (403, String::new(), json!({ "error": "no such form" }).to_string());
                }
                self.bought.lock().unwrap().push(form["what"].as_str().unwrap().to_owned());
                if form["what"] == "anvil" && self.is_new {
                    eprintln!("thread 'main' panicked at src/shelf.rs:7:3:\nno shelf for this");
                }
                if form["what"] == "elephant" && self.is_new {
                    std::process::exit(7);
                }
                (201, String::new(), json!({ "what": form["what"] }).to_string())
            }
            ("GET", "bought") => {
                let rows: Vec<Value> = self.bought.lock().unwrap().iter().map(|what| json!({ "id": what })).collect();
                (200, String::new(), json!({ "rows": rows, "nonce": made() }).to_string())
            }
            ("GET", "item") => {
                let mut item = json!({ "id": target, "price": 7.25, "weight": 0.1 });
                if self.is_new && target.ends_with("odd") {
                    item.as_object_mut().unwrap().remove("price");
                }
                if self.is_new {
                    item["added"] = json!(true);
                }
                (200, String::new(), item.to_string())
            }
            ("GET", "crash") if self.is_new => std::process::exit(9),
            ("GET", "flaky") => {
                let is_less = self.is_new && self.is_early;
                let flaky = if is_less { json!({ "a": 1 }) } else { json!({ "a": 1, "b": 2 }) };
                (200, String::new(), flaky.to_string())
            }
            _ => (200, String::new(), json!({ "ok": true }).to_string()),
        }
    }
}

/// A project with many sessions: each fetches a form, some buy with it, all look at items and at what was bought.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new(sessions: usize, odd: impl Fn(usize) -> Option<&'static str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let binary = std::env::current_exe().unwrap().display().to_string();
        let build = |side: &str| {
            format!(
                "[service.s.{side}]\npath = \".\"\nlabel = \"{side}\"\n\
                 run = \"{binary} cases::shards::server --exact --nocapture\"\n\
                 env = {{ {SIDE} = \"{side}\", {PORT} = \"{{port}}\", {SCRATCH} = \"{{dir}}\" }}\n"
            )
        };
        let manifest = format!(
            "[project]\nname = \"shards\"\n[service.s]\nready = \"/\"\n{}{}\
             [[recording]]\nfile = \"old.har\"\nservice = \"s\"\nclient = \"any\"\n\
             [[accept]]\nrule = \"http/field-removed\"\nsubject = \"GET /none\"\nat = \"$.x\"\nreason = \"r\"\n\
             expires = 2000-01-01\n",
            build("old"),
            build("new")
        );
        fs::write(folder.path().join("straddle.toml"), manifest).unwrap();
        fs::write(folder.path().join("old.har"), recorded(sessions, odd)).unwrap();
        Self { folder }
    }

    fn straddle(&self, args: &[&str]) -> Output {
        let binary = env!("CARGO_BIN_EXE_straddle");
        Command::new(binary).current_dir(self.folder.path()).args(args).output().unwrap()
    }

    /// One run, and the same in parts: the same report and the same exit code.
    #[track_caller]
    fn is_the_same_in_parts(&self, parts: &[u32], expected: &[&str]) {
        let whole = self.straddle(&["check", "--report", "json=whole.json"]);
        let told = told(&self.read("whole.json"));
        assert_eq!(told, expected, "{}", said(&whole));
        for &of in parts {
            let mut shards = Vec::new();
            for part in 1..=of {
                let file = format!("{part}-of-{of}.json");
                let shard =
                    self.straddle(&["check", "--shard", &format!("{part}/{of}"), "--report", &format!("json={file}")]);
                assert!(matches!(shard.status.code(), Some(0 | 1 | 4)), "{}", said(&shard));
                shards.push(file);
            }
            shards.reverse();
            let files: Vec<&str> = shards.iter().map(String::as_str).collect();
            let merged = self.straddle(&[&["merge"], &files[..], &["--out", "merged.json"]].concat());
            assert_eq!(merged.status.code(), whole.status.code(), "{}", said(&merged));
            let (merged, whole) = (self.text("merged.json"), self.text("whole.json"));
            let other = merged.lines().zip(whole.lines()).find(|(merged, whole)| merged != whole);
            assert!(merged == whole, "of {of} shards, what is merged differs first in {other:?}");
        }
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    fn read(&self, file: &str) -> Value {
        serde_json::from_str(&self.text(file)).unwrap()
    }
}

/// Findings above info, and what is unstable, as `RULE SUBJECT at AT`.
fn told(report: &Value) -> Vec<String> {
    let line = |found: &Value, more: &str| {
        let word = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
        let at = if word("at").starts_with("log ") { "log".to_owned() } else { word("at") };
        format!(
            "{more}{} {} at {at} {}",
            word("rule"),
            word("subject"),
            found["direction"]["from"].as_str().unwrap_or_default()
        )
    };
    let findings = report["findings"].as_array().unwrap().iter().filter(|found| found["severity"] != "info");
    let unstable = report["unstable"].as_array().unwrap().iter();
    findings.map(|found| line(found, "")).chain(unstable.map(|found| line(found, "unstable "))).collect()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The HAR file of as many sessions, one after the other, as an old server would have answered them.
fn recorded(sessions: usize, odd: impl Fn(usize) -> Option<&'static str>) -> String {
    let mut entries = Vec::new();
    let mut bought: Vec<Value> = Vec::new();
    for session in 0..sessions {
        let user = format!("Bearer user-{session:04}-of-this-recording");
        let mut entry = |method: &str,
                         target: &str,
                         body: Option<Value>,
                         status: u16,
                         cookie: Option<&str>,
                         reply: &Value| {
            let mut request = json!({
                "method": method, "url": format!("http://shop.test{target}"), "httpVersion": "HTTP/1.1",
                "headers": [{ "name": "Host", "value": "shop.test" }, { "name": "Authorization", "value": user }],
            });
            if let Some(body) = body {
                request["postData"] = json!({ "mimeType": "application/json", "text": body.to_string() });
                request["headers"]
                    .as_array_mut()
                    .unwrap()
                    .push(json!({ "name": "Content-Type", "value": "application/json" }));
            }
            let mut headers = vec![json!({ "name": "content-type", "value": "application/json" })];
            headers.extend(cookie.map(|cookie| json!({ "name": "set-cookie", "value": cookie })));
            let number = entries.len();
            entries.push(json!({
                "startedDateTime": format!("2026-11-01T10:{:02}:{:02}.{:03}Z", number / 600, number / 10 % 60, number % 10),
                "request": request,
                "response": { "status": status, "headers": headers,
                    "content": { "mimeType": "application/json", "text": reply.to_string(), "size": 1 } },
            }));
        };
        let token = format!("{:016x}", (session as u64 + 1).wrapping_mul(0x51_7cc1_b727_220a));
        entry("GET", "/form", None, 200, Some(&format!("visit={token}ff; Path=/")), &json!({ "token": token }));
        let odd = odd(session);
        let item = if odd == Some("odd") { "/item/odd".to_owned() } else { format!("/item/number-{}", session % 3) };
        entry("GET", &item, None, 200, None, &json!({ "id": item, "price": 7.25, "weight": 0.1 }));
        if let Some(what @ ("anvil" | "elephant" | "rope")) = odd {
            bought.push(json!({ "id": what }));
            let body = json!({ "token": token, "what": what });
            entry("POST", "/buy", Some(body), 201, None, &json!({ "what": what }));
        }
        match odd {
            Some("crash") => entry("GET", "/crash", None, 200, None, &json!({ "ok": true })),
            Some("flaky") => entry("GET", "/flaky", None, 200, None, &json!({ "a": 1, "b": 2 })),
            _ => {}
        }
        entry("GET", "/bought", None, 200, None, &json!({ "rows": bought, "nonce": format!("{token}a") }));
    }
    json!({ "log": { "version": "1.2", "entries": entries } }).to_string()
}

#[test]
fn findings_noise_and_forms_of_other_sessions_are_the_same_in_parts() {
    let odd = |session| [None, Some("rope"), Some("odd"), None, Some("rope")][session % 5];
    Project::new(16, odd).is_the_same_in_parts(
        &[1, 2, 3, 8],
        &["http/field-removed GET /item/odd at $.price old", "accept/expired GET /none at $.x old"],
    );
}

#[test]
fn what_comes_and_goes_is_the_same_in_parts() {
    let odd = |session| [Some("rope"), None, Some("flaky")][session % 3];
    Project::new(12, odd).is_the_same_in_parts(
        &[3],
        &["accept/expired GET /none at $.x old", "unstable http/field-removed GET /flaky at $.b old"],
    );
}

#[test]
fn processes_that_die_and_panic_are_told_once_however_many_shards_see_it() {
    let odd = |session| match session {
        2 => Some("anvil"),
        4 => Some("crash"),
        5 => Some("elephant"),
        7 => Some("odd"),
        _ => [Some("rope"), None][session % 2],
    };
    Project::new(11, odd).is_the_same_in_parts(
        &[8],
        &[
            "http/fault GET /crash at reply old",
            "http/field-removed GET /item/odd at $.price old",
            "http/fault POST /buy at reply old",
            "process/died process s at process old",
            "process/logged-panic process s at log old",
            "accept/expired GET /none at $.x old",
        ],
    );
}

#[test]
fn a_shard_judges_its_own_sessions_and_sends_no_safe_call_that_nobody_needs() {
    let project = Project::new(24, |_| None);
    let exchanges = |args: &[&str]| -> u64 {
        project.straddle(&[&["check", "--report", "json=run.json"], args].concat());
        project.read("run.json")["checks"][0]["observations"].as_u64().unwrap()
    };
    let whole = exchanges(&[]);
    let parts: Vec<u64> = (1..=4).map(|part| exchanges(&["--shard", &format!("{part}/4")])).collect();
    assert_eq!(parts.iter().sum::<u64>(), whole, "{parts:?}");
    assert!(parts.iter().all(|part| *part < whole / 2), "{parts:?}");
    let notes = project.read("run.json")["notes"].to_string();
    assert!(notes.contains("this is shard 4 of 4"), "{notes}");
}

/// The demo with a break, in two shards.
struct Shards {
    demo: Demo,
}

impl Shards {
    fn new() -> Self {
        let shards = Self { demo: Demo::with(case("envelope")) };
        for part in ["1/2", "2/2"] {
            shards.shard(part, &[]);
        }
        shards
    }

    fn shard(&self, part: &str, options: &[&str]) -> Checked {
        let file = format!("json={}", self.file(&part.replace('/', "-")).display());
        self.demo.check(&[&["--shard", part, "--report", &file], options].concat())
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.demo.folder().join(format!("{name}.json"))
    }

    /// Merges these, which is refused by these words.
    #[track_caller]
    fn refuses(&self, names: &[&str], expected: &str) {
        let files = names.iter().map(|name| self.file(name));
        let mut straddle = Command::new(env!("CARGO_BIN_EXE_straddle"));
        let merged = straddle.arg("merge").args(files).arg("--out").arg(self.file("merged")).output().unwrap();
        let said = said(&merged).replace(&format!("{}/", self.demo.folder().display()), "");
        assert!(said.contains(expected), "{said}");
        assert_eq!(merged.status.code(), Some(2), "{said}");
        assert!(!self.file("merged").exists());
    }

    fn change(&self, name: &str, to: &str, change: impl FnOnce(&mut Value)) {
        let mut report: Value = serde_json::from_str(&fs::read_to_string(self.file(name)).unwrap()).unwrap();
        change(&mut report);
        fs::write(self.file(to), report.to_string()).unwrap();
    }
}

#[test]
fn what_is_no_part_of_the_run_is_refused_by_name() {
    let shards = Shards::new();
    shards.refuses(&["1-2"], "shard 2 of 2 is missing");
    shards.refuses(&["1-2", "2-2", "1-2"], "1-2.json and 1-2.json are both shard 1 of 2");
    shards.shard("2/2", &["--seed", "7"]);
    shards.refuses(&["1-2", "2-2"], "2-2.json is no part of the run of 1-2.json: its seed is 7, not 0");
    shards.shard("2/2", &["--only", "replay"]);
    shards.refuses(&["1-2", "2-2"], "its command line is `--only replay`, not ``");
    shards.shard("2/3", &[]);
    shards.refuses(&["1-2", "2-3"], "its number of shards is 3, not 2");
    shards.shard("2/2", &[]);
    shards.change("2-2", "older", |report| report["shard"]["release"] = "0.0.1".into());
    shards.refuses(&["1-2", "older"], "older.json was written by straddle 0.0.1");
    shards.change("2-2", "other", |report| report["shard"]["recordings"][0]["digest"] = "00".into());
    shards.refuses(&["1-2", "other"], "its list of recordings is recordings/old.har (00)");
    shards.change("2-2", "built", |report| report["new"]["label"] = "newer".into());
    shards.refuses(&["1-2", "built"], "its new build is newer, not new");
    shards.change("2-2", "torn", |report| report["shard"]["books"]["replay"]["chapters"] = 7.into());
    shards.refuses(&["1-2", "torn"], "its books can't be read");
    shards.change("2-2", "whole", |report| drop(report.as_object_mut().unwrap().remove("shard")));
    shards.refuses(&["1-2", "whole"], "whole.json is no shard's report");
}

#[test]
fn a_shard_that_failed_makes_the_whole_run_fail_as_it_would_have() {
    let shards = Shards::new();
    let manifest = shards.demo.folder().join("straddle.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let binary = shards.demo.folder().join("straddle-demo-shop");
    fs::rename(&binary, shards.demo.folder().join("away")).unwrap();
    let failed = shards.shard("2/2", &[]);
    assert_eq!(failed.code, Some(3), "{}", failed.said);
    let merge = |names: &[&str]| {
        let mut straddle = Command::new(env!("CARGO_BIN_EXE_straddle"));
        straddle.arg("merge").args(names.iter().map(|name| shards.file(name))).arg("--out").arg(shards.file("merged"));
        let merged = straddle.output().unwrap();
        (merged.status.code(), said(&merged))
    };
    // The break is in the first shard's part or in the second's: a finding that stands goes before what failed.
    let breaks = serde_json::from_str::<Value>(&fs::read_to_string(shards.file("1-2")).unwrap()).unwrap()["verdict"]
        == "incompatible";
    let (code, text_of_it) = merge(&["1-2", "2-2"]);
    assert_eq!(code, Some(if breaks { 1 } else { 3 }), "{text_of_it}");
    assert!(text_of_it.contains("shard 2 of 2: "), "{text_of_it}");
    shards.shard("1/2", &[]);
    let (code, _) = merge(&["1-2", "2-2"]);
    let whole = shards.demo.check(&[]);
    assert_eq!(code, whole.code);
    assert_eq!(fs::read_to_string(shards.file("merged")).unwrap(), whole.text, "{text}");
}
