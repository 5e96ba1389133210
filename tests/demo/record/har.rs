//! HAR 1.2, one entry a line, so that a diff of two recordings can be read; without the fields that only repeat others or say
//! nothing.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::clock;

/// A request and its reply.
#[derive(Debug)]
pub struct Entry {
    /// When the request went out, in milliseconds since 1970.
    pub started: u64,
    /// How long the reply took, in milliseconds.
    pub took: u64,
    /// The connection's number.
    pub connection: usize,
    /// The request's method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The request's headers.
    pub headers: Vec<(String, String)>,
    /// What the request carries.
    pub body: Option<String>,
    /// The reply.
    pub reply: Reply,
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status code.
    pub status: u16,
    /// Its reason phrase.
    pub reason: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its text.
    pub body: String,
}

impl Reply {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// The file that holds these.
pub fn file(entries: &[Entry]) -> String {
    let mut file = String::from(
        "{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": \"straddle-demo-shop\", \"version\": \"1\"}, \"entries\": [",
    );
    for (index, entry) in entries.iter().enumerate() {
        let _ = write!(file, "{}\n{}", if index == 0 { "" } else { "," }, line(entry));
    }
    file.push_str("\n]}}\n");
    file
}

fn line(entry: &Entry) -> Value {
    let mut request = json!({
        "method": entry.method,
        "url": entry.url,
        "httpVersion": "HTTP/1.1",
        "headers": pairs(&entry.headers),
    });
    if let Some(body) = &entry.body {
        let kind = header(&entry.headers, "content-type").unwrap_or_default();
        request["postData"] = json!({ "mimeType": kind, "text": body });
    }
    json!({
        "startedDateTime": clock::millis(entry.started, "Z"),
        "time": entry.took,
        "request": request,
        "response": {
            "status": entry.reply.status,
            "statusText": entry.reply.reason,
            "httpVersion": "HTTP/1.1",
            "headers": pairs(&entry.reply.headers),
            "content": {
                "size": entry.reply.body.len(),
                "mimeType": entry.reply.header("content-type").unwrap_or_default(),
                "text": entry.reply.body,
            },
        },
        "connection": entry.connection.to_string(),
    })
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn pairs(headers: &[(String, String)]) -> Vec<Value> {
    headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
