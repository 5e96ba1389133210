//! A body on its way: which bytes belong to it, and which of them are its content. Looks at each byte once, whatever the pieces
//! in which they come, and changes none.

use super::framing::Framing;
use super::head::parse_trailers;
use crate::model::Metadata;
use crate::proxy::Limits;

/// Where a body stands.
#[derive(Debug)]
pub(in crate::proxy) struct Flow {
    state: State,
    /// The longest line before a chunk, and the longest block of trailers.
    limits: (usize, usize),
    /// The most trailers.
    most: usize,
}

#[derive(Debug)]
enum State {
    Length(u64),
    UntilClose,
    /// Within the line before a chunk.
    Line(Line),
    /// Within a chunk's content.
    Chunk(u64),
    /// Within the line break after it, so many of its bytes seen.
    Break(u8),
    /// After the last chunk.
    Trailers(Vec<u8>),
    Ended(Metadata),
}

/// The line before a chunk, up to where it was read.
#[derive(Debug, Default)]
struct Line {
    size: u64,
    digits: usize,
    length: usize,
    /// Whether the digits are over: what follows, up to the line break, means nothing to anybody.
    extensions: bool,
    carriage_return: bool,
}

/// A body that is none: what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::proxy) struct BadBody(pub &'static str);

impl Flow {
    /// A body's beginning.
    pub fn new(framing: Framing, limits: &Limits) -> Self {
        let state = match framing {
            Framing::Nothing | Framing::Length(0) => State::Ended(Metadata::new()),
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Line(Line::default()),
            Framing::UntilClose => State::UntilClose,
        };
        Self { state, limits: (limits.chunk_line, limits.head), most: limits.headers }
    }

    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// Whether the end of the connection is an end of it.
    pub fn may_end_here(&self) -> bool {
        matches!(self.state, State::Ended(_) | State::UntilClose)
    }

    /// What came after it.
    pub fn into_trailers(self) -> Metadata {
        match self.state {
            State::Ended(trailers) => trailers,
            _ => Metadata::new(),
        }
    }

    /// Takes what belongs to it from the front of `bytes`, and gives its content to `keep`: how many bytes that were.
    pub fn take(&mut self, bytes: &[u8], mut keep: impl FnMut(&[u8])) -> Result<usize, BadBody> {
        let mut at = 0;
        while at < bytes.len() && !self.ended() {
            at += self.step(&bytes[at..], &mut keep)?;
        }
        Ok(at)
    }

    /// Takes some of `bytes`, which are not empty.
    fn step(&mut self, bytes: &[u8], keep: &mut impl FnMut(&[u8])) -> Result<usize, BadBody> {
        match &mut self.state {
            State::Length(missing) | State::Chunk(missing) => {
                let here = usize::try_from(*missing).unwrap_or(usize::MAX).min(bytes.len());
                keep(&bytes[..here]);
                *missing -= here as u64;
                if *missing == 0 {
                    let is_chunk = matches!(self.state, State::Chunk(_));
                    self.state = if is_chunk { State::Break(0) } else { State::Ended(Metadata::new()) };
                }
                Ok(here)
            }
            State::UntilClose => {
                keep(bytes);
                Ok(bytes.len())
            }
            State::Line(line) => {
                if let Some(size) = line.take(bytes[0], self.limits.0)? {
                    self.state = if size == 0 { State::Trailers(Vec::new()) } else { State::Chunk(size) };
                }
                Ok(1)
            }
            State::Break(seen) => {
                if bytes[0] != b"\r\n"[usize::from(*seen)] {
                    return Err(BadBody("a chunk is longer than its size"));
                }
                self.state = if *seen == 0 { State::Break(1) } else { State::Line(Line::default()) };
                Ok(1)
            }
            State::Trailers(block) => {
                let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
                block.extend_from_slice(&bytes[..end]);
                if block.len() > self.limits.1 {
                    return Err(BadBody("the trailers are too long"));
                }
                if block == b"\r\n" || block.ends_with(b"\r\n\r\n") {
                    let trailers = parse_trailers(block, self.most);
                    self.state = State::Ended(trailers.ok_or(BadBody("the trailers can't be read"))?);
                }
                Ok(end)
            }
            State::Ended(_) => Ok(0),
        }
    }
}

impl Line {
    /// The chunk's size, once the line has ended.
    fn take(&mut self, byte: u8, longest: usize) -> Result<Option<u64>, BadBody> {
        self.length += 1;
        if self.length > longest {
            return Err(BadBody("the line before a chunk is too long"));
        }
        if self.carriage_return {
            return if byte == b'\n' { Ok(Some(self.size)) } else { Err(BadBody("a line break is none")) };
        }
        match (byte, char::from(byte).to_digit(16)) {
            (b'\r', _) if self.digits > 0 => self.carriage_return = true,
            (_, Some(digit)) if !self.extensions => {
                self.digits += 1;
                // Sixteen digits are all that 64 bits hold; leading zeros are nobody's need.
                if self.digits > 15 {
                    return Err(BadBody("a chunk's size is too long"));
                }
                self.size = self.size << 4 | u64::from(digit);
            }
            (b';' | b' ' | b'\t', _) if self.digits > 0 => self.extensions = true,
            (b'\n' | b'\0', _) => return Err(BadBody("a chunk's line has a character that none may have")),
            _ if self.extensions => {}
            _ => return Err(BadBody("a chunk's size is no number")),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content, the trailers and how many bytes were taken; or what is wrong.
    type Expected<'a> = Result<(&'a str, &'a [(&'a str, &'a str)], usize), &'a str>;

    /// It is the same in whatever pieces it comes.
    #[track_caller]
    fn check(framing: Framing, bytes: &str, expected: Expected<'_>) {
        for piece in [1, 2, 3, 7, bytes.len().max(1)] {
            let mut flow = Flow::new(framing, &Limits { chunk_line: 40, head: 60, headers: 3, ..Limits::default() });
            let (mut content, mut taken, mut wrong) = (Vec::new(), 0, None);
            for chunk in bytes.as_bytes().chunks(piece) {
                match flow.take(chunk, |bytes| content.extend_from_slice(bytes)) {
                    Ok(some) => taken += some,
                    Err(bad) => wrong = wrong.or(Some(bad.0)),
                }
                if flow.ended() || wrong.is_some() {
                    break;
                }
            }
            let content = String::from_utf8_lossy(&content).into_owned();
            let trailers = flow.into_trailers();
            let trailers: Vec<(&str, &str)> = trailers.iter().collect();
            let got = wrong.map_or(Ok((content.as_str(), trailers.as_slice(), taken)), Err);
            assert_eq!(got, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_body_ends_where_its_framing_says() {
        check(Framing::Nothing, "GET /", Ok(("", &[], 0)));
        check(Framing::Length(5), "helloGET /", Ok(("hello", &[], 5)));
        check(Framing::UntilClose, "hello", Ok(("hello", &[], 5)));
        check(Framing::Chunked, "5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\n\r\nGET /", Ok(("hello world", &[], 32)));
        check(
            Framing::Chunked,
            "00A \r\n0123456789\r\n0;last\r\nX: 1\r\nY: 2\r\n\r\n",
            Ok(("0123456789", &[("X", "1"), ("Y", "2")], 40)),
        );
    }

    #[test]
    fn a_chunk_that_is_none_is_told() {
        check(Framing::Chunked, "5\r\nhelloX\r\n", Err("a chunk is longer than its size"));
        check(Framing::Chunked, "5\nhello\r\n", Err("a chunk's line has a character that none may have"));
        check(Framing::Chunked, "\r\nhello", Err("a chunk's size is no number"));
        check(Framing::Chunked, "0x5\r\nhello", Err("a chunk's size is no number"));
        check(Framing::Chunked, "-5\r\nhello", Err("a chunk's size is no number"));
        check(Framing::Chunked, "5\rhello", Err("a line break is none"));
        check(Framing::Chunked, "ffffffffffffffff\r\n", Err("a chunk's size is too long"));
        check(Framing::Chunked, &format!("5;{}", "x".repeat(50)), Err("the line before a chunk is too long"));
        check(Framing::Chunked, &format!("0\r\nX: {}", "x".repeat(90)), Err("the trailers are too long"));
        check(Framing::Chunked, "0\r\nno trailer\r\n\r\n", Err("the trailers can't be read"));
        check(Framing::Chunked, "0\r\na:1\r\na:2\r\na:3\r\na:4\r\n\r\n", Err("the trailers can't be read"));
    }
}
