//! Credentials go out of recordings and come back on replay, and nothing that straddle writes has one.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::Signal;
use serde_json::{Value, json};
use straddle::model::Run;
use straddle::model::secret::writing;

use crate::support::recording::Recording;
use crate::support::server::{Request, Response, Server};

/// The port of the server that a build of these tests is.
const PORT: &str = "STRADDLE_VAULT_PORT";
/// What people type, with all that has to be written otherwise somewhere.
const PASSWORD: &str = "c0rrect Horse/battery\"9&<é";
const KEY: &str = "k-5up3r+5ecret=Key/77";
const OTP: &str = "918273";

/// No test but a server, when a build of these tests runs it: it logs all that it is sent.
#[test]
fn vault() {
    let Ok(port) = std::env::var(PORT) else { return };
    let vault = Vault::new();
    let _server = Server::start_at(port.parse().unwrap(), move |request| {
        println!("{} {} {:?} {}", request.method, request.target, request.headers, request.body);
        println!("decoded: {}", percent_encoding::percent_decode_str(&request.body).decode_utf8_lossy());
        vault.answer(request)
    });
    loop {
        std::thread::park();
    }
}

/// A server that lets nobody in without credentials, some of which it gives out itself: others in each process.
struct Vault {
    sid: String,
    token: String,
    csrf: String,
}

impl Vault {
    fn new() -> Self {
        let seed =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() ^ (u128::from(std::process::id()) << 64);
        let text = |salt: u8| blake3::hash(format!("{seed}{salt}").as_bytes()).to_hex().to_string();
        Self { sid: text(1), token: format!("tok_{}", &text(2)[..20]), csrf: text(3)[..16].to_owned() }
    }

    fn answer(&self, request: &Request) -> Response {
        let header =
            |name: &str| request.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
        let path = request.target.split('?').next().unwrap_or_default();
        let form = |name: &str| form_value(&request.body, name);
        let cookie = header("cookie").contains(&format!("sid={}", self.sid));
        match (request.method.as_str(), path) {
            ("POST", "/login") => {
                let sent: Value = serde_json::from_str(&request.body).unwrap_or_default();
                if sent["password"] != PASSWORD {
                    return Response::json(401, "{\"error\":\"no\"}");
                }
                let body = json!({ "token": self.token, "user": { "name": "anna", "sent": PASSWORD } });
                let cookie = format!("sid={}; HttpOnly; Path=/", self.sid);
                Response::with(200, "application/json", &body.to_string(), &[("Set-Cookie", &cookie), ("X-Debug", KEY)])
            }
            ("GET", "/me") if cookie && header("authorization") == format!("Bearer {}", self.token) => {
                Response::json(200, "{\"name\":\"anna\",\"orders\":[7,8]}")
            }
            ("POST", "/form") if form("password") == PASSWORD && form("otp") == OTP => {
                let shown = PASSWORD.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
                let page = format!(
                    "<form action=\"/save\"><input type=\"hidden\" name=\"csrf_token\" value=\"{}\"><p>{shown}</p></form>",
                    self.csrf
                );
                Response::with(200, "text/html", &page, &[])
            }
            ("POST", "/save") if cookie && form("csrf_token") == self.csrf => {
                Response::json(201, "{\"saved\":true,\"n\":3}")
            }
            ("GET", "/hook") => {
                let query = request.target.split_once('?').map_or("", |(_, query)| query);
                let fits = form_value(query, "api_key") == KEY && header("x-api-key") == KEY;
                Response::json(if fits { 200 } else { 403 }, &json!({ "fits": fits, "x": 1 }).to_string())
            }
            ("GET", "/basic") => {
                let fits = header("authorization") == format!("Basic {}", STANDARD.encode(format!("anna:{PASSWORD}")));
                Response::json(if fits { 200 } else { 401 }, &json!({ "fits": fits, "x": 2 }).to_string())
            }
            _ => Response::json(403, "{\"error\":\"not let in\"}"),
        }
    }
}

fn form_value(text: &str, name: &str) -> String {
    let value =
        text.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map_or("", |(_, v)| v);
    percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A person who logs in and looks around; gives what was said as entries of a HAR file, and the credentials that were
/// given out.
fn visit(at: SocketAddr) -> (Vec<Value>, Vec<String>) {
    let mut entries = Vec::new();
    let mut ask = |line: &str, headers: &[(&str, &str)], body: &str| {
        let (status, head, text) = exchange(at, line, headers, body);
        assert!(status < 300, "{line}: {status} {text}");
        entries.push(entry(at, entries.len(), (line, headers, body), (status, &head, &text)));
        (head, text)
    };
    let json_type = ("Content-Type", "application/json");
    let form_type = ("Content-Type", "application/x-www-form-urlencoded");
    let login = json!({ "user": "anna", "password": PASSWORD }).to_string();
    let (head, text) = ask("POST /login", &[json_type], &login);
    let token = serde_json::from_str::<Value>(&text).unwrap()["token"].as_str().unwrap().to_owned();
    let sid = head.split("sid=").nth(1).unwrap().split(';').next().unwrap().to_owned();
    let cookie = format!("theme=dark; sid={sid}");
    ask("GET /me", &[("Cookie", &cookie), ("Authorization", &format!("Bearer {token}"))], "");
    let form = format!("password={}&otp={OTP}", writing::percent(PASSWORD, b"").replace("%20", "+"));
    let (_, page) = ask("POST /form", &[form_type, ("Cookie", &cookie)], &form);
    let csrf = page.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    ask("POST /save", &[form_type, ("Cookie", &cookie)], &format!("csrf_token={csrf}&n=3"));
    let key = writing::percent(KEY, b"");
    ask(&format!("GET /hook?api_key={key}&x=1"), &[("X-Api-Key", KEY)], "");
    let basic = format!("Basic {}", STANDARD.encode(format!("anna:{PASSWORD}")));
    ask("GET /basic", &[("Authorization", &basic)], "");
    (entries, vec![sid, token, csrf])
}

fn exchange(at: SocketAddr, line: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(at).unwrap();
    let mut call = format!("{line} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n");
    for (name, value) in headers {
        call.extend([*name, ": ", *value, "\r\n"]);
    }
    if !body.is_empty() {
        call.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    stream.write_all(format!("{call}\r\n{body}").as_bytes()).unwrap();
    let mut input = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while input.read_line(&mut line).unwrap() > 2 {
        head.push_str(&line);
        line.clear();
    }
    let length: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|n| n.parse().ok()).unwrap();
    let mut text = vec![0; length];
    input.read_exact(&mut text).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head, String::from_utf8(text).unwrap())
}

fn entry(
    at: SocketAddr,
    number: usize,
    (line, headers, body): (&str, &[(&str, &str)], &str),
    (status, head, text): (u16, &str, &str),
) -> Value {
    let (method, target) = line.split_once(' ').unwrap();
    let pairs = |all: Vec<(&str, &str)>| all.iter().map(|(n, v)| json!({ "name": n, "value": v })).collect::<Vec<_>>();
    let answered = pairs(head.lines().skip(1).filter_map(|line| line.trim_end().split_once(": ")).collect());
    let media = |of: &[Value]| {
        let is_type = |h: &&Value| h["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("content-type"));
        of.iter().find(is_type).map_or(json!(""), |h| h["value"].clone())
    };
    let host = at.to_string();
    let sent = pairs([("Host", host.as_str())].iter().chain(headers).copied().collect());
    let mut request = json!({ "method": method, "url": format!("http://{at}{target}"), "httpVersion": "HTTP/1.1" });
    if !body.is_empty() {
        request["postData"] = json!({ "mimeType": media(&sent), "text": body });
    }
    request["headers"] = sent.into();
    let content = json!({ "mimeType": media(&answered), "text": text, "size": text.len() });
    json!({
        "startedDateTime": format!("2026-11-01T10:00:{number:02}.000Z"),
        "request": request,
        "response": { "status": status, "headers": answered, "content": content },
    })
}

/// A project whose builds are both the vault, and that knows where its secrets come from.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let run = format!("{} cases::redaction::vault --exact --nocapture --test-threads=1", exe.display());
    let build = format!("path = \".\"\nrun = \"{run}\"\nenv = {{ {PORT} = \"{{port}}\" }}\n");
    let manifest = format!(
        "[project]\nname = \"vault\"\n[service.vault]\nready = {{ tcp = true }}\n[service.vault.old]\n{build}[service.vault.new]\n{build}\
         [[recording]]\nfile = \"visit.jsonl\"\nservice = \"vault\"\nclient = \"any\"\n\
         [secrets]\npassword = {{ env = \"VAULT_PASSWORD\" }}\notp = {{ env = \"VAULT_OTP\" }}\n\
         api_key = {{ env = \"VAULT_KEY\" }}\nx-api-key = {{ env = \"VAULT_KEY\" }}\n"
    );
    std::fs::write(folder.path().join("straddle.toml"), manifest).unwrap();
    folder
}

/// What a command printed, and how it ended.
struct Said {
    exit: Option<i32>,
    text: String,
}

fn straddle(folder: &Path, args: &[&str], secrets: bool) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.current_dir(folder).args(args).env("STRADDLE_CACHE", folder.join("cache"));
    if secrets {
        command.env("VAULT_PASSWORD", PASSWORD).env("VAULT_OTP", OTP).env("VAULT_KEY", KEY);
    }
    let out = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    Said { exit: out.status.code(), text }
}

/// What was read, but for what the guardian was removing at that moment: it outlives a straddle that was ended.
fn unless_gone<T>(read: std::io::Result<T>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

/// No file under `folder` and no text that was printed holds one of these, however it is written.
#[track_caller]
fn hold_nothing(folder: &Path, printed: &[&str], given_out: &[String]) {
    let mut texts: Vec<(String, Vec<u8>)> =
        printed.iter().map(|text| ("what was printed".to_owned(), text.as_bytes().to_vec())).collect();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in unless_gone(std::fs::read_dir(&folder)).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|end| end != "har")
                && let Some(text) = unless_gone(std::fs::read(&path))
            {
                texts.push((path.display().to_string(), text));
            }
        }
    }
    assert!(
        texts.iter().any(|(name, _)| Path::new(name).extension().is_some_and(|end| end == "log")),
        "no log was kept"
    );
    for secret in [PASSWORD, KEY, OTP].into_iter().chain(given_out.iter().map(String::as_str)) {
        let base64 = writing::within_base64(secret.as_bytes());
        for written in writing::plainly(secret).into_iter().chain(base64) {
            for (name, text) in &texts {
                let at = memchr::memmem::find(text, written.as_bytes());
                let around =
                    at.map(|at| String::from_utf8_lossy(&text[at.saturating_sub(80)..text.len().min(at + 80)]));
                assert!(at.is_none(), "{name} holds {written}: {around:?}");
            }
        }
    }
}

/// The recording is replayed in both directions, and nothing is left out.
#[track_caller]
fn replays_whole(folder: &Path, given_out: &[String]) {
    let reports = ["--report", "json=report.json", "--report", "junit=report.xml", "--report", "terminal"];
    let said = straddle(folder, &[&["check"][..], &reports].concat(), true);
    let report = std::fs::read_to_string(folder.join("report.json")).unwrap_or_else(|_| panic!("{}", said.text));
    let run: Run = serde_json::from_str(&report).unwrap();
    assert_eq!(said.exit, Some(0), "{}\n{:#?}", said.text, run.notes);
    let facts = run.checks.iter().find(|check| check.name == "replay").unwrap();
    assert_eq!((facts.observations, facts.faithful), (12, Some(1.0)), "{}", said.text);
    assert!(run.unstable.is_empty() && run.findings.is_empty(), "{}", said.text);
    hold_nothing(folder, &[&said.text], given_out);
}

#[test]
fn what_is_imported_replays_whole_and_nothing_that_is_written_has_a_secret() {
    let folder = project();
    let vault = Vault::new();
    let server = Server::start(move |request| vault.answer(request));
    let (entries, given_out) = visit(server.address);
    let har = json!({ "log": { "version": "1.2", "entries": entries } });
    std::fs::write(folder.path().join("visit.har"), har.to_string()).unwrap();
    let imported = straddle(folder.path(), &["import", "visit.har", "--out", "visit.jsonl"], false);
    assert_eq!(imported.exit, Some(0), "{}", imported.text);
    let recording = std::fs::read_to_string(folder.path().join("visit.jsonl")).unwrap();
    for written in ["sid={secret:sid#1}", "Bearer {secret:token#1}", "password={secret:password#1}&otp={secret:otp#1}"]
    {
        assert!(recording.contains(written), "{written} is not in {recording}");
    }
    replays_whole(folder.path(), &given_out);
    let lacking = straddle(folder.path(), &["check"], false);
    assert_eq!(lacking.exit, Some(4), "{}", lacking.text);
    let why = "password#1 (set VAULT_PASSWORD, which `[secrets]` names for it)";
    assert!(
        lacking.text.replace('\n', " ").split_whitespace().collect::<Vec<_>>().join(" ").contains(why),
        "{}",
        lacking.text
    );
}

#[test]
fn what_is_recorded_replays_whole_and_nothing_that_is_written_has_a_secret() {
    let folder = project();
    let recording = recorded(folder.path());
    let (_, given_out) = visit(recording.address);
    let ended = recording.end(Signal::TERM);
    hold_nothing(folder.path(), &[&ended.said], &given_out);
    replays_whole(folder.path(), &given_out);
}

fn recorded(folder: &Path) -> Recording {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.args(["record", "--side", "old", "--out", "visit.jsonl"]).env("STRADDLE_CACHE", folder.join("cache"));
    Recording::of(command, folder)
}

#[test]
fn whoever_does_not_wait_for_the_end_is_told_what_stays_and_no_log_holds_a_secret() {
    let folder = project();
    let recording = recorded(folder.path());
    let (_, given_out) = visit(recording.address);
    let part = folder.path().join("visit.jsonl.part");
    let written = || std::fs::read_to_string(&part).unwrap().lines().count();
    crate::support::eventually("all that was visited is in the file", || written() == 7);
    // What has begun is waited for, and does not come.
    let mut open = TcpStream::connect(recording.address).unwrap();
    open.write_all(b"POST /save HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    recording.signal(Signal::INT);
    std::thread::sleep(std::time::Duration::from_millis(300));
    let ended = recording.end(Signal::INT);
    assert_eq!(ended.code, Some(130), "{}", ended.said);
    for told in ["what the build logged stays in ", "what was recorded is in visit.jsonl.part, 6 exchanges; "] {
        assert!(ended.said.contains(told), "{told}: {}", ended.said);
    }
    // What came to be known late is taken out of the recording when it is made whole.
    hold_nothing(&folder.path().join(".straddle"), &[&ended.said], &given_out);
}

/// A secret that a server gives back as a JSON number: no placeholder can be one.
#[test]
fn a_secret_that_is_a_number_leaves_a_report_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = |body: &'static str| Server::start(move |_| Response::json(200, body));
    let (old, new) = (server("{\"echo\":918273,\"n\":1}"), server("{\"echo\":\"918273\",\"n\":1}"));
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let reply = (200, head, "{\"echo\":918273,\"n\":1}");
    let entries = [entry(old.address, 0, (&format!("GET /orders?otp={OTP}"), &[], ""), reply)];
    let har = json!({ "log": { "version": "1.2", "entries": entries } });
    std::fs::write(folder.path().join("visit.har"), har.to_string()).unwrap();
    let imported = straddle(folder.path(), &["import", "visit.har", "--out", "visit.jsonl"], false);
    assert_eq!(imported.exit, Some(0), "{}", imported.text);
    let args = ["replay", &old.url(), &new.url(), "visit.jsonl", "--secret", "otp=VAULT_OTP", "--report"];
    let said = straddle(folder.path(), &[&args[..], &["json=report.json"]].concat(), true);
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap_or_else(|_| panic!("{}", said.text));
    let run: Run = serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e}: {report}"));
    assert!(!run.findings.is_empty(), "{}\n{report}", said.text);
    assert!(report.contains("{secret:otp#1}") && !report.contains(OTP), "{report}");
}
