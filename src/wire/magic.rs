//! What bytes are by their first few, where these leave no doubt, and whether that is what their media type says.

use memchr::memmem;

/// A kind of file: the media type that it is told by, other names of it, and how it begins.
struct Kind {
    media: &'static str,
    also: &'static [&'static str],
    begins: fn(&[u8]) -> bool,
}

const KINDS: &[Kind] = &[
    Kind { media: "image/png", also: &["image/apng"], begins: |b| b.starts_with(b"\x89PNG\r\n\x1a\n") },
    Kind { media: "image/jpeg", also: &["image/jpg", "image/pjpeg"], begins: |b| b.starts_with(b"\xff\xd8\xff") },
    Kind { media: "image/gif", also: &[], begins: |b| b.starts_with(b"GIF87a") || b.starts_with(b"GIF89a") },
    Kind { media: "image/webp", also: &[], begins: |b| in_riff(b, b"WEBP") },
    Kind { media: "image/avif", also: &[], begins: |b| in_box(b, &[b"avif", b"avis"]) },
    Kind { media: "image/heic", also: &["image/heif"], begins: |b| in_box(b, &[b"heic", b"heix", b"mif1"]) },
    Kind { media: "image/tiff", also: &[], begins: |b| b.starts_with(b"II*\0") || b.starts_with(b"MM\0*") },
    Kind { media: "application/pdf", also: &["application/x-pdf"], begins: is_pdf },
    Kind { media: "application/gzip", also: &["application/x-gzip"], begins: |b| b.starts_with(b"\x1f\x8b\x08") },
    Kind { media: "application/zstd", also: &[], begins: |b| b.starts_with(b"\x28\xb5\x2f\xfd") },
    Kind { media: "application/x-xz", also: &[], begins: |b| b.starts_with(b"\xfd7zXZ\0") },
    Kind { media: "application/x-bzip2", also: &[], begins: |b| b.starts_with(b"BZh") && b.get(4..8) == Some(b"1AY&") },
    Kind { media: "application/x-7z-compressed", also: &[], begins: |b| b.starts_with(b"7z\xbc\xaf\x27\x1c") },
    Kind { media: "application/zip", also: &["application/x-zip-compressed"], begins: is_zip },
    Kind { media: "application/wasm", also: &[], begins: |b| b.starts_with(b"\0asm") },
    Kind { media: "font/woff2", also: &["application/font-woff2"], begins: |b| b.starts_with(b"wOF2") },
    Kind {
        media: "font/woff",
        also: &["application/font-woff", "application/x-font-woff"],
        begins: |b| b.starts_with(b"wOFF"),
    },
    Kind { media: "font/otf", also: &["font/ttf", "font/sfnt"], begins: |b| b.starts_with(b"OTTO\0") },
    Kind { media: "font/ttf", also: &["font/otf", "font/sfnt"], begins: |b| b.starts_with(b"\0\x01\0\0\0") },
    Kind { media: "audio/ogg", also: &["application/ogg", "video/ogg"], begins: |b| b.starts_with(b"OggS") },
    Kind { media: "audio/flac", also: &["audio/x-flac"], begins: |b| b.starts_with(b"fLaC") },
    Kind {
        media: "audio/wav",
        also: &["audio/x-wav", "audio/wave", "audio/vnd.wave"],
        begins: |b| in_riff(b, b"WAVE"),
    },
    Kind {
        media: "video/webm",
        also: &["video/x-matroska", "audio/webm"],
        begins: |b| b.starts_with(b"\x1a\x45\xdf\xa3"),
    },
    Kind { media: "application/vnd.sqlite3", also: &[], begins: |b| b.starts_with(b"SQLite format 3\0") },
    Kind { media: "application/x-elf", also: &["application/x-executable"], begins: |b| b.starts_with(b"\x7fELF") },
];

/// What the bytes are, where they say so.
pub(super) fn detect(bytes: &[u8]) -> Option<&'static str> {
    KINDS.iter().find(|kind| (kind.begins)(bytes)).map(|kind| kind.media)
}

/// What is wrong with calling the bytes so, where it is certain: the type is one that is told by its first bytes, and these
/// are others; or the bytes are surely something else than that kind of type.
pub(super) fn contradicts(media: &str, bytes: &[u8]) -> Option<String> {
    let is = |kind: &Kind| kind.media == media || kind.also.contains(&media);
    let said: Vec<&Kind> = KINDS.iter().filter(|kind| is(kind)).collect();
    if said.is_empty() || said.iter().any(|kind| (kind.begins)(bytes)) {
        return None;
    }
    let found = detect(bytes).or_else(|| looks_like_text(bytes).then_some("text"));
    Some(match found {
        Some(found) => format!("said to be {media}, and is {found}"),
        None => format!("said to be {media}, and does not begin as that does"),
    })
}

fn is_pdf(bytes: &[u8]) -> bool {
    // Readers look for it in the first kilobyte.
    memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-").is_some_and(|at| at == 0 || !looks_like_text(&bytes[..at]))
}

fn is_zip(bytes: &[u8]) -> bool {
    // A file's header, or the directory of an archive with no files.
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn in_riff(bytes: &[u8], kind: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(kind)
}

fn in_box(bytes: &[u8], brands: &[&[u8; 4]]) -> bool {
    bytes.get(4..8) == Some(b"ftyp") && brands.iter().any(|brand| bytes.get(8..12) == Some(&brand[..]))
}

fn looks_like_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(512)];
    let text = match str::from_utf8(head) {
        Ok(_) => true,
        // Cut within a character.
        Err(error) => error.error_len().is_none(),
    };
    text && !head.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    fn check(media: &str, bytes: &[u8], expected: Option<&str>) {
        assert_eq!(contradicts(media, bytes).as_deref(), expected, "{media} {bytes:?}");
    }

    #[test]
    fn bytes_are_told_by_their_first() {
        for (bytes, expected) in [
            (PNG, Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x10\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"%PDF-1.7\n", Some("application/pdf")),
            (b"PK\x03\x04", Some("application/zip")),
            (b"\x1f\x8b\x08", Some("application/gzip")),
            (b"\0asm\x01\0\0\0", Some("application/wasm")),
            (b"wOF2", Some("font/woff2")),
            (b"\0\0\0\x1cftypavif", Some("image/avif")),
            (b"hello", None),
            (b"this is about %PDF- files", None),
            (b"", None),
        ] {
            assert_eq!(detect(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_type_that_is_certainly_wrong_is_told() {
        check("image/png", PNG, None);
        check("image/png", b"\xff\xd8\xff\xe0", Some("said to be image/png, and is image/jpeg"));
        check("image/png", b"<!doctype html>", Some("said to be image/png, and is text"));
        check("application/pdf", b"\x01\x02", Some("said to be application/pdf, and does not begin as that does"));
        check("font/otf", b"\0\x01\0\0\0", None);
    }

    #[test]
    fn a_type_that_may_be_anything_is_never_wrong() {
        check("application/octet-stream", PNG, None);
        check("application/vnd.ms-excel", b"PK\x03\x04", None);
        check("", PNG, None);
    }
}
