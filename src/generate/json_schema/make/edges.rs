//! Values at the edges: each differs from a smallest one in one respect.

use serde_json::{Map, Value};

use crate::generate::json_schema::chance::Chance;
use crate::generate::json_schema::plan::{Fields, Items, NodeId, Plan, Shape};
use crate::generate::json_schema::schema::{Types, equal};
use crate::generate::json_schema::seen::Seen;

/// Inner values whose edges are looked at, in each other.
const DEEPEST: usize = 5;

impl Plan {
    /// The edges of a node: its smallest, each way of being valid, each edge of each part. No more than so many.
    pub(in super::super) fn edges(&self, id: NodeId, most: usize) -> Vec<Value> {
        self.edges_within(id, most, DEEPEST)
    }

    fn edges_within(&self, id: NodeId, most: usize, depth: usize) -> Vec<Value> {
        let mut rows = vec![vec![self.smallest(id)]];
        let Some(node) = self.node(id) else { return Vec::new() };
        for shape in &node.shapes {
            rows.push(self.smallest_of(shape, None));
        }
        for shape in &node.shapes {
            rows.extend(self.of_shape(shape, most, depth));
        }
        taken_in_turn(rows, most)
    }

    /// The edges of a node within another: what has parts again has fewer of them, or there is no end to it.
    fn edges_inside(&self, id: NodeId, most: usize, depth: usize) -> Vec<Value> {
        const FEWEST: usize = 12;
        let has_parts = |shape: &Shape| shape.kinds.iter().any(|(kind, _)| kind.meets(Types::ARRAY | Types::OBJECT));
        let has_parts = self.node(id).is_some_and(|node| node.shapes.iter().any(has_parts));
        self.edges_within(id, if has_parts { (most / 5).max(FEWEST) } else { most }, depth - 1)
    }

    /// Rows of values; those that come first in each are more telling.
    fn of_shape(&self, shape: &Shape, most: usize, depth: usize) -> Vec<Vec<Value>> {
        let mut rows = Vec::new();
        rows.extend(shape.values.clone());
        let spoken = |kind: Types| shape.implied.is_empty() || kind.meets(shape.implied);
        for (kind, _) in shape.kinds.iter().filter(|(kind, _)| spoken(*kind)) {
            match *kind {
                Types::ARRAY => rows.extend(self.of_items(&shape.items, most, depth)),
                Types::OBJECT => rows.extend(self.of_fields(&shape.fields, most, depth)),
                kind => rows.push(shape.scalars(kind)),
            }
        }
        for row in &mut rows {
            row.retain(|value| self.allows(shape, value));
        }
        rows
    }

    fn of_fields(&self, fields: &Fields, most: usize, depth: usize) -> Vec<Vec<Value>> {
        let Some(base) = self.fewest_fields(fields) else { return Vec::new() };
        let cost = |id: NodeId| self.cost(id);
        let with = |more: &[(&String, Value)]| {
            let mut object = base.clone();
            object.extend(more.iter().map(|(name, value)| ((*name).clone(), value.clone())));
            Value::Object(ordered(object, fields))
        };
        let mut rows = vec![vec![Value::Object(base.clone())]];
        for (at, field) in fields.known.iter().enumerate() {
            let mut chosen: Vec<bool> = fields.known.iter().map(|field| base.contains_key(&field.name)).collect();
            if !chosen.get(at).copied().unwrap_or(false) {
                fields.choose(at, &mut chosen, &cost);
            }
            if !chosen.get(at).copied().unwrap_or(false) {
                continue;
            }
            let needed: Vec<(&String, Value)> = fields
                .known
                .iter()
                .zip(&chosen)
                .filter(|(other, chosen)| **chosen && !base.contains_key(&other.name))
                .map(|(other, _)| (&other.name, self.smallest(other.node)))
                .collect();
            let inner =
                if depth == 0 { vec![self.smallest(field.node)] } else { self.edges_inside(field.node, most, depth) };
            let row = inner.into_iter().map(|value| {
                let mut more = needed.clone();
                more.retain(|(name, _)| **name != field.name);
                more.push((&field.name, value));
                with(&more)
            });
            rows.push(row.collect());
        }
        // All that can be there.
        let mut chosen: Vec<bool> = fields.known.iter().map(|field| base.contains_key(&field.name)).collect();
        (0..fields.known.len()).for_each(|at| fields.choose(at, &mut chosen, &cost));
        let whole: Vec<(&String, Value)> = fields
            .known
            .iter()
            .zip(&chosen)
            .filter(|(field, chosen)| **chosen && !base.contains_key(&field.name))
            .map(|(field, _)| (&field.name, self.smallest(field.node)))
            .collect();
        rows.push(vec![with(&whole)]);
        rows.extend(self.of_openings(fields, &base, most, depth));
        rows
    }

    fn of_openings(&self, fields: &Fields, base: &Map<String, Value>, most: usize, depth: usize) -> Vec<Vec<Value>> {
        let mut rows = Vec::new();
        let mut chance = Chance::new(31);
        for opening in fields.openings.iter().filter(|opening| opening.share > 0 && self.cost(opening.node).is_some()) {
            let mut names: Vec<String> = Vec::new();
            for round in 0..30 {
                let name = if round == 0 { self.simplest_name(opening) } else { self.name(opening, &mut chance) };
                names.extend(name.filter(|name| {
                    !base.contains_key(name) && !names.contains(name) && self.is_free(fields, opening, name)
                }));
            }
            let others = || names.iter().skip(1);
            let oddest = others().find(|name| !name.is_ascii());
            let longest = others().max_by_key(|name| name.len());
            let picked: Vec<&String> = names.first().into_iter().chain(oddest).chain(longest).collect();
            let Some(first) = picked.first() else { continue };
            let with = |names: &[&String], value: &Value| {
                let mut object = base.clone();
                object.extend(names.iter().map(|name| ((*name).clone(), value.clone())));
                Value::Object(object)
            };
            let smallest = self.smallest(opening.node);
            rows.push(picked.iter().map(|name| with(&[name], &smallest)).collect());
            let room = fields.most.map_or(5, |most| most.saturating_sub(base.len())).min(names.len());
            let full: Vec<&String> = names.iter().take(room).collect();
            rows.push(vec![with(&full, &smallest)]);
            if depth > 0 {
                let inner = self.edges_inside(opening.node, most, depth);
                rows.push(inner.iter().map(|value| with(&[first], value)).collect());
            }
        }
        rows
    }

    fn of_items(&self, items: &Items, most: usize, depth: usize) -> Vec<Vec<Value>> {
        /// Longer arrays are no edges, unless they must be.
        const LONGEST: usize = 40;
        let makes = |id: NodeId| self.cost(id).is_some();
        let Some(fewest) = items.fewest(&makes) else { return Vec::new() };
        let least = fewest.len();
        let longest = items.most.unwrap_or(least + 2).min(LONGEST.max(least));
        let mut counts = vec![least, least + 1, longest, longest.saturating_sub(1)];
        counts.dedup();
        let filled = |count: usize| {
            let laid = items.laid(count, 0, &makes)?;
            let mut made: Vec<Value> = Vec::new();
            let mut others: Option<(NodeId, Vec<Value>)> = None;
            for id in laid {
                let is_new =
                    |item: &Value, made: &[Value]| !items.unique || !made.iter().any(|known| equal(known, item));
                let smallest = self.smallest(id);
                if is_new(&smallest, &made) {
                    made.push(smallest);
                    continue;
                }
                if others.as_ref().is_none_or(|(known, _)| *known != id) {
                    others = Some((id, self.others(id)));
                }
                let (_, others) = others.as_ref()?;
                made.push(others.iter().find(|item| is_new(item, &made))?.clone());
            }
            Some(made)
        };
        let mut rows: Vec<Vec<Value>> = vec![counts.into_iter().filter_map(filled).map(Value::Array).collect()];
        if depth == 0 {
            return rows;
        }
        // One item at its edges, each with a schema of its own.
        let count = least.max(items.slots.len()).min(longest.max(1));
        let Some(base) = (least.max(1)..=count).rev().find_map(filled) else { return rows };
        let Some(laid) = items.laid(base.len(), 0, &makes) else { return rows };
        for (at, id) in laid.iter().enumerate().take(items.slots.len().max(1)) {
            let row = self.edges_inside(*id, most, depth).into_iter().map(|item| {
                let mut made = base.clone();
                if let Some(place) = made.get_mut(at) {
                    *place = item;
                }
                Value::Array(made)
            });
            rows.push(row.collect());
        }
        rows
    }
}

/// As the schemas have their fields.
fn ordered(mut object: Map<String, Value>, fields: &Fields) -> Map<String, Value> {
    let mut ordered = Map::new();
    for field in &fields.known {
        if let Some((name, value)) = object.remove_entry(&field.name) {
            ordered.insert(name, value);
        }
    }
    ordered.extend(object);
    ordered
}

/// The first of each row, then the second of each, and so on; each once.
fn taken_in_turn(rows: Vec<Vec<Value>>, most: usize) -> Vec<Value> {
    let mut seen = Seen::default();
    let mut taken = Vec::new();
    let mut rows: Vec<_> = rows.into_iter().map(Vec::into_iter).collect();
    while taken.len() < most && !rows.is_empty() {
        rows.retain_mut(|row| {
            let Some(value) = row.next() else { return false };
            if taken.len() < most && seen.is_new(&value) {
                taken.push(value);
            }
            true
        });
    }
    taken
}
