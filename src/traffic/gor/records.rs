//! Where one record ends and the next begins.

use std::io::{self, BufRead, Read as _};

use memchr::memmem;

use super::framing;
use super::head::{self, Head};

/// What stands after each record.
const SEPARATOR: &[u8] = "\n🐵🙈🙉\n".as_bytes();
/// A message that is longer is left out.
const LONGEST: usize = 64 << 20;
/// A head that is longer is left out: servers accept a hundredth of it.
const LONGEST_HEAD: usize = 1 << 20;
/// No header line is longer: two words and two numbers.
const LONGEST_LINE: usize = 256;
/// As much is read at once.
const BLOCK: usize = 64 << 10;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Reply,
    /// A reply that another build gave.
    Replayed,
}

/// A header line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    kind: Kind,
    pub(super) id: &'a [u8],
    at: Option<i64>,
}

/// A record, with its message in two parts.
pub(super) struct Raw<'a> {
    pub(super) kind: Kind,
    pub(super) id: &'a [u8],
    pub(super) at: Option<i64>,
    pub(super) head: &'a [u8],
    /// As it stands there: chunked, say.
    pub(super) body: &'a [u8],
}

/// The header that a line is, if it is one.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut fields = line.split(|b| *b == b' ');
    let kind = match fields.next()? {
        b"1" => Kind::Request,
        b"2" => Kind::Reply,
        b"3" => Kind::Replayed,
        _ => return None,
    };
    let id = fields.next().filter(|id| !id.is_empty() && id.len() <= 64)?;
    if !id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return None;
    }
    let number = |field: &[u8]| std::str::from_utf8(field).ok()?.parse::<i64>().ok();
    let at = number(fields.next()?)?;
    if let Some(latency) = fields.next() {
        number(latency)?;
    }
    fields.next().is_none().then_some(Header { kind, id, at: (at > 0).then_some(at) })
}

/// A file, record by record.
pub(super) struct Records<'i> {
    input: &'i mut (dyn BufRead + Send),
    buffer: Vec<u8>,
    /// Where the next record begins.
    start: usize,
    ended: bool,
    trouble: Option<io::Error>,
    count: u64,
}

impl<'i> Records<'i> {
    pub(super) fn of(input: &'i mut (dyn BufRead + Send)) -> Self {
        Self { input, buffer: Vec::new(), start: 0, ended: false, trouble: None, count: 0 }
    }

    /// What kept the file from being read to its end.
    pub(super) fn trouble(&self) -> Option<&io::Error> {
        self.trouble.as_ref()
    }

    /// The next record and its number, from 0; an error says why it is none.
    pub(super) fn next(&mut self) -> Option<(u64, Result<Raw<'_>, String>)> {
        if self.start > BLOCK && self.start > self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.buffer.shrink_to(BLOCK.max(2 * self.buffer.len()));
            self.start = 0;
        }
        self.has(LONGEST_LINE);
        let rest = &self.buffer[self.start..];
        if self.ended && rest.trim_ascii().is_empty() {
            return None;
        }
        let number = self.count;
        self.count += 1;
        let line = rest[..rest.len().min(LONGEST_LINE)].iter().position(|b| *b == b'\n');
        let Some(line) = line.filter(|line| header(&rest[..*line]).is_some()) else {
            self.skip();
            return Some((number, Err("its first line is no header of a record".to_owned())));
        };
        Some((number, self.message(line)))
    }

    /// The record whose header line ends at `line`.
    fn message(&mut self, line: usize) -> Result<Raw<'_>, String> {
        let from = line + 1;
        let head = match self.head(from) {
            Ok(head) => head,
            Err(why) => {
                self.skip();
                return Err(why);
            }
        };
        let Some((end, next)) = self.end(from, head) else {
            self.skip();
            return Err(format!("it is longer than {} MiB", LONGEST >> 20));
        };
        let record = self.start;
        self.start = (record + next).min(self.buffer.len());
        let bytes = &self.buffer[record..record + end];
        let header = header(&bytes[..line]).ok_or("its first line is no header of a record")?;
        let (head, body) = bytes[from..].split_at(head - from);
        let raw = Raw { kind: header.kind, id: header.id, at: header.at, head, body };
        if self.ended && next == end && self.is_cut(&raw) {
            return Err("the file ends within it".to_owned());
        }
        Ok(raw)
    }

    /// Whether a record at the end of the file is less than its head says.
    fn is_cut(&self, raw: &Raw<'_>) -> bool {
        let Ok(Head { first, metadata }) = head::read(raw.head) else { return true };
        let whole = framing::length(&first, &metadata, &mut |at| raw.body.get(at).copied());
        whole.is_some_and(|length| length > raw.body.len()) || (self.trouble.is_some() && whole.is_none())
    }

    /// Where the head ends, which begins at `from`.
    fn head(&mut self, from: usize) -> Result<usize, String> {
        let mut searched = from;
        loop {
            let rest = &self.buffer[self.start..];
            let text = &rest[searched.min(rest.len())..];
            let blank = memmem::find(text, b"\n\r\n").map(|at| at + 3);
            let bare = memmem::find(text, b"\n\n").map(|at| at + 2);
            let end = [blank, bare].into_iter().flatten().min();
            let separator = memmem::find(text, SEPARATOR);
            match (end, separator) {
                (Some(end), separator) if separator.is_none_or(|at| end <= at + 1) => return Ok(searched + end),
                (_, Some(_)) => return Err("its head does not end".to_owned()),
                _ if self.ended => return Err("the file ends within it".to_owned()),
                _ if rest.len() > from + LONGEST_HEAD => {
                    return Err(format!("its head is longer than {} MiB", LONGEST_HEAD >> 20));
                }
                _ => {}
            }
            searched = rest.len().saturating_sub(SEPARATOR.len()).max(from);
            self.more();
        }
    }

    /// Where the record ends and where the next one begins, both from its own beginning. None where it is too long.
    fn end(&mut self, from: usize, head: usize) -> Option<(usize, usize)> {
        if let Ok(Head { first, metadata }) = head::read(&self.buffer[self.start + from..self.start + head]) {
            let length = framing::length(&first, &metadata, &mut |at| {
                let at = head.checked_add(at).filter(|at| *at < LONGEST + LONGEST_HEAD)?;
                self.has(at + 1).then(|| self.buffer[self.start + at])
            });
            if let Some(exact) = length.and_then(|length| head.checked_add(length)).filter(|end| *end <= head + LONGEST)
            {
                self.has(exact + SEPARATOR.len());
                let rest = &self.buffer[self.start..];
                if rest.get(exact..).is_some_and(|rest| rest.starts_with(SEPARATOR)) {
                    return Some((exact, exact + SEPARATOR.len()));
                }
                if self.ended && rest.get(exact..).is_some_and(|rest| rest.trim_ascii().is_empty()) {
                    return Some((exact, exact));
                }
            }
        }
        // A bodyless head ends right where its separator begins: its line feed may be the head's own last one.
        let mut searched = head - 1;
        loop {
            match memmem::find(&self.buffer[self.start + searched..], SEPARATOR) {
                Some(at) => {
                    let at = searched + at;
                    let next = at + SEPARATOR.len();
                    if self.begins(next) {
                        return Some((at.max(head), next));
                    }
                    searched = at + 1;
                }
                None if self.ended => {
                    let end = self.buffer.len() - self.start;
                    return Some((end, end));
                }
                None if self.buffer.len() - self.start > head + LONGEST => return None,
                None => {
                    searched = (self.buffer.len() - self.start).saturating_sub(SEPARATOR.len()).max(searched);
                    self.more();
                }
            }
        }
    }

    /// Whether a record begins there, or nothing more comes.
    fn begins(&mut self, at: usize) -> bool {
        self.has(at + LONGEST_LINE);
        let rest = &self.buffer[self.start + at..];
        if rest.trim_ascii().is_empty() {
            return self.ended;
        }
        let line = rest[..rest.len().min(LONGEST_LINE)].iter().position(|b| *b == b'\n');
        line.is_some_and(|line| header(&rest[..line]).is_some())
    }

    /// Passes over what can't be read, to the next record.
    fn skip(&mut self) {
        let mut searched = 0;
        loop {
            if let Some(at) = memmem::find(&self.buffer[self.start + searched..], SEPARATOR) {
                let next = searched + at + SEPARATOR.len();
                if self.begins(next) {
                    self.start += next;
                    return;
                }
                searched = next;
                continue;
            }
            if self.ended {
                self.start = self.buffer.len();
                return;
            }
            // What was searched need not be held.
            let keep = self.buffer.len().saturating_sub(SEPARATOR.len()).max(self.start);
            self.buffer.drain(..keep);
            (self.start, searched) = (0, 0);
            self.more();
        }
    }

    /// Whether the record holds as many bytes, or what follows it does.
    fn has(&mut self, length: usize) -> bool {
        while self.buffer.len() - self.start < length && !self.ended {
            self.more();
        }
        self.buffer.len() - self.start >= length
    }

    fn more(&mut self) {
        let before = self.buffer.len();
        match (&mut *self.input).take(BLOCK as u64).read_to_end(&mut self.buffer) {
            Ok(_) => self.ended = self.buffer.len() == before,
            Err(error) => {
                self.trouble = Some(error);
                self.ended = true;
            }
        }
    }
}
