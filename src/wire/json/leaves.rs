//! Counting a document's leaves, and what they would take, without building it.

use super::JsonError;
use super::scan::Scanner;
use crate::wire::weight::Weight;

/// How many leaves [`parse`](super::parse)'s document would have. What is not JSON is one: it is read as text.
pub fn leaves(bytes: &[u8]) -> u64 {
    weigh(bytes).map_or(1, |weight| weight.leaves)
}

/// What the document would take, or why it is none.
pub(in crate::wire) fn weigh(bytes: &[u8]) -> Result<Weight, JsonError> {
    let mut scanner = Scanner::new(bytes)?;
    let mut weight = Weight::default();
    value(&mut scanner, &mut weight)?;
    scanner.end()?;
    Ok(weight)
}

fn value(scanner: &mut Scanner<'_>, weight: &mut Weight) -> Result<(), JsonError> {
    let length = match scanner.peek() {
        Some(b'"') => scanner.string()?.raw.len(),
        Some(b'{') => return fields(scanner, weight),
        Some(b'[') => return list(scanner, weight),
        Some(b'-' | b'0'..=b'9') => scanner.number()?.len(),
        Some(b't') => scanner.word("true").map(|()| 0)?,
        Some(b'f') => scanner.word("false").map(|()| 0)?,
        Some(b'n') => scanner.word("null").map(|()| 0)?,
        _ => return Err(scanner.error("expected a value")),
    };
    weight.add_leaf(length);
    Ok(())
}

fn fields(scanner: &mut Scanner<'_>, weight: &mut Weight) -> Result<(), JsonError> {
    if scanner.open(b'}')? {
        weight.add_leaf(0);
        return Ok(());
    }
    weight.add_container();
    loop {
        weight.add_name(scanner.name()?.raw.len());
        value(scanner, weight)?;
        if !scanner.another(b'}', "expected a comma or the end of the object")? {
            return Ok(());
        }
    }
}

fn list(scanner: &mut Scanner<'_>, weight: &mut Weight) -> Result<(), JsonError> {
    if scanner.open(b']')? {
        weight.add_leaf(0);
        return Ok(());
    }
    weight.add_container();
    loop {
        value(scanner, weight)?;
        if !scanner.another(b']', "expected a comma or the end of the array")? {
            return Ok(());
        }
    }
}
