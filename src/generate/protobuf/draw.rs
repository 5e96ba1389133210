//! Messages at random, of bounded depth and size.
//!
//! Main type: [`Drawing`].

use std::collections::HashMap;

use proptest::test_runner::TestRng;
use prost_reflect::{DynamicMessage, MapKey, Value};

use super::chance::{below, often, one_in, pick};
use super::plan::{Form, Holds, Plan, Slot};
use super::well_known::{WellKnown, packed};
use crate::contract::protobuf::Shape;

/// How deep messages stand in each other. Decoders take a hundred.
const DEEPEST: usize = 6;
/// How many messages one holds.
const ROOM: usize = 40;
/// How many of 256 fields that may be left out are set: sparse messages, and dense ones.
const DENSITIES: [usize; 4] = [24, 96, 160, 240];
/// Of a message that has more fields than this, no more are set, or all of them would be large.
const MOST_FIELDS: usize = 60;

/// A message that is being drawn.
pub struct Drawing<'a> {
    plan: &'a Plan,
    rng: &'a mut TestRng,
    room: usize,
}

impl<'a> Drawing<'a> {
    /// Draws a message of that form.
    pub fn message(plan: &'a Plan, form: usize, rng: &'a mut TestRng) -> Option<DynamicMessage> {
        Drawing { plan, rng, room: ROOM }.of_form(form, 0)
    }

    fn of_form(&mut self, form: usize, depth: usize) -> Option<DynamicMessage> {
        let form = self.plan.forms.get(form)?;
        if self.room == 0 || depth > DEEPEST {
            return Some(form.smallest.clone());
        }
        self.room -= 1;
        match form.known {
            Some(WellKnown::Any) => Some(self.any(form, depth)),
            Some(WellKnown::Value) => Some(self.value_of_json(form, depth)),
            Some(known) => known.draw(form, &self.plan.paths, self.rng),
            None => Some(self.plain(form, depth)),
        }
    }

    fn plain(&mut self, form: &Form, depth: usize) -> DynamicMessage {
        let mut message = form.smallest.clone();
        let density = pick(self.rng, &DENSITIES).copied().unwrap_or_default();
        let density = density.min(256 * MOST_FIELDS / form.choices.len().max(1));
        for choice in &form.choices {
            let Some(slot) = pick(self.rng, choice).and_then(|index| form.slots.get(*index)) else { continue };
            // Messages become rarer further down, so that what holds itself comes to an end.
            let density = if matches!(slot.holds, Holds::Message(_)) { density / (depth + 1) } else { density };
            if slot.field.is_required || often(self.rng, density) {
                self.fill(&mut message, slot, depth);
            }
        }
        message
    }

    fn any(&mut self, form: &Form, depth: usize) -> DynamicMessage {
        let payload = pick(self.rng, &self.plan.payloads).copied();
        match payload.and_then(|payload| self.of_form(payload, depth + 1)) {
            Some(held) => packed(&form.descriptor, &held),
            None => form.smallest.clone(),
        }
    }

    fn value_of_json(&mut self, form: &Form, depth: usize) -> DynamicMessage {
        let mut message = form.smallest.clone();
        if let Some(slot) = pick(self.rng, &form.slots) {
            self.fill(&mut message, slot, depth);
        }
        message
    }

    fn fill(&mut self, message: &mut DynamicMessage, slot: &Slot, depth: usize) {
        let value = match (slot.field.shape, &slot.key) {
            (Shape::Map, Some(key)) => {
                let mut entries: HashMap<MapKey, Value> = HashMap::new();
                for _ in 0..self.count() {
                    let key = key.draw(self.rng).into_map_key();
                    if let (Some(key), Some(value)) = (key, self.single(slot, depth)) {
                        entries.insert(key, value);
                    }
                }
                Some(Value::Map(entries))
            }
            (Shape::Many, _) => {
                let count = self.count();
                Some(Value::List((0..count).filter_map(|_| self.single(slot, depth)).collect()))
            }
            _ => self.single(slot, depth),
        };
        if let Some(value) = value {
            let _ = slot.field.set(message, value);
        }
    }

    /// Of values in a list or map: one to three, and now and then many.
    fn count(&mut self) -> usize {
        if one_in(self.rng, 16) { 8 + below(self.rng, 24) } else { 1 + below(self.rng, 3) }
    }

    fn single(&mut self, slot: &Slot, depth: usize) -> Option<Value> {
        match &slot.holds {
            Holds::Scalar(scalar) if one_in(self.rng, 16) => Some(scalar.zero()),
            Holds::Scalar(scalar) => Some(scalar.draw(self.rng)),
            Holds::Enum(numbers) => {
                let unnamed = numbers.unnamed.filter(|_| one_in(self.rng, 32));
                unnamed.or_else(|| pick(self.rng, &numbers.named).copied()).map(Value::EnumNumber)
            }
            Holds::Message(form) => self.of_form(*form, depth + 1).map(Value::Message),
        }
    }
}
