//! Messages that differ from the smallest in one respect: each field's edges, one at a time.
//!
//! Main functions: [`edges`], [`tries`].

use std::collections::HashMap;

use prost_reflect::{DynamicMessage, Value};

use super::differences::{differences, is_same};
use super::plan::{Form, Holds, Plan, Slot};
use super::well_known::{WellKnown, packed};
use crate::contract::protobuf::Shape;

/// How many edges of a message are tried within another, by depth.
const WITHIN: [usize; 3] = [60, 12, 3];
/// How long a long list is; of messages a tenth of that.
const MANY: usize = 100;

/// Up to `most` messages of a form: every field's first edge, then every field's second, and so on.
pub fn edges(plan: &Plan, form: usize, most: usize) -> Vec<DynamicMessage> {
    edges_at(plan, form, most, 0)
}

fn edges_at(plan: &Plan, form: usize, most: usize, depth: usize) -> Vec<DynamicMessage> {
    let Some(form) = plan.forms.get(form) else { return Vec::new() };
    let mut found = match form.known {
        Some(WellKnown::Any) => payloads(plan, form, most, depth),
        Some(known) => known.edges(form, &plan.paths),
        None => Vec::new(),
    };
    if form.known.is_none_or(|known| known == WellKnown::Value) {
        let mut columns: Vec<_> = form.slots.iter().map(|slot| (slot, tries(plan, slot, depth).into_iter())).collect();
        while found.len() < most && !columns.is_empty() {
            columns.retain_mut(|(slot, values)| {
                let Some(value) = values.next() else { return false };
                if found.len() < most {
                    found.extend(with(&form.smallest, slot, value));
                }
                true
            });
        }
    }
    found.truncate(most);
    found
}

/// A message with another value in one field; none where nobody would see it.
pub fn with(base: &DynamicMessage, slot: &Slot, value: Value) -> Option<DynamicMessage> {
    if slot.field.is_in(base) && is_same(&slot.field.of(base), &value) {
        return None;
    }
    let mut message = base.clone();
    (slot.field.set(&mut message, value) && slot.field.is_in(&message)).then_some(message)
}

/// What to try for a field, the plainest first.
pub fn tries(plan: &Plan, slot: &Slot, depth: usize) -> Vec<Value> {
    let singles = singles(plan, slot, depth);
    let Some(first) = singles.first().cloned() else { return Vec::new() };
    let second = singles.get(1).unwrap_or(&first).clone();
    match (slot.field.shape, &slot.key) {
        (Shape::Map, Some(key)) => {
            let map = |entries: Vec<(Value, Value)>| {
                let entries = entries.into_iter().filter_map(|(key, value)| Some((key.into_map_key()?, value)));
                Value::Map(entries.collect::<HashMap<_, _>>())
            };
            let (zero, usual) = (key.zero(), key.edges().first().cloned().unwrap_or_else(|| key.zero()));
            let mut found = vec![
                map(vec![(usual.clone(), first.clone())]),
                map(vec![(usual.clone(), first.clone()), (zero.clone(), second)]),
            ];
            found.extend(singles.iter().skip(1).map(|value| map(vec![(usual.clone(), value.clone())])));
            let keys = std::iter::once(&zero).chain(key.edges().iter().skip(1));
            found.extend(keys.map(|key| map(vec![(key.clone(), first.clone())])));
            found
        }
        (Shape::Many, _) => {
            let mut found = vec![
                Value::List(vec![first.clone()]),
                Value::List(vec![first.clone(), second]),
                Value::List(vec![first.clone(), first.clone()]),
            ];
            found.extend(singles.iter().skip(1).map(|value| Value::List(vec![value.clone()])));
            let many = if matches!(slot.holds, Holds::Message(_)) { MANY / 10 } else { MANY };
            found.push(Value::List(vec![first; many]));
            found
        }
        _ => singles,
    }
}

fn singles(plan: &Plan, slot: &Slot, depth: usize) -> Vec<Value> {
    let is_single = slot.field.shape == Shape::One;
    let mut found: Vec<Value> = match &slot.holds {
        Holds::Scalar(scalar) => scalar.edges().iter().cloned().chain([scalar.zero()]).collect(),
        Holds::Enum(numbers) => {
            // The default goes last, as zero does: where it is not written, nothing is seen of it.
            let others = numbers.named.iter().skip(1).chain(&numbers.unnamed).chain(numbers.named.first());
            others.map(|number| Value::EnumNumber(*number)).collect()
        }
        Holds::Message(form) => {
            let within = WITHIN.get(depth).map(|most| edges_at(plan, *form, *most, depth + 1));
            plan.smallest(*form).cloned().into_iter().chain(within.unwrap_or_default()).map(Value::Message).collect()
        }
    };
    let is_message = matches!(slot.holds, Holds::Message(_));
    if is_single && slot.field.has_presence && !is_message {
        // What counts where nothing is written, written out.
        let default = slot.field.default();
        found.retain(|value| !is_same(value, &default));
        found.insert(0, default);
    }
    found
}

fn payloads(plan: &Plan, form: &Form, most: usize, depth: usize) -> Vec<DynamicMessage> {
    let mut found: Vec<DynamicMessage> = Vec::new();
    let smallest = plan.payloads.iter().filter_map(|payload| plan.smallest(*payload));
    found.extend(smallest.map(|held| packed(&form.descriptor, held)));
    let within = WITHIN.get(depth + 1).copied().unwrap_or_default();
    for payload in &plan.payloads {
        if found.len() >= most {
            break;
        }
        let held = edges_at(plan, *payload, within, depth + 1);
        found.extend(held.iter().map(|held| packed(&form.descriptor, held)));
    }
    // One of them is what the smallest Any holds already.
    found.retain(|any| !differences(any, &form.smallest).is_empty());
    found
}
