//! Content encodings off: gzip, deflate (zlib's and raw), brotli, zstd, one or several, within a limit.
//!
//! Replies of a live build are decoded strictly; recordings leniently, since browsers write bodies that are decoded already
//! beside headers that say otherwise.

use std::io::{self, Read};

use bytes::Bytes;

/// The longest that a body may become, in bytes: four cells hold one each, and all else has to fit beside them.
pub const MAX_DECODED: u64 = 32 << 20;
/// How many times its size a body may become, once it is longer than [`RATIO_FREE`]. gzip can't do more than 1032.
const MAX_RATIO: u64 = 2000;
/// What a body may become whatever its ratio, in bytes.
const RATIO_FREE: u64 = 4 << 20;
/// The most members of one gzip file to read. Each costs time though it may hold nothing.
const MAX_MEMBERS: usize = 10_000;
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

/// What can be decoded of a body that is cut off somewhere.
pub fn decode_part(encodings: &[String], bytes: &[u8]) -> Bytes {
    let mut bytes = Bytes::copy_from_slice(bytes);
    for encoding in encodings.iter().rev().take(MAX_STACKED) {
        let mut decoded = Vec::new();
        let from: Box<dyn Read + '_> = match encoding.as_str() {
            "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(&bytes[..])),
            "deflate" if is_zlib(&bytes) => Box::new(flate2::read::ZlibDecoder::new(&bytes[..])),
            "deflate" => Box::new(flate2::read::DeflateDecoder::new(&bytes[..])),
            "br" => Box::new(brotli::Decompressor::new(&bytes[..], 4096)),
            "zstd" => match zstd::stream::read::Decoder::with_buffer(&bytes[..]) {
                Ok(frames) => Box::new(frames),
                Err(_) => return Bytes::new(),
            },
            _ => return bytes,
        };
        // Where it ends it was cut; what came before that is what was sent.
        let _ = from.take(MAX_DECODED).read_to_end(&mut decoded);
        bytes = decoded.into();
    }
    bytes
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
    let by_ratio = RATIO_FREE.max((bytes.len() as u64).saturating_mul(MAX_RATIO));
    match decoded(encoding, bytes, limit.min(by_ratio)) {
        Err(Trouble::TooLong) if by_ratio < limit => {
            Err(format!("{encoding} that decodes to more than {MAX_RATIO} times its size"))
        }
        Err(Trouble::TooLong) => Err(format!("{encoding} that decodes to more than {limit} bytes")),
        Err(Trouble::Not(why)) => Err(why),
        Ok(decoded) => Ok(decoded.into()),
    }
}

/// Why an encoding doesn't come off.
enum Trouble {
    /// There is more than is taken.
    TooLong,
    /// It is something else, or cut short.
    Not(String),
}

impl Trouble {
    fn not(encoding: &str, error: &io::Error) -> Self {
        Self::Not(format!("not {encoding}: {error}"))
    }
}

fn decoded(encoding: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, Trouble> {
    match encoding {
        "gzip" | "x-gzip" => members(encoding, bytes, limit),
        "deflate" if is_zlib(bytes) => drain(encoding, flate2::read::ZlibDecoder::new(bytes), limit)
            .or_else(|trouble| drain(encoding, flate2::read::DeflateDecoder::new(bytes), limit).map_err(|_| trouble)),
        "deflate" => drain(encoding, flate2::read::DeflateDecoder::new(bytes), limit),
        "br" => drain(encoding, brotli::Decompressor::new(bytes, 4096), limit),
        "zstd" => {
            let decoder = zstd::stream::read::Decoder::with_buffer(bytes).and_then(|mut decoder| {
                // A frame may ask for a window of gigabytes; HTTP allows one of 8 MiB (RFC 9659).
                decoder.window_log_max(23)?;
                Ok(decoder)
            });
            drain(encoding, decoder.map_err(|error| Trouble::not(encoding, &error))?, limit)
        }
        other => Err(Trouble::Not(format!("content encoding `{}` is not known", other.escape_debug()))),
    }
}

fn drain(encoding: &str, from: impl Read, limit: u64) -> Result<Vec<u8>, Trouble> {
    let mut decoded = Vec::new();
    fill(encoding, from, limit, &mut decoded)?;
    Ok(decoded)
}

fn fill(encoding: &str, from: impl Read, limit: u64, into: &mut Vec<u8>) -> Result<(), Trouble> {
    let room = limit.saturating_add(1).saturating_sub(into.len() as u64);
    from.take(room).read_to_end(into).map_err(|error| Trouble::not(encoding, &error))?;
    if into.len() as u64 > limit { Err(Trouble::TooLong) } else { Ok(()) }
}

/// The members of a gzip file, one after the other; what tools pad the last with is none.
fn members(encoding: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, Trouble> {
    let mut rest = bytes;
    let mut decoded = Vec::new();
    for _ in 0..MAX_MEMBERS {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        fill(encoding, &mut member, limit, &mut decoded)?;
        rest = member.into_inner();
        if rest.iter().all(|byte| *byte == 0) {
            return Ok(decoded);
        }
    }
    Err(Trouble::Not(format!("{encoding} of more than {MAX_MEMBERS} members")))
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "{\"greeting\":\"hello hello hello hello\"}";

    fn encoded(encoding: &str, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match encoding {
            "gzip" => flate2::read::GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut out).unwrap(),
            "zlib" => flate2::read::ZlibEncoder::new(bytes, Compression::fast()).read_to_end(&mut out).unwrap(),
            "raw" => flate2::read::DeflateEncoder::new(bytes, Compression::fast()).read_to_end(&mut out).unwrap(),
            "br" => {
                let mut writer = brotli::CompressorWriter::new(&mut out, 4096, 5, 20);
                writer.write_all(bytes).unwrap();
                drop(writer);
                0
            }
            "zstd" => {
                out = zstd::encode_all(bytes, 3).unwrap();
                0
            }
            _ => unreachable!("{encoding}"),
        };
        out
    }

    fn check(header: &str, bytes: Vec<u8>, expected: Result<&str, &str>) {
        let decoded = decode(&named([header]), &Bytes::from(bytes), 1000);
        let decoded = decoded.as_ref().map(|bytes| str::from_utf8(bytes).unwrap()).map_err(String::as_str);
        match (decoded, expected) {
            (Err(got), Err(start)) => assert!(got.starts_with(start), "{header}: {got}"),
            (got, expected) => assert_eq!(got, expected, "{header}"),
        }
    }

    #[test]
    fn each_encoding_comes_off() {
        check("gzip", encoded("gzip", TEXT.as_bytes()), Ok(TEXT));
        check("X-GZIP", encoded("gzip", TEXT.as_bytes()), Ok(TEXT));
        check("gzip", [encoded("gzip", b"one "), encoded("gzip", b"two")].concat(), Ok("one two"));
        check("gzip", [encoded("gzip", b"padded"), vec![0; 100]].concat(), Ok("padded"));
        check("deflate", encoded("zlib", TEXT.as_bytes()), Ok(TEXT));
        check("deflate", encoded("raw", TEXT.as_bytes()), Ok(TEXT));
        check("br", encoded("br", TEXT.as_bytes()), Ok(TEXT));
        check("zstd", encoded("zstd", TEXT.as_bytes()), Ok(TEXT));
        check("identity", TEXT.into(), Ok(TEXT));
        check("", TEXT.into(), Ok(TEXT));
    }

    #[test]
    fn encodings_upon_each_other_come_off_the_last_first() {
        let bytes = encoded("br", &encoded("gzip", TEXT.as_bytes()));
        check("gzip, br", bytes.clone(), Ok(TEXT));
        check("gzip,identity , br", bytes.clone(), Ok(TEXT));
        check("br, gzip", bytes, Err("not gzip: "));
        check(&"gzip,".repeat(9), TEXT.into(), Err("9 content encodings upon each other"));
    }

    #[test]
    fn an_empty_body_has_no_encoding() {
        for encoding in ["gzip", "deflate", "br", "zstd"] {
            check(encoding, Vec::new(), Ok(""));
        }
    }

    #[test]
    fn what_is_cut_short_or_something_else_is_a_trouble() {
        for (header, encoding) in
            [("gzip", "gzip"), ("deflate", "zlib"), ("deflate", "raw"), ("br", "br"), ("zstd", "zstd")]
        {
            let mut bytes = encoded(encoding, TEXT.as_bytes());
            bytes.truncate(bytes.len() - 5);
            check(header, bytes, Err(&format!("not {header}: ")));
            check(header, TEXT.into(), Err(&format!("not {header}: ")));
        }
        check("lzma", TEXT.into(), Err("content encoding `lzma` is not known"));
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let zeros = vec![0; 4 << 20];
        for (header, encoding) in
            [("gzip", "gzip"), ("deflate", "zlib"), ("deflate", "raw"), ("br", "br"), ("zstd", "zstd")]
        {
            check(header, encoded(encoding, &zeros), Err(&format!("{header} that decodes to more than 1000 bytes")));
        }
        let zeros = Bytes::from(encoded("br", &vec![0; 8 << 20]));
        let trouble = decode(&named(["br"]), &zeros, MAX_DECODED).map(|bytes| bytes.len());
        assert_eq!(trouble, Err("br that decodes to more than 2000 times its size".to_owned()));
        let empty = encoded("gzip", b"").repeat(10_001);
        check("gzip", empty, Err("gzip of more than 10000 members"));
        // Two zstd frames of one `x`, which ask for a window of 8 and of 16 MiB.
        let frame = |window: u8| vec![0x28, 0xb5, 0x2f, 0xfd, 0, window, 9, 0, 0, b'x'];
        check("zstd", frame(13 << 3), Ok("x"));
        check("zstd", frame(14 << 3), Err("not zstd: "));
    }

    fn check_lenient(header: &str, bytes: &[u8], expected: &[u8], trouble: bool) {
        let (got, told) = decode_lenient(&named([header]), &Bytes::copy_from_slice(bytes));
        assert_eq!((&got[..], told.is_some()), (expected, trouble), "{header} {told:?}");
    }

    #[test]
    fn a_recording_may_hold_a_body_that_is_decoded_already() {
        for (header, encoding) in
            [("gzip", "gzip"), ("deflate", "zlib"), ("deflate", "raw"), ("br", "br"), ("zstd", "zstd")]
        {
            check_lenient(header, TEXT.as_bytes(), TEXT.as_bytes(), false);
            check_lenient(header, &encoded(encoding, TEXT.as_bytes()), TEXT.as_bytes(), false);
        }
        check_lenient("gzip", b"\x89PNG\r\n\x1a\n\0", b"\x89PNG\r\n\x1a\n\0", false);
        check_lenient("gzip, br", &encoded("gzip", TEXT.as_bytes()), &encoded("gzip", TEXT.as_bytes()), false);
        let once = encoded("gzip", TEXT.as_bytes());
        let often = (0..8).fold(once.clone(), |bytes, _| encoded("gzip", &bytes));
        check_lenient("gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip", &often, &once, false);
        // It begins as zlib does, but is a text.
        check_lenient("deflate", b"x^2 + y^2", b"x^2 + y^2", false);
        check_lenient("gzip", b"\x1f\x8b\x08 broken", b"\x1f\x8b\x08 broken", true);
    }

    #[test]
    fn what_came_of_a_cut_body_is_decoded() {
        let text = TEXT.repeat(1000);
        for (header, encoding) in [
            ("gzip", "gzip"),
            ("deflate", "zlib"),
            ("deflate", "raw"),
            ("br", "br"),
            ("zstd", "zstd"),
            ("identity", "raw"),
        ] {
            let mut bytes = encoded(encoding, text.as_bytes());
            bytes.truncate(bytes.len() - 5);
            let got = decode_part(&named([header]), &bytes);
            assert!(header == "identity" || text.as_bytes().starts_with(&got), "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let bytes = Bytes::from(bytes);
            for encoding in ["gzip", "deflate", "br", "zstd"] {
                let _ = decode(&named([encoding]), &bytes, 100_000);
                let _ = decode_lenient(&named([encoding]), &bytes);
                let _ = decode_part(&named([encoding]), &bytes);
            }
        }

        #[test]
        fn whatever_was_encoded_comes_back(bytes in prop::collection::vec(any::<u8>(), 1..300)) {
            for (header, encoding) in [("gzip", "gzip"), ("deflate", "zlib"), ("br", "br"), ("zstd", "zstd")] {
                let encoded = Bytes::from(encoded(encoding, &bytes));
                prop_assert_eq!(&decode(&named([header]), &encoded, 1000).unwrap()[..], &bytes[..]);
            }
        }
    }
}
