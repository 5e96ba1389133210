//! `GoReplay`'s files (`.gor`, `.gor.gz`), byte for byte.
//!
//! A file is a run of records, each followed by a separator: a line feed, the three monkeys 🐵🙈🙉 (UTF-8, twelve bytes),
//! a line feed. After the last record it may be missing. A record is a header line and a message as it crossed the wire:
//!
//! ```text
//! 1 f45590522cd1838b4a0d5c5aab80b77929dea3b3 1700000000000000000 1231
//! GET /orders/7 HTTP/1.1
//! Host: shop.test
//! ```
//!
//! - The first field: `1` is a request, `2` its reply, `3` the reply that a later run of `GoReplay` got for it: of another
//!   build, so it is counted and left out.
//! - The second names the request: its reply has the same. 24 or 40 hexadecimal digits, by release, and 32 in some tools;
//!   any word is read.
//! - The third is when it began, in nanoseconds since 1970; in old releases a reply has its duration there instead, so
//!   that only a request's says anything. The fourth, how long it took, is missing in old files and never read.
//!
//! Nothing keeps a separator out of a body. So the message's own framing is asked first: where `Content-Length`, or the
//! last chunk, is followed by a separator or the end of the file, the record ends there. Where it is not (`GoReplay` cuts
//! long messages, and misses packets), the record ends at the first separator that is followed by a header line or by
//! nothing, and its body is unknown. A reply without framing ends like that too, and is whole.
//!
//! Records come in any order: a reply may stand before its request, or in another file. Requests are put in order by
//! their times. Chunks are joined; content encodings stay on. A `101` and its request are left out, since what follows
//! is no HTTP.

mod framing;
mod head;
mod records;

use std::io::BufRead;
use std::path::Path;

use self::framing::Whole;
use self::head::{First, Head};
use self::records::{Kind, Raw, Records};
use super::TrafficError;
use super::notes::Notes;
use crate::model::{Body, Call, Metadata, Reply, Via};

/// A record that can be used.
pub(super) struct Record {
    /// The word that a request and its reply have in common.
    pub(super) id: Vec<u8>,
    /// When it began, in nanoseconds since 1970.
    pub(super) at: Option<i64>,
    pub(super) half: Half,
}

/// One side of an exchange.
pub(super) enum Half {
    Call(Box<Call>, Via),
    /// A reply, and whether its head promises a body that is not there, as of a HEAD request.
    Reply(Box<Reply>, bool),
}

/// Who takes the records.
pub(super) type Take<'t> = dyn FnMut(Record) -> Result<(), TrafficError> + 't;

/// Whether a file is `GoReplay`'s by its name.
pub(super) fn is_named_so(path: &Path) -> bool {
    let is = |path: &Path, end: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(end));
    let packed = is(path, "gz").then(|| path.file_stem().map(Path::new)).flatten();
    is(packed.unwrap_or(path), "gor")
}

/// Whether a file that begins with this line is `GoReplay`'s, whatever its name.
pub(super) fn may_begin(line: &[u8]) -> bool {
    records::header(line).is_some_and(|header| header.id.len() >= 16 && header.id.iter().all(u8::is_ascii_hexdigit))
}

/// Reads a file, and hands over each record that can be used, in the file's order.
pub(super) fn read(
    path: &Path,
    input: &mut (dyn BufRead + Send),
    notes: &mut Notes,
    take: &mut Take<'_>,
) -> Result<(), TrafficError> {
    let mut records = Records::of(input);
    let (mut replayed, mut kept, mut first) = (0_u64, 0_u64, None);
    while let Some((number, raw)) = records.next() {
        let read = match raw {
            Ok(raw) if raw.kind == Kind::Replayed => {
                replayed += 1;
                continue;
            }
            Ok(raw) => record(&raw, &mut |note| notes.add(format!("record {number}: {note}"))),
            Err(why) => Err(why),
        };
        match read {
            Ok(record) => {
                kept += 1;
                take(record)?;
            }
            Err(why) => {
                let note = format!("record {number} is left out: {why}");
                first.get_or_insert_with(|| note.clone());
                notes.add(note);
            }
        }
    }
    if let Some(trouble) = records.trouble() {
        notes.add(format!("the file can't be read to its end ({trouble}): what came whole before that is kept"));
        first.get_or_insert_with(|| trouble.to_string());
    }
    if replayed > 0 {
        let what =
            if replayed == 1 { "1 replayed reply is".to_owned() } else { format!("{replayed} replayed replies are") };
        notes.add(format!("{what} left out: another build gave them"));
    }
    if kept == 0 && replayed == 0 {
        return Err(TrafficError::Nothing {
            path: path.to_owned(),
            reason: format!("no record can be read ({})", first.unwrap_or_else(|| "there is none".to_owned())),
            remedy: "record the traffic again, with `gor --output-file`",
        });
    }
    Ok(())
}

fn record(raw: &Raw<'_>, note: &mut dyn FnMut(String)) -> Result<Record, String> {
    let Head { first, metadata } = head::read(raw.head)?;
    let whole = framing::body(&first, &metadata, raw.body);
    let half = match first {
        First::Request { method, target, http } => {
            Half::Call(Box::new(call(method, &target, metadata, whole, note)?), Via { connection: None, http })
        }
        First::Reply { status } => {
            let (body, trailers, cut) = match whole {
                Whole::Yes(body, trailers) => (body, trailers, false),
                Whole::No if raw.body.is_empty() => (Body::Unknown, Metadata::new(), true),
                Whole::No => {
                    note("its body is cut off: taken as unknown".to_owned());
                    (Body::Unknown, Metadata::new(), false)
                }
            };
            Half::Reply(Box::new(Reply { status, metadata, body, trailers }), cut)
        }
    };
    Ok(Record { id: raw.id.to_owned(), at: raw.at, half })
}

fn call(
    method: String,
    target: &str,
    mut metadata: Metadata,
    whole: Whole,
    note: &mut dyn FnMut(String),
) -> Result<Call, String> {
    if method == "CONNECT" {
        return Err("a CONNECT to a proxy, which goes to no server under test".to_owned());
    }
    let (authority, target) = head::origin_form(target);
    if let Some(authority) = authority.filter(|_| !metadata.has("host")) {
        metadata = std::iter::once(("Host", authority)).chain(metadata.iter()).collect();
    }
    let body = match whole {
        Whole::Yes(body, _) => body,
        Whole::No => {
            note("its body is cut off: taken as unknown".to_owned());
            Body::Unknown
        }
    };
    Ok(Call { method, target: target.to_owned(), metadata, body })
}

#[cfg(test)]
mod tests;
