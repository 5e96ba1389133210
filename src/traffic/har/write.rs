//! A recording as HAR 1.2, entry by entry.
//!
//! What readers of HAR require is there: times, cookies, query strings, sizes; what a recording doesn't know stands as -1,
//! as the specification has it. Our own import takes the same exchanges back, but for what HAR has no place for:
//!
//! - bindings, which are found again, and sessions, which a field of our own names;
//! - trailers, and bodies in several frames, which become one;
//! - the content encoding of bodies: HAR holds texts without it. A body that can't be decoded stands as it is;
//! - when it was: a recording counts from its first call, so that entries count from 1970;
//! - that a call without a `Host` had none.

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::time;
use crate::model::{Body, Call, Exchange, HttpVersion, Metadata, Reply};
use crate::traffic::{Recording, TrafficError};
use crate::wire;

/// Where calls went of which nobody knows where.
const NOWHERE: &str = "recorded.invalid";

/// What became of a recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many entries were written.
    pub exchanges: u64,
    /// What HAR can't say of them.
    pub notes: Vec<String>,
}

/// Writes a recording as HAR. The outer error is the recording's, the inner one that of `out`.
pub fn export(recording: &Recording, out: &mut dyn Write) -> Result<io::Result<Exported>, TrafficError> {
    let mut lost = Lost::default();
    let creator = json!({"name": "straddle", "version": env!("CARGO_PKG_VERSION")});
    if let Err(error) = write!(out, "{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"pages\":[],\"entries\":[")
    {
        return Ok(Err(error));
    }
    let mut host = None;
    for exchange in recording.everything()? {
        let exchange = exchange?;
        let here = exchange.call.metadata.get("host").filter(|host| is_authority(host));
        // One server was recorded, whatever names it was called by: an import keeps what went to one origin.
        let host = host.get_or_insert_with(|| here.unwrap_or(NOWHERE).to_owned());
        let entry = entry(&exchange, host, &mut lost);
        let comma = if lost.exchanges == 0 { "\n" } else { ",\n" };
        lost.exchanges += 1;
        let written = out
            .write_all(comma.as_bytes())
            .and_then(|()| serde_json::to_writer(&mut *out, &entry).map_err(io::Error::from));
        if let Err(error) = written {
            return Ok(Err(error));
        }
    }
    let exchanges = lost.exchanges;
    let end = out.write_all(b"\n]}}\n").and_then(|()| out.flush());
    Ok(end.map(|()| Exported { exchanges, notes: lost.notes() }))
}

/// What there is no place for, counted.
#[derive(Default)]
struct Lost {
    exchanges: u64,
    bindings: u64,
    trailers: u64,
    frames: u64,
    encoded: u64,
    targets: u64,
    hostless: u64,
}

impl Lost {
    fn notes(&self) -> Vec<String> {
        let counted = |count: u64, one: &str, many: &str| {
            (count > 0).then(|| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") })
        };
        [
            counted(self.bindings, "binding is", "bindings are")
                .map(|what| format!("{what} left out: an import finds them again")),
            counted(self.trailers, "reply has trailers, which are", "replies have trailers, which are")
                .map(|what| format!("{what} left out")),
            counted(
                self.frames,
                "body has several frames, which become one",
                "bodies have several frames, which become one",
            ),
            counted(self.encoded, "request body is", "request bodies are")
                .map(|what| format!("{what} written without content encoding")),
            counted(self.targets, "target is", "targets are")
                .map(|what| format!("{what} no path, and can't be part of a URL as it stands")),
            counted(self.hostless, "call has no `Host`, and will have one", "calls have no `Host`, and will have one"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn entry(exchange: &Exchange, host: &str, lost: &mut Lost) -> Value {
    let Exchange { call, reply, via, .. } = exchange;
    lost.bindings += exchange.bindings.len() as u64;
    let http = match via.http {
        HttpVersion::Http10 => "HTTP/1.0",
        HttpVersion::Http11 => "HTTP/1.1",
        HttpVersion::Http2 => "HTTP/2.0",
    };
    let mut entry = json!({
        "startedDateTime": time::text(exchange.offset_ms),
        "time": 0,
        "request": request(call, host, http, lost),
        "response": reply.as_ref().map_or_else(|| no_response(http), |reply| response(call, reply, http, lost)),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_straddleSession": exchange.session,
    });
    if let Some(connection) = &via.connection {
        entry["connection"] = connection.as_str().into();
    }
    entry
}

fn request(call: &Call, host: &str, http: &str, lost: &mut Lost) -> Value {
    lost.hostless += u64::from(!call.metadata.has("host"));
    let slash = if call.target.starts_with('/') { "" } else { "/" };
    lost.targets += u64::from(!slash.is_empty() || call.target.contains('#'));
    let cookies = call.metadata.all("cookie").flat_map(|header| header.split(';'));
    let cookies: Vec<Value> = cookies
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let query = call.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let query: Vec<Value> = query
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            json!({"name": decoded(name), "value": decoded(value)})
        })
        .collect();
    let mut request = json!({
        "method": call.method,
        "url": format!("http://{host}{slash}{}", call.target),
        "httpVersion": http,
        "cookies": cookies,
        "headers": headers(&call.metadata),
        "queryString": query,
        "headersSize": -1,
        "bodySize": -1,
    });
    lost.frames += u64::from(matches!(&call.body, Body::Frames(frames) if frames.len() > 1));
    let Some(bytes) = call.body.bytes() else { return request };
    request["bodySize"] = bytes.len().into();
    if bytes.is_empty() {
        return request;
    }
    let encodings: Vec<&str> = call.metadata.all("content-encoding").collect();
    lost.encoded += u64::from(!encodings.is_empty());
    let mut post = json!({"mimeType": call.metadata.get("content-type").unwrap_or_default()});
    put(&mut post, &plain(&call.metadata, &call.body, &bytes), "_encoding");
    request["postData"] = post;
    request
}

fn response(call: &Call, reply: &Reply, http: &str, lost: &mut Lost) -> Value {
    lost.trailers += u64::from(!reply.trailers.is_empty());
    lost.frames += u64::from(matches!(&reply.body, Body::Frames(frames) if frames.len() > 1));
    let set = reply.metadata.all("set-cookie").filter_map(|header| header.split(';').next()?.trim().split_once('='));
    let cookies: Vec<Value> = set.map(|(name, value)| json!({"name": name, "value": value})).collect();
    let mut content = json!({"size": -1, "mimeType": reply.metadata.get("content-type").unwrap_or("x-unknown")});
    let raw = reply.body.bytes();
    if let Some(bytes) = raw.as_deref() {
        let plain = plain(&reply.metadata, &reply.body, bytes);
        content["size"] = plain.len().into();
        if !plain.is_empty() {
            put(&mut content, &plain, "encoding");
        }
    }
    let size = raw.filter(|_| call.method != "HEAD").map_or(json!(-1), |bytes| bytes.len().into());
    json!({
        "status": reply.status,
        "statusText": "",
        "httpVersion": http,
        "cookies": cookies,
        "headers": headers(&reply.metadata),
        "content": content,
        "redirectURL": reply.metadata.get("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": size,
    })
}

/// HAR's way of saying that none came.
fn no_response(http: &str) -> Value {
    json!({
        "status": 0, "statusText": "", "httpVersion": http, "cookies": [], "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
    })
}

fn headers(metadata: &Metadata) -> Vec<Value> {
    metadata.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// A body without its content encoding, where that can be taken off.
fn plain<'b>(metadata: &Metadata, body: &Body, raw: &'b [u8]) -> Cow<'b, [u8]> {
    let encodings: Vec<&str> = metadata.all("content-encoding").collect();
    if encodings.is_empty() {
        return Cow::Borrowed(raw);
    }
    let content = wire::content(None, &encodings, body, true);
    content.bytes.filter(|_| content.trouble.is_none()).map_or(Cow::Borrowed(raw), |bytes| Cow::Owned(bytes.to_vec()))
}

/// Puts a text there, or base64 where the bytes are none.
fn put(value: &mut Value, bytes: &[u8], encoding: &str) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        value["text"] = text.into();
    } else {
        value["text"] = STANDARD.encode(bytes).into();
        value[encoding] = "base64".into();
    }
}

fn decoded(raw: &str) -> String {
    percent_encoding::percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Whether a `Host` can stand in a URL.
fn is_authority(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|b| b.is_ascii_graphic() && !b"/?#@\\".contains(&b))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::model::Via;
    use crate::traffic::{Writer, import, open};

    fn exchange(index: u64, call: Call, reply: Option<Reply>, via: Via) -> Exchange {
        // Two users, who show nothing of that.
        Exchange {
            index,
            session: index % 2,
            last: false,
            offset_ms: index * 1_500,
            call,
            reply,
            bindings: vec![],
            used: vec![],
            via,
        }
    }

    fn exported(exchanges: &[Exchange]) -> (Value, Exported, Vec<Exchange>) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut writer = Writer::create(&path("a.jsonl"), false).unwrap();
        for exchange in exchanges {
            writer.push(exchange).unwrap();
        }
        writer.finish().unwrap();
        let mut har = Vec::new();
        let exported = export(&open(&path("a.jsonl")).unwrap(), &mut har).unwrap().unwrap();
        std::fs::write(path("a.har"), &har).unwrap();
        import(&[path("a.har")], &path("b.jsonl")).unwrap();
        let again = open(&path("b.jsonl")).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
        (serde_json::from_slice(&har).unwrap(), exported, again)
    }

    fn metadata(pairs: &[(&str, &str)]) -> Metadata {
        [("Host", "shop.test:8080")].iter().chain(pairs).copied().collect()
    }

    fn call(method: &str, target: &str, pairs: &[(&str, &str)], body: Body) -> Call {
        Call { method: method.to_owned(), target: target.to_owned(), metadata: metadata(pairs), body }
    }

    fn reply(status: u16, pairs: &[(&str, &str)], body: Body) -> Reply {
        Reply { status, metadata: pairs.iter().copied().collect(), body, trailers: Metadata::new() }
    }

    #[test]
    fn an_import_takes_the_same_exchanges_back() {
        let json = ("Content-Type", "application/json");
        let binary = || Body::of(Bytes::from_static(b"\xff\0\x80"));
        let h2 = Via { connection: Some("7".to_owned()), http: HttpVersion::Http2 };
        let h1 = Via { connection: None, http: HttpVersion::Http10 };
        let exchanges = [
            exchange(
                0,
                call("GET", "/a?x=%7e&y=+&x", &[("Cookie", "a=b; c=d")], Body::Empty),
                Some(reply(200, &[json, ("Set-Cookie", "s=1; Path=/"), ("Set-Cookie", "t=2")], Body::of("{\"ü\":1}"))),
                h2,
            ),
            exchange(
                1,
                call("POST", "//b/../c", &[json, ("Content-Length", "2")], Body::of("{}")),
                Some(reply(201, &[("Location", "/b")], Body::Empty)),
                h1.clone(),
            ),
            exchange(
                2,
                call("PUT", "/bin", &[("Content-Type", "image/png"), ("Content-Length", "3")], binary()),
                Some(reply(200, &[("Content-Type", "image/png")], binary())),
                Via::default(),
            ),
            exchange(3, call("DELETE", "/d", &[], Body::Empty), None, Via::default()),
            exchange(4, call("HEAD", "/e", &[], Body::Empty), Some(reply(204, &[], Body::Empty)), Via::default()),
            exchange(
                5,
                call("POST", "/f", &[("Content-Length", "9")], Body::Unknown),
                Some(reply(200, &[json], Body::Unknown)),
                Via::default(),
            ),
        ];
        let (har, exported, again) = exported(&exchanges);
        assert_eq!(exported, Exported { exchanges: 6, notes: vec![] });
        for (was, is) in exchanges.iter().zip(&again) {
            let is = Exchange { last: was.last, ..is.clone() };
            assert_eq!(&is, was);
        }
        assert_eq!(again.len(), exchanges.len());
        for (at, expected) in [
            ("/log/version", json!("1.2")),
            ("/log/entries/1/startedDateTime", json!("1970-01-01T00:00:01.500Z")),
            ("/log/entries/0/request/url", json!("http://shop.test:8080/a?x=%7e&y=+&x")),
            ("/log/entries/0/request/queryString/0/value", json!("~")),
            ("/log/entries/0/request/cookies/1/name", json!("c")),
            ("/log/entries/0/response/httpVersion", json!("HTTP/2.0")),
            ("/log/entries/0/timings/wait", json!(0)),
            ("/log/entries/1/response/redirectURL", json!("/b")),
        ] {
            assert_eq!(har.pointer(at), Some(&expected), "{at}");
        }
        for key in ["startedDateTime", "time", "request", "response", "cache", "timings"] {
            assert!(har["log"]["entries"].as_array().unwrap().iter().all(|entry| entry.get(key).is_some()), "{key}");
        }
    }

    #[test]
    fn what_there_is_no_place_for_is_said() {
        let mut odd = reply(200, &[("Content-Encoding", "identity")], Body::Frames(vec!["a".into(), "b".into()]));
        odd.trailers = Metadata::from_iter([("X", "1")]);
        let hostless = Call { method: "OPTIONS".to_owned(), target: "*".to_owned(), ..Call::default() };
        let (_, exported, again) = exported(&[
            exchange(
                0,
                call("POST", "/", &[("Content-Encoding", "gzip")], Body::of("no gzip")),
                Some(odd),
                Via::default(),
            ),
            exchange(1, hostless, None, Via::default()),
        ]);
        assert_eq!(
            exported.notes,
            [
                "1 reply has trailers, which are left out",
                "1 body has several frames, which become one",
                "1 request body is written without content encoding",
                "1 target is no path, and can't be part of a URL as it stands",
                "1 call has no `Host`, and will have one",
            ]
        );
        assert_eq!(again[0].reply.as_ref().map(|reply| &reply.body), Some(&Body::of("ab")));
        assert_eq!(again[0].call.body, Body::of("no gzip"));
    }
}
