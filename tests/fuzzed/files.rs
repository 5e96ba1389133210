//! Files: whatever stands in them is read, or refused with a reason.

use std::path::{Path, PathBuf};

use straddle::model::{At, Body, Exchange};
use straddle::traffic::{self, Recording, Writer};

/// A manifest is right, or what is wrong with it is said with a place that exists.
pub fn manifest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = straddle::manifest::parse(&text, Path::new("straddle.toml")) {
        assert!(!error.to_string().is_empty());
        // The whole message, with the lines that it points at.
        assert!(!format!("{:?}", miette::Report::new(error)).is_empty());
    }
}

/// A HAR file gives a whole recording, or nothing.
pub fn har(bytes: &[u8]) {
    imported("fuzzed.har", bytes);
}

/// A GoReplay file gives a whole recording, or nothing.
pub fn gor(bytes: &[u8]) {
    imported("fuzzed.gor", bytes);
}

/// A recording of ours is read; what was read is written and read again as the same.
pub fn recording(bytes: &[u8]) {
    let (_folder, path) = file("fuzzed.jsonl", bytes);
    let Ok(recording) = Recording::open(&path) else { return };
    let Ok(read) = exchanges(&recording) else { return };
    let again = path.with_file_name("again.jsonl");
    let mut writer = Writer::create(&again, false).unwrap_or_else(|e| panic!("{e}"));
    for exchange in &read {
        writer.push(exchange).unwrap_or_else(|e| panic!("{e}"));
    }
    writer.finish().unwrap_or_else(|e| panic!("{e}"));
    let again = traffic::open(&again).unwrap_or_else(|e| panic!("what was written can't be read: {e}"));
    let again = exchanges(&again).unwrap_or_else(|e| panic!("what was written can't be read: {e}"));
    let withheld = recording.withheld() > 0;
    assert!(withheld || again == read, "read as {read:?}\nand again as {again:?}");
}

/// Lines of a small language, so that sessions with values that flow come about: `METHOD TARGET|cookie|call body|status
/// header|reply body`. What is bound stands where the binding says.
pub fn bindings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let entries: Vec<serde_json::Value> = text.lines().take(40).map(entry).collect();
    if entries.is_empty() {
        return;
    }
    let har =
        serde_json::json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}});
    imported("fuzzed.har", har.to_string().as_bytes());
}

fn entry(line: &str) -> serde_json::Value {
    let mut parts = line.split('|');
    let mut part = || parts.next().unwrap_or_default();
    let (first, cookie, sent, header, given) = (part(), part(), part(), part(), part());
    let (method, target) = first.split_once(' ').unwrap_or(("GET", first));
    let media = |body: &str| match body.bytes().next() {
        Some(b'<') => "text/html",
        Some(b'{' | b'[') => "application/json",
        _ => "application/x-www-form-urlencoded",
    };
    let headers = |text: &str| -> Vec<serde_json::Value> {
        text.split(';')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| serde_json::json!({"name": name, "value": value}))
            .collect()
    };
    let mut request = serde_json::json!({
        "method": method, "url": format!("http://shop.test/{}", target.trim_start_matches('/')),
        "httpVersion": "HTTP/1.1", "headers": [{"name": "Cookie", "value": cookie}],
    });
    if !sent.is_empty() {
        request["postData"] = serde_json::json!({"mimeType": media(sent), "text": sent});
    }
    let response = serde_json::json!({
        "status": 200, "httpVersion": "HTTP/1.1", "headers": headers(header),
        "content": {"size": given.len(), "mimeType": media(given), "text": given},
    });
    serde_json::json!({"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": response})
}

/// Imports a foreign file. What comes of it is whole: it is read to its end, its numbers grow, each session ends once, and
/// bindings name earlier exchanges and stand in their calls.
fn imported(name: &str, bytes: &[u8]) {
    let (_folder, path) = file(name, bytes);
    let out = path.with_file_name("out.jsonl");
    if let Err(error) = traffic::import(std::slice::from_ref(&path), &out) {
        assert!(!error.to_string().is_empty());
        assert!(!out.exists(), "half an import under its final name");
        return;
    }
    let recording = traffic::open(&out).unwrap_or_else(|e| panic!("what was imported can't be read: {e}"));
    let read = exchanges(&recording).unwrap_or_else(|e| panic!("what was imported can't be read: {e}"));
    for (number, exchange) in read.iter().enumerate() {
        let lasts = read.iter().filter(|other| other.session == exchange.session && other.last).count();
        assert_eq!(lasts, 1, "session {} ends {lasts} times", exchange.session);
        assert!(number == 0 || read[number - 1].index < exchange.index);
        stand(exchange);
    }
}

/// A bound value stands where its binding says: putting another one there changes the call, and putting it back gives the
/// same call.
fn stand(exchange: &Exchange) {
    for binding in &exchange.bindings {
        assert!(binding.from.iter().all(|from| from.exchange < exchange.index));
        // A body that can't be written back as it was is known by that.
        if matches!(binding.at.at, At::Body(_)) || exchange.call.body == Body::Unknown {
            continue;
        }
        let other = "f0f0f0f0-7777-4777-8777-f0f0f0f0f0f0";
        let mut call = exchange.call.clone();
        traffic::bindings::inject(&mut call, &binding.at, &binding.value, other);
        assert!(
            call != exchange.call,
            "{} is bound to {:?}, which is not there: {exchange:?}",
            binding.at,
            binding.value
        );
    }
}

fn exchanges(recording: &Recording) -> Result<Vec<Exchange>, traffic::TrafficError> {
    recording.exchanges()?.collect()
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap_or_else(|e| panic!("{e}"));
    (folder, path)
}
