//! Recordings, written and read back: any, the sample of each version, and broken ones.

mod any;
mod imported;
mod read;

use std::io::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;

use super::redaction::Redaction;
use super::*;
use crate::model::{
    At, Binding, Body, Call, Exchange, HttpVersion, Metadata, Place, Producer, Reply, Step, Via, Within,
};

const HEADER: &str = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":0}\n";

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Vec<Exchange>, TrafficError> {
    let (_folder, path) = file("r.jsonl", bytes);
    open(&path)?.exchanges()?.collect()
}

fn write_and_read(name: &str, exchanges: &[Exchange]) -> Vec<Exchange> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut writer = Writer::create(&path, false).unwrap();
    for exchange in exchanges {
        writer.push(exchange).unwrap();
    }
    writer.finish().unwrap();
    let recording = open(&path).unwrap();
    assert_eq!(recording.count().unwrap(), exchanges.len() as u64);
    assert_eq!(recording.name, name);
    recording.exchanges().unwrap().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{e}"))
}

fn har() -> String {
    let entry = |second: u32, target: &str, token: &str, reply: &str| {
        serde_json::json!({
            "startedDateTime": format!("2026-01-01T00:00:0{second}.250Z"),
            "request": {
                "method": "GET", "url": format!("https://shop.test{target}"),
                "headers": [{"name": "Authorization", "value": format!("Bearer {token}")}],
            },
            "response": {"status": 200, "content": {"mimeType": "application/json", "text": reply}},
        })
    };
    let entries = [
        entry(1, "/orders", "a1b2c3d4", "{\"id\":7}"),
        entry(2, "/orders", "e5f6a7b8", "{\"id\":8}"),
        entry(3, "/orders/7", "a1b2c3d4", "{}"),
    ];
    serde_json::json!({"log": {"entries": entries}}).to_string()
}
