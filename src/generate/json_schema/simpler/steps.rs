//! The steps from a document to simpler ones.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::Weight;
use crate::generate::json_schema::plan::{NodeId, Plan, Shape};
use crate::generate::json_schema::schema::Types;
use crate::generate::json_schema::seen::Seen;
use crate::generate::json_schema::text::Texts;

/// No more places of a document are looked at in one round; the outer ones come first.
const PLACES: usize = 400;
/// Items, fields or letters of one place that are left out one by one.
const EACH: usize = 40;

/// A place in a document: how to get there, and what the plan knows of it.
struct Part {
    path: Vec<Step>,
    nodes: BTreeSet<NodeId>,
}

#[derive(Clone)]
enum Step {
    Field(String),
    Item(usize),
}

impl Plan {
    /// Documents that are simpler in one respect, the boldest step first. Whether they are valid is not asked.
    pub(in super::super) fn simpler(&self, document: &Value, smallest: &Value) -> Vec<Value> {
        let weight = Weight::of(document);
        let mut found = vec![smallest.clone()];
        for part in self.parts(document) {
            let Some(here) = at(document, &part.path) else { continue };
            let here_weight = Weight::of(here);
            let mut others = self.smaller(&part.nodes, here);
            others.extend(match here {
                Value::Array(items) => without_items(items),
                Value::Object(fields) => without_fields(fields),
                Value::String(_) if self.is_formatted(&part.nodes) => Vec::new(),
                Value::String(text) => shorter(text).into_iter().map(Value::String).collect(),
                Value::Number(number) => nearer(number),
                Value::Bool(_) => vec![Value::Bool(false)],
                Value::Null => Vec::new(),
            });
            let simpler = others.into_iter().filter(|other| Weight::of(other) < here_weight);
            found.extend(simpler.filter_map(|other| with(document, &part.path, other)));
        }
        let mut seen = Seen::default();
        let mut told: Vec<(Weight, Value)> = found.into_iter().map(|simpler| (Weight::of(&simpler), simpler)).collect();
        told.retain(|(other, simpler)| *other < weight && seen.is_new(simpler));
        told.sort_by_key(|(weight, _)| weight.values());
        told.into_iter().map(|(_, simpler)| simpler).collect()
    }

    /// What is small at these nodes: the smallest of each way, and plain values.
    fn smaller(&self, nodes: &BTreeSet<NodeId>, here: &Value) -> Vec<Value> {
        let mut found = Vec::new();
        for node in nodes.iter().filter_map(|id| self.node(*id)) {
            found.push(node.smallest.clone());
            for shape in &node.shapes {
                found.extend(self.smallest_of(shape, None));
                found.extend(shape.values.iter().flatten().cloned());
                if here.is_string() {
                    found.extend(shape.scalars(Types::STRING));
                }
                if let Value::Number(number) = here {
                    let scalars = shape.kinds.iter().filter(|(kind, _)| kind.meets(Types::NUMBER));
                    found.extend(scalars.flat_map(|(kind, _)| shape.scalars(*kind)));
                    let grids = shape.whole.iter().chain(&shape.fractions);
                    found.extend(grids.flat_map(|grid| grid.nearer(number)));
                }
            }
        }
        found
    }

    /// Whether texts at these nodes are of a format.
    fn is_formatted(&self, nodes: &BTreeSet<NodeId>) -> bool {
        let shapes = nodes.iter().filter_map(|id| self.node(*id)).flat_map(|node| &node.shapes);
        shapes.filter_map(|shape| shape.texts.as_ref()).any(Texts::is_formatted)
    }

    /// The places of a document with the nodes that they may be at, the outer ones first.
    fn parts(&self, document: &Value) -> Vec<Part> {
        let mut parts = vec![Part { path: Vec::new(), nodes: BTreeSet::from([self.root]) }];
        let mut next = 0;
        while let Some(part) = parts.get(next).filter(|_| parts.len() < PLACES) {
            let shapes = || part.nodes.iter().filter_map(|id| self.node(*id)).flat_map(|node| &node.shapes);
            let inner = |step: Step, nodes: BTreeSet<NodeId>| {
                let path = part.path.iter().cloned().chain([step]).collect();
                Part { path, nodes }
            };
            let more: Vec<Part> = match at(document, &part.path) {
                Some(Value::Array(items)) => {
                    let nodes = |at| shapes().flat_map(|shape| of_item(shape, at)).collect();
                    (0..items.len()).map(|at| inner(Step::Item(at), nodes(at))).collect()
                }
                Some(Value::Object(fields)) => {
                    let nodes = |name: &str| shapes().flat_map(|shape| of_field(shape, name)).collect();
                    fields.keys().map(|name| inner(Step::Field(name.clone()), nodes(name))).collect()
                }
                _ => Vec::new(),
            };
            parts.extend(more);
            next += 1;
        }
        parts
    }
}

fn of_item(shape: &Shape, at: usize) -> Vec<NodeId> {
    let slot = shape.items.slots.get(at).or(shape.items.slots.last());
    slot.into_iter().flat_map(|slot| slot.plain.into_iter().chain(slot.counted.iter().copied().flatten())).collect()
}

fn of_field(shape: &Shape, name: &str) -> Vec<NodeId> {
    let known = shape.fields.known.iter().find(|field| field.name == name).map(|field| field.node);
    match known {
        Some(node) => vec![node],
        None => shape.fields.openings.iter().map(|opening| opening.node).collect(),
    }
}

fn at<'v>(document: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(document, |here, step| match step {
        Step::Field(name) => here.get(name),
        Step::Item(at) => here.get(*at),
    })
}

/// A document with another value in one place.
fn with(document: &Value, path: &[Step], other: Value) -> Option<Value> {
    let mut made = document.clone();
    let mut here = &mut made;
    for step in path {
        here = match step {
            Step::Field(name) => here.get_mut(name)?,
            Step::Item(at) => here.get_mut(*at)?,
        };
    }
    *here = other;
    Some(made)
}

/// Half of a number, three quarters, seven eighths and so on: however far down it goes, few steps lead there.
fn fewer(count: usize) -> impl Iterator<Item = usize> {
    let taken = std::iter::successors(Some(count.div_ceil(2)), |less| Some(less / 2)).take_while(|less| *less > 0);
    taken.map(move |less| count - less)
}

fn without_items(items: &[Value]) -> Vec<Value> {
    let half = items.len() / 2;
    let mut found: Vec<Vec<Value>> = vec![Vec::new()];
    found.extend(items.get(half..).map(<[Value]>::to_vec));
    found.extend(fewer(items.len()).filter_map(|count| items.get(..count)).map(<[Value]>::to_vec));
    found.extend((0..items.len()).rev().take(EACH).map(|at| {
        let others = items.iter().enumerate().filter(|(other, _)| *other != at);
        others.map(|(_, item)| item.clone()).collect()
    }));
    found.into_iter().map(Value::Array).collect()
}

fn without_fields(fields: &Map<String, Value>) -> Vec<Value> {
    let half = fields.len() / 2;
    let kept = |keep: &dyn Fn(usize) -> bool| {
        let kept = fields.iter().enumerate().filter(|(at, _)| keep(*at));
        Value::Object(kept.map(|(_, (name, value))| (name.clone(), value.clone())).collect())
    };
    let mut found = vec![kept(&|_| false), kept(&|at| at < half), kept(&|at| at >= half)];
    found.extend((0..fields.len()).rev().take(2 * EACH).map(|without| kept(&|at| at != without)));
    found
}

fn shorter(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = vec![String::new(), "a".repeat(letters.len())];
    found.push(letters.iter().skip(letters.len() / 2).collect());
    found.extend(fewer(letters.len()).map(|count| letters.iter().take(count).collect()));
    for at in (0..letters.len()).rev().take(EACH) {
        let others = letters.iter().enumerate().filter(|(other, _)| *other != at);
        found.push(others.map(|(_, letter)| *letter).collect());
        let plainer = letters.iter().enumerate().map(|(other, letter)| if other == at { 'a' } else { *letter });
        found.push(plainer.collect());
    }
    found
}

/// Where no grid says which numbers there are.
fn nearer(number: &Number) -> Vec<Value> {
    let mut found = vec![Value::from(0)];
    if let Some(float) = number.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is too large is cut, and then held against the schema"
        )]
        found.push(Value::from(float.trunc() as i64));
        found.extend(Number::from_f64(float / 2.0).map(Value::Number));
    }
    found
}
