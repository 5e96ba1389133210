//! The demo shop recorded through curl, a browser and an HTTP/2 client: what is recorded replays as faithfully as can be.

use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::demo::Demo;
use crate::support::recording::Recording;
use crate::support::tape::Peer;
use crate::support::{has_program, require};

#[test]
fn what_curl_a_browser_and_an_http_2_client_did_replays_with_full_fidelity() {
    if !require("curl", || has_program("curl", "--version")) {
        return;
    }
    let demo = Demo::clean();
    let options = ["--service", "shop", "--side", "old", "--out", "recordings/recorded.jsonl"];
    let recording = Recording::start(demo.folder(), &options);
    curl(demo.folder(), recording.address);
    browse(recording.address);
    let ended = recording.end(Signal::INT);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert_eq!(ended.said.matches("note:").count(), 1, "{}", ended.said);
    assert!(ended.said.contains("note: sent as HTTP/1.1, since the target does not speak HTTP/2"), "{}", ended.said);
    let checked = replayed(&demo);
    let replay = checked["checks"].as_array().into_iter().flatten().find(|check| check["name"] == "replay");
    assert_eq!(replay.map(|check| &check["faithful"]), Some(&1.0.into()), "{checked:#}");
    assert_eq!(checked["findings"], serde_json::json!([]), "{checked:#}");
    assert_eq!(checked["unstable"], serde_json::json!([]), "{checked:#}");
}

/// The report of old against old on the recording alone.
fn replayed(demo: &Demo) -> Value {
    let manifest = demo.folder().join("straddle.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let (before, _) = text.split_once("[[recording]]").unwrap();
    let recording = "[[recording]]\nfile = \"recordings/recorded.jsonl\"\nservice = \"shop\"\nclient = \"old\"\n";
    fs::write(&manifest, format!("{before}{recording}")).unwrap();
    demo.check(&["--self", "old"]).report
}

/// A person at a shell: every version of HTTP, a cookie jar, JSON and forms, several URLs over one connection.
fn curl(folder: &Path, address: SocketAddr) {
    let run = |options: &str| {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--fail", "--compressed", "--max-time", "20"]);
        command.args(["--cookie", "jar", "--cookie-jar", "jar"]).current_dir(folder);
        for word in options.split(' ') {
            command.arg(word.replace("URL", &format!("http://{address}")));
        }
        let output = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "curl {options}: {said}");
        said
    };
    run("--http1.1 URL/ URL/static/shop.css URL/products");
    run("--http1.0 URL/products/1");
    run("--http2-prior-knowledge URL/products/2");
    run("--http2 URL/search?q=tea&limit=2");
    let page = run("URL/login");
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    run(&format!("--data csrf={csrf} --data customer=ada URL/login"));
    run("--http2-prior-knowledge URL/account");
    let token = run(
        "--http2-prior-knowledge --header Content-Type:application/json --data {\"customer\":\"grace\"} URL/tokens",
    );
    let token: Value = serde_json::from_str(&token).unwrap();
    let bearer = format!("--oauth2-bearer {}", token["token"].as_str().unwrap());
    let json = format!("{bearer} --header Content-Type:application/json");
    run(&format!("--http2-prior-knowledge {json} --data {{\"product\":3,\"quantity\":2}} URL/cart"));
    let order = run(&format!("{json} --header Transfer-Encoding:chunked --data {{\"note\":\"bell\"}} URL/orders"));
    let order: Value = serde_json::from_str(&order).unwrap();
    run(&format!("--http2-prior-knowledge {bearer} URL/orders/{}", order["id"].as_str().unwrap()));
    run(&format!("{bearer} --head URL/orders"));
}

/// A browser: two connections that are kept, cookies, languages and encodings, conditional requests.
fn browse(address: SocketAddr) {
    let mut browser = Browser::new(address);
    let page = browser.get(0, "/", &[]);
    assert_eq!(page.0, 200);
    browser.get(1, "/static/shop.css", &[("Sec-Fetch-Dest", "style"), ("Referer", "http://HOST/")]);
    let (_, headers, _) = browser.get(0, "/products/3", &[]);
    let tag = headers.get("etag").cloned().unwrap_or_default();
    assert_eq!(browser.get(1, "/products/3", &[("If-None-Match", &tag)]).0, 304);
    let (_, _, login) = browser.get(0, "/login", &[]);
    let csrf = login.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = format!("csrf={csrf}&customer=edsger");
    let origin = [("Origin", "http://HOST"), ("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(browser.send(0, "POST", "/login", &origin, &form).0, 303);
    let (status, _, account) = browser.get(1, "/account", &[]);
    assert_eq!(status, 200);
    assert!(account.contains("edsger"), "{account}");
    let json = [("Content-Type", "application/json")];
    browser.send(1, "POST", "/cart", &json, r#"{"product":4,"quantity":1}"#);
    assert_eq!(browser.get(0, "/cart", &[]).0, 200);
    assert_eq!(browser.get(0, "/nowhere", &[]).0, 404);
}

struct Browser {
    address: SocketAddr,
    connections: [Peer; 2],
    cookies: BTreeMap<String, String>,
}

/// Status, headers in lower case, body.
type Page = (u16, BTreeMap<String, String>, String);

impl Browser {
    fn new(address: SocketAddr) -> Self {
        let connect = |_| Peer::of(TcpStream::connect(address).unwrap());
        Self { address, connections: [0, 1].map(connect), cookies: BTreeMap::new() }
    }

    fn get(&mut self, connection: usize, target: &str, headers: &[(&str, &str)]) -> Page {
        self.send(connection, "GET", target, headers, "")
    }

    fn send(&mut self, connection: usize, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Page {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: keep-alive\r\n", self.address);
        head.push_str("User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0)\r\nAccept: text/html,*/*;q=0.8\r\n");
        head.push_str("Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n");
        for (name, value) in headers {
            let value = value.replace("HOST", &self.address.to_string());
            head.extend([*name, ": ", &value, "\r\n"]);
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.extend(["Cookie: ", &pairs.join("; "), "\r\n"]);
        }
        if method != "GET" {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        let peer = &mut self.connections[connection];
        peer.send(format!("{head}\r\n{body}"));
        let answer = peer.head();
        let status: u16 = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = BTreeMap::new();
        for (name, value) in answer.lines().filter_map(|line| line.split_once(": ")) {
            let name = name.to_ascii_lowercase();
            if let Some((key, value)) =
                value.split(';').next().unwrap().split_once('=').filter(|_| name == "set-cookie")
            {
                self.cookies.insert(key.to_owned(), value.to_owned());
            }
            headers.insert(name, value.to_owned());
        }
        let length =
            if status == 304 { 0 } else { headers.get("content-length").map_or(0, |text| text.parse().unwrap()) };
        let mut body = vec![0; length];
        std::io::Read::read_exact(&mut peer.0, &mut body).unwrap();
        (status, headers, String::from_utf8(body).unwrap())
    }
}
