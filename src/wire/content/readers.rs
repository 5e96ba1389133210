//! How bytes become documents, once it is known what they are. Text is UTF-8 by then.

use bytes::Bytes;

use crate::model::{Document, Reader};
use crate::wire::table::{self, Header};
use crate::wire::{events, form, html, json, lines, text, xml};

pub(super) const NOTHING: Reader = Reader { decode: |_| Document::Null, leaves: |_| 1 };
pub(super) const OPAQUE: Reader = Reader { decode: |bytes| Document::Bytes(bytes.clone()), leaves: |_| 1 };
pub(super) const TEXT: Reader = Reader { decode: text, leaves: |_| 1 };
pub(super) const JSON: Reader =
    Reader { decode: |bytes| json::parse(bytes).unwrap_or_else(|_| text(bytes)), leaves: |bytes| json::leaves(bytes) };
pub(super) const LINES: Reader =
    Reader { decode: |bytes| lines::read(bytes), leaves: |bytes| lines::read(bytes).leaves() };
pub(super) const EVENTS: Reader = Reader {
    decode: |bytes| events::read(&text::unicode(bytes)),
    leaves: |bytes| events::weigh(&text::unicode(bytes)).leaves,
};
pub(super) const XML: Reader = Reader {
    decode: |bytes| xml::read(&text::unicode(bytes)).unwrap_or_else(|_| text(bytes)),
    leaves: |bytes| xml::read(&text::unicode(bytes)).map_or(1, |document| document.leaves()),
};
pub(super) const HTML: Reader = Reader { decode: page, leaves: |bytes| page(bytes).leaves() };
pub(super) const URLENCODED: Reader =
    Reader { decode: |bytes| form::urlencoded(bytes), leaves: |bytes| form::urlencoded(bytes).leaves() };
pub(super) const MULTIPART: Reader = Reader {
    decode: |bytes| form::multipart(bytes).unwrap_or_else(|| text(bytes)),
    leaves: |bytes| form::multipart(bytes).map_or(1, |document| document.leaves()),
};
pub(super) const MIXED: Reader = Reader {
    decode: |bytes| form::mixed(bytes).unwrap_or_else(|| text(bytes)),
    leaves: |bytes| form::mixed(bytes).map_or(1, |document| document.leaves()),
};

/// How a table is read whose media type says that of its header.
pub(super) fn table(header: Header) -> Reader {
    match header {
        Header::Present => {
            Reader { decode: |bytes| rows(bytes, Header::Present), leaves: |b| cells(b, Header::Present) }
        }
        Header::Absent => Reader { decode: |bytes| rows(bytes, Header::Absent), leaves: |b| cells(b, Header::Absent) },
        Header::Unsaid => Reader { decode: |bytes| rows(bytes, Header::Unsaid), leaves: |b| cells(b, Header::Unsaid) },
    }
}

/// Text, or the bytes where they are none.
pub(super) fn text(bytes: &Bytes) -> Document {
    str::from_utf8(bytes).map_or_else(|_| Document::Bytes(bytes.clone()), Document::text)
}

fn page(bytes: &Bytes) -> Document {
    html::read(&text::unicode(bytes))
}

fn rows(bytes: &Bytes, header: Header) -> Document {
    table::read(&text::unicode(bytes), header)
}

fn cells(bytes: &Bytes, header: Header) -> u64 {
    table::weigh(&text::unicode(bytes), header).leaves
}
