//! HTTP/1 messages as bytes: where one ends, and how a changed one is written. The main types are [`Request`] and [`Answer`].

use std::io::{BufRead, Read};

use super::encoding::{decoded, encoded};
use crate::mutate::reply::Reply;
use crate::steps::Failure;

/// A request, as it came.
pub struct Request {
    pub method: String,
    pub target: String,
    pub raw: Vec<u8>,
}

/// An answer, as it came.
pub struct Answer {
    /// All of its bytes, those of interim answers too.
    pub raw: Vec<u8>,
    /// The server closes the connection after it.
    pub closes: bool,
    /// Where the last head begins.
    head: Head,
    before: Vec<u8>,
    body: Vec<u8>,
    /// What stands after the last chunk: trailers and an empty line.
    after: Vec<u8>,
    framing: Framing,
}

#[derive(Debug, Clone, Default)]
struct Head {
    first: String,
    headers: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    None,
    Length,
    Chunked,
    Close,
}

impl Head {
    /// Reads up to the empty line; none where the connection ends before the first byte.
    fn read(from: &mut impl BufRead, raw: &mut Vec<u8>) -> Result<Option<Self>, Failure> {
        let mut head = Self::default();
        loop {
            let line = line(from, raw)?;
            match line.trim_end_matches(['\r', '\n']) {
                "" if line.is_empty() && head.first.is_empty() => return Ok(None),
                "" if head.first.is_empty() => {}
                "" => return Ok(Some(head)),
                text if head.first.is_empty() => text.clone_into(&mut head.first),
                text => {
                    let (name, value) = text.split_once(':').ok_or("a header without a colon")?;
                    head.headers.push((name.to_owned(), value.trim().to_owned()));
                }
            }
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str, word: &str) -> bool {
        self.get(name).is_some_and(|value| value.to_ascii_lowercase().contains(word))
    }
}

/// One line, every byte as the Latin-1 character that it is.
fn line(from: &mut impl BufRead, raw: &mut Vec<u8>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes)?;
    raw.extend_from_slice(&bytes);
    Ok(bytes.iter().map(|byte| char::from(*byte)).collect())
}

fn exactly(from: &mut impl Read, count: u64, raw: &mut Vec<u8>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if from.take(count).read_to_end(&mut bytes)? as u64 != count {
        return Err("the connection ends within a body".into());
    }
    raw.extend_from_slice(&bytes);
    Ok(bytes)
}

/// The body of a chunked message, and what stands after its last chunk.
fn chunks(from: &mut impl BufRead, raw: &mut Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let mut body = Vec::new();
    loop {
        let size = line(from, raw)?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        if size == 0 {
            let mut after = Vec::new();
            while !line(from, &mut after)?.trim_end().is_empty() {}
            raw.extend_from_slice(&after);
            return Ok((body, after));
        }
        body.extend_from_slice(&exactly(from, size, raw)?);
        line(from, raw)?;
    }
}

impl Request {
    /// Reads one; none where the connection ends.
    pub fn read(from: &mut impl BufRead) -> Result<Option<Self>, Failure> {
        let mut raw = Vec::new();
        let Some(head) = Head::read(from, &mut raw)? else { return Ok(None) };
        if head.has("transfer-encoding", "chunked") {
            chunks(from, &mut raw)?;
        } else if let Some(length) = head.get("content-length") {
            exactly(from, length.parse()?, &mut raw)?;
        }
        let mut words = head.first.split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        Ok(Some(Self { method: word(), target: word(), raw }))
    }
}

impl Answer {
    /// Reads one to a request of that method, after whatever interim answers there are.
    pub fn read(from: &mut impl BufRead, method: &str) -> Result<Self, Failure> {
        let mut raw = Vec::new();
        let (head, status, before) = loop {
            let before = raw.clone();
            let head = Head::read(from, &mut raw)?.ok_or("the server hangs up")?;
            let status: u16 = head.first.split(' ').nth(1).unwrap_or_default().parse()?;
            if !(100..200).contains(&status) {
                break (head, status, before);
            }
        };
        let (mut body, mut after) = (Vec::new(), b"\r\n".to_vec());
        let framing = if method == "HEAD" || matches!(status, 204 | 304) {
            Framing::None
        } else if head.has("transfer-encoding", "chunked") {
            (body, after) = chunks(from, &mut raw)?;
            Framing::Chunked
        } else if let Some(length) = head.get("content-length") {
            body = exactly(from, length.parse()?, &mut raw)?;
            Framing::Length
        } else {
            from.read_to_end(&mut body)?;
            raw.extend_from_slice(&body);
            Framing::Close
        };
        let old = head.first.starts_with("HTTP/1.0") && !head.has("connection", "keep-alive");
        let closes = framing == Framing::Close || old || head.has("connection", "close");
        Ok(Self { raw, closes, head, before, body, after, framing })
    }

    fn encoding(&self) -> &str {
        self.head.get("content-encoding").unwrap_or_default()
    }

    /// As a change sees it.
    pub fn reply(&self) -> Result<Reply, Failure> {
        Ok(Reply {
            status: self.head.first.split(' ').nth(1).unwrap_or_default().parse()?,
            headers: self.head.headers.clone(),
            body: decoded(self.encoding(), &self.body)?,
        })
    }

    /// The bytes of the changed one, framed as this one is.
    pub fn with(&self, changed: &Reply, original: &Reply) -> Result<Vec<u8>, Failure> {
        let body =
            if changed.body == original.body { self.body.clone() } else { encoded(self.encoding(), &changed.body)? };
        let mut out = self.before.clone();
        let mut first = self.head.first.clone();
        if changed.status != original.status {
            let version = first.split(' ').next().unwrap_or("HTTP/1.1");
            first = format!("{version} {} Changed", changed.status);
        }
        let mut text = format!("{first}\r\n");
        for (name, value) in &changed.headers {
            let is_length = name.eq_ignore_ascii_case("content-length") && self.framing == Framing::Length;
            let value = if is_length { body.len().to_string() } else { value.clone() };
            text.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
        }
        let had_none = self.framing == Framing::None && !matches!(changed.status, 204 | 304);
        if had_none && self.head.get("content-length").is_none() && !self.head.has("transfer-encoding", "chunked") {
            // Where an answer without a body becomes one of another status, its end has to be told.
            text.push_str("content-length: 0\r\n");
        }
        text.push_str("\r\n");
        out.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
        match self.framing {
            Framing::None => {}
            Framing::Length | Framing::Close => out.extend_from_slice(&body),
            Framing::Chunked => {
                if !body.is_empty() {
                    out.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
                    out.extend_from_slice(&body);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(b"0\r\n");
                out.extend_from_slice(&self.after);
            }
        }
        Ok(out)
    }
}
