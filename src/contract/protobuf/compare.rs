//! Comparing two protobuf contracts, in both directions.
//!
//! Main function: [`compare`].

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};

use super::enums::{EnumMeeting, User};
use super::exchange::Exchange;
use super::field::{Field, is_closed};
use super::hit::{Ends, Hit, Shown};
use super::load::load;
use super::meeting::{Context, Meeting};
use super::methods::Call;
use super::rules;
use super::schema::Schema;
use super::surfaces::Surfaces;
use crate::contract::{Comparison, ContractError, Difference, Place, Source, Surface, Terms, Unknown};
use crate::model::{Direction, Pair, Rule, Side};

/// Reads both contracts and says what differs, and for whom that matters.
pub fn compare(sources: Pair<&Source>, terms: &Terms) -> Result<Comparison, ContractError> {
    let schemas = Pair::new(load(sources.old)?, load(sources.new)?);
    Ok(compare_schemas(&schemas, terms))
}

/// The same of what was read already.
pub fn compare_schemas(schemas: &Pair<Schema>, terms: &Terms) -> Comparison {
    let surfaces = Pair::new(Surfaces::of(&schemas.old), Surfaces::of(&schemas.new));
    let exchange = Exchange::new(terms);
    let mut comparison = Comparison { surfaces: list(&surfaces), ..Comparison::default() };
    let both = Pair::new(context(schemas, &exchange, Side::Old), context(schemas, &exchange, Side::New));
    for from in Side::BOTH {
        let direction = Direction::mixed_from(from);
        let work = Work { surfaces: &surfaces, contexts: &both, from, direction };
        work.messages(&mut comparison);
        work.enums(&mut comparison);
        work.methods(&mut comparison);
    }
    if exchange.is_spent() {
        give_up(&mut comparison, terms.steps);
    }
    let key = |place: &Place| (place.subject.clone(), place.direction.from == Side::New, place.at.clone());
    comparison.differences.sort_by_key(|difference| (key(&difference.place), difference.rule.id));
    comparison.unknown.sort_by_key(|unknown| key(&unknown.place));
    comparison
}

fn context<'a>(schemas: &'a Pair<Schema>, exchange: &'a Exchange, from: Side) -> Context<'a> {
    Context {
        from,
        schemas: Ends { writer: schemas.get(from), reader: schemas.get(from.other()) },
        exchange,
        visited: RefCell::default(),
        depth: Cell::new(0),
        undecided: RefCell::default(),
    }
}

/// Every surface that either has, sorted.
fn list(surfaces: &Pair<Surfaces>) -> Vec<Surface> {
    let mut known: BTreeMap<String, Pair<bool>> = BTreeMap::new();
    for (side, of) in surfaces.iter() {
        let messages = of.messages.keys().map(|name| format!("message {name}"));
        let enums = of.enums.keys().map(|name| format!("enum {name}"));
        for subject in messages.chain(enums).chain(of.methods.keys().cloned()) {
            *known.entry(subject).or_insert(Pair::new(false, false)).get_mut(side) = true;
        }
    }
    known.into_iter().map(|(subject, known)| Surface { subject, known }).collect()
}

/// Nothing that was not looked at may read as fine.
fn give_up(comparison: &mut Comparison, steps: u64) {
    let why = format!("the comparison was given up after {steps} messages were tried");
    for surface in comparison.surfaces.iter().filter(|surface| surface.known.old && surface.known.new) {
        for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
            let positions = Pair::new(None, None);
            let place = Place { subject: surface.subject.clone(), direction, at: String::new(), positions };
            comparison.unknown.push(Unknown { place, why: why.clone() });
        }
    }
}

struct Work<'a> {
    surfaces: &'a Pair<Surfaces>,
    contexts: &'a Pair<Context<'a>>,
    from: Side,
    direction: Direction,
}

impl Work<'_> {
    fn context(&self) -> &Context<'_> {
        self.contexts.get(self.from)
    }

    fn messages(&self, comparison: &mut Comparison) {
        let (writers, readers) = (self.surfaces.get(self.from), self.surfaces.get(self.from.other()));
        for (name, writer) in &writers.messages {
            let Some(reader) = readers.messages.get(name).filter(|reader| !are_alike(writer, reader)) else { continue };
            let hits = rules::messages(&Meeting::new(self.context(), writer.clone(), reader.clone()));
            self.tell(comparison, &format!("message {name}"), hits);
        }
    }

    fn enums(&self, comparison: &mut Comparison) {
        let (writers, readers) = (self.surfaces.get(self.from), self.surfaces.get(self.from.other()));
        for (name, writer) in &writers.enums {
            let is_alike = |reader: &&EnumDescriptor| {
                writer.enum_descriptor_proto() == reader.enum_descriptor_proto()
                    && writer.parent_file().syntax() == reader.parent_file().syntax()
            };
            let Some(reader) = readers.enums.get(name).filter(|reader| !is_alike(reader)) else { continue };
            let hits = rules::enums(&EnumMeeting {
                context: self.context(),
                writer: writer.clone(),
                reader: reader.clone(),
                users: users(writers, readers, name),
                is_carried: !writers.carriers(name).is_empty(),
            });
            self.tell(comparison, &format!("enum {name}"), hits);
        }
    }

    fn methods(&self, comparison: &mut Comparison) {
        let (clients, servers) = (self.surfaces.get(self.from), self.surfaces.get(self.from.other()));
        for (subject, client) in &clients.methods {
            let hits = rules::methods(&Call {
                request: self.context(),
                reply: self.contexts.get(self.from.other()),
                client: client.clone(),
                server: servers.methods.get(subject).cloned(),
            });
            self.tell(comparison, subject, hits);
        }
    }

    fn tell(&self, comparison: &mut Comparison, subject: &str, hits: Vec<(&'static Rule, Hit)>) {
        let place =
            |at: String, positions| Place { subject: subject.to_owned(), direction: self.direction, at, positions };
        comparison.differences.extend(hits.into_iter().map(|(rule, hit)| Difference {
            rule,
            severity: hit.severity,
            message: hit.message,
            counterexample: hit.shown.as_ref().map(Shown::counterexample),
            place: place(hit.at, self.pair(hit.positions)),
        }));
        let mut undecided = BTreeSet::new();
        for (_, context) in self.contexts.iter() {
            context.visited.borrow_mut().clear();
            undecided.extend(context.undecided.borrow_mut().drain(..));
        }
        let unknown = undecided.into_iter().map(|(at, why)| Unknown { place: place(at, Pair::new(None, None)), why });
        comparison.unknown.extend(unknown);
    }

    fn pair<T>(&self, ends: Ends<T>) -> Pair<T> {
        match self.from {
            Side::Old => Pair::new(ends.writer, ends.reader),
            Side::New => Pair::new(ends.reader, ends.writer),
        }
    }
}

/// Whether two messages can't differ: the usual case, and most of a large contract.
fn are_alike(writer: &MessageDescriptor, reader: &MessageDescriptor) -> bool {
    writer.descriptor_proto() == reader.descriptor_proto()
        && writer.parent_file().syntax() == reader.parent_file().syntax()
        && writer.extensions().len() == 0
        && reader.extensions().len() == 0
        && writer.fields().zip(reader.fields()).all(|(ours, theirs)| has_same_first(&ours.kind(), &theirs.kind()))
}

/// Whether an unset field of this enum reads alike: as the first value, which stands in the enum and not in the message.
fn has_same_first(ours: &Kind, theirs: &Kind) -> bool {
    match (ours, theirs) {
        (Kind::Enum(ours), Kind::Enum(theirs)) => {
            !is_closed(ours) || ours.default_value().number() == theirs.default_value().number()
        }
        _ => true,
    }
}

/// The fields that carry an enum from a message to the one of the same name.
fn users(writers: &Surfaces, readers: &Surfaces, name: &str) -> Vec<User> {
    let carriers = writers.carriers(name).iter();
    carriers
        .filter_map(|(message, number)| {
            let reader = readers.messages.get(message.full_name())?;
            let written = Field::own(message.get_field(*number)?);
            let by_number = reader.get_field(*number).map(Field::own);
            let read =
                by_number.filter(|field| field.enumeration().is_some_and(|carried| carried.full_name() == name))?;
            let messages = Ends { writer: message.clone(), reader: reader.clone() };
            Some(User { messages, writer: written, reader: read })
        })
        .collect()
}
