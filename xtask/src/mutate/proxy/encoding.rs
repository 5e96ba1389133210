//! Content encodings taken off and put on again: gzip, deflate and brotli, as far as the pairs use them.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::steps::Failure;

/// Bytes that brotli works on at a time.
const BUFFER: usize = 4096;

/// The body without its encoding.
pub fn decoded(encoding: &str, body: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut out = Vec::new();
    match encoding {
        "" | "identity" => out.extend_from_slice(body),
        "gzip" => drop(GzDecoder::new(body).read_to_end(&mut out)?),
        "deflate" => drop(ZlibDecoder::new(body).read_to_end(&mut out)?),
        "br" => drop(brotli::Decompressor::new(body, BUFFER).read_to_end(&mut out)?),
        other => return Err(format!("a body in `{other}` can't be changed").into()),
    }
    Ok(out)
}

/// The body with its encoding.
pub fn encoded(encoding: &str, body: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(match encoding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body)?;
            encoder.finish()?
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body)?;
            encoder.finish()?
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), BUFFER, 4, 20);
            encoder.write_all(body)?;
            encoder.flush()?;
            encoder.into_inner()
        }
        _ => body.to_vec(),
    })
}
