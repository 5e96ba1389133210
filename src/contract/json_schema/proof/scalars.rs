//! Types, listed values, numbers and texts.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

use serde_json::{Number, Value, json};

use super::super::fits::{exact, is_multiple, is_whole, order};
use super::super::regular::{Asked, Found, Machine, find};
use super::{Conjunction, Prover};

/// A set of types. Integers and other numbers are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const ALL: Self = Self(0b111_1111);
    pub(super) const NUMBER: Self = Self(0b110);
    pub(super) const STRING: Self = Self(0b1000);
    pub(super) const ARRAY: Self = Self(0b1_0000);
    pub(super) const OBJECT: Self = Self(0b10_0000);
    const INTEGER: Self = Self(0b10);
    const NULL: Self = Self(0b1);
    const BOOLEAN: Self = Self(0b100_0000);

    /// Those that `type` names.
    pub(super) fn named(names: &Value) -> Self {
        let one = |name: &Value| match name.as_str() {
            Some("null") => Self::NULL,
            Some("boolean") => Self::BOOLEAN,
            Some("integer") => Self::INTEGER,
            Some("number") => Self::NUMBER,
            Some("string") => Self::STRING,
            Some("array") => Self::ARRAY,
            Some("object") => Self::OBJECT,
            _ => Self(0),
        };
        match names {
            Value::Array(names) => Self(names.iter().fold(0, |so_far, name| so_far | one(name).0)),
            name => one(name),
        }
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if is_whole(number) => Self::INTEGER,
            Value::Number(_) => Self(Self::NUMBER.0 & !Self::INTEGER.0),
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Each for itself, as a schema.
    pub(super) fn each(self) -> Vec<&'static Value> {
        let kinds = [Self::NULL, Self::BOOLEAN, Self::NUMBER, Self::STRING, Self::ARRAY, Self::OBJECT];
        kinds.into_iter().zip(SCHEMAS.iter()).filter(|(kind, _)| self.meets(*kind)).map(|(_, schema)| schema).collect()
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A schema of each type, in the order of [`Types::each`].
static SCHEMAS: LazyLock<[Value; 6]> =
    LazyLock::new(|| ["null", "boolean", "number", "string", "array", "object"].map(|name| json!({ "type": name })));

/// A bound of a range, and whether it is out of it.
type Bound<'v> = (&'v Value, bool);

impl<'a> Prover<'a> {
    /// The types that may be written.
    #[expect(clippy::unused_self, reason = "as the others of its kind")]
    pub(super) fn types(&self, written: &Conjunction<'a>) -> Types {
        let mut types = Types::ALL;
        for part in &written.parts {
            if let Some(named) = part.schema.get("type") {
                types.0 &= Types::named(named).0;
            }
            if let Some(value) = part.schema.get("const") {
                types.0 &= Types::of(value).0;
            }
            if let Some(values) = part.schema.get("enum").and_then(Value::as_array) {
                types.0 &= values.iter().fold(0, |so_far, value| so_far | Types::of(value).0);
            }
        }
        types
    }

    /// All values that may be written, and perhaps some that may not, where they are listed.
    pub(super) fn listed(&self, written: &Conjunction<'a>) -> Option<Vec<Value>> {
        for part in &written.parts {
            if let Some(value) = part.schema.get("const") {
                return Some(vec![value.clone()]);
            }
            if let Some(values) = part.schema.get("enum").and_then(Value::as_array) {
                return Some(values.clone());
            }
        }
        let types = self.types(written);
        let mut values = Vec::new();
        if types.meets(Types::NULL) {
            values.push(Value::Null);
        }
        if types.meets(Types::BOOLEAN) {
            values.extend([Value::Bool(true), Value::Bool(false)]);
        }
        types.within(Types(Types::NULL.0 | Types::BOOLEAN.0)).then_some(values)
    }

    #[expect(clippy::unused_self, reason = "as the others of its kind")]
    pub(super) fn implies_number(&self, written: &Conjunction<'a>, keyword: &str, asked: &Value, types: Types) -> bool {
        let is_whole = !types.meets(Types(Types::NUMBER.0 & !Types::INTEGER.0));
        match keyword {
            "minimum" | "exclusiveMinimum" => bounds(written, "minimum", "exclusiveMinimum")
                .any(|bound| reaches(bound, (asked, keyword == "exclusiveMinimum"), Ordering::Greater, is_whole)),
            "maximum" | "exclusiveMaximum" => bounds(written, "maximum", "exclusiveMaximum")
                .any(|bound| reaches(bound, (asked, keyword == "exclusiveMaximum"), Ordering::Less, is_whole)),
            _ => {
                let Some(step) = asked.as_number() else { return false };
                // Whole numbers are multiples of one, and so of all that one is a multiple of.
                let one = Number::from(1);
                let own = written.all("multipleOf").filter_map(|own| own.schema.as_number());
                own.chain(is_whole.then_some(&one)).any(|own| own == step || is_multiple(own, step) == Some(true))
            }
        }
    }

    pub(super) fn implies_text(&self, written: &Conjunction<'a>, keyword: &str, asked: &Value) -> bool {
        match keyword {
            "minLength" if reaches_all(written, "minLength", asked, Ordering::is_ge) => return true,
            "maxLength" if reaches_all(written, "maxLength", asked, Ordering::is_le) => return true,
            "pattern" if written.all("pattern").any(|own| own.schema == asked) => return true,
            _ => {}
        }
        let number = asked.as_u64();
        match (keyword, number) {
            ("minLength", Some(least)) => self.has_no_text(written, None, 0, least.checked_sub(1)),
            ("maxLength", Some(most)) => self.has_no_text(written, None, most + 1, None),
            ("pattern", _) => asked.as_str().is_some_and(|pattern| self.has_no_text(written, Some(pattern), 0, None)),
            _ => false,
        }
    }

    /// Whether no text may be written that has such a length and doesn't match.
    pub(super) fn has_no_text(
        &self,
        written: &Conjunction<'a>,
        without: Option<&str>,
        shortest: u64,
        longest: Option<u64>,
    ) -> bool {
        let mut patterns: Vec<&str> = written.all("pattern").filter_map(|pattern| pattern.schema.as_str()).collect();
        patterns.sort_unstable();
        patterns.dedup();
        // One that has no machine is left out: there are only more texts without it.
        let machines: Vec<Rc<Machine>> = patterns.iter().filter_map(|pattern| self.machine(pattern)).collect();
        let other = without.map(|pattern| self.machine(pattern));
        if matches!(other, Some(None)) {
            return false;
        }
        let other = other.flatten();
        let lengths =
            |keyword: &str| written.all(keyword).filter_map(|length| length.schema.as_u64()).collect::<Vec<_>>();
        let longest = lengths("maxLength").into_iter().chain(longest).min();
        let asked = Asked {
            with: machines.iter().map(Rc::as_ref).collect(),
            without: other.iter().map(Rc::as_ref).collect(),
            shortest: lengths("minLength").into_iter().max().unwrap_or(0).max(shortest),
            longest,
            lines: true,
        };
        let key = format!("{patterns:?} {without:?} {} {longest:?}", asked.shortest);
        if let Some(known) = self.texts.borrow().get(&key) {
            return *known;
        }
        let has_none = self.step() && find(&asked) == Found::Nothing;
        self.texts.borrow_mut().insert(key, has_none);
        has_none
    }

    /// Whether no number may be written, by the bounds alone.
    #[expect(clippy::unused_self, reason = "as the others of its kind")]
    pub(super) fn has_no_number(&self, written: &Conjunction<'a>) -> bool {
        bounds(written, "minimum", "exclusiveMinimum").any(|(low, is_low_out)| {
            bounds(written, "maximum", "exclusiveMaximum").any(|(high, is_high_out)| match order(low, high) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => is_low_out || is_high_out,
                _ => false,
            })
        })
    }
}

fn bounds<'a>(
    written: &Conjunction<'a>,
    inclusive: &'static str,
    exclusive: &'static str,
) -> impl Iterator<Item = Bound<'a>> {
    let of = |keyword: &'static str, is_out: bool| {
        written.all(keyword).map(move |bound| (bound.schema, is_out)).collect::<Vec<_>>()
    };
    of(inclusive, false).into_iter().chain(of(exclusive, true))
}

/// Whether a bound is as strict as another. Of integers, what is beyond `3` is at least `4`.
fn reaches(own: Bound<'_>, asked: Bound<'_>, stricter: Ordering, is_whole: bool) -> bool {
    let step = if stricter == Ordering::Greater { 1 } else { -1 };
    let whole = |(bound, is_out): Bound<'_>| {
        let exact = bound.as_number().and_then(exact)?;
        Some(if is_out { exact + step } else { exact })
    };
    if is_whole && let (Some(own), Some(asked)) = (whole(own), whole(asked)) {
        return own.cmp(&asked) == stricter || own == asked;
    }
    match order(own.0, asked.0) {
        Some(Ordering::Equal) => own.1 || !asked.1,
        Some(told) => told == stricter,
        None => own == asked,
    }
}

fn reaches_all(written: &Conjunction<'_>, keyword: &str, asked: &Value, is_enough: fn(Ordering) -> bool) -> bool {
    written.all(keyword).any(|own| order(own.schema, asked).is_some_and(is_enough))
}
