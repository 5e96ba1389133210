//! Counting a document's leaves without building it.

use super::JsonError;
use super::scan::Scanner;

/// How many leaves [`parse`](super::parse)'s document would have. What is not JSON is one: it is read as text.
pub fn leaves(bytes: &[u8]) -> u64 {
    count(bytes).unwrap_or(1)
}

/// How many leaves the document has, or why it is none.
pub fn count(bytes: &[u8]) -> Result<u64, JsonError> {
    let mut scanner = Scanner::new(bytes)?;
    let count = value(&mut scanner)?;
    scanner.end()?;
    Ok(count)
}

fn value(scanner: &mut Scanner<'_>) -> Result<u64, JsonError> {
    match scanner.peek() {
        Some(b'"') => scanner.string().map(|_| 1),
        Some(b'{') => fields(scanner),
        Some(b'[') => list(scanner),
        Some(b'-' | b'0'..=b'9') => scanner.number().map(|_| 1),
        Some(b't') => scanner.word("true").map(|()| 1),
        Some(b'f') => scanner.word("false").map(|()| 1),
        Some(b'n') => scanner.word("null").map(|()| 1),
        _ => Err(scanner.error("expected a value")),
    }
}

fn fields(scanner: &mut Scanner<'_>) -> Result<u64, JsonError> {
    if scanner.open(b'}')? {
        return Ok(1);
    }
    let mut count = 0;
    loop {
        scanner.name()?;
        count += value(scanner)?;
        if !scanner.another(b'}', "expected a comma or the end of the object")? {
            return Ok(count);
        }
    }
}

fn list(scanner: &mut Scanner<'_>) -> Result<u64, JsonError> {
    if scanner.open(b']')? {
        return Ok(1);
    }
    let mut count = 0;
    loop {
        count += value(scanner)?;
        if !scanner.another(b']', "expected a comma or the end of the array")? {
            return Ok(count);
        }
    }
}
