//! A message as its writer and its reader know it: which field the reader takes each written one for.
//!
//! Owns matching fields by number and by name, and sending samples of them. Main type: [`Meeting`].

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};

use prost_reflect::{DynamicMessage, EnumDescriptor, MessageDescriptor, Value};

use super::exchange::{Exchange, Sent, Wire};
use super::field::{Field, Shape};
use super::hit::{Ends, Shown, Verdict};
use super::meaning::{self, Fate};
use super::sample;
use super::schema::Schema;
use super::special::is_special;
use crate::contract::Position;
use crate::model::Side;

/// What holds for a whole direction.
pub struct Context<'a> {
    /// Who writes.
    pub from: Side,
    /// What they know.
    pub schemas: Ends<&'a Schema>,
    /// How messages are sent.
    pub exchange: &'a Exchange,
    /// Pairs of differently named messages that were compared for the present surface.
    pub visited: RefCell<BTreeSet<(String, String)>>,
    /// How deep differently named messages stand in each other just now.
    pub depth: Cell<usize>,
    /// Why something of the present surface can't be decided.
    pub undecided: RefCell<Vec<(String, String)>>,
}

/// One message of the writer, met by one of the reader.
pub struct Meeting<'a> {
    /// The direction.
    pub context: &'a Context<'a>,
    /// What is written.
    pub writer: MessageDescriptor,
    /// What it is read as.
    pub reader: MessageDescriptor,
    /// Every field that may be written.
    pub lines: Vec<Line>,
    /// The reader's fields.
    pub readable: Vec<Field>,
    /// The encodings that are looked at.
    wires: &'static [Wire],
    /// The numbers of the reader's fields that something written is taken for.
    taken: HashSet<u32>,
}

/// Fields by whatever they are looked up by: messages may have thousands.
struct Index<'f> {
    numbers: HashMap<u32, &'f Field>,
    names: HashMap<&'f str, &'f Field>,
    json_names: HashMap<&'f str, &'f Field>,
}

impl<'f> Index<'f> {
    fn of(fields: &'f [Field]) -> Self {
        Self {
            numbers: fields.iter().map(|field| (field.number, field)).collect(),
            names: fields.iter().map(|field| (field.name.as_str(), field)).collect(),
            json_names: fields.iter().map(|field| (field.json_name.as_str(), field)).collect(),
        }
    }
}

/// A field that may be written, and what readers take it for.
pub struct Line {
    /// The field.
    pub writer: Field,
    /// By its number.
    pub binary: Option<Field>,
    /// By its name.
    pub json: Option<Field>,
    /// Whether the number means another field to the reader.
    pub is_reused: bool,
}

impl<'a> Meeting<'a> {
    /// Matches the fields of both.
    pub fn new(context: &'a Context<'a>, writer: MessageDescriptor, reader: MessageDescriptor) -> Self {
        let (writable, readable) = (Field::all(&writer), Field::all(&reader));
        let (ours, theirs) = (Index::of(&writable), Index::of(&readable));
        let lines: Vec<Line> = writable
            .iter()
            .map(|field| {
                let binary = theirs.numbers.get(&field.number).copied();
                let json = theirs.json_names.get(field.json_name.as_str()).copied();
                let is_reused = binary.is_some_and(|other| is_reused(field, other, &ours, &theirs));
                let json = json.or_else(|| theirs.names.get(field.json_name.as_str()).copied());
                Line { writer: field.clone(), binary: binary.cloned(), json: json.cloned(), is_reused }
            })
            .collect();
        let taken =
            lines.iter().flat_map(|line| line.binary.iter().chain(&line.json)).map(|field| field.number).collect();
        let wires = if is_special(&writer) || is_special(&reader) {
            // In JSON they don't have fields: who carries them compares their form.
            context.exchange.wires().strip_suffix(&[Wire::Json]).unwrap_or(context.exchange.wires())
        } else {
            context.exchange.wires()
        };
        Self { context, writer, reader, lines, readable, wires, taken }
    }

    /// Where a field of the writer and one of the reader stand.
    pub fn positions(&self, writer: Option<&Field>, reader: Option<&Field>) -> Ends<Option<Position>> {
        let place = |schema: &Schema, field: Option<&Field>, message: &MessageDescriptor| match field {
            Some(field) => {
                let (file, path) = field.place();
                schema.position(&file, path)
            }
            None => schema.position(&message.parent_file(), message.path()),
        };
        Ends {
            writer: place(self.context.schemas.writer, writer, &self.writer),
            reader: place(self.context.schemas.reader, reader, &self.reader),
        }
    }

    /// The encodings in use.
    pub fn wires(&self) -> &'static [Wire] {
        self.wires
    }

    /// Sends a message.
    pub fn send(&self, wire: Wire, written: &DynamicMessage) -> Option<Sent> {
        self.context.exchange.send(wire, written, &self.reader)
    }

    /// Sends the smallest message with these values in a field, and judges what becomes of the field; the worst counts.
    pub fn try_values(&self, wire: Wire, field: &Field, values: &[Value], reader: Option<&Field>) -> Option<Shown> {
        let messages = values.iter().filter_map(|value| sample::with(&self.writer, field, value.clone()));
        let shown = messages.filter_map(|written| {
            let sent = self.send(wire, &written)?;
            let fate = match (&sent.read, reader) {
                (Err(_), _) => Fate::Refused,
                (Ok(read), Some(reader)) => meaning::fate(wire, (field, &written), (reader, read)),
                (Ok(_), None) => {
                    if field.is_in(&written) {
                        Fate::Lost
                    } else {
                        Fate::Same
                    }
                }
            };
            Some(Shown { sent, fate })
        });
        worst(shown)
    }

    /// Sends all samples of a field in each of these encodings.
    pub fn try_field(&self, wires: &[Wire], field: &Field, reader: Option<&Field>) -> Verdict {
        let values = sample::tries(field);
        let mut verdict = Verdict::default();
        for wire in wires {
            let shown = self.try_values(*wire, field, &values, reader);
            if shown.is_none() {
                self.undecided(&field.at(), &format!("no sample of it could be written in {}", wire.as_str()));
            }
            verdict.add(shown);
        }
        verdict
    }

    /// Sends the smallest message alone.
    pub fn try_smallest(&self, wire: Wire) -> Option<Sent> {
        self.send(wire, &sample::smallest(&self.writer)?)
    }

    /// Whether anything that is written is taken for this field of the reader, in any encoding.
    pub fn is_taken(&self, field: &Field) -> bool {
        self.taken.contains(&field.number)
    }

    /// Notes that something can't be decided.
    pub fn undecided(&self, at: &str, why: &str) {
        self.context.undecided.borrow_mut().push((at.to_owned(), why.to_owned()));
    }

    /// Whether the writer's text says that a number or name must not be used again.
    pub fn writer_reserves(&self, field: &Field) -> bool {
        reserves(&self.writer, field)
    }

    /// Whether the reader's text says so.
    pub fn reader_reserves(&self, field: &Field) -> bool {
        reserves(&self.reader, field)
    }
}

/// The worst of what was shown, the first of equals.
pub fn worst(shown: impl Iterator<Item = Shown>) -> Option<Shown> {
    shown.fold(None, |worst: Option<Shown>, next| match worst {
        Some(worst) if worst.fate >= next.fate => Some(worst),
        _ => Some(next),
    })
}

fn reserves(message: &MessageDescriptor, field: &Field) -> bool {
    message.reserved_ranges().any(|range| range.contains(&field.number))
        || message.reserved_names().any(|name| name == field.name)
}

/// Whether a number names one thing to the writer and another to the reader. A new name alone is just a new name, unless the old
/// name is still in use elsewhere, or the type is of another family.
fn is_reused(writer: &Field, reader: &Field, ours: &Index<'_>, theirs: &Index<'_>) -> bool {
    if writer.name == reader.name || writer.json_name == reader.json_name {
        return false;
    }
    // Their numbers are others: under this one each side has another name.
    let lives_on = theirs.names.contains_key(writer.name.as_str()) || ours.names.contains_key(reader.name.as_str());
    lives_on || family(writer) != family(reader) || (writer.shape == Shape::Map) != (reader.shape == Shape::Map)
}

/// Types whose values look alike on the wire.
fn family(field: &Field) -> u8 {
    use prost_reflect::Kind;
    match field.kind {
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => 0,
        Kind::Sint32 | Kind::Sint64 => 1,
        Kind::Fixed32 | Kind::Sfixed32 => 2,
        Kind::Fixed64 | Kind::Sfixed64 => 3,
        Kind::Float => 4,
        Kind::Double => 5,
        Kind::String | Kind::Bytes => 6,
        Kind::Message(_) => 7,
    }
}

impl Line {
    /// The reader's fields that are meant to be this one, each with the encodings in which it takes it.
    pub fn pairings(&self, wires: &[Wire]) -> Vec<(&Field, Vec<Wire>)> {
        let mut pairings: Vec<(&Field, Vec<Wire>)> = Vec::new();
        for wire in wires {
            let taken = match wire {
                Wire::Binary => self.binary.as_ref().filter(|_| !self.is_reused),
                Wire::Json => self.json.as_ref(),
            };
            let Some(field) = taken else { continue };
            match pairings.iter_mut().find(|(other, _)| other.number == field.number) {
                Some((_, wires)) => wires.push(*wire),
                None => pairings.push((field, vec![*wire])),
            }
        }
        pairings
    }

    /// The enums that it carries, and the reader's field for it.
    pub fn enums(&self) -> Option<(EnumDescriptor, EnumDescriptor, Field)> {
        let reader = self.binary.as_ref().filter(|_| !self.is_reused).or(self.json.as_ref())?;
        Some((self.writer.enumeration()?, reader.enumeration()?, reader.clone()))
    }

    /// What the reader takes it for in an encoding.
    pub fn taken(&self, wire: Wire) -> Option<&Field> {
        match wire {
            Wire::Binary => self.binary.as_ref(),
            Wire::Json => self.json.as_ref(),
        }
    }
}
