//! A small HTTP/1.1 client that keeps one connection, a cookie jar and a bearer token, as one user's program does. It reads
//! no chunks, since the shop sends none. Its main type is [`Client`].

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use percent_encoding::{AsciiSet, CONTROLS};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::har::{Entry, Reply};
use crate::{clock, counter};

/// What has a meaning of its own in a form, or in base64.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'&').add(b'+').add(b'=').add(b'/');

/// One user.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    host: String,
    connection: usize,
    agent: &'static str,
    jar: BTreeMap<String, String>,
    /// What the `Authorization` header says, once there is a token.
    pub bearer: Option<String>,
    /// All that was said.
    pub entries: Vec<Entry>,
}

impl Client {
    /// Somebody with a browser.
    pub async fn browser(address: SocketAddr, connection: usize) -> io::Result<Self> {
        Self::connect(address, connection, "Mozilla/5.0 (X11; Linux x86_64) Demo/1.0").await
    }

    /// A program.
    pub async fn program(address: SocketAddr, connection: usize) -> io::Result<Self> {
        Self::connect(address, connection, "demo-client/1.0").await
    }

    async fn connect(address: SocketAddr, connection: usize, agent: &'static str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let (host, jar) = (address.to_string(), BTreeMap::new());
        Ok(Self { stream, host, connection, agent, jar, bearer: None, entries: Vec::new() })
    }

    /// GET.
    pub async fn get(&mut self, target: &str) -> io::Result<Reply> {
        self.send("GET", target, &[], None).await
    }

    /// GET with one more header.
    pub async fn get_with(&mut self, target: &str, name: &str, value: &str) -> io::Result<Reply> {
        self.send("GET", target, &[(name, value)], None).await
    }

    /// DELETE.
    pub async fn delete(&mut self, target: &str) -> io::Result<Reply> {
        self.send("DELETE", target, &[], None).await
    }

    /// Any method with a JSON body.
    pub async fn json(&mut self, method: &str, target: &str, body: &Value) -> io::Result<Reply> {
        self.send(method, target, &[("content-type", "application/json")], Some(body.to_string())).await
    }

    /// Any method with a JSON body and one more header.
    pub async fn json_with(
        &mut self,
        method: &str,
        target: &str,
        body: &Value,
        (name, value): (&str, &str),
    ) -> io::Result<Reply> {
        self.send(method, target, &[("content-type", "application/json"), (name, value)], Some(body.to_string())).await
    }

    /// POST of a form.
    pub async fn form(&mut self, target: &str, fields: &[(&str, &str)]) -> io::Result<Reply> {
        let escaped = |value| percent_encoding::utf8_percent_encode(value, ESCAPED);
        let body =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&");
        self.send("POST", target, &[("content-type", "application/x-www-form-urlencoded")], Some(body)).await
    }

    async fn send(
        &mut self,
        method: &str,
        target: &str,
        more: &[(&str, &str)],
        body: Option<String>,
    ) -> io::Result<Reply> {
        let headers = self.headers(more, body.as_deref());
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
        let message = format!("{method} {target} HTTP/1.1\r\n{lines}\r\n{}", body.as_deref().unwrap_or_default());
        let started = clock::now_ms();
        self.stream.write_all(message.as_bytes()).await?;
        let reply = self.read().await?;
        self.keep_cookies(&reply);
        self.entries.push(Entry {
            started,
            took: clock::now_ms() - started,
            connection: self.connection,
            method: method.to_owned(),
            url: format!("http://{}{target}", self.host),
            headers,
            body,
            reply: reply.clone(),
        });
        Ok(reply)
    }

    fn headers(&self, more: &[(&str, &str)], body: Option<&str>) -> Vec<(String, String)> {
        let mut headers = vec![("Host", self.host.clone()), ("User-Agent", self.agent.to_owned())];
        if !self.jar.is_empty() {
            let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.push(("Cookie", cookies.join("; ")));
        }
        if let Some(token) = &self.bearer {
            headers.push(("Authorization", format!("Bearer {token}")));
        }
        headers.extend(more.iter().map(|&(name, value)| (name, value.to_owned())));
        if let Some(body) = body {
            headers.push(("Content-Length", body.len().to_string()));
        }
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    async fn read(&mut self) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        let (mut reply, start) = loop {
            if let Some(head) = head(&bytes)? {
                break head;
            }
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let bodiless = matches!(reply.status, 204 | 304);
        let length =
            reply.header("content-length").filter(|_| !bodiless).and_then(|text| text.parse().ok()).unwrap_or(0);
        while bytes.len() < start + length {
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let body = &bytes[start..start + length];
        let is_compressed = reply.header("content-encoding") == Some("gzip");
        let body = if is_compressed { &counter::decompressed(body) } else { body };
        reply.body = String::from_utf8_lossy(body).into_owned();
        Ok(reply)
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        let given = reply.headers.iter().filter(|(name, _)| name == "set-cookie");
        for (name, value) in given.filter_map(|(_, cookie)| cookie.split(';').next()?.split_once('=')) {
            if value.is_empty() {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The reply's head and where its body begins, once the head is whole.
fn head(bytes: &[u8]) -> io::Result<Option<(Reply, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(start) = parsed.parse(bytes).map_err(io::Error::other)? else { return Ok(None) };
    let headers = parsed
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let reason = parsed.reason.unwrap_or_default().to_owned();
    Ok(Some((Reply { status: parsed.code.unwrap_or(0), reason, headers, body: String::new() }, start)))
}
