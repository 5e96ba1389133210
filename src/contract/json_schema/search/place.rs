//! A place in a document, and all that either schema says of it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::{numbers, structures, texts};
use crate::contract::json_schema::fits::{Expressions, Fitting};
use crate::contract::json_schema::proof::{Conjunction, Node, Prover};
use crate::contract::json_schema::raised;

/// A schema that speaks of a place, and the document it stands in.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Schema<'a> {
    pub(in super::super) schema: &'a Value,
    pub(in super::super) whole: &'a Value,
}

/// A place: what the writer's schema says of it, and what the reader's does.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Place<'a> {
    /// All of these hold for what is written.
    pub(in super::super) written: Vec<Schema<'a>>,
    /// These may refuse it.
    pub(in super::super) read: Vec<Schema<'a>>,
    /// Neither is sure to hold, but what they name is worth trying.
    pub(in super::super) hints: Vec<Schema<'a>>,
}

/// Which place it is: the schemas that speak of it.
type Key = (Vec<usize>, Vec<usize>, Vec<usize>);

/// One search: what it may still spend, and what it found at each place.
#[derive(Debug)]
pub(in super::super) struct Look<'a> {
    pub(in super::super) expressions: &'a Expressions,
    /// Values that may still be made.
    pub(in super::super) left: Cell<u64>,
    known: RefCell<HashMap<Key, Rc<Vec<Value>>>>,
    /// Places that are being looked at: within themselves they have nothing new to show.
    open: RefCell<BTreeSet<Key>>,
    prover: Prover<'a>,
}

/// The fields that an object may have, and values worth trying in each.
pub(super) type Fields = [(String, Rc<Vec<Value>>)];

/// A keyword's map, and who has it there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub(super) map: &'a Map<String, Value>,
    pub(super) whole: &'a Value,
    pub(super) role: Role,
}

/// On whose side a schema speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It holds of whatever is written there.
    Written,
    /// It holds of whatever is accepted there.
    Read,
    /// It holds in some cases.
    Hint,
}

/// How much of what can be put together at a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variety {
    /// One of each form.
    Few,
    /// Whatever a keyword could decide on.
    All,
}

/// Schemas that speak of one place are followed this deep through references and combinations.
const DEPTH: usize = 12;
/// Nor are more looked at in one place.
const SPEAKERS: usize = 400;
/// Steps for telling at which places nothing can be refused.
const PROVED: u64 = 20_000;
/// A place is looked at in so many cases of the writer's schema.
const CASES: usize = 40;

impl<'a> Place<'a> {
    /// All that speaks of this place, through references and combinations.
    pub(super) fn speakers(&self) -> Vec<Speaker<'a>> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for (schemas, role) in [(&self.written, Role::Written), (&self.read, Role::Read), (&self.hints, Role::Hint)] {
            // A case that was chosen comes before the choice, in which it is but one of several.
            for schema in schemas.iter().rev() {
                gather(*schema, role, DEPTH, &mut seen, &mut found);
            }
        }
        found
    }

    /// This place in each case of one of the writer's choices; none where there is no choice left.
    fn cases(&self) -> Option<Vec<Self>> {
        let is_chosen = |schema: &Value| self.written.iter().any(|known| std::ptr::eq(known.schema, schema));
        let speakers = self.speakers();
        for speaker in speakers.iter().filter(|speaker| speaker.role == Role::Written) {
            let with = |schemas: Vec<&'a Value>| {
                let mut place = self.clone();
                place.written.extend(schemas.into_iter().map(|schema| Schema { schema, whole: speaker.whole }));
                place
            };
            for keyword in ["oneOf", "anyOf"] {
                let Some(cases) = speaker.map.get(keyword).and_then(Value::as_array) else { continue };
                if cases.is_empty() || cases.iter().any(is_chosen) {
                    continue;
                }
                let chosen = |(index, case)| {
                    let mut place = with(vec![case]);
                    place.read.extend(self.counterpart(&speakers, index));
                    place
                };
                return Some(cases.iter().take(CASES).enumerate().map(chosen).collect());
            }
            let (condition, then, otherwise) =
                (speaker.map.get("if"), speaker.map.get("then"), speaker.map.get("else"));
            if let Some(condition) = condition
                && !is_chosen(condition)
                && !otherwise.is_some_and(is_chosen)
                && (then.is_some() || otherwise.is_some())
            {
                let holds = with([Some(condition), then].into_iter().flatten().collect());
                let fails = with(otherwise.into_iter().collect());
                return Some(if otherwise.is_some() { vec![holds, fails] } else { vec![holds] });
            }
        }
        None
    }

    /// What the reader most likely has for the same case: of its first choice that is still open, the one that stands there.
    fn counterpart(&self, speakers: &[Speaker<'a>], index: usize) -> Option<Schema<'a>> {
        let is_chosen = |schema: &Value| self.read.iter().any(|known| std::ptr::eq(known.schema, schema));
        speakers.iter().filter(|speaker| speaker.role == Role::Read).find_map(|speaker| {
            let cases = ["oneOf", "anyOf"].iter().find_map(|keyword| speaker.map.get(*keyword)?.as_array())?;
            let case = cases.get(index).filter(|_| !cases.iter().any(is_chosen))?;
            Some(Schema { schema: case, whole: speaker.whole })
        })
    }

    fn key(&self) -> Key {
        let ids = |schemas: &[Schema<'a>]| {
            let mut ids: Vec<usize> = schemas.iter().map(|schema| std::ptr::from_ref(schema.schema) as usize).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        (ids(&self.written), ids(&self.read), ids(&self.hints))
    }
}

fn gather<'a>(
    Schema { schema, whole }: Schema<'a>,
    role: Role,
    depth: usize,
    seen: &mut BTreeSet<usize>,
    found: &mut Vec<Speaker<'a>>,
) {
    let Value::Object(map) = schema else { return };
    if depth == 0 || found.len() >= SPEAKERS || !seen.insert(std::ptr::from_ref(schema) as usize) {
        return;
    }
    found.push(Speaker { map, whole, role });
    let mut more = |schema: &'a Value, role| gather(Schema { schema, whole }, role, depth - 1, seen, found);
    if let Some(target) = map.get("$ref").and_then(Value::as_str).and_then(|name| raised::resolve(whole, name)) {
        more(target, role);
    }
    for (keyword, role) in [("allOf", role), ("anyOf", Role::Hint), ("oneOf", Role::Hint)] {
        for schema in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            more(schema, role);
        }
    }
    for keyword in ["not", "if", "then", "else"] {
        if let Some(schema) = map.get(keyword) {
            more(schema, Role::Hint);
        }
    }
    for schema in map.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::values) {
        more(schema, Role::Hint);
    }
}

impl<'a> Look<'a> {
    /// One that makes at most so many values.
    pub(in super::super) fn new(expressions: &'a Expressions, left: u64) -> Self {
        let prover = Prover::new(expressions, PROVED);
        Self { expressions, left: Cell::new(left), known: RefCell::default(), open: RefCell::default(), prover }
    }

    /// All values worth trying at a place, to so many levels below it.
    pub(in super::super) fn all(&self, place: &Place<'a>, depth: usize) -> Vec<Value> {
        let mut found = Vec::new();
        self.in_cases(place, depth, 4, &mut found);
        let mut seen = BTreeSet::new();
        found.retain(|value| seen.insert(value.to_string()));
        found
    }

    /// Values worth trying at a place within another: all that may be written and would be refused, and some others; the first is
    /// one that is written and accepted, if there is one.
    pub(super) fn values(&self, place: &Place<'a>, depth: usize) -> Rc<Vec<Value>> {
        let key = place.key();
        if let Some(known) = self.known.borrow().get(&key) {
            return Rc::clone(known);
        }
        if !self.open.borrow_mut().insert(key.clone()) {
            return Rc::new(self.sorted(place, self.all(place, depth.min(1))));
        }
        let found = Rc::new(self.sorted(place, self.all(place, depth)));
        self.open.borrow_mut().remove(&key);
        self.known.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn in_cases(&self, place: &Place<'a>, depth: usize, choices: usize, found: &mut Vec<Value>) {
        let cases = if choices > 0 { place.cases() } else { None };
        for case in cases.iter().flatten() {
            if self.left.get() > 0 {
                self.in_cases(case, depth, choices - 1, found);
            }
        }
        if cases.is_none() {
            self.here(place, depth, found);
        }
    }

    fn here(&self, place: &Place<'a>, depth: usize, found: &mut Vec<Value>) {
        /// Of a list of values, more aren't tried.
        const LISTED: usize = 60;
        let before = found.len();
        let speakers = place.speakers();
        for speaker in &speakers {
            found.extend(speaker.map.get("const").cloned());
            let listed = speaker.map.get("enum").and_then(Value::as_array).into_iter().flatten();
            found.extend(listed.take(LISTED).cloned());
        }
        found.extend(numbers::values(&speakers));
        found.extend(texts::values(&speakers, self.expressions));
        found.extend([Value::Null, Value::Bool(true), Value::Bool(false)]);
        found.extend([Value::Array(Vec::new()), Value::Object(Map::new())]);
        if depth > 0 && self.left.get() > 0 {
            let variety = if self.is_harmless(place) { Variety::Few } else { Variety::All };
            found.extend(structures::arrays(self, &speakers, depth, variety));
            found.extend(structures::objects(self, place, &speakers, depth, variety));
        }
        let made = found.len() - before;
        self.left.set(self.left.get().saturating_sub(made as u64));
    }

    /// Whether whatever may be written at a place is accepted there. What is put together there is then of little interest.
    fn is_harmless(&self, place: &Place<'a>) -> bool {
        let node = |schema: &Schema<'a>| Node { schema: schema.schema, whole: schema.whole };
        let written = Conjunction::of(place.written.iter().map(node));
        place.read.iter().all(|schema| self.prover.covers(&written, node(schema)))
    }

    /// By what they are good for; of each kind so many.
    fn sorted(&self, place: &Place<'a>, values: Vec<Value>) -> Vec<Value> {
        /// Accepted by both; written and refused; perhaps written and refused; unclear; not written.
        const KEPT: [usize; 5] = [14, 200, 60, 30, 6];
        let mut kinds: [Vec<Value>; 5] = Default::default();
        for value in values {
            let kind = match (self.fits(&place.written, &value), self.fits(&place.read, &value)) {
                (Some(true), Some(true)) => 0,
                (Some(true), Some(false)) => 1,
                (Some(false), _) => 4,
                (None, Some(false)) => 2,
                _ => 3,
            };
            if let (Some(kept), Some(most)) = (kinds.get_mut(kind), KEPT.get(kind))
                && kept.len() < *most
            {
                kept.push(value);
            }
        }
        // The first is what others are put together with: better unclear than refused.
        let [accepted, refused, perhaps, mut unclear, wrong] = kinds;
        let is_sure = !accepted.is_empty() || !refused.is_empty();
        let first = if is_sure || unclear.is_empty() { None } else { Some(unclear.remove(0)) };
        first.into_iter().chain(accepted).chain(refused).chain(perhaps).chain(unclear).chain(wrong).collect()
    }

    /// Another choice of an object's first values, by which it may be written, where it may not.
    pub(super) fn mended(&self, place: &Place<'a>, object: Map<String, Value>, fields: &Fields) -> Map<String, Value> {
        /// Choices that are tried.
        const TRIED: usize = 150;
        let may_be =
            |object: &Map<String, Value>| self.fits(&place.written, &Value::Object(object.clone())) != Some(false);
        if may_be(&object) {
            return object;
        }
        let own: Vec<&(String, Rc<Vec<Value>>)> = fields.iter().filter(|(name, _)| object.contains_key(name)).collect();
        let one = own.iter().flat_map(|(name, values)| values.iter().take(8).map(move |value| (name, value)));
        let mut others: Vec<Map<String, Value>> = Vec::new();
        for (name, value) in one.take(TRIED) {
            let mut other = object.clone();
            other.insert(name.clone(), value.clone());
            if may_be(&other) {
                return other;
            }
            others.push(other);
        }
        let pairs = others.into_iter().flat_map(|other| {
            own.iter().flat_map(move |(name, values)| {
                let other = other.clone();
                values.iter().take(4).map(move |value| {
                    let mut other = other.clone();
                    other.insert(name.clone(), value.clone());
                    other
                })
            })
        });
        pairs.take(TRIED).find(may_be).unwrap_or(object)
    }

    fn fits(&self, schemas: &[Schema<'a>], value: &Value) -> Option<bool> {
        let mut known = Some(true);
        for schema in schemas {
            match (Fitting { whole: schema.whole, expressions: self.expressions }).fits(schema.schema, value) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => known = None,
            }
        }
        known
    }
}
