//! What comparing two contracts gives: values that say what breaks, for whom and where.

use serde_json::Value;

use super::Position;
use crate::model::{Direction, Mark, Pair, Rule, Severity};

/// All that comparing two contracts says.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Every surface that either contract has, sorted by name.
    pub surfaces: Vec<Surface>,
    /// What differs, and for whom that matters.
    pub differences: Vec<Difference>,
    /// What could not be decided.
    pub unknown: Vec<Unknown>,
    /// What a person must know first.
    pub notes: Vec<String>,
}

/// Something that both contracts may offer: an operation, a method, a message, a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// `GET /orders/{}`, `shop.v1.Shop/Get`, `message shop.v1.Order`, `schema order.json`.
    pub subject: String,
    /// Who has it.
    pub known: Pair<bool>,
}

/// A difference that matters to somebody in one direction.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What kind it is.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// Where it was found.
    pub place: Place,
    /// One sentence for a person.
    pub message: String,
    /// What shows it; always there where a schema is said to break.
    pub counterexample: Option<Counterexample>,
}

/// Of what, in which direction, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The surface.
    pub subject: String,
    /// Who starts, who takes it up: for operations and methods the client and the server, also where the reply is what breaks.
    pub direction: Direction,
    /// `request $.items[].id`, `reply 200 $.total`, `query limit`, `header etag`, `field 3 (total)`.
    pub at: String,
    /// Where it stands in each contract.
    pub positions: Pair<Option<Position>>,
}

/// Something that the writer may write, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// What is written: a JSON document, or a message in protobuf's text format.
    pub written: Value,
    /// Its bytes in hex, where the encoding is not text.
    pub bytes: Option<String>,
    /// What the reader makes of it: another document, or why it refuses this one.
    pub read: Value,
}

/// What could be neither shown nor excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Where.
    pub place: Place,
    /// Why, for a person.
    pub why: String,
}

impl Comparison {
    /// Takes in what comparing another part of the same contracts says.
    pub fn append(&mut self, mut other: Self) {
        self.surfaces.append(&mut other.surfaces);
        self.differences.append(&mut other.differences);
        self.unknown.append(&mut other.unknown);
        self.notes.append(&mut other.notes);
    }

    /// What is to be said of a surface in a mixed direction.
    pub fn mark(&self, subject: &str, direction: Direction) -> Mark {
        let is_there = |place: &Place| place.subject == subject && place.direction == direction;
        let worst = self.differences.iter().filter(|difference| is_there(&difference.place)).map(|d| d.severity).max();
        let is_unknown = self.unknown.iter().any(|unknown| is_there(&unknown.place));
        match worst {
            Some(Severity::Breaking) => Mark::Breaking,
            _ if is_unknown => Mark::Unknown,
            Some(Severity::Risk) => Mark::Risk,
            Some(Severity::Info) => Mark::Info,
            None => Mark::Ok,
        }
    }
}
