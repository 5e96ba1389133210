//! Requests a second, against mitmproxy's client replay of the same 1,000 requests to the same server.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Figure;
use crate::replaying::{check, manifest, serve};

/// Requests in the recording.
const REQUESTS: usize = 1_000;
/// A check sends each request to four cells.
const CELLS: usize = 4;

pub fn figures() -> Vec<Figure> {
    let version = Command::new("mitmdump").arg("--version").stderr(Stdio::null()).output();
    if !version.is_ok_and(|output| output.status.success()) {
        println!("against mitmproxy's client replay: did not run, there is no `mitmdump` (pip install mitmproxy)");
        return Vec::new();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
    runtime.block_on(async {
        let address = serve().await;
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
        let at = |name: &str| folder.path().join(name);
        for (name, requests) in [("bench.har", REQUESTS), ("one.har", 1)] {
            std::fs::write(at(name), har(address, requests)).unwrap_or_else(|e| panic!("{e}"));
            let manifest = manifest(address).replace("bench.jsonl", name);
            std::fs::write(at(name).with_extension("toml"), manifest).unwrap_or_else(|e| panic!("{e}"));
        }
        let (mut theirs, mut ours) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..3 {
            // Of both what starting up costs is taken off: their time for a single request, and ours.
            let (all, one) = (at("bench.har"), at("one.har"));
            let mitm = tokio::task::spawn_blocking(move || mitmdump(&all) - mitmdump(&one)).await;
            theirs = theirs.min(mitm.unwrap_or_else(|e| panic!("{e}")));
            let start = check(folder.path(), "one.toml", false).await;
            ours = ours.min(check(folder.path(), "bench.toml", false).await - start);
        }
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let requests = |sent: usize, seconds: f64| sent as f64 / seconds;
        let theirs = requests(REQUESTS, theirs);
        println!("mitmproxy replays {theirs:.0} requests a second; straddle {:.0}", requests(REQUESTS * CELLS, ours));
        vec![
            Figure::at_least(
                "requests a second against mitmproxy's client replay",
                requests(REQUESTS * CELLS, ours) / theirs,
                20.0,
                "x",
            ),
            Figure::at_least(
                "exchanges judged (four requests each) against the same",
                requests(REQUESTS, ours) / theirs,
                20.0,
                "x",
            ),
        ]
    })
}

/// Seconds of a whole client replay.
fn mitmdump(file: &Path) -> f64 {
    let start = Instant::now();
    let status = Command::new("mitmdump").args(["-q", "-n", "-C"]).arg(file).status();
    assert!(status.is_ok_and(|status| status.success()), "mitmdump does not replay {}", file.display());
    start.elapsed().as_secs_f64()
}

fn har(address: SocketAddr, requests: usize) -> String {
    let entry = |n: usize| {
        serde_json::json!({
            "startedDateTime": format!("2026-01-01T00:00:00.{n:06}Z"), "time": 1,
            "request": {
                "method": "GET", "url": format!("http://{address}/orders/{n}"), "httpVersion": "HTTP/1.1",
                "headers": [{"name": "Host", "value": address.to_string()}], "queryString": [], "cookies": [],
                "headersSize": -1, "bodySize": 0,
            },
            "response": {
                "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "",
                "headers": [{"name": "content-type", "value": "application/json"}], "headersSize": -1, "bodySize": -1,
                "content": {"size": -1, "mimeType": "application/json"},
            },
            "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0},
        })
    };
    let entries: Vec<serde_json::Value> = (0..requests).map(entry).collect();
    let creator = serde_json::json!({"name": "bench", "version": "1"});
    serde_json::json!({"log": {"version": "1.2", "creator": creator, "entries": entries}}).to_string()
}
