//! An enum as its writer and its reader know it, and the fields that carry it.
//!
//! Main type: [`EnumMeeting`].

use prost_reflect::{EnumDescriptor, MessageDescriptor, Value};

use super::exchange::{Exchange, Wire};
use super::field::{Field, Shape};
use super::hit::{Ends, Hit, Shown, Verdict};
use super::meaning::{self, Fate};
use super::meeting::{Context, worst};
use super::sample;
use crate::contract::Position;
use crate::model::Severity;

/// One enum of the writer, met by one of the reader.
pub struct EnumMeeting<'a> {
    /// The direction.
    pub context: &'a Context<'a>,
    /// What is written.
    pub writer: EnumDescriptor,
    /// What it is read as.
    pub reader: EnumDescriptor,
    /// The fields that carry it to a message of the same name.
    pub users: Vec<User>,
    /// Whether any field of the writer carries it at all.
    pub is_carried: bool,
}

/// A field of a message that carries an enum to a reader.
#[derive(Clone)]
pub struct User {
    /// The messages.
    pub messages: Ends<MessageDescriptor>,
    /// The writer's field.
    pub writer: Field,
    /// What the reader takes it for.
    pub reader: Field,
}

/// A number that the writer has a name for.
pub struct Number {
    /// What is on the wire.
    pub value: i32,
    /// The writer's names, the one that is written first.
    pub names: Vec<String>,
    /// The reader's names.
    pub read_as: Vec<String>,
    /// Whether the reader knows one of the writer's names by another number, or the writer one of the reader's.
    pub moved: bool,
}

/// Fields of which one message each is tried.
const MOST_USERS: usize = 64;

impl EnumMeeting<'_> {
    /// The numbers that the reader may take otherwise.
    pub fn numbers(&self) -> Vec<Number> {
        let mut numbers: Vec<Number> = Vec::new();
        for value in self.writer.values() {
            if numbers.iter().any(|known| known.value == value.number()) {
                continue;
            }
            let number = value.number();
            let names = names(&self.writer, number);
            let read_as = names_of(&self.reader, number);
            let differs = |others: &EnumDescriptor, name: &String| {
                others.get_value_by_name(name).is_some_and(|other| other.number() != number)
            };
            let moved = names.iter().any(|name| differs(&self.reader, name))
                || read_as.iter().any(|name| differs(&self.writer, name));
            numbers.push(Number { value: number, names, read_as, moved });
        }
        numbers
    }

    /// Sends a number through the fields that carry the enum; the worst of each encoding counts.
    pub fn try_number(&self, number: i32, judge: impl Fn(Fate, Wire, bool) -> Fate) -> Verdict {
        let exchange: &Exchange = self.context.exchange;
        let mut verdict = Verdict::default();
        for wire in exchange.wires() {
            let shown = self.users.iter().take(MOST_USERS).filter_map(|user| {
                let written = sample::with(&user.messages.writer, &user.writer, user.value(number)?)?;
                let sent = exchange.send(*wire, &written, &user.messages.reader)?;
                let is_written = user.writer.is_in(&written);
                let fate = match &sent.read {
                    Err(_) => Fate::Refused,
                    Ok(read) => meaning::fate(*wire, (&user.writer, &written), (&user.reader, read)),
                };
                Some(Shown { sent, fate: if fate == Fate::Refused { fate } else { judge(fate, *wire, is_written) } })
            });
            verdict.add(worst(shown));
        }
        verdict
    }

    /// What is to be said of a number, if anything.
    pub fn hit(&self, number: &Number, verdict: Verdict, sentence: &str) -> Option<Hit> {
        let positions = self.positions(number.value);
        if !self.users.is_empty() {
            return verdict.hit(number.at(), sentence, positions);
        }
        // Nothing can be sent, but whoever uses the contract may have a message that carries it.
        let severity = Severity::Risk;
        let why =
            if self.is_carried { "only messages that one side lacks carry it" } else { "no message here carries it" };
        Some(Hit { severity, at: number.at(), message: format!("{sentence}: {why}"), shown: None, positions })
    }

    /// Where a number stands.
    pub fn positions(&self, number: i32) -> Ends<Option<Position>> {
        let (ours, theirs) = (self.context.schemas.writer, self.context.schemas.reader);
        let of = |enumeration: &EnumDescriptor| enumeration.get_value(number);
        Ends {
            writer: of(&self.writer).and_then(|value| ours.position(&self.writer.parent_file(), value.path())),
            reader: match of(&self.reader) {
                Some(value) => theirs.position(&self.reader.parent_file(), value.path()),
                None => theirs.position(&self.reader.parent_file(), self.reader.path()),
            },
        }
    }
}

impl User {
    fn value(&self, number: i32) -> Option<Value> {
        let value = Value::EnumNumber(number);
        match self.writer.shape {
            Shape::One => Some(value),
            Shape::Many => Some(Value::List(vec![value])),
            Shape::Map => {
                let (key, _) = self.writer.entry()?;
                let key = sample::edges(&key).into_iter().next()?.into_map_key()?;
                Some(Value::Map([(key, value)].into()))
            }
        }
    }
}

impl Number {
    /// The place as reports name it.
    pub fn at(&self) -> String {
        format!("value {} ({})", self.value, self.name())
    }

    /// The name that is written.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// Whether the reader has one of the writer's names for it.
    pub fn is_known_by_name(&self) -> bool {
        self.names.iter().any(|name| self.read_as.contains(name))
    }
}

/// The names of a number, the one that JSON writers use first.
fn names(enumeration: &EnumDescriptor, number: i32) -> Vec<String> {
    let written = enumeration.get_value(number).map(|value| value.name().to_owned());
    let mut names = names_of(enumeration, number);
    names.sort_by_key(|name| Some(name) != written.as_ref());
    names
}

fn names_of(enumeration: &EnumDescriptor, number: i32) -> Vec<String> {
    enumeration.values().filter(|value| value.number() == number).map(|value| value.name().to_owned()).collect()
}
