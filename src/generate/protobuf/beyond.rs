//! What one descriptor's sender may say that another's reader doesn't hear as it was meant.
//!
//! Every message is really written, and really read by the other descriptor; it counts where something becomes of it that doesn't
//! become of the smallest. Main function: [`beyond`].

use std::collections::{BTreeSet, HashMap};

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::edges::{tries, with};
use super::plan::{Form, Holds, Plan, Slot};
use crate::contract::protobuf::{Exchange, Fate, Field, Shape, Wire, fate};
use crate::contract::{Encoding, Terms};

/// How deep differences are looked for.
const DEEPEST: usize = 6;
/// How many of a message within another are told.
const WITHIN: usize = 24;
/// Of a oneof's fields that stand apart here, so many pairs are tried.
const MOST_PAIRS: usize = 12;

/// Up to `most` messages that are read differently; the worst first, one of each field before another of the same.
pub fn beyond(plan: &Plan, other: &MessageDescriptor, most: usize) -> Vec<DynamicMessage> {
    let exchange = Exchange::new(&Terms { encoding: Encoding::Binary, steps: u64::MAX, ..Terms::SERVICE });
    let mut search = Search { plan, exchange, told: HashMap::new() };
    search.between(0, other, most, 0)
}

struct Search<'a> {
    plan: &'a Plan,
    exchange: Exchange,
    /// What was found for a form and a reader; nothing yet where that is under way.
    told: HashMap<(usize, String), Vec<DynamicMessage>>,
}

/// What becomes of a message: of each field that is not read as it was meant, by number and by whether it was written at all. 0 is
/// the message as a whole.
type Fates = BTreeSet<(u32, bool, Fate)>;

const REFUSED: (u32, bool, Fate) = (0, true, Fate::Refused);

/// One message of ours, as the reader knows it.
struct Pair<'a> {
    form: &'a Form,
    reader: &'a MessageDescriptor,
    readable: HashMap<u32, Field>,
    /// What becomes of the message that the others are made from.
    usual: Fates,
}

impl Search<'_> {
    fn between(&mut self, index: usize, reader: &MessageDescriptor, most: usize, depth: usize) -> Vec<DynamicMessage> {
        let key = (index, reader.full_name().to_owned());
        if let Some(told) = self.told.get(&key) {
            return told.clone();
        }
        let plan = self.plan;
        let Some(form) = plan.forms.get(index).filter(|_| depth <= DEEPEST) else { return Vec::new() };
        self.told.insert(key.clone(), Vec::new());
        let readable = Field::all(reader).into_iter().map(|field| (field.number, field)).collect();
        let mut pair = Pair { form, reader, readable, usual: Fates::new() };
        let smallest = self.told_of(&pair, vec![form.smallest.clone()]);
        let base = filled(plan, &pair);
        pair.usual = self.fates(&pair, &base);
        let mut columns: Vec<Vec<(Fate, DynamicMessage)>> = Vec::new();
        // Where even that is refused, all are.
        if !pair.usual.contains(&REFUSED) {
            columns = form.slots.iter().map(|slot| self.of_slot(&pair, slot, &base, depth)).collect();
            columns.push(self.of_oneofs(&pair, &base));
        }
        columns.push(smallest);
        let mut found = in_turn(columns, most);
        found.truncate(most);
        self.told.insert(key, found.clone());
        found
    }

    /// Each value of a field by which something becomes of the message, the worst first.
    fn of_slot(
        &mut self,
        pair: &Pair<'_>,
        slot: &Slot,
        base: &DynamicMessage,
        depth: usize,
    ) -> Vec<(Fate, DynamicMessage)> {
        let mut values = Vec::new();
        if let (Holds::Message(form), Some(reader)) = (&slot.holds, pair.message_of(slot.field.number)) {
            let within = self.between(*form, &reader, WITHIN, depth + 1);
            values.extend(within.into_iter().map(|message| placed(slot, Value::Message(message))));
        }
        values.extend(tries(self.plan, slot, depth));
        let messages = values.into_iter().filter_map(|value| with(base, slot, value));
        self.told_of(pair, messages.collect())
    }

    /// Two at once of what excludes each other for the reader alone.
    fn of_oneofs(&self, pair: &Pair<'_>, base: &DynamicMessage) -> Vec<(Fate, DynamicMessage)> {
        let mut messages = Vec::new();
        for oneof in pair.reader.oneofs().filter(|oneof| !oneof.is_synthetic()) {
            let members: Vec<&Slot> = oneof.fields().filter_map(|field| pair.form.slot(field.number())).collect();
            for (first, second) in members.iter().zip(members.iter().skip(1)) {
                let is_choice = first.field.oneof.is_some() && first.field.oneof == second.field.oneof;
                if is_choice || messages.len() == MOST_PAIRS {
                    continue;
                }
                let plain =
                    |slot: &Slot| tries(self.plan, slot, DEEPEST).into_iter().find(|value| *value != slot.zero());
                let (Some(one), Some(other)) = (plain(first), plain(second)) else { continue };
                messages.extend(with(base, first, one).and_then(|message| with(&message, second, other)));
            }
        }
        self.told_of(pair, messages)
    }

    /// Those of them of which something unusual becomes, the worst first.
    fn told_of(&self, pair: &Pair<'_>, messages: Vec<DynamicMessage>) -> Vec<(Fate, DynamicMessage)> {
        let mut told: Vec<(Fate, DynamicMessage)> = Vec::new();
        for message in messages {
            let fates = self.fates(pair, &message);
            if let Some(worst) = fates.difference(&pair.usual).map(|(_, _, fate)| *fate).max() {
                told.push((worst, message));
            }
        }
        told.sort_by_key(|(fate, _)| std::cmp::Reverse(*fate));
        told
    }

    fn fates(&self, pair: &Pair<'_>, written: &DynamicMessage) -> Fates {
        let Some(sent) = self.exchange.send(Wire::Binary, written, pair.reader) else { return Fates::new() };
        let Ok(read) = &sent.read else { return Fates::from([REFUSED]) };
        let ours = pair.form.slots.iter().map(|slot| &slot.field);
        let mut fates: Fates = ours
            .filter_map(|field| match pair.readable.get(&field.number) {
                Some(other) => {
                    let fate = fate(Wire::Binary, (field, written), (other, read));
                    Some((field.number, field.is_in(written), fate))
                }
                None => field.is_in(written).then_some((field.number, true, Fate::Lost)),
            })
            .filter(|(_, _, fate)| *fate != Fate::Same)
            .collect();
        // What nobody wrote.
        let made_up =
            pair.readable.values().filter(|field| pair.form.slot(field.number).is_none() && field.is_in(read));
        fates.extend(made_up.map(|field| (field.number, false, Fate::Changed)));
        fates
    }
}

impl Pair<'_> {
    /// The message that the reader takes a field's values for.
    fn message_of(&self, number: u32) -> Option<MessageDescriptor> {
        self.readable.get(&number)?.message()
    }
}

/// The smallest message with what the reader requires of it.
fn filled(plan: &Plan, pair: &Pair<'_>) -> DynamicMessage {
    let mut message = pair.form.smallest.clone();
    let mut required: Vec<u32> =
        pair.readable.values().filter(|field| field.is_required).map(|field| field.number).collect();
    required.sort_unstable();
    for slot in required.into_iter().filter_map(|number| pair.form.slot(number)) {
        if slot.field.is_in(&message) || slot.field.shape != Shape::One {
            continue;
        }
        if let Some(filled) = tries(plan, slot, DEEPEST).into_iter().find_map(|value| with(&message, slot, value)) {
            message = filled;
        }
    }
    message
}

/// A single value as the field holds it.
fn placed(slot: &Slot, value: Value) -> Value {
    match (slot.field.shape, &slot.key) {
        (Shape::Many, _) => Value::List(vec![value]),
        (Shape::Map, Some(key)) => {
            let plain = key.edges().first().cloned().unwrap_or_else(|| key.zero());
            Value::Map(plain.into_map_key().map(|key| (key, value)).into_iter().collect())
        }
        _ => value,
    }
}

/// The first of each column, the worst first; then the second of each.
fn in_turn(mut columns: Vec<Vec<(Fate, DynamicMessage)>>, most: usize) -> Vec<DynamicMessage> {
    columns.retain(|column| !column.is_empty());
    // Stable: fields as they stand where they fare alike.
    columns.sort_by_key(|column| column.first().map(|(fate, _)| std::cmp::Reverse(*fate)));
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    let mut found = Vec::new();
    while found.len() < most && !columns.is_empty() {
        columns.retain_mut(|column| column.next().map(|(_, message)| found.push(message)).is_some());
    }
    found
}
