//! JSON's tokens: what the tree builder and the leaf counter both stand on, so that they accept the same.

use std::ops::Range;

use super::JsonError;

/// How many arrays and objects may stand within each other.
pub const MAX_DEPTH: usize = 512;

/// Walks over the tokens of one text.
pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

/// A string between its quotes, as written.
pub(super) struct Quoted {
    /// Where the text between the quotes stands; its escapes have been found valid.
    pub raw: Range<usize>,
    /// Whether there is an escape in it.
    pub escaped: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner at the text's first token. JSON is UTF-8; a byte order mark before it is skipped.
    pub fn new(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = str::from_utf8(bytes)
            .map_err(|error| JsonError::at("bytes that are not UTF-8", bytes, error.valid_up_to()))?;
        let mut scanner = Self { text, bytes, at: if text.starts_with('\u{feff}') { 3 } else { 0 }, depth: 0 };
        scanner.skip_space();
        Ok(scanner)
    }

    /// The next token's first byte, at which the scanner stays.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// What stands there, as it is written: whoever only counts never asks.
    #[inline]
    pub fn raw(&self, range: Range<usize>) -> &'a str {
        &self.text[range]
    }

    /// Whether the next byte is `byte`: then it and the space after it are passed.
    #[inline]
    pub fn eat(&mut self, byte: u8) -> bool {
        if self.peek() == Some(byte) {
            self.at += 1;
            self.skip_space();
            true
        } else {
            false
        }
    }

    /// The trouble `what` at the next token.
    #[cold]
    pub fn error(&self, what: &'static str) -> JsonError {
        JsonError::at(what, self.bytes, self.at)
    }

    /// Passes the bracket that opens an array or object; whether the one that closes it follows at once.
    #[inline]
    pub fn open(&mut self, close: u8) -> Result<bool, JsonError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error("more than 512 arrays and objects within each other"));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        Ok(self.close(close))
    }

    /// Whether the array or object ends here: then its bracket is passed.
    #[inline]
    pub fn close(&mut self, close: u8) -> bool {
        let closes = self.eat(close);
        if closes {
            self.depth -= 1;
        }
        closes
    }

    /// Between two elements: whether another follows (its comma is passed), or the end did (its bracket is).
    #[inline]
    pub fn another(&mut self, close: u8, missing: &'static str) -> Result<bool, JsonError> {
        if self.eat(b',') {
            Ok(true)
        } else if self.close(close) {
            Ok(false)
        } else {
            Err(self.error(missing))
        }
    }

    /// An object's next name and the colon after it.
    #[inline]
    pub fn name(&mut self) -> Result<Quoted, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a name in quotes"));
        }
        let name = self.string()?;
        if self.eat(b':') { Ok(name) } else { Err(self.error("expected a colon after the name")) }
    }

    /// A string; the scanner stands at its opening quote.
    #[inline]
    pub fn string(&mut self) -> Result<Quoted, JsonError> {
        let start = self.at + 1;
        let mut escaped = false;
        self.at = start;
        loop {
            self.at += plain(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.error("a control character that is not escaped")),
                None => return Err(self.error("a string that does not end")),
            }
        }
        let raw = start..self.at;
        self.at += 1;
        self.skip_space();
        Ok(Quoted { raw, escaped })
    }

    /// A number, as it is written.
    #[inline]
    pub fn number(&mut self) -> Result<Range<usize>, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.error("a number with a zero before it"));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = start..self.at;
        self.skip_space();
        Ok(number)
    }

    /// One of the three words.
    #[inline]
    pub fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        self.skip_space();
        Ok(())
    }

    /// Nothing may follow.
    pub fn end(&self) -> Result<(), JsonError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error("something after the document's end")) }
    }

    #[inline]
    fn digits(&mut self) -> Result<(), JsonError> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(self.error("expected a digit")) } else { Ok(()) }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return Err(self.error("an escape without its four hexadecimal digits"));
                }
                self.at += 6;
            }
            _ => return Err(self.error("an escape that JSON does not know")),
        }
        Ok(())
    }

    #[inline]
    fn skip_space(&mut self) {
        // Most JSON is sent without any.
        if self.bytes.get(self.at).is_some_and(|byte| *byte <= b' ') {
            self.skip_all_space();
        }
    }

    #[inline(never)]
    fn skip_all_space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}

/// How many bytes from the start may stand in a string as they are. Eight at a time: most strings of an API are too short
/// for a wider search to pay.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    // Of each byte its top bit, where it is less than `least`; of the lowest one that is for certain.
    let less = |word: u64, least: u64| word.wrapping_sub(ONES * least) & !word & TOPS;
    let (eights, rest) = bytes.as_chunks::<8>();
    for (index, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        // With this bit turned a quote comes next to the control characters, which stay among themselves.
        let found = less(word ^ (ONES * 0x02), 0x21) | less(word ^ (ONES * 0x5c), 1);
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    bytes.len() - rest.len() + rest.iter().take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\').count()
}
