//! Whether a document fits a schema in its plain form, place by place.
//!
//! For guidance, and for what it is sure of: it says nothing (`None`) where it doesn't know. What is said to break stands on the
//! [`Judge`](super::judge::Judge), never on this.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use regex::Regex;
use serde_json::{Map, Number, Value};

use super::raised;

/// Expressions by their text, each translated once.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    known: RefCell<HashMap<String, Option<Regex>>>,
}

impl Expressions {
    /// Whether a text matches; none where the expression isn't one that can be asked.
    pub(super) fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        let mut known = self.known.borrow_mut();
        let expression = known.entry(pattern.to_owned()).or_insert_with(|| {
            jsonschema_regex::to_rust_regex(pattern).ok().and_then(|translated| Regex::new(&translated).ok())
        });
        expression.as_ref().map(|expression| expression.is_match(text))
    }
}

/// One document's schemas, and how deep one may look into them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitting<'a> {
    pub(super) whole: &'a Value,
    pub(super) expressions: &'a Expressions,
}

/// All of them; `Some(false)` outweighs what isn't known.
fn all(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = None,
        }
    }
    known
}

fn any(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    all(answers.into_iter().map(|answer| answer.map(|yes| !yes))).map(|none| !none)
}

/// Deeper than this it isn't looked, so that recursive schemas come to an end.
const DEPTH: usize = 64;

impl<'a> Fitting<'a> {
    /// Whether the value fits.
    pub(super) fn fits(&self, schema: &'a Value, value: &Value) -> Option<bool> {
        self.at(schema, value, DEPTH)
    }

    /// Whether the value fits one keyword of a schema.
    pub(super) fn fits_keyword(
        &self,
        schema: &'a Value,
        keyword: &str,
        argument: &'a Value,
        value: &Value,
    ) -> Option<bool> {
        self.keyword(schema.as_object()?, keyword, argument, value, DEPTH)
    }

    fn at(&self, schema: &'a Value, value: &Value, depth: usize) -> Option<bool> {
        match schema {
            Value::Bool(answer) => Some(*answer),
            Value::Object(map) if depth > 0 => {
                all(map.iter().map(|(keyword, argument)| self.keyword(map, keyword, argument, value, depth - 1)))
            }
            _ => None,
        }
    }

    fn keyword(
        &self,
        map: &'a Map<String, Value>,
        keyword: &str,
        argument: &'a Value,
        value: &Value,
        depth: usize,
    ) -> Option<bool> {
        let inner = |schema: &'a Value| self.at(schema, value, depth);
        let listed = || argument.as_array().into_iter().flatten();
        match keyword {
            "$ref" => inner(raised::resolve(self.whole, argument.as_str()?)?),
            "allOf" => all(listed().map(inner)),
            "anyOf" => any(listed().map(inner)),
            "oneOf" => {
                let answers: Vec<_> = listed().map(inner).collect();
                let sure = answers.iter().filter(|answer| **answer == Some(true)).count();
                let open = answers.iter().filter(|answer| answer.is_none()).count();
                match (sure, open) {
                    (2.., _) | (0, 0) => Some(false),
                    (1, 0) => Some(true),
                    _ => None,
                }
            }
            "not" => inner(argument).map(|yes| !yes),
            "if" => {
                let chosen = if inner(argument)? { "then" } else { "else" };
                map.get(chosen).map_or(Some(true), inner)
            }
            "type" => Some(match argument {
                Value::Array(names) => names.iter().any(|name| is_a(name, value)),
                name => is_a(name, value),
            }),
            "enum" => any(listed().map(|one| equal(one, value))),
            "const" => equal(argument, value),
            _ => match value {
                Value::Number(number) => fits_number(keyword, argument, number),
                Value::String(text) => self.fits_text(keyword, argument, text),
                Value::Array(items) => self.fits_items(map, keyword, argument, items, depth),
                Value::Object(fields) => self.fits_fields(map, keyword, argument, fields, depth),
                Value::Null | Value::Bool(_) => Some(true),
            },
        }
    }

    fn fits_text(&self, keyword: &str, argument: &Value, text: &str) -> Option<bool> {
        let length = || Value::from(text.chars().count());
        match keyword {
            "minLength" => order(&length(), argument).map(Ordering::is_ge),
            "maxLength" => order(&length(), argument).map(Ordering::is_le),
            "pattern" => self.expressions.is_match(argument.as_str()?, text),
            _ => Some(true),
        }
    }

    fn fits_items(
        &self,
        map: &'a Map<String, Value>,
        keyword: &str,
        argument: &'a Value,
        items: &[Value],
        depth: usize,
    ) -> Option<bool> {
        let length = || Value::from(items.len());
        match keyword {
            "minItems" => order(&length(), argument).map(Ordering::is_ge),
            "maxItems" => order(&length(), argument).map(Ordering::is_le),
            "uniqueItems" => {
                let pairs =
                    items.iter().enumerate().flat_map(|(at, one)| items.iter().take(at).map(move |other| (one, other)));
                any(pairs.map(|(one, other)| equal(one, other))).map(|repeated| !repeated)
            }
            "prefixItems" => {
                let schemas = argument.as_array().into_iter().flatten();
                all(schemas.zip(items).map(|(schema, item)| self.at(schema, item, depth)))
            }
            "items" => {
                let before = map.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
                all(items.iter().skip(before).map(|item| self.at(argument, item, depth)))
            }
            "contains" => {
                let answers: Vec<_> = items.iter().map(|item| self.at(argument, item, depth)).collect();
                let found = Value::from(answers.iter().filter(|answer| **answer == Some(true)).count());
                if answers.contains(&None) {
                    return None;
                }
                let least =
                    map.get("minContains").map_or(Some(true), |least| order(&found, least).map(Ordering::is_ge));
                let least = if map.contains_key("minContains") { least } else { Some(found != 0) };
                let most = map.get("maxContains").map_or(Some(true), |most| order(&found, most).map(Ordering::is_le));
                all([least, most])
            }
            "unevaluatedItems" => None,
            _ => Some(true),
        }
    }

    fn fits_fields(
        &self,
        map: &'a Map<String, Value>,
        keyword: &str,
        argument: &'a Value,
        fields: &Map<String, Value>,
        depth: usize,
    ) -> Option<bool> {
        let size = || Value::from(fields.len());
        let has_all = |names: &Value| {
            names
                .as_array()
                .into_iter()
                .flatten()
                .all(|name| name.as_str().is_some_and(|name| fields.contains_key(name)))
        };
        match keyword {
            "minProperties" => order(&size(), argument).map(Ordering::is_ge),
            "maxProperties" => order(&size(), argument).map(Ordering::is_le),
            "required" => Some(has_all(argument)),
            "dependentRequired" => {
                Some(argument.as_object()?.iter().all(|(name, names)| !fields.contains_key(name) || has_all(names)))
            }
            "dependentSchemas" => {
                let asked = argument.as_object()?.iter().filter(|(name, _)| fields.contains_key(*name));
                let whole = Value::Object(fields.clone());
                all(asked.map(|(_, schema)| self.at(schema, &whole, depth)))
            }
            "propertyNames" => all(fields.keys().map(|name| self.at(argument, &Value::String(name.clone()), depth))),
            "properties" => {
                let schemas = argument.as_object()?;
                all(fields.iter().filter_map(|(name, value)| Some(self.at(schemas.get(name)?, value, depth))))
            }
            "patternProperties" => {
                let schemas = argument.as_object()?;
                all(fields.iter().flat_map(|(name, value)| {
                    schemas.iter().map(move |(pattern, schema)| match self.expressions.is_match(pattern, name) {
                        Some(true) => self.at(schema, value, depth),
                        Some(false) => Some(true),
                        None => None,
                    })
                }))
            }
            "additionalProperties" => all(fields.iter().map(|(name, value)| match self.is_named(map, name) {
                Some(true) => Some(true),
                Some(false) => self.at(argument, value, depth),
                None => None,
            })),
            "unevaluatedProperties" => {
                if map.contains_key("additionalProperties") {
                    return Some(true);
                }
                let whole = Value::Object(fields.clone());
                let mut seen = BTreeSet::new();
                self.evaluated(map, true, &whole, depth, &mut seen)?;
                let rest = fields.iter().filter(|(name, _)| !seen.contains(*name));
                all(rest.map(|(_, value)| self.at(argument, value, depth)))
            }
            _ => Some(true),
        }
    }

    /// The fields that some schema looks at which speaks of this value; none where that isn't known.
    fn evaluated(
        &self,
        map: &'a Map<String, Value>,
        is_outermost: bool,
        value: &Value,
        depth: usize,
        seen: &mut BTreeSet<String>,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let fields = value.as_object()?;
        let looks_at_all = map.contains_key("additionalProperties") || map.contains_key("unevaluatedProperties");
        if looks_at_all && !is_outermost {
            seen.extend(fields.keys().cloned());
            return Some(());
        }
        for name in fields.keys() {
            if self.is_named(map, name)? {
                seen.insert(name.clone());
            }
        }
        let mut more = |schema: &'a Value| match schema.as_object() {
            Some(map) => self.evaluated(map, false, value, depth, seen),
            None => Some(()),
        };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            more(raised::resolve(self.whole, reference)?)?;
        }
        for schema in map.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            more(schema)?;
        }
        for keyword in ["anyOf", "oneOf"] {
            for schema in map.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                if self.at(schema, value, depth)? {
                    more(schema)?;
                }
            }
        }
        if let Some(condition) = map.get("if") {
            let holds = self.at(condition, value, depth)?;
            if holds {
                more(condition)?;
            }
            if let Some(schema) = map.get(if holds { "then" } else { "else" }) {
                more(schema)?;
            }
        }
        for (name, schema) in map.get("dependentSchemas").and_then(Value::as_object).into_iter().flatten() {
            if fields.contains_key(name) {
                more(schema)?;
            }
        }
        Some(())
    }

    /// Whether `properties` or `patternProperties` speak of that name.
    pub(super) fn is_named(&self, map: &Map<String, Value>, name: &str) -> Option<bool> {
        if map.get("properties").is_some_and(|schemas| schemas.get(name).is_some()) {
            return Some(true);
        }
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        any(patterns.into_iter().flatten().map(|(pattern, _)| self.expressions.is_match(pattern, name)))
    }
}

fn is_a(name: &Value, value: &Value) -> bool {
    match (name.as_str(), value) {
        (Some("null"), Value::Null)
        | (Some("boolean"), Value::Bool(_))
        | (Some("string"), Value::String(_))
        | (Some("array"), Value::Array(_))
        | (Some("object"), Value::Object(_))
        | (Some("number"), Value::Number(_)) => true,
        (Some("integer"), Value::Number(number)) => is_whole(number),
        _ => false,
    }
}

/// Whether a number is an integer, however it is written.
pub(super) fn is_whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

fn fits_number(keyword: &str, argument: &Value, number: &Number) -> Option<bool> {
    let compared = || order(&Value::Number(number.clone()), argument);
    match keyword {
        "minimum" => compared().map(Ordering::is_ge),
        "maximum" => compared().map(Ordering::is_le),
        "exclusiveMinimum" => compared().map(Ordering::is_gt),
        "exclusiveMaximum" => compared().map(Ordering::is_lt),
        "multipleOf" => is_multiple(number, argument.as_number()?),
        _ => Some(true),
    }
}

/// Whether one number is a multiple of another, by their digits; none where they have too many.
pub(super) fn is_multiple(number: &Number, step: &Number) -> Option<bool> {
    let ((value, places), (step, step_places)) = (decimal(number)?, decimal(step)?);
    let most = places.max(step_places);
    let scaled = |digits: i128, places: u32| digits.checked_mul(10_i128.checked_pow(most - places)?);
    let (value, step) = (scaled(value, places)?, scaled(step, step_places)?);
    (step != 0).then(|| value % step == 0)
}

/// A number as digits, and how many of them are behind the point.
fn decimal(number: &Number) -> Option<(i128, u32)> {
    let text = number.to_string();
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()? - exponent;
    match u32::try_from(places) {
        Ok(places) => Some((value, places)),
        Err(_) => Some((value.checked_mul(10_i128.checked_pow(places.unsigned_abs())?)?, 0)),
    }
}

/// A number as an integer, where it is one and is exact.
pub(super) fn exact(number: &Number) -> Option<i128> {
    /// Beyond it floats skip integers.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(integer) = number.as_i64() {
        return Some(integer.into());
    }
    if let Some(integer) = number.as_u64() {
        return Some(integer.into());
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT)?;
    #[expect(clippy::cast_possible_truncation, reason = "whole, and within what a float holds exactly")]
    Some(float as i128)
}

/// How two numbers compare; none where floats can't tell.
pub(super) fn order(one: &Value, other: &Value) -> Option<Ordering> {
    let (one, other) = (one.as_number()?, other.as_number()?);
    if let (Some(one), Some(other)) = (exact(one), exact(other)) {
        return Some(one.cmp(&other));
    }
    let (one, other) = (one.as_f64()?, other.as_f64()?);
    match one.partial_cmp(&other)? {
        Ordering::Equal => None,
        told => Some(told),
    }
    .or_else(|| (one.to_bits() == other.to_bits() && one.fract() != 0.0).then_some(Ordering::Equal))
}

/// Whether two values are the same to JSON Schema.
pub(super) fn equal(one: &Value, other: &Value) -> Option<bool> {
    match (one, other) {
        (Value::Number(_), Value::Number(_)) => order(one, other).map(Ordering::is_eq),
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            all(one.iter().zip(other).map(|(one, other)| equal(one, other)))
        }
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            all(one.iter().map(|(name, value)| other.get(name).map_or(Some(false), |other| equal(value, other))))
        }
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(one), Value::Bool(other)) => Some(one == other),
        (Value::String(one), Value::String(other)) => Some(one == other),
        _ => Some(false),
    }
}
