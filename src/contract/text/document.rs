//! A text that was read: its value, and where everything in it stands.

use serde_json::Value;

use super::builder::Fault;
use super::places::{Places, Spot};
use super::{json, yaml};
use crate::contract::{ContractError, Position};

/// A contract's file as a value with places.
#[derive(Debug, Clone)]
pub struct Document {
    file: String,
    value: Value,
    places: Places,
}

impl Document {
    /// Reads JSON or YAML: what begins as JSON does is read as JSON, and by YAML's laxer rules only where its name doesn't say `.json`.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, ContractError> {
        let wrong = |fault: Fault| ContractError::Wrong { at: position(file, fault.spot), what: fault.what };
        let text = text_of(bytes).map_err(wrong)?;
        let is_named_json =
            file.get(file.len().saturating_sub(5)..).is_some_and(|ending| ending.eq_ignore_ascii_case(".json"));
        let parsed = match text.trim_start().chars().next() {
            None => Err(Fault::new(START, "the file is empty: is it the right one?")),
            _ if is_named_json => json::parse(text),
            // Comments, single quotes and commas that trail are YAML. Whichever comes further knows better what is wrong.
            Some('{' | '[') => json::parse(text).or_else(|fault| {
                let as_json = (fault.spot.line, fault.spot.column);
                yaml::parse(text)
                    .map_err(|other| if (other.spot.line, other.spot.column) > as_json { other } else { fault })
            }),
            Some(_) => yaml::parse(text),
        };
        let (value, places) = parsed.map_err(wrong)?;
        Ok(Self { file: file.to_owned(), value, places })
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// All that it says.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the node of a JSON pointer stands: a member by its key. Of a node that isn't in the text itself (an alias put it
    /// there, or it isn't there at all) the nearest around it.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.places.find(pointer).map(|spot| position(&self.file, spot))
    }
}

const START: Spot = Spot { line: 1, column: 1 };

fn position(file: &str, spot: Spot) -> Position {
    Position { file: file.to_owned(), line: spot.line as usize, column: spot.column as usize }
}

/// The text without its mark, if it is UTF-8.
fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    let is_wide = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, ..] => Some("UTF-16 or UTF-32"),
        // The first characters of a contract are never zeros: every other byte zero means two bytes a character.
        [0, _, 0, _, ..] | [_, 0, _, 0, ..] => Some("UTF-16"),
        _ => None,
    };
    if let Some(encoding) = is_wide {
        return Err(Fault::new(START, format!("the file is {encoding}: save it as UTF-8")));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let spot =
            Spot { line: u32::try_from(line).unwrap_or(u32::MAX), column: u32::try_from(column).unwrap_or(u32::MAX) };
        Fault::new(spot, "bytes that are not UTF-8: save the file as UTF-8")
    })
}
