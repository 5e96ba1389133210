//! Content encodings off: gzip, deflate (zlib's and raw), brotli, zstd, one or several, within a limit.
//!
//! Replies of a live build are decoded strictly; recordings leniently, since browsers write bodies that are decoded already
//! beside headers that say otherwise.

use std::io::Read;

use bytes::Bytes;

/// The longest that a body may become, in bytes.
pub const MAX_DECODED: u64 = 64 << 20;
/// How many encodings may lie upon each other; more is nothing that a server does in earnest.
const MAX_STACKED: usize = 8;

/// The encodings that the values of `Content-Encoding` name, in the order in which they were put on.
pub fn named<'a>(values: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    values
        .into_iter()
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect()
}

/// The bytes with all `encodings` taken off, the last first, or why one of them can't be.
pub fn decode(encodings: &[String], bytes: &Bytes, limit: u64) -> Result<Bytes, String> {
    if encodings.len() > MAX_STACKED {
        return Err(format!("{} content encodings upon each other", encodings.len()));
    }
    let mut bytes = bytes.clone();
    // An empty body has no encoding: HEAD, 304, and servers that only say so.
    for encoding in encodings.iter().rev().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
        bytes = take_off(encoding, &bytes, limit)?;
    }
    Ok(bytes)
}

/// Like [`decode`], for a recording: where bytes don't look encoded they are taken as they are. A trouble is told only
/// where they look encoded, and don't decode.
pub fn decode_lenient(encodings: &[String], bytes: &Bytes) -> (Bytes, Option<String>) {
    let mut bytes = bytes.clone();
    for encoding in encodings.iter().rev().take(MAX_STACKED) {
        if bytes.is_empty() || !may_be(encoding, &bytes) {
            return (bytes, None);
        }
        match take_off(encoding, &bytes, MAX_DECODED) {
            Ok(decoded) => bytes = decoded,
            Err(trouble) => {
                let sure = has_magic(encoding, &bytes);
                return (bytes, sure.then_some(trouble));
            }
        }
    }
    (bytes, None)
}

fn take_off(encoding: &str, bytes: &[u8], limit: u64) -> Result<Bytes, String> {
    match encoding {
        "gzip" | "x-gzip" => drain(encoding, flate2::read::MultiGzDecoder::new(bytes), limit),
        "deflate" if is_zlib(bytes) => drain(encoding, flate2::read::ZlibDecoder::new(bytes), limit)
            .or_else(|trouble| drain(encoding, flate2::read::DeflateDecoder::new(bytes), limit).map_err(|_| trouble)),
        "deflate" => drain(encoding, flate2::read::DeflateDecoder::new(bytes), limit),
        "br" => drain(encoding, brotli::Decompressor::new(bytes, 4096), limit),
        "zstd" => {
            let decoder = zstd::stream::read::Decoder::with_buffer(bytes).and_then(|mut decoder| {
                // A frame may ask for a window of gigabytes; none that is decoded here needs more than the result.
                decoder.window_log_max(26)?;
                Ok(decoder)
            });
            drain(encoding, decoder.map_err(|error| format!("not {encoding}: {error}"))?, limit)
        }
        other => Err(format!("content encoding `{other}` is not known")),
    }
}

fn drain(encoding: &str, from: impl Read, limit: u64) -> Result<Bytes, String> {
    let mut decoded = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut decoded).map_err(|error| format!("not {encoding}: {error}"))?;
    if decoded.len() as u64 > limit {
        return Err(format!("{encoding} that decodes to more than {limit} bytes"));
    }
    Ok(decoded.into())
}

/// Whether the bytes may be of that encoding. Brotli and raw deflate have no magic number, but hardly ever look like text.
fn may_be(encoding: &str, bytes: &[u8]) -> bool {
    match encoding {
        "br" | "deflate" => has_magic(encoding, bytes) || !is_plain_text(bytes),
        _ => has_magic(encoding, bytes),
    }
}

fn has_magic(encoding: &str, bytes: &[u8]) -> bool {
    match encoding {
        "gzip" | "x-gzip" => bytes.starts_with(&[0x1f, 0x8b]),
        "deflate" => is_zlib(bytes) && !is_plain_text(bytes),
        "zstd" => bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        _ => false,
    }
}

fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)).is_multiple_of(31))
}

fn is_plain_text(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')))
}
