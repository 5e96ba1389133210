//! How long a message's body is by its own head, and what it is without its framing.

use super::head::First;
use crate::model::{Body, Metadata};

/// A body, if all of it is there.
pub(super) enum Whole {
    /// The body, and what came after it.
    Yes(Body, Metadata),
    No,
}

/// How many bytes follow the head; none where it does not say. `at` gives a byte behind the head, where there is one.
pub(super) fn length(first: &First, metadata: &Metadata, at: &mut dyn FnMut(usize) -> Option<u8>) -> Option<usize> {
    if let First::Reply { status: 100..=199 | 204 | 304 } = first {
        return Some(0);
    }
    if is_chunked(metadata) {
        return chunks(at, &mut |_| {}).map(|(_, end)| end);
    }
    match (metadata.get("content-length"), first) {
        (Some(length), _) => length.parse().ok(),
        (None, First::Request { .. }) => Some(0),
        (None, First::Reply { .. }) => None,
    }
}

/// The body out of what follows the head.
pub(super) fn body(first: &First, metadata: &Metadata, bytes: &[u8]) -> Whole {
    let whole = length(first, metadata, &mut |at| bytes.get(at).copied());
    if is_chunked(metadata) && !matches!(first, First::Reply { status: 100..=199 | 204 | 304 }) {
        let mut body = Vec::new();
        let end = chunks(&mut |at| bytes.get(at).copied(), &mut |range| {
            body.extend_from_slice(bytes.get(range).unwrap_or_default());
        });
        return match end {
            Some((data, end)) => Whole::Yes(Body::of(body), trailers(&bytes[data..end])),
            // Some tools join the chunks and keep the header.
            None if bytes.is_empty() || bytes[0].is_ascii_hexdigit() => Whole::No,
            None => Whole::Yes(Body::of(bytes.to_vec()), Metadata::new()),
        };
    }
    match whole {
        Some(length) if length > bytes.len() => Whole::No,
        Some(length) => Whole::Yes(Body::of(bytes[..length].to_vec()), Metadata::new()),
        None => Whole::Yes(Body::of(bytes.to_vec()), Metadata::new()),
    }
}

fn is_chunked(metadata: &Metadata) -> bool {
    metadata.all("transfer-encoding").any(|value| value.to_ascii_lowercase().contains("chunked"))
}

/// Goes through chunks and the trailers behind them; gives where the chunks and where the trailers end, and tells where
/// each chunk's data is.
fn chunks(
    at: &mut dyn FnMut(usize) -> Option<u8>,
    found: &mut dyn FnMut(std::ops::Range<usize>),
) -> Option<(usize, usize)> {
    let mut here = 0;
    loop {
        let (size, next) = size(at, here)?;
        here = next;
        if size == 0 {
            break;
        }
        let end = here.checked_add(size)?;
        // The last byte first, so that all before it is known to be there.
        at(end - 1)?;
        found(here..end);
        here = end;
        if at(here)? == b'\r' {
            here += 1;
        }
        if at(here)? != b'\n' {
            return None;
        }
        here += 1;
    }
    // Trailers, then an empty line.
    let data = here;
    let mut line = 0;
    loop {
        let byte = at(here)?;
        here += 1;
        match byte {
            b'\n' if line == 0 => return Some((data, here)),
            b'\n' => line = 0,
            b'\r' => {}
            _ => line += 1,
        }
    }
}

/// A chunk's size, and where its data begins.
fn size(at: &mut dyn FnMut(usize) -> Option<u8>, from: usize) -> Option<(usize, usize)> {
    let mut size: usize = 0;
    let mut here = from;
    while let Some(digit) = char::from(at(here)?).to_digit(16) {
        size = size.checked_mul(16)?.checked_add(digit as usize)?;
        here += 1;
    }
    if here == from {
        return None;
    }
    // Extensions say nothing of the body.
    while at(here)? != b'\n' {
        here += 1;
        if here > from + 4096 {
            return None;
        }
    }
    Some((size, here + 1))
}

/// What stands between the last chunk and the end.
fn trailers(bytes: &[u8]) -> Metadata {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}
