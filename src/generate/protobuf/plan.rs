//! A descriptor made ready: every message that may stand in one of its messages, and what each of their fields holds.
//!
//! Owns what is worked out once rather than for each message. Leaves out what can't be written: a field whose messages need
//! themselves to be whole. Has no `Debug`: what descriptors show of a message that may hold itself has no end. Main types: [`Plan`], [`Form`], [`Slot`].

use std::collections::{HashMap, HashSet};

use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, MessageDescriptor, Value};

use super::scalar::Scalar;
use super::well_known::{self, WellKnown};
use crate::contract::protobuf::{Field, Shape, is_closed, is_special};

/// So many messages one may have to hold to be whole.
const MOST_MESSAGES: u64 = 500;
/// So many kinds of messages stand in an Any.
const MOST_PAYLOADS: usize = 12;

/// All that messages of a descriptor are made of.
pub struct Plan {
    /// Every kind of message; the first is the one that is asked for.
    pub forms: Vec<Form>,
    /// Those that stand in an Any.
    pub payloads: Vec<usize>,
    /// Names of fields, for a `FieldMask`.
    pub paths: Vec<String>,
    indices: HashMap<String, usize>,
}

/// One kind of message.
pub struct Form {
    /// Its descriptor.
    pub descriptor: MessageDescriptor,
    /// What it is, if protobuf itself says more of it than its fields do.
    pub known: Option<WellKnown>,
    /// The fields that can be written.
    pub slots: Vec<Slot>,
    /// Which slots exclude each other; most stand alone.
    pub choices: Vec<Vec<usize>>,
    /// With nothing in it that it can do without.
    pub smallest: DynamicMessage,
    by_number: HashMap<u32, usize>,
}

/// A field that can be written.
pub struct Slot {
    /// The field.
    pub field: Field,
    /// What its keys are, if it is a map.
    pub key: Option<Scalar>,
    /// What its values are.
    pub holds: Holds,
}

/// What the values of a field are, or those of its entries.
pub enum Holds {
    /// Numbers, texts, bytes.
    Scalar(Scalar),
    /// Numbers with names.
    Enum(Numbers),
    /// Messages of that form.
    Message(usize),
}

/// The numbers of an enum.
pub struct Numbers {
    /// Those with names, the default first.
    pub named: Vec<i32>,
    /// One without, where that may be sent.
    pub unnamed: Option<i32>,
}

impl Plan {
    /// The plan of a message; none where no message of it can ever be whole.
    pub fn of(descriptor: &MessageDescriptor) -> Option<Self> {
        let (descriptors, payloads) = reachable(descriptor);
        let sizes = sizes(&descriptors);
        // What can't be whole has no form, so that no field leads there.
        let kept: Vec<&MessageDescriptor> =
            descriptors.iter().filter(|descriptor| sizes.contains_key(descriptor.full_name())).collect();
        if kept.first()?.full_name() != descriptor.full_name() {
            return None;
        }
        let indices: HashMap<String, usize> =
            kept.iter().enumerate().map(|(index, descriptor)| (descriptor.full_name().to_owned(), index)).collect();
        let payloads: Vec<usize> =
            payloads.iter().filter_map(|payload| indices.get(payload.full_name()).copied()).collect();
        let mut forms: Vec<Form> = kept.into_iter().map(|descriptor| Form::of(descriptor, &indices)).collect();
        let plain = payloads.iter().find_map(|index| forms.get(*index).filter(|form| form.needs_nothing()));
        let url = plain.map(|form| well_known::url(&form.descriptor));
        let mut order: Vec<usize> = (0..forms.len()).collect();
        // Whole messages are put together from smaller ones.
        order.sort_by_key(|index| forms.get(*index).and_then(|form| sizes.get(form.descriptor.full_name())).copied());
        for index in order {
            let Some(form) = forms.get(index) else { continue };
            let smallest = form.put_together(&forms, url.as_deref());
            if let Some(form) = forms.get_mut(index) {
                form.smallest = smallest;
            }
        }
        let paths = paths(&forms);
        Some(Self { forms, payloads, paths, indices })
    }

    /// The form of a message.
    pub fn form(&self, descriptor: &MessageDescriptor) -> Option<(usize, &Form)> {
        let index = *self.indices.get(descriptor.full_name())?;
        Some((index, self.forms.get(index)?))
    }

    /// An empty message of a form, where a message has to be: nothing that it can do without.
    pub fn smallest(&self, form: usize) -> Option<&DynamicMessage> {
        self.forms.get(form).map(|form| &form.smallest)
    }
}

impl Form {
    fn of(descriptor: &MessageDescriptor, indices: &HashMap<String, usize>) -> Self {
        let slots: Vec<Slot> =
            Field::all(descriptor).into_iter().filter_map(|field| Slot::of(field, descriptor, indices)).collect();
        let mut choices: Vec<(Option<String>, Vec<usize>)> = Vec::new();
        for (index, slot) in slots.iter().enumerate() {
            let oneof = &slot.field.oneof;
            match choices.iter_mut().find(|(name, _)| oneof.is_some() && name == oneof) {
                Some((_, members)) => members.push(index),
                None => choices.push((oneof.clone(), vec![index])),
            }
        }
        Self {
            descriptor: descriptor.clone(),
            known: WellKnown::of(descriptor),
            by_number: slots.iter().enumerate().map(|(index, slot)| (slot.field.number, index)).collect(),
            choices: choices.into_iter().map(|(_, members)| members).collect(),
            slots,
            smallest: DynamicMessage::new(descriptor.clone()),
        }
    }

    /// The slot of a number.
    pub fn slot(&self, number: u32) -> Option<&Slot> {
        self.slots.get(*self.by_number.get(&number)?)
    }

    fn needs_nothing(&self) -> bool {
        self.known.is_none() && !self.slots.iter().any(|slot| slot.field.is_required)
    }

    fn put_together(&self, forms: &[Self], url: Option<&str>) -> DynamicMessage {
        let mut message = self.smallest.clone();
        if let Some(known) = self.known {
            known.fill(&mut message, url);
        }
        for slot in self.slots.iter().filter(|slot| slot.field.is_required) {
            let value = match slot.holds {
                Holds::Message(index) => forms.get(index).map(|form| Value::Message(form.smallest.clone())),
                _ => Some(slot.zero()),
            };
            if let Some(value) = value {
                // A value of the field's own type always fits.
                let _ = slot.field.set(&mut message, value);
            }
        }
        message
    }
}

impl Slot {
    fn of(field: Field, parent: &MessageDescriptor, indices: &HashMap<String, usize>) -> Option<Self> {
        let (key, kind) = match field.entry() {
            Some((key, value)) => (Some(Scalar::of(key, false, true)), value.kind),
            None => (None, field.kind.clone()),
        };
        // A zero with a sign equals the default, and what equals that is not written.
        let keeps_sign = field.shape == Shape::Many || (field.shape == Shape::One && field.has_presence);
        let holds = match kind {
            Kind::Message(message) => Holds::Message(*indices.get(message.full_name())?),
            Kind::Enum(enumeration) => Holds::Enum(Numbers::of(&enumeration)),
            scalar => Holds::Scalar(Scalar::of(scalar, keeps_sign, WellKnown::of(parent) != Some(WellKnown::Value))),
        };
        Some(Self { field, key, holds })
    }

    /// What is there where one value has to be; messages have a smallest of their own.
    pub fn zero(&self) -> Value {
        match &self.holds {
            Holds::Scalar(scalar) => scalar.zero(),
            Holds::Enum(numbers) => Value::EnumNumber(numbers.named.first().copied().unwrap_or_default()),
            Holds::Message(_) => self.field.default(),
        }
    }
}

impl Numbers {
    fn of(enumeration: &EnumDescriptor) -> Self {
        let mut named: Vec<i32> = vec![enumeration.default_value().number()];
        for number in enumeration.values().map(|value| value.number()) {
            if !named.contains(&number) {
                named.push(number);
            }
        }
        // JSON has but one word for it.
        let is_null = enumeration.full_name() == "google.protobuf.NullValue";
        let unnamed = [7_654_321, 7_654_322].into_iter().find(|number| enumeration.get_value(*number).is_none());
        Self { named, unnamed: unnamed.filter(|_| !is_null && !is_closed(enumeration)) }
    }
}

/// All messages that may stand within one, it first; and those that stand in an Any.
fn reachable(descriptor: &MessageDescriptor) -> (Vec<MessageDescriptor>, Vec<MessageDescriptor>) {
    let mut found = vec![descriptor.clone()];
    let mut names: HashSet<String> = HashSet::from([descriptor.full_name().to_owned()]);
    let mut payloads = Vec::new();
    let mut next = 0;
    while let Some(message) = found.get(next).cloned() {
        next += 1;
        let mut within: Vec<MessageDescriptor> = Field::all(&message).iter().filter_map(Field::message).collect();
        if WellKnown::of(&message) == Some(WellKnown::Any) && payloads.is_empty() {
            payloads = packable(&message);
            within.extend(payloads.iter().cloned());
        }
        for message in within {
            if names.insert(message.full_name().to_owned()) {
                found.push(message);
            }
        }
    }
    (found, payloads)
}

/// Messages of the same pool to stand in an Any: the contract's own.
fn packable(any: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let is_own = |message: &MessageDescriptor| {
        !message.is_map_entry() && !message.full_name().starts_with("google.protobuf.") && !is_special(message)
    };
    any.parent_pool().all_messages().filter(is_own).take(MOST_PAYLOADS).collect()
}

/// How many messages the smallest of each holds; nothing for those that need themselves, or too many, to be whole.
fn sizes(descriptors: &[MessageDescriptor]) -> HashMap<String, u64> {
    let required = |descriptor: &MessageDescriptor| -> Vec<String> {
        let fields = Field::all(descriptor).into_iter().filter(|field| field.is_required);
        fields.filter_map(|field| field.message()).map(|message| message.full_name().to_owned()).collect()
    };
    let mut open: Vec<(String, Vec<String>)> =
        descriptors.iter().map(|descriptor| (descriptor.full_name().to_owned(), required(descriptor))).collect();
    let mut sizes: HashMap<String, u64> = HashMap::new();
    loop {
        let before = open.len();
        open.retain(|(name, needed)| {
            let parts: Option<Vec<u64>> = needed.iter().map(|part| sizes.get(part).copied()).collect();
            let size = parts.map(|parts| parts.into_iter().fold(1_u64, u64::saturating_add));
            match size.filter(|size| *size <= MOST_MESSAGES) {
                Some(size) => {
                    sizes.insert(name.clone(), size);
                    false
                }
                None => true,
            }
        });
        if open.len() == before {
            return sizes;
        }
    }
}

/// Names that are the same after JSON wrote them its way, and back.
fn paths(forms: &[Form]) -> Vec<String> {
    let survives = |name: &str| {
        name.split('_').all(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let own = forms.iter().filter(|form| form.known.is_none() && !is_special(&form.descriptor));
    let mut names: Vec<String> =
        own.flat_map(|form| &form.slots).map(|slot| slot.field.name.clone()).filter(|name| survives(name)).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { vec!["name".to_owned(), "display_name".to_owned()] } else { names }
}
