//! nginx recorded, and replayed against itself: over HTTP/1.1 with gzip, chunks, ranges and validators, and over HTTP/2 from
//! end to end.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::recording::{Recording, straddle};
use crate::support::{eventually, has_program, require};

/// nginx in the foreground, for as long as this lives.
struct Nginx(Child);

impl Nginx {
    /// Serves `www` of that folder: HTTP/1.1 on one port, HTTP/2 without TLS on the other.
    fn start(folder: &Path) -> (Self, u16, u16) {
        let (one, two) = (free_port(), free_port());
        fs::create_dir(folder.join("www")).unwrap();
        let rows: Vec<String> = (0..500).map(|n| format!("{{\"id\":{n},\"name\":\"row {n}\"}}")).collect();
        fs::write(folder.join("www/list.json"), format!("[{}]", rows.join(","))).unwrap();
        fs::write(folder.join("www/page.html"), "<!doctype html><title>a</title><a href=\"/list.json\">all</a>")
            .unwrap();
        let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", folder.join(kind).display()))
            .concat();
        let conf = format!(
            "daemon off; master_process off; pid nginx.pid; error_log error.log;\n\
             events {{}}\n\
             http {{ access_log off; types {{ text/html html; application/json json; }}\n\
             gzip on; gzip_types application/json; gzip_min_length 1;\n{places}\
             server {{ listen 127.0.0.1:{one}; root {root}; location = /go {{ return 302 /page.html; }} }}\n\
             server {{ listen 127.0.0.1:{two} http2; root {root}; }} }}\n",
            root = folder.join("www").display(),
        );
        fs::write(folder.join("nginx.conf"), conf).unwrap();
        let mut command = Command::new("nginx");
        command.args(["-p", &folder.display().to_string(), "-c", "nginx.conf"]).stderr(Stdio::null());
        let nginx = Self(command.spawn().unwrap());
        for port in [one, two] {
            eventually("nginx listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        }
        (nginx, one, two)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Records what curl does, and replays it with nginx as both builds: the recording's lines.
fn check(folder: &Path, port: u16, name: &str, commands: &[&str]) -> Vec<Value> {
    let target = format!("http://127.0.0.1:{port}");
    let recording = Recording::start(folder, &["--target", &target, "--out", name]);
    for options in commands {
        let words = options.split(' ').map(|word| word.replace("URL", &format!("http://{}", recording.address)));
        let output = Command::new("curl").args(["-sS", "--max-time", "20"]).args(words).output().unwrap();
        assert!(output.status.success(), "curl {options}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let ended = recording.end(Signal::INT);
    assert_eq!((ended.code, ended.said.matches("note:").count()), (Some(0), 0), "{}", ended.said);
    let replayed = straddle(folder, ["replay", &target, &target, name, "--report", "json=report.json"]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.said);
    let report: Value = serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
    assert_eq!(
        (&report["checks"][0]["faithful"], &report["findings"]),
        (&1.0.into(), &serde_json::json!([])),
        "{report:#}"
    );
    assert_eq!(report["notes"], serde_json::json!([]), "{report:#}");
    let text = fs::read_to_string(folder.join(name)).unwrap();
    text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_curl_did_with_nginx_replays_with_full_fidelity_in_both_versions_of_http() {
    if !(require("nginx", || has_program("nginx", "-v")) && require("curl", || has_program("curl", "--version"))) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_nginx, one, two) = Nginx::start(folder.path());
    let lines = check(
        folder.path(),
        one,
        "one.jsonl",
        &[
            "--compressed URL/list.json URL/page.html",
            "--http1.0 URL/page.html",
            "-I URL/list.json",
            "-r 0-9 URL/list.json",
            "-H If-None-Match:* URL/page.html",
            "URL/go URL/nothing",
        ],
    );
    let statuses: Vec<u64> = lines.iter().filter_map(|line| line["reply"]["status"].as_u64()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 206, 304, 302, 404]);
    let lines = check(
        folder.path(),
        two,
        "two.jsonl",
        &["--http2-prior-knowledge --compressed URL/list.json", "--http2-prior-knowledge URL/page.html"],
    );
    assert!(lines.len() == 2 && lines.iter().all(|line| line["via"]["http"] == "2"), "{lines:?}");
}
