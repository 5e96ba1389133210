//! Whether a value fits a schema as it was read.
//!
//! For guidance while documents are put together: what depends on what other schemas have looked at (`unevaluatedProperties` and its
//! like) is taken to hold. The validator has the last word on whole documents.

use serde_json::{Map, Value};

use super::schemas::{Id, Lit, Schema, Schemas};
use super::types::Types;
use crate::generate::json_schema::number::Decimal;

/// References that lead on without looking into the value are followed no further.
const DEEPEST: usize = 60;

impl Schemas {
    /// Whether a value is as it says.
    pub(in super::super) fn keeps(&self, lit: Lit, value: &Value) -> bool {
        self.fits(lit.id, value, 0) == lit.holds
    }

    pub(in super::super) fn fits(&self, id: Id, value: &Value, depth: usize) -> bool {
        let schema = self.get(id);
        if depth > DEEPEST {
            return true;
        }
        let same = |id: &Id| self.fits(*id, value, depth + 1);
        !schema.never
            && schema.types.is_none_or(|types| types.meets(Types::of(value)))
            && schema.values.iter().all(|values| values.iter().any(|known| equal(known, value)))
            && match value {
                Value::Number(number) => Decimal::of(number).is_none_or(|number| schema.number.allow(number)),
                Value::String(text) => schema.fits_text(text),
                Value::Array(items) => self.fits_items(schema, items, depth),
                Value::Object(fields) => self.fits_fields(schema, fields, value, depth),
                Value::Null | Value::Bool(_) => true,
            }
            && schema.all.iter().all(same)
            && schema.any.as_ref().is_none_or(|any| any.iter().any(same))
            && schema.one.as_ref().is_none_or(|one| one.iter().filter(|id| same(id)).count() == 1)
            && schema.not.is_none_or(|not| !same(&not))
            && schema.case.is_none_or(|case| {
                let follows = if same(&case.asked) { case.then } else { case.otherwise };
                follows.is_none_or(|id| same(&id))
            })
    }

    fn fits_items(&self, schema: &Schema, items: &[Value], depth: usize) -> bool {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        let contains = schema.contains.is_none_or(|(id, least, most)| {
            let found = items.iter().filter(|item| self.fits(id, item, depth + 1)).count();
            let found = u64::try_from(found).unwrap_or(u64::MAX);
            found >= least && most.is_none_or(|most| found <= most)
        });
        contains
            && count >= schema.least_items
            && schema.most_items.is_none_or(|most| count <= most)
            && items.iter().enumerate().all(|(at, item)| {
                schema.first.get(at).copied().or(schema.rest).is_none_or(|id| self.fits(id, item, depth + 1))
            })
            && (!schema.unique || !repeats(items))
    }

    fn fits_fields(&self, schema: &Schema, fields: &Map<String, Value>, whole: &Value, depth: usize) -> bool {
        let count = u64::try_from(fields.len()).unwrap_or(u64::MAX);
        let has = |name: &String| fields.contains_key(name);
        count >= schema.least_fields
            && schema.most_fields.is_none_or(|most| count <= most)
            && schema.required.iter().all(has)
            && schema.needs.iter().all(|(name, wanted)| !has(name) || wanted.iter().all(has))
            && schema.dependent.iter().all(|(name, id)| !has(name) || self.fits(*id, whole, depth + 1))
            && fields.iter().all(|(name, value)| {
                let named = schema.properties.iter().filter(|(known, _)| known == name).map(|(_, id)| *id);
                let matching = schema.patterns.iter().filter(|(pattern, _)| pattern.is_match(name)).map(|(_, id)| *id);
                named.chain(matching).all(|id| self.fits(id, value, depth + 1))
                    && schema.additional.is_none_or(|id| schema.speaks_of(name) || self.fits(id, value, depth + 1))
                    && schema.names.is_none_or(|id| self.fits(id, &Value::String(name.clone()), depth + 1))
            })
    }
}

impl Schema {
    fn fits_text(&self, text: &str) -> bool {
        let is_measured = self.shortest > 0 || self.longest.is_some();
        let length = if is_measured { u64::try_from(text.chars().count()).unwrap_or(u64::MAX) } else { 0 };
        length >= self.shortest
            && self.longest.is_none_or(|longest| length <= longest)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

/// Whether two values are the same to a schema, to which 1 and 1.0 are.
pub(in super::super) fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || Decimal::of(one).is_some_and(|one| Some(one) == Decimal::of(other))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| equal(value, other)))
        }
        _ => one == other,
    }
}

fn repeats(items: &[Value]) -> bool {
    items.iter().enumerate().any(|(at, item)| items.iter().take(at).any(|other| equal(item, other)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::contract::json_schema::{Dialect, Judge};
    use crate::generate::json_schema::schema::read;

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(dialect: Dialect, schema: Value, documents: &[Value]) {
        let judge = Judge::of(&schema, dialect).unwrap();
        let (schemas, root) = read(&schema, dialect);
        for document in documents {
            assert_eq!(schemas.fits(root, document, 0), judge.accepts(document), "{document} under {schema}");
        }
    }

    #[test]
    fn a_value_fits_where_the_validator_accepts_it() {
        use Dialect::{Draft04, Draft07, Draft202012};
        let all = [
            json!(null),
            json!(3),
            json!(3.0),
            json!(0.3),
            json!("ab"),
            json!([1, "a"]),
            json!([1, 1.0]),
            json!({"a": 1, "x": 2}),
            json!({"a": "s", "b": {"a": 1}}),
            json!({}),
        ];
        check(Draft04, json!({"minimum": 3, "exclusiveMinimum": true}), &all);
        check(Draft07, json!({"multipleOf": 0.1, "type": ["number", "string"], "maxLength": 1}), &all);
        check(Draft07, json!({"items": [{"type": "integer"}], "additionalItems": false, "uniqueItems": true}), &all);
        check(Draft07, json!({"dependencies": {"a": ["x"], "b": {"required": ["c"]}}, "required": ["a"]}), &all);
        check(
            Draft202012,
            json!({"$defs": {"n": {"properties": {"a": {"type": "integer"}, "b": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"}),
            &all,
        );
        check(
            Draft202012,
            json!({"if": {"type": "object"}, "then": {"minProperties": 1, "propertyNames": {"pattern": "^a"}}, "else": {"not": {"const": 3}}}),
            &all,
        );
        check(Draft202012, json!({"contains": {"type": "string"}, "maxContains": 0, "minContains": 0}), &all);
        check(
            Draft202012,
            json!({"oneOf": [{"type": "object"}, {"required": ["a"]}], "$ref": "#/$defs/a", "$defs": {"a": {}}}),
            &all,
        );
        check(
            Draft202012,
            json!({"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": false}),
            &all,
        );
    }
}
