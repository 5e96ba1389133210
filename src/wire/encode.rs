//! Content encodings on: for calls whose recording has them off, beside headers that name them.

use std::io::{self, Write as _};

use bytes::Bytes;

use super::encoding::decode_lenient;

/// The bytes with all `encodings` put on, in their order; none where they are on already, or one of them is not known.
pub fn put_on(encodings: &[String], bytes: &Bytes) -> Option<Bytes> {
    if encodings.is_empty() || bytes.is_empty() {
        return None;
    }
    let (plain, trouble) = decode_lenient(encodings, bytes);
    if trouble.is_some() || plain != *bytes {
        return None;
    }
    encodings.iter().try_fold(plain, |bytes, encoding| encode(encoding, &bytes)?.ok().map(Bytes::from))
}

fn encode(encoding: &str, bytes: &[u8]) -> Option<io::Result<Vec<u8>>> {
    Some(match encoding {
        "gzip" | "x-gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        "br" => {
            // Quality and window as servers have them on the fly.
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            encoder.write_all(bytes).map(|()| encoder.into_inner())
        }
        "zstd" => zstd::stream::encode_all(bytes, 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::encoding::{MAX_DECODED, decode};

    #[test]
    fn encodings_are_put_on_once() {
        let bytes = Bytes::from("{\"greeting\":\"hello hello hello hello\"}");
        for names in [&["gzip"][..], &["deflate"], &["br"], &["zstd"], &["deflate", "gzip"]] {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let encoded = put_on(&names, &bytes).unwrap_or_else(|| panic!("{names:?}"));
            assert_eq!(decode(&names, &encoded, MAX_DECODED), Ok(bytes.clone()), "{names:?}");
            assert_eq!(put_on(&names, &encoded), None, "{names:?}");
        }
        assert_eq!(put_on(&["dcb".to_owned()], &bytes), None);
        assert_eq!(put_on(&[], &bytes), None);
    }
}
