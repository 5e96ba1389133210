//! The file's bytes to JSON that can be parsed, as a stream: byte-order marks, UTF-16, what is no text at all, halves of
//! surrogate pairs, and strings that are too long to hold.
//!
//! Every change keeps the place of what follows it, so that an error points to where it is in the file; but for UTF-16
//! and cut strings, of which the file's own places say nothing.

use std::io::{self, BufRead, Read};

/// As many bytes of one string are read on, at least; of what is longer only as many are handed on.
pub(super) const LONGEST: usize = 64 << 20;
/// As much is looked at together.
const BLOCK: usize = 32 << 10;

/// Whether the bytes begin with UTF-16's byte-order mark.
pub(in crate::traffic) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// What had to be changed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mended {
    /// There were bytes that are no UTF-8.
    pub(super) bytes: bool,
    /// There were halves of surrogate pairs.
    pub(super) halves: bool,
}

/// JSON on its way to the parser.
pub(super) struct Text<'a> {
    input: &'a mut (dyn BufRead + Send),
    encoding: Encoding,
    /// Bytes of a character whose rest has not been read.
    carried: Vec<u8>,
    /// A high surrogate of UTF-16 whose other half has not been read.
    high: Option<u16>,
    mender: Mender,
    out: Vec<u8>,
    given: usize,
    ended: bool,
    bytes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Nothing was read yet.
    Unknown,
    Utf8,
    Utf16 {
        big: bool,
    },
}

impl<'a> Text<'a> {
    pub(super) fn of(input: &'a mut (dyn BufRead + Send)) -> Self {
        Self {
            input,
            encoding: Encoding::Unknown,
            carried: Vec::new(),
            high: None,
            mender: Mender::default(),
            out: Vec::new(),
            given: 0,
            ended: false,
            bytes: false,
        }
    }

    pub(super) fn mended(&self) -> Mended {
        Mended { bytes: self.bytes, halves: self.mender.halves }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.given = 0;
        let mut block = std::mem::take(&mut self.carried);
        let read = (&mut *self.input).take(BLOCK as u64).read_to_end(&mut block)?;
        self.ended = read == 0;
        if self.encoding == Encoding::Unknown {
            self.encoding = match block.as_slice() {
                [0xfe, 0xff, ..] => Encoding::Utf16 { big: true },
                [0xff, 0xfe, ..] => Encoding::Utf16 { big: false },
                _ => Encoding::Utf8,
            };
            let mark =
                if self.encoding == Encoding::Utf8 { 3 * usize::from(block.starts_with(b"\xef\xbb\xbf")) } else { 2 };
            block.drain(..mark);
        }
        if let Encoding::Utf16 { big } = self.encoding {
            let text = self.utf16(&block, big);
            self.mender.push(text.as_bytes(), &mut self.out);
        } else {
            self.utf8(&block);
        }
        if self.ended {
            self.mender.end(&mut self.out);
        }
        Ok(())
    }

    fn utf8(&mut self, block: &[u8]) {
        let mut rest = block;
        loop {
            match std::str::from_utf8(rest) {
                Ok(_) => return self.mender.push(rest, &mut self.out),
                Err(error) => {
                    let (right, wrong) = rest.split_at(error.valid_up_to());
                    self.mender.push(right, &mut self.out);
                    match error.error_len() {
                        None if !self.ended => {
                            self.carried = wrong.to_vec();
                            return;
                        }
                        length => {
                            self.bytes = true;
                            self.mender.push("\u{fffd}".as_bytes(), &mut self.out);
                            rest = &wrong[length.unwrap_or(wrong.len())..];
                        }
                    }
                }
            }
        }
    }

    fn utf16(&mut self, block: &[u8], big: bool) -> String {
        let pairs = block.chunks_exact(2);
        if !self.ended {
            self.carried = pairs.remainder().to_vec();
        }
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        units.extend(
            pairs.map(
                |two| {
                    if big { u16::from_be_bytes([two[0], two[1]]) } else { u16::from_le_bytes([two[0], two[1]]) }
                },
            ),
        );
        if !self.ended {
            self.high = units.pop_if(|unit| (0xd800..=0xdbff).contains(unit));
        }
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }
}

impl Read for Text<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let length = buffer.len().min(self.out.len() - self.given);
        buffer[..length].copy_from_slice(&self.out[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

/// Goes through JSON's strings: `\ud800` and its like become `\ufffd` where they stand alone, since browsers write them
/// for bodies that are no text; and what is too long is cut.
#[derive(Debug, Default)]
struct Mender {
    in_string: bool,
    /// How long this string is at least.
    length: usize,
    /// An escape that has not ended, or a high surrogate whose other half may follow.
    held: Vec<u8>,
    halves: bool,
}

impl Mender {
    /// Takes a stretch that is UTF-8.
    fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while let Some(first) = bytes.first() {
            if !self.held.is_empty() {
                if self.escape(*first, out) {
                    bytes = &bytes[1..];
                }
            } else if !self.in_string {
                let end = memchr::memchr(b'"', bytes).map_or(bytes.len(), |quote| quote + 1);
                self.in_string = bytes[end - 1] == b'"';
                self.length = 0;
                out.extend_from_slice(&bytes[..end]);
                bytes = &bytes[end..];
            } else {
                let end = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
                self.plain(&bytes[..end], out);
                let mut read = end + 1;
                match bytes.get(end..) {
                    Some([b'"', ..]) => {
                        self.in_string = false;
                        out.push(b'"');
                    }
                    // Nearly all escapes are as short, and stand there whole.
                    Some(short @ [_, byte, ..]) if *byte != b'u' => {
                        read = end + 2;
                        if self.length < LONGEST {
                            out.extend_from_slice(&short[..2]);
                        }
                        self.length += 1;
                    }
                    Some([backslash, ..]) => self.held.push(*backslash),
                    _ => {}
                }
                bytes = bytes.get(read..).unwrap_or_default();
            }
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.held);
    }

    fn plain(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut room = LONGEST.saturating_sub(self.length).min(bytes.len());
        self.length += bytes.len();
        // A character is never parted.
        while room < bytes.len() && room > 0 && bytes[room] & 0xc0 == 0x80 {
            room += 1;
        }
        out.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    /// Takes one byte of an escape, or of what follows a high surrogate. Whether it was taken.
    fn escape(&mut self, byte: u8, out: &mut Vec<u8>) -> bool {
        let length = self.held.len();
        let fits = match length {
            1 => true,
            6 => byte == b'\\',
            7 => byte == b'u',
            _ => byte.is_ascii_hexdigit(),
        };
        if !fits {
            // The other half does not follow; or this is no escape, as the parser will say.
            let rest = self.held.split_off(length.min(6));
            self.give(out);
            self.held = rest;
            return false;
        }
        self.held.push(byte);
        match length + 1 {
            2 if byte != b'u' => self.give(out),
            6 if !is_high(&self.held) => self.give(out),
            12 => self.pair(out),
            _ => {}
        }
        true
    }

    /// Two escapes are held, of which the first is a high surrogate.
    fn pair(&mut self, out: &mut Vec<u8>) {
        let second = self.held.split_off(6);
        if (0xdc00..=0xdfff).contains(&unit(&second)) {
            if self.length < LONGEST {
                out.extend_from_slice(&self.held);
                out.extend_from_slice(&second);
            }
            self.length += 4;
            self.held.clear();
            return;
        }
        self.give(out);
        self.held = second;
        if !is_high(&self.held) {
            self.give(out);
        }
    }

    /// Hands on one escape, mended where it is half of a pair.
    fn give(&mut self, out: &mut Vec<u8>) {
        if self.held.len() == 6 && (0xd800..=0xdfff).contains(&unit(&self.held)) {
            self.halves = true;
            self.held.splice(2.., *b"fffd");
        }
        if self.length < LONGEST {
            out.extend_from_slice(&self.held);
        }
        self.length += 1;
        self.held.clear();
    }
}

fn is_high(escape: &[u8]) -> bool {
    (0xd800..=0xdbff).contains(&unit(escape))
}

/// What `\uXXXX` stands for.
fn unit(escape: &[u8]) -> u16 {
    let digits = escape.get(2..6).and_then(|hex| std::str::from_utf8(hex).ok());
    digits.and_then(|hex| u16::from_str_radix(hex, 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a text in blocks of every small size.
    fn read(bytes: &[u8], block: usize) -> (String, Mended) {
        let mut input = io::BufReader::with_capacity(block.max(1), bytes);
        let mut text = Text::of(&mut input);
        let mut out = String::new();
        text.read_to_string(&mut out).unwrap();
        (out, text.mended())
    }

    #[test]
    fn only_lone_surrogates_are_mended() {
        for (text, mended) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\ude00 ü \ud83d\ude00""#, r#""\ufffd ü \ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ud83d\n\u00e9\ud83dx""#, r#""\ufffd\n\u00e9\ufffdx""#),
            (r#""\ud83d\\""#, r#""\ufffd\\""#),
            (r#""\ud83d\u12x""#, r#""\ufffd\u12x""#),
            (r#"\ud83d "a""#, r#"\ud83d "a""#),
            ("\\", "\\"),
            (r#""\ud8"#, r#""\ud8"#),
        ] {
            let (read, what) = read(text.as_bytes(), 1);
            assert_eq!(read, mended, "{text}");
            assert_eq!(what.halves, text != mended, "{text}");
        }
    }

    #[test]
    fn byte_order_marks_go_and_what_is_no_text_is_said_to_be() {
        assert_eq!(read(b"\xef\xbb\xbf\"a\"", 2), ("\"a\"".to_owned(), Mended::default()));
        assert_eq!(
            read(b"\"a\xff\xc3\"", 2),
            ("\"a\u{fffd}\u{fffd}\"".to_owned(), Mended { bytes: true, halves: false })
        );
        let text = "\"ü😀\"";
        for big in [true, false] {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            let bytes: Vec<u8> = units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            assert_eq!(read(&bytes, 3).0, text);
        }
    }

    #[test]
    fn a_string_that_is_too_long_is_cut_and_what_follows_is_read() {
        let text = format!("[\"{}\",\"{}\",1]", "ü".repeat(LONGEST), "\\n".repeat(LONGEST + 7));
        let (read, _) = read(text.as_bytes(), BLOCK);
        let parts: (String, String, u32) = serde_json::from_str(&read).unwrap();
        assert!(parts.0.len() >= LONGEST && parts.0.len() < LONGEST + 4, "{}", parts.0.len());
        assert_eq!((parts.1.len(), parts.2), (LONGEST, 1));
    }

    proptest! {
        #[test]
        fn what_needs_no_mending_is_handed_on_as_it_is(text in "[\\[\\]{}\",:a1 ü😀]{0,60}", block in 1_usize..9) {
            prop_assert_eq!(read(text.as_bytes(), block).0, text);
        }

        #[test]
        fn blocks_of_any_size_give_the_same(bytes in "[\"\\\\ud8c0fn]{0,60}", block in 1_usize..9) {
            prop_assert_eq!(read(bytes.as_bytes(), block), read(bytes.as_bytes(), BLOCK));
        }
    }
}
