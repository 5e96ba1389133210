//! Messages with less in them, for finding the smallest that still breaks something.
//!
//! Every step weighs less than what it starts from, so that following them ends. Main function: [`simpler`].

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, MapKey, ReflectMessage as _, Value};

use super::plan::{Form, Holds, Plan, Slot};
use super::weight::{of_value, weight};
use super::well_known::{WellKnown, packed, unpacked};
use crate::contract::protobuf::Shape;

/// Of the messages of its own kind within one, so many are tried in its stead.
const MOST_HELD: usize = 24;

/// Messages strictly simpler than this one, the boldest first. Nothing for one that the plan doesn't know.
pub fn simpler(plan: &Plan, message: &DynamicMessage) -> Vec<DynamicMessage> {
    let Some((_, form)) = plan.form(&message.descriptor()) else { return Vec::new() };
    let limit = weight(message);
    let mut found: Vec<(u64, DynamicMessage)> = Vec::new();
    for step in steps(plan, form, message) {
        let weight = weight(&step);
        if weight < limit {
            found.push((weight, step));
        }
    }
    // Stable: of two that weigh the same, the one whose step is bolder comes first.
    found.sort_by_key(|(weight, _)| *weight);
    found.into_iter().map(|(_, step)| step).collect()
}

fn steps(plan: &Plan, form: &Form, message: &DynamicMessage) -> Vec<DynamicMessage> {
    let mut found = vec![form.smallest.clone()];
    if form.known == Some(WellKnown::Any) {
        if let Some(held) = unpacked(message) {
            found.extend(simpler(plan, &held).iter().map(|held| packed(&form.descriptor, held)));
        }
        return found;
    }
    let mut held = Vec::new();
    own_kind_in(message, form, &mut held);
    found.extend(held);
    if message.unknown_fields().next().is_some() {
        let mut without = message.clone();
        without.take_unknown_fields().for_each(drop);
        found.push(without);
    }
    let set: Vec<&Slot> = form.slots.iter().filter(|slot| slot.field.is_in(message)).collect();
    // A Value is something: its smallest, which is null, stands for nothing.
    let may_go: Vec<&Slot> = match form.known {
        Some(WellKnown::Value) => Vec::new(),
        _ => set.iter().copied().filter(|slot| !slot.field.is_required).collect(),
    };
    if may_go.len() > 3 {
        let (first, second) = may_go.split_at(may_go.len() / 2);
        found.extend([first, second].map(|half| without(message, half)));
    }
    found.extend(may_go.iter().map(|slot| without(message, &[*slot])));
    for slot in set {
        for value in values(plan, form, slot, &slot.field.of(message)) {
            let mut step = message.clone();
            if slot.field.set(&mut step, value) {
                found.push(step);
            }
        }
    }
    found
}

/// The messages of that very form within a message: one that holds itself shrinks to what it holds.
fn own_kind_in(message: &DynamicMessage, form: &Form, found: &mut Vec<DynamicMessage>) {
    let mut look = |value: &Value| {
        let Value::Message(held) = value else { return };
        if found.len() < MOST_HELD && held.descriptor() == form.descriptor {
            found.push(held.clone());
        }
        own_kind_in(held, form, found);
    };
    let own = message.fields().map(|(_, value)| value);
    for value in own.chain(message.extensions().map(|(_, value)| value)) {
        match value {
            Value::List(values) => values.iter().for_each(&mut look),
            Value::Map(entries) => {
                let mut sorted: Vec<(&MapKey, &Value)> = entries.iter().collect();
                sorted.sort_by_key(|(key, _)| *key);
                for (_, value) in sorted {
                    look(value);
                }
            }
            value => look(value),
        }
    }
}

fn without(message: &DynamicMessage, slots: &[&Slot]) -> DynamicMessage {
    let mut rest = message.clone();
    for slot in slots {
        slot.field.clear(&mut rest);
    }
    rest
}

/// What may stand in a field instead.
fn values(plan: &Plan, form: &Form, slot: &Slot, value: &Value) -> Vec<Value> {
    match value {
        Value::List(values) => {
            let lists = fewer(values).into_iter().map(Value::List);
            if form.known == Some(WellKnown::FieldMask) {
                // Half a path is no path.
                return lists.collect();
            }
            let within = values.iter().enumerate().flat_map(|(index, value)| {
                singles(plan, slot, value).into_iter().map(move |value| {
                    let mut values = values.clone();
                    if let Some(place) = values.get_mut(index) {
                        *place = value;
                    }
                    Value::List(values)
                })
            });
            lists.chain(within).collect()
        }
        Value::Map(entries) if slot.field.shape == Shape::Map => maps(plan, slot, entries),
        value => singles(plan, slot, value),
    }
}

fn maps(plan: &Plan, slot: &Slot, entries: &HashMap<MapKey, Value>) -> Vec<Value> {
    let mut sorted: Vec<(MapKey, Value)> = entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    sorted.sort_by(|(ours, _), (theirs, _)| ours.cmp(theirs));
    let mut found: Vec<Value> =
        fewer(&sorted).into_iter().map(|entries| Value::Map(entries.into_iter().collect())).collect();
    for (key, value) in &sorted {
        for value in singles(plan, slot, value) {
            let mut entries = entries.clone();
            entries.insert(key.clone(), value);
            found.push(Value::Map(entries));
        }
        let keys = scalars(&Value::from(key.clone())).into_iter().filter_map(Value::into_map_key);
        for other in keys.filter(|other| !entries.contains_key(other)) {
            let mut entries = entries.clone();
            entries.remove(key);
            entries.insert(other, value.clone());
            found.push(Value::Map(entries));
        }
    }
    found
}

/// Half of them, the other half, and all but one.
fn fewer<T: Clone>(all: &[T]) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    if all.len() > 2 {
        let (first, second) = all.split_at(all.len() / 2);
        found.extend([first.to_vec(), second.to_vec()]);
    }
    for index in 0..all.len() {
        let rest = all.iter().enumerate().filter(|(at, _)| *at != index);
        found.push(rest.map(|(_, value)| value.clone()).collect());
    }
    found
}

fn singles(plan: &Plan, slot: &Slot, value: &Value) -> Vec<Value> {
    match (&slot.holds, value) {
        (Holds::Message(_), Value::Message(message)) => {
            simpler(plan, message).into_iter().map(Value::Message).collect()
        }
        (Holds::Enum(numbers), Value::EnumNumber(_)) => {
            lighter(value, numbers.named.iter().map(|number| Value::EnumNumber(*number)).collect())
        }
        _ => scalars(value),
    }
}

fn scalars(value: &Value) -> Vec<Value> {
    let steps = match value {
        Value::Bool(_) => vec![Value::Bool(false)],
        Value::I32(value) => [0, value.signum(), value / 2, value - value.signum()].map(Value::I32).to_vec(),
        Value::I64(value) => [0, value.signum(), value / 2, value - value.signum()].map(Value::I64).to_vec(),
        Value::U32(value) => [0, 1, value / 2, value.saturating_sub(1)].map(Value::U32).to_vec(),
        Value::U64(value) => [0, 1, value / 2, value.saturating_sub(1)].map(Value::U64).to_vec(),
        Value::F32(value) => [0.0, 1.0, value.trunc(), (value / 2.0).trunc()].map(Value::F32).to_vec(),
        Value::F64(value) => [0.0, 1.0, value.trunc(), (value / 2.0).trunc()].map(Value::F64).to_vec(),
        Value::String(text) => texts(text).into_iter().map(Value::String).collect(),
        Value::Bytes(bytes) => {
            let half = bytes.len() / 2;
            let all_but_one = bytes.len().saturating_sub(1);
            let zeros = vec![0; bytes.len()].into();
            [bytes.slice(..0), bytes.slice(..half), bytes.slice(half..), bytes.slice(..all_but_one), zeros]
                .map(Value::Bytes)
                .to_vec()
        }
        _ => Vec::new(),
    };
    lighter(value, steps)
}

fn texts(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let (first, second) = letters.split_at(letters.len() / 2);
    let all_but_one = letters.len().saturating_sub(1);
    let mut found: Vec<String> = vec![
        String::new(),
        first.iter().collect(),
        second.iter().collect(),
        letters.iter().take(all_but_one).collect(),
        letters.iter().map(|_| 'a').collect(),
        letters.iter().filter(|c| c.is_ascii()).collect(),
        letters.iter().map(|c| if c.is_ascii() { *c } else { 'a' }).collect(),
    ];
    // Which of its letters it is that matters.
    if letters.len() <= 32 {
        found.extend(
            (0..letters.len())
                .filter(|at| letters.get(*at) != Some(&'a'))
                .map(|at| letters.iter().enumerate().map(|(index, c)| if index == at { 'a' } else { *c }).collect()),
        );
    }
    found
}

fn lighter(value: &Value, mut steps: Vec<Value>) -> Vec<Value> {
    let limit = of_value(value);
    steps.retain(|step| of_value(step) < limit);
    // `dedup` would do for neighbours alone.
    let mut found: Vec<Value> = Vec::with_capacity(steps.len());
    for step in steps {
        if !found.contains(&step) {
            found.push(step);
        }
    }
    found
}
