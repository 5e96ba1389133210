//! The head of a message, as it crossed the wire: leniently, since it is read and not acted upon.

use crate::model::{HttpVersion, Metadata};

/// A head.
pub(super) struct Head {
    pub(super) first: First,
    pub(super) metadata: Metadata,
}

/// Its first line.
pub(super) enum First {
    Request { method: String, target: String, http: HttpVersion },
    Reply { status: u16 },
}

/// Reads a head; an error says why it is none.
pub(super) fn read(head: &[u8]) -> Result<Head, String> {
    let mut lines = head.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = first(lines.next().unwrap_or_default())?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            // A folded line goes on with the value above (RFC 9112, 5.2).
            if let Some((_, value)) = pairs.last_mut() {
                value.push(' ');
                value.push_str(&text(line.trim_ascii()));
            }
        } else if let Some(colon) = line.iter().position(|b| *b == b':').filter(|colon| *colon > 0) {
            pairs.push((text(line[..colon].trim_ascii()), text(line[colon + 1..].trim_ascii())));
        }
    }
    Ok(Head { first, metadata: Metadata::from_iter(pairs) })
}

fn first(line: &[u8]) -> Result<First, String> {
    let text = text(line);
    let wrong = || format!("`{}` is no first line of HTTP", shortened(&text));
    if text.starts_with("HTTP/") {
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
        return status.map(|status| First::Reply { status }).ok_or_else(wrong);
    }
    let (method, rest) = text.split_once(' ').ok_or_else(wrong)?;
    let (target, version) = rest.rsplit_once(' ').ok_or_else(wrong)?;
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_!#$&'*+.^|~".contains(&b))
    };
    if !version.starts_with("HTTP/") || !word(method) || target.is_empty() {
        return Err(wrong());
    }
    let http = match version {
        "HTTP/1.0" => HttpVersion::Http10,
        version if version.starts_with("HTTP/2") => HttpVersion::Http2,
        _ => HttpVersion::Http11,
    };
    Ok(First::Request { method: method.to_owned(), target: target.to_owned(), http })
}

/// The authority of a target in absolute form, and its origin form.
pub(super) fn origin_form(target: &str) -> (Option<&str>, &str) {
    let Some((scheme, rest)) = target.split_once("://") else { return (None, target) };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return (None, target);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let path = if rest[end..].starts_with('/') { &rest[end..] } else { "/" };
    (Some(&rest[..end]), path)
}

/// Bytes that are not UTF-8 are read as their Latin-1 characters.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

fn shortened(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}
