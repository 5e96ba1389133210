//! Reads JSON as RFC 8259 has it, with places. Numbers keep what `serde_json` keeps: 64-bit integers exactly, all others as floats.

use serde_json::{Number, Value};

use super::builder::{Builder, Fault};
use super::places::{Places, Spot};

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<(Value, Places), Fault> {
    let mut reader = Reader { text, at: 0, marked: 0, line: 1, column: 1 };
    let mut builder = Builder::default();
    let mut next = Next::Value;
    loop {
        reader.skip_blanks();
        let spot = reader.spot();
        next = match (next, reader.peek()) {
            (Next::End, None) => {
                return builder.finish().ok_or_else(|| Fault::new(spot, "the file ends before its value"));
            }
            (Next::End, Some(_)) => return Err(reader.unexpected("the end of the file")),
            (Next::Value | Next::ValueOrEnd, Some(b'{')) => {
                reader.at += 1;
                builder.open_object(spot)?;
                Next::KeyOrEnd
            }
            (Next::Value | Next::ValueOrEnd, Some(b'[')) => {
                reader.at += 1;
                builder.open_array(spot)?;
                Next::ValueOrEnd
            }
            (Next::ValueOrEnd, Some(b']')) | (Next::KeyOrEnd, Some(b'}')) => close(&mut reader, &mut builder, spot)?,
            (Next::Value | Next::ValueOrEnd, _) => {
                let value = reader.scalar()?;
                builder.leaf(value, spot)?;
                after(&builder)
            }
            (Next::Key | Next::KeyOrEnd, Some(b'"')) => {
                let name = reader.string()?;
                builder.key(name, spot)?;
                reader.skip_blanks();
                if reader.peek() != Some(b':') {
                    return Err(reader.unexpected("`:`"));
                }
                reader.at += 1;
                Next::Value
            }
            (Next::Key | Next::KeyOrEnd, _) => return Err(reader.unexpected("a key in double quotes")),
            (Next::CommaOrEnd, Some(b',')) => {
                reader.at += 1;
                if builder.is_in_object() { Next::Key } else { Next::Value }
            }
            (Next::CommaOrEnd, Some(b'}')) if builder.is_in_object() => close(&mut reader, &mut builder, spot)?,
            (Next::CommaOrEnd, Some(b']')) if !builder.is_in_object() => close(&mut reader, &mut builder, spot)?,
            (Next::CommaOrEnd, _) => {
                return Err(reader.unexpected(if builder.is_in_object() { "`,` or `}`" } else { "`,` or `]`" }));
            }
        };
    }
}

/// What may come next.
enum Next {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    End,
}

fn after(builder: &Builder) -> Next {
    if builder.is_at_top() { Next::End } else { Next::CommaOrEnd }
}

fn close(reader: &mut Reader<'_>, builder: &mut Builder, spot: Spot) -> Result<Next, Fault> {
    reader.at += 1;
    let value = builder.close();
    builder.put(value, spot)?;
    Ok(after(builder))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How far line and column have been counted.
    marked: usize,
    line: u32,
    column: u32,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Where the reader stands; counts on from where it was asked last.
    fn spot(&mut self) -> Spot {
        for byte in self.text.as_bytes().get(self.marked..self.at).unwrap_or_default() {
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                // The bytes of a character after its first.
                0x80..=0xbf => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self.marked = self.at;
        Spot { line: self.line, column: self.column }
    }

    fn unexpected(&mut self, expected: &str) -> Fault {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let what = match found {
            Some(found) => format!("{expected} is expected here, not `{}`", found.escape_default()),
            None => format!("the file ends where {expected} is expected: is it cut off?"),
        };
        Fault::new(self.spot(), what)
    }

    fn scalar(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            _ => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let words = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
                for (word, value) in words {
                    if rest.starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.unexpected("a value"))
            }
        }
    }

    fn number(&mut self) -> Result<Number, Fault> {
        let start = self.at;
        let spot = self.spot();
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let integral = self.digits();
        let mut is_well_formed =
            integral == 1 || (integral > 1 && self.text.as_bytes().get(self.at - integral) != Some(&b'0'));
        if self.peek() == Some(b'.') {
            self.at += 1;
            is_well_formed &= self.digits() > 0;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            is_well_formed &= self.digits() > 0;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !is_well_formed {
            return Err(Fault::new(spot, format!("`{text}` is not a number as JSON writes them")));
        }
        number(text).ok_or_else(|| Fault::new(spot, format!("`{text}` is beyond what a number can hold")))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, Fault> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain =
                rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < 0x20).unwrap_or(rest.len());
            out.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(self.unexpected("the closing `\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let spot = self.spot();
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        let simple = match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(spot),
            _ => return Err(Fault::new(spot, "`\\` begins no escape here: write `\\\\` for a backslash")),
        };
        Ok(simple)
    }

    fn unicode(&mut self, spot: Spot) -> Result<char, Fault> {
        let lone = || Fault::new(spot, "half of a surrogate pair: write the character itself");
        let first = self.hex(spot)?;
        if let Some(whole) = char::from_u32(first) {
            return Ok(whole);
        }
        if !self.text.get(self.at..).unwrap_or_default().starts_with("\\u") || first >= 0xdc00 {
            return Err(lone());
        }
        self.at += 2;
        let second = self.hex(spot)?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(lone());
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or_else(lone)
    }

    fn hex(&mut self, spot: Spot) -> Result<u32, Fault> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        value.ok_or_else(|| Fault::new(spot, "`\\u` takes four hexadecimal digits"))
    }
}

/// A decimal number's text as a number: an integer if it is written as one and fits, else a float.
pub(super) fn number(text: &str) -> Option<Number> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Some(integer.into());
    }
    Number::from_f64(text.parse().ok()?)
}
