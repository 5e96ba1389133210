//! Arrays and objects, put together of what is worth trying at their places.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::place::{Look, Place, Role, Schema, Speaker, Variety};
use crate::contract::json_schema::fits::Fitting;
use crate::contract::json_schema::regular::{Asked, Found, Machine, find};

/// Longer arrays, and objects of more fields, aren't written.
const LARGEST: usize = 300;

/// Arrays worth trying.
pub(super) fn arrays<'a>(look: &Look<'a>, speakers: &[Speaker<'a>], depth: usize, variety: Variety) -> Vec<Value> {
    let mut sizes: Vec<usize> = vec![0, 1, 2];
    for keyword in ["minItems", "maxItems", "minContains", "maxContains"] {
        for size in speakers.iter().filter_map(|speaker| size(speaker.map.get(keyword)?)) {
            sizes.extend([size, size + 1, size.saturating_sub(1)]);
        }
    }
    let prefix = speakers.iter().filter_map(|speaker| speaker.map.get("prefixItems")?.as_array()).map(Vec::len).max();
    let prefix = prefix.unwrap_or(0).min(LARGEST);
    sizes.extend([prefix, prefix + 1, prefix.saturating_sub(1)]);
    sizes.retain(|size| *size <= LARGEST);
    sizes.sort_unstable();
    sizes.dedup();
    let choices: Vec<Rc<Vec<Value>>> =
        (0..=prefix).map(|index| look.values(&item(speakers, index, prefix), depth - 1)).collect();
    let at = |index: usize| choices.get(index.min(prefix));
    let plain = |size: usize| -> Vec<Value> {
        (0..size).map(|index| at(index).and_then(|values| values.first()).cloned().unwrap_or(Value::Null)).collect()
    };
    let mut found: Vec<Value> = sizes.iter().map(|size| Value::Array(plain(*size))).collect();
    if variety == Variety::Few {
        return found;
    }
    // All different, as far as there are different values.
    for size in sizes.iter().filter(|size| **size > 1) {
        let different = (0..*size).filter_map(|index| {
            let values = at(index)?;
            values.get((index.saturating_sub(prefix)) % values.len().max(1)).cloned()
        });
        found.push(Value::Array(different.collect()));
        let varied: Vec<Value> = (0..*size).map(|index| Value::from(index + 10)).collect();
        found.push(Value::Array(varied));
    }
    let base = sizes.iter().copied().find(|size| *size > prefix).unwrap_or(prefix + 1);
    for size in [base.max(1), sizes.iter().copied().find(|size| *size >= 1).unwrap_or(1), (prefix + 2).max(base)] {
        for index in 0..size.min(prefix + 2) {
            for value in at(index).into_iter().flat_map(|values| values.iter()).skip(1) {
                let mut items = plain(size);
                if let Some(item) = items.get_mut(index) {
                    *item = value.clone();
                }
                found.push(Value::Array(items));
            }
        }
    }
    found
}

/// What speaks of an item. Beyond all prefixes one place is like another.
pub(super) fn item<'a>(speakers: &[Speaker<'a>], index: usize, prefix: usize) -> Place<'a> {
    let mut inner = Place::default();
    for speaker in speakers {
        let map = speaker.map;
        let own = map.get("prefixItems").and_then(Value::as_array);
        let mut schemas: Vec<&'a Value> = match own.and_then(|own| own.get(index)) {
            Some(schema) if index < prefix => vec![schema],
            _ => map.get("items").into_iter().chain(map.get("unevaluatedItems")).collect(),
        };
        speak(&mut inner, speaker, &schemas, speaker.role);
        schemas = map.get("contains").into_iter().collect();
        // What some item must be is worth trying at each, and holds at none.
        speak(&mut inner, speaker, &schemas, Role::Hint);
    }
    inner
}

fn speak<'a>(inner: &mut Place<'a>, speaker: &Speaker<'a>, schemas: &[&'a Value], role: Role) {
    let list = match role {
        Role::Written => &mut inner.written,
        Role::Read => &mut inner.read,
        Role::Hint => &mut inner.hints,
    };
    list.extend(schemas.iter().map(|schema| Schema { schema, whole: speaker.whole }));
}

fn size(value: &Value) -> Option<usize> {
    let float = || value.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0 && *float < 1e9);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within bounds")]
    value.as_u64().and_then(|size| usize::try_from(size).ok()).or_else(|| float().map(|float| float as usize))
}

/// Objects worth trying.
pub(super) fn objects<'a>(
    look: &Look<'a>,
    place: &Place<'a>,
    speakers: &[Speaker<'a>],
    depth: usize,
    variety: Variety,
) -> Vec<Value> {
    /// More aren't made of one place.
    const MOST: usize = 12_000;
    let mut found = Vec::new();
    let names = names(speakers);
    let required: BTreeSet<&str> = speakers
        .iter()
        .filter(|speaker| speaker.role == Role::Written)
        .flat_map(|speaker| listed(speaker.map.get("required")))
        .collect();
    let mut fields: Vec<(String, Rc<Vec<Value>>)> = Vec::new();
    for name in names {
        let values = look.values(&field(look, speakers, &name), depth - 1);
        if !values.is_empty() {
            fields.push((name, values));
        }
    }
    let with = |chosen: &dyn Fn(&str) -> bool| -> Map<String, Value> {
        let taken = fields.iter().filter(|(name, _)| chosen(name));
        taken.filter_map(|(name, values)| Some((name.clone(), values.first()?.clone()))).collect()
    };
    let known: BTreeSet<&str> = speakers
        .iter()
        .filter(|speaker| speaker.role == Role::Written)
        .flat_map(|speaker| speaker.map.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys))
        .map(String::as_str)
        .collect();
    let least = look.mended(place, with(&|name| required.contains(name)), &fields);
    let whole = with(&|name| required.contains(name) || known.contains(name));
    let cases = cases(speakers);
    let mut bases = vec![least.clone(), whole.clone()];
    for case in &cases {
        bases.push(with(&|name| required.contains(name) || case.contains(name)));
    }
    let mut bases: Vec<_> = bases.into_iter().map(|base| look.mended(place, base, &fields)).collect();
    bases.dedup();
    // Exactly the fields of each case with the values it asks for.
    found.extend(bases.iter().cloned().map(Value::Object));
    for size in sizes(speakers) {
        found.extend(of_size(&least, &fields, size));
    }
    if variety == Variety::Few {
        return found;
    }
    for base in &bases {
        for (name, values) in &fields {
            if base.contains_key(name) && !required.contains(name.as_str()) {
                let mut fewer = base.clone();
                fewer.remove(name);
                found.push(Value::Object(fewer));
            }
            for value in values.iter() {
                let mut other = base.clone();
                other.insert(name.clone(), value.clone());
                found.push(Value::Object(other));
            }
        }
        if found.len() > MOST {
            break;
        }
    }
    pairs(&least, &fields, &mut found);
    found
}

/// Two fields at once: what one asks of the other.
fn pairs(least: &Map<String, Value>, fields: &[(String, Rc<Vec<Value>>)], found: &mut Vec<Value>) {
    /// Objects with more names aren't tried in all pairs.
    const NAMES: usize = 8;
    if fields.len() > NAMES {
        return;
    }
    let few = 5;
    for (at, (one, ones)) in fields.iter().enumerate() {
        for (other, others) in fields.iter().take(at) {
            for value in ones.iter().take(few) {
                for second in others.iter().take(few) {
                    let mut object = least.clone();
                    object.insert(one.clone(), value.clone());
                    object.insert(other.clone(), second.clone());
                    found.push(Value::Object(object));
                }
            }
        }
    }
}

fn listed(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The names that each case of a schema names: `anyOf` and its like.
fn cases<'a>(speakers: &[Speaker<'a>]) -> Vec<BTreeSet<&'a str>> {
    /// More cases aren't tried each for itself.
    const CASES: usize = 24;
    let soft = speakers.iter().filter(|speaker| speaker.role == Role::Hint);
    let mut cases: Vec<BTreeSet<&'a str>> = Vec::new();
    for speaker in soft {
        let required: BTreeSet<&str> = listed(speaker.map.get("required")).collect();
        let properties = speaker.map.get("properties").and_then(Value::as_object);
        let all: BTreeSet<&str> =
            properties.into_iter().flat_map(Map::keys).map(String::as_str).chain(required.iter().copied()).collect();
        for case in [required, all] {
            if !case.is_empty() && !cases.contains(&case) && cases.len() < CASES {
                cases.push(case);
            }
        }
    }
    for speaker in speakers {
        for (name, wanted) in speaker.map.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
            let mut case: BTreeSet<&str> = listed(Some(wanted)).collect();
            case.insert(name);
            if cases.len() < CASES {
                cases.push(case);
            }
        }
    }
    cases
}

fn sizes(speakers: &[Speaker<'_>]) -> BTreeSet<usize> {
    let found = ["minProperties", "maxProperties"]
        .into_iter()
        .flat_map(|keyword| speakers.iter().filter_map(move |speaker| size(speaker.map.get(keyword)?)));
    found.flat_map(|size| [size.saturating_sub(1), size, size + 1]).filter(|size| *size <= LARGEST).collect()
}

/// An object of that many fields.
fn of_size(least: &Map<String, Value>, fields: &[(String, Rc<Vec<Value>>)], size: usize) -> Option<Value> {
    let mut object = least.clone();
    for (name, values) in fields {
        if object.len() >= size {
            break;
        }
        if let Some(value) = values.first()
            && !object.contains_key(name)
        {
            object.insert(name.clone(), value.clone());
        }
    }
    let fresh = fields.iter().find(|(name, _)| name.starts_with(FRESH)).and_then(|(_, values)| values.first().cloned());
    for index in 0.. {
        if object.len() >= size {
            break;
        }
        object.entry(format!("{FRESH}{index}")).or_insert_with(|| fresh.clone().unwrap_or(Value::Null));
    }
    (object.len() == size).then_some(Value::Object(object))
}

/// How names start that no schema names.
const FRESH: &str = "x-other";

/// The names worth having a field of.
pub(super) fn names(speakers: &[Speaker<'_>]) -> Vec<String> {
    /// More aren't looked at in one place.
    const NAMES: usize = 400;
    let mut names: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |name: String| {
        if seen.insert(name.clone()) && names.len() < NAMES {
            names.push(name);
        }
    };
    let keys = |map: &Map<String, Value>, keyword: &str| -> Vec<String> {
        map.get(keyword).and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect()
    };
    for speaker in speakers {
        listed(speaker.map.get("required")).for_each(|name| add(name.to_owned()));
        for keyword in ["properties", "dependentRequired", "dependentSchemas"] {
            keys(speaker.map, keyword).into_iter().for_each(&mut add);
        }
        for (_, wanted) in speaker.map.get("dependentRequired").and_then(Value::as_object).into_iter().flatten() {
            listed(Some(wanted)).for_each(|name| add(name.to_owned()));
        }
        for value in speaker
            .map
            .get("const")
            .into_iter()
            .chain(speaker.map.get("enum").and_then(Value::as_array).into_iter().flatten())
        {
            value.as_object().into_iter().flat_map(Map::keys).cloned().for_each(&mut add);
        }
    }
    let patterns: BTreeSet<String> =
        speakers.iter().flat_map(|speaker| keys(speaker.map, "patternProperties")).collect();
    let machines: Vec<Machine> = patterns.iter().take(12).filter_map(|pattern| Machine::of(pattern)).collect();
    for machine in &machines {
        let others: Vec<&Machine> = machines.iter().filter(|other| !std::ptr::eq(*other, machine)).collect();
        for (with, without) in [
            (vec![machine], Vec::new()),
            (vec![machine], others.clone()),
            (others.iter().copied().chain([machine]).collect(), Vec::new()),
        ] {
            if let Found::Text(text) = find(&Asked { with, without, ..Asked::default() }) {
                add(text);
            }
        }
    }
    if let Found::Text(text) = find(&Asked { without: machines.iter().collect(), shortest: 1, ..Asked::default() }) {
        add(text);
    }
    named(speakers, &mut add);
    add(FRESH.to_owned());
    add(format!("{FRESH}-2"));
    names
}

/// Names that `propertyNames` could decide on.
fn named(speakers: &[Speaker<'_>], add: &mut impl FnMut(String)) {
    let mut asked = Place::default();
    for speaker in speakers {
        if let Some(schema) = speaker.map.get("propertyNames") {
            speak(&mut asked, speaker, &[schema], speaker.role);
        }
    }
    if asked.written.is_empty() && asked.read.is_empty() && asked.hints.is_empty() {
        return;
    }
    let inner = asked.speakers();
    let listed = inner.iter().flat_map(|speaker| {
        let all = speaker.map.get("enum").and_then(Value::as_array).into_iter().flatten();
        speaker.map.get("const").into_iter().chain(all)
    });
    let made = super::texts::values(&inner, &crate::contract::json_schema::fits::Expressions::default());
    for name in listed.chain(&made).filter_map(Value::as_str).take(40) {
        add(name.to_owned());
    }
}

/// What speaks of a field.
pub(super) fn field<'a>(look: &Look<'a>, speakers: &[Speaker<'a>], name: &str) -> Place<'a> {
    let mut inner = Place::default();
    for speaker in speakers {
        let map = speaker.map;
        let mut schemas: Vec<&'a Value> = map.get("properties").and_then(|all| all.get(name)).into_iter().collect();
        for (pattern, schema) in map.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
            if look.expressions.is_match(pattern, name) == Some(true) {
                schemas.push(schema);
            }
        }
        let fitting = Fitting { whole: speaker.whole, expressions: look.expressions };
        if fitting.is_named(map, name) == Some(false) {
            schemas.extend(map.get("additionalProperties"));
        }
        schemas.extend(map.get("unevaluatedProperties").filter(|schema| schema.is_object()));
        speak(&mut inner, speaker, &schemas, speaker.role);
    }
    inner
}
