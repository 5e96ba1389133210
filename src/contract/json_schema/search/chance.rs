//! Documents put together by chance, of what is worth trying at each place: what several keywords decide on together.

use serde_json::{Map, Value};

use super::place::{Look, Place};
use super::structures;

/// Numbers that look like chance, and are the same every time.
#[derive(Debug)]
pub(in super::super) struct Chance(u64);

impl Chance {
    /// A row of numbers of its own for each seed.
    pub(in super::super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below that one.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let drawn = usize::try_from(self.0 >> 33).unwrap_or(0);
        drawn % end.max(1)
    }

    fn of<'v, T>(&mut self, values: &'v [T]) -> Option<&'v T> {
        let at = self.below(values.len());
        values.get(at)
    }
}

impl<'a> Look<'a> {
    /// A document by chance.
    pub(in super::super) fn drawn(&self, place: &Place<'a>, depth: usize, chance: &mut Chance) -> Value {
        let speakers = place.speakers();
        let speaks_of = |keywords: &[&str]| {
            speakers.iter().any(|speaker| keywords.iter().any(|keyword| speaker.map.contains_key(*keyword)))
        };
        let is_object = speaks_of(&[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "propertyNames",
            "minProperties",
            "maxProperties",
            "unevaluatedProperties",
            "dependentRequired",
            "dependentSchemas",
        ]);
        let is_array =
            speaks_of(&["items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"]);
        let drawn = chance.below(10);
        if depth > 0 && ((is_object && drawn < 5) || drawn == 8) {
            let names = structures::names(&speakers);
            let mut object = Map::new();
            for _ in 0..=chance.below(5) {
                if let Some(name) = chance.of(&names) {
                    let inner = structures::field(self, &speakers, name);
                    object.insert(name.clone(), self.drawn(&inner, depth - 1, chance));
                }
            }
            return Value::Object(object);
        }
        if depth > 0 && ((is_array && drawn < 7) || drawn == 9) {
            let items = (0..chance.below(4)).map(|index| {
                let inner = structures::item(&speakers, index, index + 1);
                self.drawn(&inner, depth - 1, chance)
            });
            return Value::Array(items.collect());
        }
        chance.of(&self.values(place, depth.min(2))).cloned().unwrap_or(Value::Null)
    }
}
