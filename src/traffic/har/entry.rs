//! One HAR entry to a call and its reply, or the reason why it is none.

use serde_json::Value;

use super::headers::{add_cookies, add_set_cookies, is_token, metadata, string};
use super::{Entry, body, target, time};
use crate::model::{Body, Call, HttpVersion, Metadata, Reply, Via};

/// What becomes of an entry.
pub(super) enum Fate {
    /// It is an exchange.
    Kept(Box<Entry>),
    /// It is something else, and rightly there.
    Skipped(String),
    /// It makes no sense.
    Bad(String),
}

/// Reads one entry; `note` takes what is remarkable about it.
pub(super) fn fate(mut raw: Value, note: &mut dyn FnMut(String)) -> Fate {
    let (request, mut response) = (taken(&mut raw, "request"), taken(&mut raw, "response"));
    let Some(mut request) = request.filter(Value::is_object) else {
        return Fate::Bad("it has no `request`".to_owned());
    };
    let Some(url) = string(&request, "url") else { return Fate::Bad("its request has no `url`".to_owned()) };
    match target::scheme(&url).as_deref() {
        Some("http" | "https") | None => {}
        Some(scheme @ ("ws" | "wss")) => {
            return Fate::Skipped(format!("a WebSocket ({scheme}:), not replayed by this release"));
        }
        Some(scheme) => return Fate::Skipped(format!("a {scheme}: URL, which goes to no server under test")),
    }
    let status = response.as_ref().and_then(status);
    if status == Some(101) || raw.get("_webSocketMessages").is_some() {
        return Fate::Skipped("a WebSocket, not replayed by this release".to_owned());
    }
    let Some(method) = string(&request, "method").filter(|method| is_token(method)) else {
        return Fate::Bad("its request has no `method` that is one".to_owned());
    };
    if method == "CONNECT" {
        return Fate::Skipped("a CONNECT to a proxy, which goes to no server under test".to_owned());
    }
    let url = match target::split(&url) {
        Ok(url) => url,
        Err(why) => return Fate::Bad(why),
    };
    let call = call(&mut request, method, &url, note);
    let status = status.filter(|status| *status != 0);
    let reply = response.as_mut().zip(status).map(|(response, status)| reply(response, status, &call.method, note));
    Fate::Kept(Box::new(Entry {
        call,
        reply,
        started: string(&raw, "startedDateTime").and_then(|text| time::nanoseconds(&text)),
        connection: connection(&raw).filter(|_| !is_browsers(&raw)),
        session: string(&raw, "_straddleSession"),
        via: Via { connection: connection(&raw), http: http(&request) },
        origin: url.origin,
    }))
}

fn taken(value: &mut Value, key: &str) -> Option<Value> {
    value.get_mut(key).map(Value::take)
}

/// A browser has many connections and one user: its connections tell nothing of who it is.
fn is_browsers(raw: &Value) -> bool {
    ["pageref", "_initiator", "_resourceType"].iter().any(|key| raw.get(key).is_some())
}

fn connection(raw: &Value) -> Option<String> {
    string(raw, "connection").filter(|connection| !connection.is_empty() && connection != "0")
}

/// `HTTP/2.0`, `http/2.0` and `h2` are all met.
fn http(request: &Value) -> HttpVersion {
    match string(request, "httpVersion").unwrap_or_default().to_ascii_lowercase().as_str() {
        "h2" | "http/2" | "http/2.0" => HttpVersion::Http2,
        "http/1.0" => HttpVersion::Http10,
        _ => HttpVersion::Http11,
    }
}

/// None where there is no number that can be a status.
fn status(response: &Value) -> Option<u16> {
    string(response, "status")?.trim().parse().ok().filter(|status| *status <= 999)
}

fn call(request: &mut Value, method: String, url: &target::Url, note: &mut dyn FnMut(String)) -> Call {
    let mut metadata = metadata(request);
    if !metadata.has("host") {
        metadata = std::iter::once(("Host", url.authority.as_str())).chain(metadata.iter()).collect();
    }
    add_cookies(request, &mut metadata);
    let body = body::of_request(request, &method, &mut metadata, note);
    Call { method, target: url.target.clone(), metadata, body }
}

fn reply(response: &mut Value, status: u16, method: &str, note: &mut dyn FnMut(String)) -> Reply {
    let mut metadata = metadata(response);
    add_set_cookies(response, &mut metadata);
    if !metadata.has("content-type")
        && let Some(media) =
            response.get("content").and_then(|content| string(content, "mimeType")).filter(|media| media.contains('/'))
    {
        metadata.push("Content-Type", media);
    }
    let bodiless = method == "HEAD" || matches!(status, 100..=199 | 204 | 304);
    let body = if bodiless { Body::Empty } else { body::of_response(response, note) };
    Reply { status, metadata, body, trailers: Metadata::new() }
}
