//! Heads of replies and trailers as blocks of lines: where one ends and what it says, read in the same way by the client and by
//! the proxy. Refuses to say what is done about one that can't be read: that is for whoever reads it.

use memchr::memmem;

use crate::model::Metadata;
use crate::wire::text;

/// How every reply begins.
const HTTP_1: &[u8] = b"HTTP/1.";

/// Where the first line begins; empty ones before it are passed over (RFC 9112, 2.2). None where nothing else has come.
pub(crate) fn first(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))
}

/// Whether what has come may be a reply, or the beginning of one. A server that speaks something else may never send an empty
/// line.
pub(crate) fn may_be_reply(bytes: &[u8]) -> bool {
    let begun = &bytes[first(bytes).unwrap_or(bytes.len())..];
    begun.starts_with(&HTTP_1[..begun.len().min(HTTP_1.len())])
}

/// Where the block of lines ends that an empty line ends, that line included. `searched` remembers how far there was none,
/// so that a block which comes byte by byte isn't searched over and over.
pub(crate) fn end(bytes: &[u8], searched: &mut usize) -> Option<usize> {
    // Empty lines before the first are no end of it.
    let from = first(bytes)?.max(searched.saturating_sub(3)).min(bytes.len());
    *searched = bytes.len();
    let strict = memmem::find(&bytes[from..], b"\n\r\n").map(|at| from + at + 3);
    let bare = memmem::find(&bytes[from..strict.unwrap_or(bytes.len())], b"\n\n").map(|at| from + at + 2);
    bare.or(strict)
}

/// Room for the headers of `block`, one a line; none where there are more than `most`.
pub(crate) fn room(block: &[u8], most: usize) -> Option<Vec<httparse::Header<'static>>> {
    let lines = memchr::memchr_iter(b'\n', block).count();
    // The first line and the empty one are no headers.
    (lines <= most + 2).then(|| vec![httparse::EMPTY_HEADER; lines])
}

/// What headers say.
pub(crate) fn metadata(headers: &[httparse::Header<'_>]) -> Metadata {
    headers.iter().map(|header| (header.name, latin1(header.value))).collect()
}

/// What a block of trailers says, `headers` being [`room`] for them, or what is wrong with it.
pub(crate) fn trailers<'b>(block: &'b [u8], mut headers: Vec<httparse::Header<'b>>) -> Result<Metadata, &'static str> {
    match httparse::parse_headers(block, &mut headers) {
        Ok(httparse::Status::Complete((_, headers))) => Ok(metadata(headers)),
        Ok(httparse::Status::Partial) => Err("trailers that end too early"),
        Err(error) => Err(wrong(error)),
    }
}

/// Bytes that are not ASCII, a character a byte: as recordings have it.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    text::latin1(bytes).into_owned()
}

/// What is wrong with a block.
pub(crate) fn wrong(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "a header name with a character that none may have",
        httparse::Error::HeaderValue => "a header value with a character that none may have",
        httparse::Error::NewLine => "a line break that is none",
        httparse::Error::Status => "a status line that can't be read",
        httparse::Error::Token => "a character that may not stand in a head",
        httparse::Error::TooManyHeaders => "more headers than lines",
        httparse::Error::Version => "another version of HTTP",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_with_its_first_empty_line_in_whatever_pieces_it_comes() {
        for (text, expected) in [
            ("A: 1\r\n\r\nrest", Some(8)),
            ("A: 1\n\nrest\r\n\r\n", Some(6)),
            ("A: 1\n\r\n", Some(7)),
            ("\r\n\nA: 1\r\n\r\n", Some(11)),
            ("A: 1\r\n", None),
            ("\r\n\r\n", None),
        ] {
            assert_eq!(end(text.as_bytes(), &mut 0), expected, "{text:?}");
            let mut searched = 0;
            let first = (1..=text.len()).find_map(|so_far| end(&text.as_bytes()[..so_far], &mut searched));
            assert_eq!(first, expected, "{text:?} byte by byte");
        }
    }

    #[test]
    fn what_does_not_speak_http_is_told_by_its_first_bytes() {
        for (text, expected) in [("", true), ("\r\n", true), ("\nHT", true), ("HTTP/1.1 200 OK", true), ("SSH-", false)]
        {
            assert_eq!(may_be_reply(text.as_bytes()), expected, "{text:?}");
        }
    }
}
