//! Whether all that a writer may write is what a reader accepts.
//!
//! Proofs come first, then a search. What is said to break was given to both sides' validators, and what is said to hold was tried.

use std::collections::BTreeMap;

use serde_json::Value;

use super::canonical::{self, Difference};
use super::fits::Expressions;
use super::party::Party;
use super::proof::{Conjunction, Node, Prover};
use super::refusal::{Names, refusals};
use super::search::{Chance, Look, Place, Schema};
use super::{Dialect, receiver, speaker};
use crate::contract::Terms;
use crate::model::Rule;

/// Whether one set of documents lies in another.
#[derive(Debug, Clone, PartialEq)]
pub enum Inclusion {
    /// It does.
    Holds,
    /// It doesn't: one for each keyword of the reader and place that refuses something.
    Breaks(Vec<Broken>),
    /// It could be neither shown nor excluded, and why.
    Unknown(String),
}

/// One thing that the writer may write and the reader refuses.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// What kind of refusal it is.
    pub rule: &'static Rule,
    /// The place in the document: `$.items[].id`.
    pub at: String,
    /// The whole document.
    pub written: Value,
    /// Why the reader refuses it.
    pub refusal: String,
    /// What speaks of that place in the writer's schema, as a JSON pointer; empty where nothing does.
    pub writer: String,
    /// The keyword of the reader's schema that refuses, as a JSON pointer.
    pub reader: String,
}

/// More breaks aren't told of one pair of schemas.
const MOST: usize = 20;
/// A proof takes no more steps.
const STEPS: u64 = 50_000;
/// Documents that are drawn by chance, where nothing else shows anything.
const DRAWS: usize = 1_500;
/// A search looks no deeper into documents.
const DEPTH: usize = 12;
/// Nor does it make more values.
const VALUES: u64 = 200_000;

/// Whether all that the writer's schema allows is what the reader's accepts. Both are whole documents: a `$ref` is resolved in its
/// own, and nothing is fetched. The dialect is that of `$schema`, and 2020-12 where there is none.
pub fn inclusion(writer: &Value, reader: &Value, terms: &Terms) -> Inclusion {
    let written = match Party::writer(writer, terms) {
        Ok(party) => party,
        Err(why) => return Inclusion::Unknown(format!("the writer's schema: {why}")),
    };
    let read = match Party::reader(reader, terms) {
        Ok(party) => party,
        Err(why) => return Inclusion::Unknown(format!("the reader's schema: {why}")),
    };
    let expressions = Expressions::default();
    let proof = proof(writer, reader, &written, &read, &expressions, terms);
    let is_proved = proof == Difference::Empty;
    let mut tried =
        Tried { written: &written, read: &read, names: Names::of([writer, reader]), breaks: BTreeMap::new() };
    let difference = if let Difference::Some(difference) = &proof { Some(difference) } else { None };
    search(&mut tried, difference, &expressions, terms, is_proved);
    if !tried.breaks.is_empty() {
        if written.is_looser {
            return Inclusion::Unknown("what the writer's schema names can't be told from what it allows".to_owned());
        }
        return Inclusion::Breaks(tried.told(writer, reader));
    }
    if is_proved {
        return Inclusion::Holds;
    }
    let why = match (&written.plain, &read.plain) {
        (Err(why), _) | (_, Err(why)) => why.clone(),
        _ => "nothing was found that the reader refuses, and nothing excludes that there is something".to_owned(),
    };
    Inclusion::Unknown(why)
}

/// What can be said without trying documents.
fn proof(
    writer: &Value,
    reader: &Value,
    written: &Party,
    read: &Party,
    expressions: &Expressions,
    terms: &Terms,
) -> Difference {
    if writer == reader {
        return Difference::Empty;
    }
    if let (Ok(writer), Ok(reader)) = (&written.plain, &read.plain) {
        // A writer writes no more than its schema says, whatever else it leaves out.
        // And a reader accepts no less.
        let writers = written.open.iter().chain([writer]);
        let pairs = writers.flat_map(|writer| read.strict.iter().chain([reader]).map(move |reader| (writer, reader)));
        for (writer, reader) in pairs {
            let prover = Prover::new(expressions, terms.steps.min(STEPS));
            let conjunction = Conjunction::of([Node { schema: writer, whole: writer }]);
            if writer == reader || prover.covers(&conjunction, Node { schema: reader, whole: reader }) {
                return Difference::Empty;
            }
        }
        return canonical::difference(writer, reader, Dialect::Draft202012.draft());
    }
    if written.dialect == read.dialect {
        return canonical::difference(&written.own, &read.own, written.dialect.draft());
    }
    Difference::Unknown
}

/// Tries documents, from few to many, until some break.
fn search(
    tried: &mut Tried<'_>,
    difference: Option<&Value>,
    expressions: &Expressions,
    terms: &Terms,
    is_proved: bool,
) {
    let written = tried.written.plain.as_ref().unwrap_or(&tried.written.own);
    let read = tried.read.plain.as_ref().unwrap_or(&tried.read.own);
    let at = |schema| Schema { schema, whole: schema };
    let mut places = Vec::new();
    if let Some(difference) = difference {
        places.push(Place { written: vec![at(difference), at(written)], read: vec![at(read)], hints: Vec::new() });
    }
    places.push(Place { written: vec![at(written)], read: vec![at(read)], hints: Vec::new() });
    // A proof is tried too, though not for long.
    let (depth, left) = if is_proved { (2, 3_000) } else { (DEPTH, VALUES) };
    for place in &places {
        let look = Look::new(expressions, terms.steps.min(left));
        for document in look.all(place, depth) {
            tried.give(&document);
        }
        // What is only found by several keywords at once.
        let mut chance = Chance::new(1);
        let draws = if is_proved { DRAWS / 10 } else { DRAWS };
        for round in 0..draws {
            if !tried.breaks.is_empty() {
                break;
            }
            tried.give(&look.drawn(place, 2 + round % 3, &mut chance));
        }
    }
}

/// What the validators said of the documents so far.
struct Tried<'a> {
    written: &'a Party,
    read: &'a Party,
    names: Names,
    /// By rule, place and keyword: how much is against the document, and the document with its refusal.
    breaks: BTreeMap<(&'static str, String, String), (usize, Broken)>,
}

impl Tried<'_> {
    fn give(&mut self, document: &Value) {
        if self.read.judge.accepts(document) || !self.written.accepts(document) {
            return;
        }
        // Whoever ignores unknown names refuses no more than who doesn't.
        if self.read.stricter.as_ref().is_some_and(|stricter| stricter.accepts(document)) {
            return;
        }
        let errors = self.read.judge.refusals(document);
        let found: Vec<_> = errors.iter().flat_map(|error| refusals(document, error, &self.names)).collect();
        let weight = found.len() * 1_000 + document.to_string().len();
        for refusal in found {
            let key = (refusal.rule.id, refusal.at.clone(), refusal.keyword.clone());
            if self.breaks.get(&key).is_some_and(|(known, _)| *known <= weight) {
                continue;
            }
            let broken = Broken {
                rule: refusal.rule,
                at: refusal.at,
                written: document.clone(),
                refusal: refusal.why,
                writer: refusal.instance,
                reader: refusal.keyword,
            };
            self.breaks.insert(key, (weight, broken));
        }
    }

    /// The plainest first, with their places in the schemas as they were given.
    fn told(self, writer: &Value, reader: &Value) -> Vec<Broken> {
        let mut breaks: Vec<(usize, Broken)> = self.breaks.into_values().collect();
        breaks.sort_by_key(|(weight, _)| *weight);
        // What a recursive schema refuses it refuses at every depth, and is told once.
        let tails: Vec<(String, String)> = breaks
            .iter()
            .map(|(_, broken)| (broken.reader.clone(), broken.at.trim_start_matches('$').to_owned()))
            .collect();
        let is_again = |broken: &Broken| {
            let is_deeper = |at: &str| broken.at.len() > at.len() + 1 && broken.at.ends_with(at);
            tails.iter().any(|(reader, at)| *reader == broken.reader && !at.is_empty() && is_deeper(at))
        };
        let told = breaks.into_iter().filter(|(_, broken)| !is_again(broken)).map(|(_, broken)| Broken {
            writer: speaker::of(writer, &broken.writer),
            reader: receiver::pointer(reader, &broken.reader),
            ..broken
        });
        told.take(MOST).collect()
    }
}
