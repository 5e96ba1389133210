//! Schemas by chance, of every keyword and dialect; and documents by chance, to tell whether a schema allows any.

use serde_json::{Map, Value, json};

use crate::contract::json_schema::Dialect;
use crate::generate::json_schema::chance::Chance;

const NAMES: [&str; 5] = ["a", "b", "c", "kind", "é/~"];
const PATTERNS: [&str; 8] =
    ["^[a-c]+$", "b", "^(foo|ba[rz])$", "^\\d{2,4}$", "^.{2}$", "^(?!a)[a-z]{1,3}$", "^[a-zà-ÿ]*$", "[^a-z]"];
const FORMATS: [&str; 9] = ["date-time", "date", "uuid", "email", "uri", "ipv6", "hostname", "byte", "int32"];

/// A schema by chance, with what it refers to.
pub(super) fn schema(chance: &mut Chance, dialect: Dialect) -> Value {
    let mut making = Making { chance, dialect };
    let mut schema = making.schema(3);
    let key = if dialect >= Dialect::Draft201909 { "$defs" } else { "definitions" };
    let definitions = json!({"one": making.schema(2), "two": making.schema(2), "tree": making.tree()});
    if let Value::Object(map) = &mut schema {
        map.insert("$schema".to_owned(), dialect.uri().into());
        map.insert(key.to_owned(), definitions);
    }
    schema
}

struct Making<'c> {
    chance: &'c mut Chance,
    dialect: Dialect,
}

impl Making<'_> {
    fn one(&mut self, values: &[&str]) -> String {
        (*self.chance.of(values).unwrap()).to_owned()
    }

    fn small(&mut self) -> usize {
        self.chance.below(4)
    }

    fn schema(&mut self, depth: usize) -> Value {
        if depth == 0 || self.chance.percent(30) {
            return self.scalar();
        }
        let mut map = match self.chance.below(9) {
            0..=2 => self.object(depth),
            3 | 4 => self.array(depth),
            5..=7 => Map::new(),
            _ => return self.reference(),
        };
        if map.is_empty() || self.chance.percent(25) {
            self.combine(&mut map, depth);
        }
        Value::Object(map)
    }

    /// One that leads to itself, by one way or another.
    fn tree(&mut self) -> Value {
        let again = self.reference_to("tree");
        match self.chance.below(3) {
            0 => json!({"type": "object", "properties": {"a": again, "b": {"type": "array", "items": again}}}),
            1 => json!({"anyOf": [{"type": "array", "items": again, "minItems": 1}, {"type": "null"}]}),
            _ => {
                json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": again})
            }
        }
    }

    fn reference(&mut self) -> Value {
        let name = self.one(&["one", "two", "tree", "tree"]);
        self.reference_to(&name)
    }

    fn reference_to(&mut self, name: &str) -> Value {
        let key = if self.dialect >= Dialect::Draft201909 { "$defs" } else { "definitions" };
        json!({ "$ref": format!("#/{key}/{name}") })
    }

    fn constant(&mut self) -> Value {
        let constants = [
            json!(null),
            json!(true),
            json!(0),
            json!(1.5),
            json!(-3),
            json!("a"),
            json!("bb"),
            json!([]),
            json!([1]),
            json!({"a": 1}),
        ];
        self.chance.of(&constants).unwrap().clone()
    }

    fn scalar(&mut self) -> Value {
        let since = |dialect| self.dialect >= dialect;
        match self.chance.below(12) {
            0 => json!({}),
            1 if since(Dialect::Draft06) => Value::Bool(self.chance.percent(80)),
            2 => {
                let values: Vec<Value> = (0..=self.small()).map(|_| self.constant()).collect();
                json!({ "enum": values })
            }
            3 if since(Dialect::Draft06) => json!({ "const": self.constant() }),
            4 => {
                let kinds = ["null", "boolean", "integer", "number", "string", "array", "object"];
                let (one, other) = (self.one(&kinds[..4]), self.one(&kinds[4..]));
                json!({ "type": [one, other] })
            }
            5 => json!({ "type": self.one(&["null", "boolean"]) }),
            6..=8 => self.number(),
            _ => self.text(),
        }
    }

    fn number(&mut self) -> Value {
        let mut map = Map::new();
        if self.chance.percent(80) {
            map.insert("type".into(), self.one(&["integer", "number"]).into());
        }
        let low = i64::try_from(self.chance.below(40)).unwrap() - 20;
        let high = low + i64::try_from(self.chance.below(30)).unwrap();
        for (name, bound) in [("inimum", low), ("aximum", high)] {
            let (plain, open) = (format!("m{name}"), format!("exclusiveM{name}"));
            let bound = if self.chance.percent(20) {
                json!(0.5 + f64::from(i32::try_from(bound).unwrap()))
            } else {
                json!(bound)
            };
            match self.chance.below(4) {
                0 if self.dialect > Dialect::Draft04 => drop(map.insert(open, bound)),
                0 => {
                    map.insert(plain, bound);
                    map.insert(open, true.into());
                }
                1 => drop(map.insert(plain, bound)),
                _ => {}
            }
        }
        if self.chance.percent(30) {
            let steps = [json!(2), json!(0.01), json!(7), json!(0.25), json!(1.5), json!(1e-3)];
            map.insert("multipleOf".into(), self.chance.of(&steps).unwrap().clone());
        }
        Value::Object(map)
    }

    fn text(&mut self) -> Value {
        let mut map = Map::new();
        if self.chance.percent(80) {
            map.insert("type".into(), "string".into());
        }
        if self.chance.percent(30) {
            map.insert("minLength".into(), self.small().into());
        }
        if self.chance.percent(30) {
            map.insert("maxLength".into(), (3 + self.small()).into());
        }
        if self.chance.percent(35) {
            map.insert("pattern".into(), self.one(&PATTERNS).into());
        }
        if self.chance.percent(20) {
            map.insert("format".into(), self.one(&FORMATS).into());
        }
        Value::Object(map)
    }

    fn array(&mut self, depth: usize) -> Map<String, Value> {
        let mut map = Map::new();
        if self.chance.percent(85) {
            map.insert("type".into(), "array".into());
        }
        if self.chance.percent(60) {
            map.insert("items".into(), self.schema(depth.saturating_sub(1)));
        } else if self.chance.percent(50) {
            let first: Vec<Value> = (0..=self.small() / 2).map(|_| self.schema(depth.saturating_sub(1))).collect();
            let (firsts, rest) = if self.dialect >= Dialect::Draft202012 {
                ("prefixItems", "items")
            } else {
                ("items", "additionalItems")
            };
            map.insert(firsts.into(), first.into());
            if self.chance.percent(50) {
                map.insert(
                    rest.into(),
                    if self.chance.percent(50) { false.into() } else { self.schema(depth.saturating_sub(1)) },
                );
            }
        }
        if self.chance.percent(30) {
            map.insert("minItems".into(), self.small().into());
        }
        if self.chance.percent(30) {
            map.insert("maxItems".into(), (2 + self.small()).into());
        }
        if self.chance.percent(25) {
            map.insert("uniqueItems".into(), true.into());
        }
        if self.dialect >= Dialect::Draft06 && self.chance.percent(25) {
            map.insert("contains".into(), self.schema(depth.saturating_sub(1)));
            if self.dialect >= Dialect::Draft201909 && self.chance.percent(50) {
                map.insert("minContains".into(), self.small().into());
                map.insert("maxContains".into(), (1 + self.small()).into());
            }
        }
        if self.dialect >= Dialect::Draft202012 && self.chance.percent(15) {
            map.insert("unevaluatedItems".into(), false.into());
        }
        map
    }

    fn named(&mut self, depth: usize) -> Value {
        let mut named = Map::new();
        for _ in 0..=self.small() {
            let name = self.one(&NAMES);
            named.insert(name, self.schema(depth.saturating_sub(1)));
        }
        named.into()
    }

    fn names(&mut self) -> Value {
        let mut names: Vec<String> = (0..=self.small() / 2).map(|_| self.one(&NAMES)).collect();
        names.sort();
        names.dedup();
        json!(names)
    }

    fn object(&mut self, depth: usize) -> Map<String, Value> {
        let mut map = Map::new();
        if self.chance.percent(85) {
            map.insert("type".into(), "object".into());
        }
        map.insert("properties".into(), self.named(depth));
        if self.chance.percent(40) {
            map.insert("required".into(), self.names());
        }
        match self.chance.below(5) {
            0 | 1 => drop(map.insert("additionalProperties".into(), false.into())),
            2 => drop(map.insert("additionalProperties".into(), self.schema(depth.saturating_sub(1)))),
            _ => {}
        }
        if self.chance.percent(20) {
            let pattern = self.one(&PATTERNS);
            map.insert("patternProperties".into(), json!({ pattern: self.schema(depth.saturating_sub(1)) }));
        }
        if self.dialect >= Dialect::Draft06 && self.chance.percent(15) {
            let names = json!([{"pattern": "^[a-k]"}, {"maxLength": 4}, {"enum": ["a", "b", "kind", "x"]}]);
            map.insert("propertyNames".into(), self.chance.of(names.as_array().unwrap()).unwrap().clone());
        }
        if self.chance.percent(15) {
            map.insert("minProperties".into(), self.small().into());
        }
        if self.chance.percent(15) {
            map.insert("maxProperties".into(), (1 + self.small()).into());
        }
        let dependent = self.one(&NAMES);
        if self.dialect >= Dialect::Draft201909 {
            if self.chance.percent(15) {
                map.insert("dependentRequired".into(), json!({ dependent.clone(): self.names() }));
            }
            if self.chance.percent(15) {
                map.insert("dependentSchemas".into(), json!({ dependent: self.object(depth.saturating_sub(1)) }));
            }
            if self.chance.percent(15) {
                map.insert("unevaluatedProperties".into(), false.into());
            }
        } else if self.chance.percent(20) {
            let wanted =
                if self.chance.percent(50) { self.names() } else { self.object(depth.saturating_sub(1)).into() };
            map.insert("dependencies".into(), json!({ dependent: wanted }));
        }
        map
    }

    fn combine(&mut self, map: &mut Map<String, Value>, depth: usize) {
        let list = |making: &mut Self| -> Value {
            (0..2 + making.small() / 2).map(|_| making.schema(depth.saturating_sub(1))).collect()
        };
        match self.chance.below(8) {
            0 | 1 => {
                // Mostly of one kind, or nothing is left.
                let one = self.object(depth.saturating_sub(1));
                let other = self.object(depth.saturating_sub(1));
                map.insert("allOf".into(), json!([one, other]));
            }
            2 | 3 => drop(map.insert("anyOf".into(), list(self))),
            4 | 5 => drop(map.insert("oneOf".into(), list(self))),
            6 => drop(map.insert("not".into(), self.schema(depth.saturating_sub(1)))),
            _ if self.dialect >= Dialect::Draft07 => {
                map.insert("if".into(), self.schema(depth.saturating_sub(1)));
                map.insert("then".into(), self.schema(depth.saturating_sub(1)));
                map.insert("else".into(), self.schema(depth.saturating_sub(1)));
            }
            _ => drop(map.insert("anyOf".into(), list(self))),
        }
    }
}

/// A document by chance, of the names and values that stand in schemas.
pub(super) fn document(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 8 } else { 12 }) {
        0 => Value::Null,
        1 => Value::Bool(chance.percent(50)),
        2 | 3 => Value::from(i64::try_from(chance.below(60)).unwrap() - 25),
        4 => json!((f64::from(i32::try_from(chance.below(4_000)).unwrap()) - 2_000.0) / 100.0),
        5..=7 => {
            Value::from(*chance.of(&["", "a", "b", "bb", "foo", "bar", "12", "abc", "é", "x y", "kind", "A1"]).unwrap())
        }
        8 | 9 => (0..chance.below(4)).map(|_| document(chance, depth - 1)).collect(),
        _ => {
            let names = [&NAMES[..], &["x", "foo", "12", "bb"][..]].concat();
            let fields = (0..chance.below(5)).map(|_| {
                let name = (*chance.of(&names).unwrap()).to_owned();
                (name, document(chance, depth - 1))
            });
            Value::Object(fields.collect())
        }
    }
}
