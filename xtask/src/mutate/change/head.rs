//! Changes to what stands before a reply's body.

use super::super::reply::Reply;
use super::super::shape::{Shape, another};
use super::Kind;

/// Another status code, of the codes that a server could well answer instead.
pub fn status(reply: &mut Reply, salt: u64) -> bool {
    let others: &[u16] = match reply.status {
        200..300 => &[500, 404, 200, 201, 400, 202, 303, 405],
        300..400 => &[200, 301, 307, 500, 404],
        400..500 => &[404, 422, 500, 400, 200, 403],
        _ => &[200, 502, 400],
    };
    let others: Vec<u16> = others.iter().copied().filter(|other| *other != reply.status).collect();
    reply.status = others[index(salt, others.len())];
    true
}

/// A header dropped, or its value another.
pub fn header(reply: &mut Reply, name: &str, kind: Kind, salt: u64) -> bool {
    let before = reply.headers.clone();
    if kind == Kind::HeaderDropped {
        reply.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        return reply.headers != before;
    }
    let media = reply.media();
    let Some((_, value)) = reply.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
        return false;
    };
    let other = match kind {
        Kind::ContentType => Some(other_media(&media, salt)),
        Kind::Format => Shape::of(value).reformatted(value, salt),
        _ => another(value, salt),
    };
    if let Some(other) = other {
        *value = other;
    }
    reply.headers != before
}

fn other_media(media: &str, salt: u64) -> String {
    let others = ["text/html; charset=utf-8", "application/xml", "application/octet-stream", "application/json"];
    let others: Vec<&str> = others.into_iter().filter(|other| !other.starts_with(media)).collect();
    others[index(salt, others.len())].to_owned()
}

/// A cookie dropped, or one of its attributes.
pub fn cookie(reply: &mut Reply, name: &str, attribute: Option<&str>) -> bool {
    let before = reply.headers.clone();
    let sets = |(header, value): &(String, String)| {
        header.eq_ignore_ascii_case("set-cookie") && value.split('=').next().is_some_and(|known| known.trim() == name)
    };
    match attribute {
        None => reply.headers.retain(|pair| !sets(pair)),
        Some(attribute) => {
            for pair in reply.headers.iter_mut().filter(|pair| sets(pair)) {
                let is_other =
                    |part: &&str| !part.trim().split('=').next().unwrap_or_default().eq_ignore_ascii_case(attribute);
                let mut parts = pair.1.split(';');
                let first = parts.next().into_iter();
                pair.1 = first.chain(parts.filter(is_other)).collect::<Vec<_>>().join(";");
            }
        }
    }
    reply.headers != before
}

fn index(salt: u64, len: usize) -> usize {
    usize::try_from(salt).unwrap_or(0) % len.max(1)
}
