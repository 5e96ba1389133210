//! Why a reader refuses a document: which rule, at which place, by which of its keywords.

use std::collections::BTreeSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::rules;
use crate::model::Rule;

/// One refusal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) rule: &'static Rule,
    /// The place in the document, as a pointer.
    pub(super) instance: String,
    /// The same for a person, rows folded: `$.items[].id`.
    pub(super) at: String,
    /// The keyword's place in the reader's schema, as a pointer.
    pub(super) keyword: String,
    /// In words.
    pub(super) why: String,
}

/// Refusals told in words are cut here, in characters.
const LONGEST: usize = 300;

/// The names that either schema knows; any other stands for all others, and reads `*`.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// All that these schemas name, and a little more.
    pub(super) fn of(schemas: [&Value; 2]) -> Self {
        let mut names = BTreeSet::new();
        let mut waiting = schemas.to_vec();
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(map) => {
                    names.extend(map.keys().cloned());
                    waiting.extend(map.values());
                }
                Value::Array(items) => {
                    // Names that are required need not be described.
                    names.extend(items.iter().filter_map(Value::as_str).map(str::to_owned));
                    waiting.extend(items);
                }
                _ => {}
            }
        }
        Self(names)
    }

    fn field(&self, at: &str, name: &str) -> String {
        let is_plain =
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'));
        match (self.0.contains(name), is_plain) {
            (false, _) => format!("{at}.*"),
            (true, true) => format!("{at}.{name}"),
            (true, false) => format!("{at}[{}]", Value::from(name)),
        }
    }

    /// A pointer into a document, for a person.
    fn place(&self, document: &Value, pointer: &str) -> String {
        let mut at = "$".to_owned();
        let mut here = Some(document);
        for segment in pointer.split('/').skip(1) {
            let name = segment.replace("~1", "/").replace("~0", "~");
            if let Some(Value::Array(items)) = here {
                at.push_str("[]");
                here = name.parse::<usize>().ok().and_then(|index| items.get(index));
            } else {
                at = self.field(&at, &name);
                here = here.and_then(|value| value.get(&name));
            }
        }
        at
    }
}

/// All that an error says.
pub(super) fn refusals(document: &Value, error: &ValidationError<'_>, names: &Names) -> Vec<Refusal> {
    let mut found = Vec::new();
    told(document, error, names, &mut found, 8);
    found
}

fn told(document: &Value, error: &ValidationError<'_>, names: &Names, found: &mut Vec<Refusal>, depth: usize) {
    let instance = error.instance_path().to_string();
    let at = names.place(document, &instance);
    let mut why: String = error.to_string().chars().take(LONGEST).collect();
    if why.chars().count() == LONGEST {
        why.push('…');
    }
    let keyword = error.schema_path().to_string();
    let one = |rule, at| Refusal { rule, instance: instance.clone(), at, keyword: keyword.clone(), why: why.clone() };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            found.push(one(&rules::REQUIRED_ADDED, names.field(&at, name)));
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                found.push(one(&rules::ADDITIONAL_REFUSED, names.field(&at, name)));
            }
        }
        // Said of the object, where nothing is named beside it: all its fields are unknown.
        Kind::FalseSchema if keyword.ends_with("/additionalProperties") => {
            let fields = document.pointer(&instance).and_then(Value::as_object);
            for name in fields.into_iter().flat_map(serde_json::Map::keys) {
                found.push(one(&rules::ADDITIONAL_REFUSED, names.field(&at, name)));
            }
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } if depth > 0 => {
            if let Some(branch) = meant(context, &instance) {
                for error in branch {
                    told(document, error, names, found, depth - 1);
                }
                return;
            }
            found.push(one(of_all(context, &instance), at));
        }
        kind => found.push(one(rule(kind, &keyword), at)),
    }
}

/// The one branch that the document was meant for: all others are of another type, or say by a constant that it isn't theirs.
fn meant<'e>(branches: &'e [Vec<ValidationError<'static>>], instance: &str) -> Option<&'e [ValidationError<'static>]> {
    let is_other = |branch: &&Vec<ValidationError<'static>>| {
        branch.iter().any(|error| {
            let path = error.instance_path().to_string();
            match error.kind() {
                Kind::Type { .. } | Kind::FalseSchema => path == instance,
                Kind::Constant { .. } => true,
                Kind::Enum { .. } => path == instance || path.matches('/').count() == instance.matches('/').count() + 1,
                _ => false,
            }
        })
    };
    let mut meant = branches.iter().filter(|branch| !is_other(branch) && !branch.is_empty());
    let first = meant.next()?;
    meant.next().is_none().then_some(first.as_slice())
}

/// What no branch wants: they may all refuse it for one reason.
fn of_all(branches: &[Vec<ValidationError<'static>>], instance: &str) -> &'static Rule {
    let first = |branch: &Vec<ValidationError<'static>>| {
        branch.iter().find(|error| error.instance_path().as_str() == instance).map(|error| rule(error.kind(), ""))
    };
    let mut rules = branches.iter().map(first);
    match rules.next().flatten() {
        Some(one) if rules.all(|rule| rule == Some(one)) => one,
        _ => &rules::COMBINATION_NARROWED,
    }
}

fn rule(kind: &Kind, keyword: &str) -> &'static Rule {
    match kind {
        Kind::Type { kind: TypeKind::Single(_) | TypeKind::Multiple(_) } => &rules::TYPE_NARROWED,
        Kind::Required { .. } => &rules::REQUIRED_ADDED,
        Kind::Enum { .. } | Kind::Constant { .. } => &rules::ENUM_NARROWED,
        Kind::Minimum { .. }
        | Kind::Maximum { .. }
        | Kind::ExclusiveMinimum { .. }
        | Kind::ExclusiveMaximum { .. }
        | Kind::MultipleOf { .. } => &rules::BOUND_NARROWED,
        Kind::MinLength { .. }
        | Kind::MaxLength { .. }
        | Kind::MinItems { .. }
        | Kind::MaxItems { .. }
        | Kind::MinProperties { .. }
        | Kind::MaxProperties { .. } => &rules::LENGTH_NARROWED,
        Kind::Pattern { .. } => &rules::PATTERN_NARROWED,
        Kind::AdditionalProperties { .. }
        | Kind::UnevaluatedProperties { .. }
        | Kind::AdditionalItems { .. }
        | Kind::UnevaluatedItems { .. } => &rules::ADDITIONAL_REFUSED,
        Kind::FalseSchema => of_false(keyword),
        _ => &rules::COMBINATION_NARROWED,
    }
}

/// A `false` refuses as what it stands for: more of what is there, or a field that must not be.
fn of_false(keyword: &str) -> &'static Rule {
    let last = keyword.rsplit('/').next().unwrap_or_default();
    let before = keyword.rsplit('/').nth(1).unwrap_or_default();
    let is_additional = ["items", "additionalItems", "additionalProperties", "unevaluatedItems"].contains(&last)
        || before == "properties"
        || before == "patternProperties";
    if is_additional { &rules::ADDITIONAL_REFUSED } else { &rules::COMBINATION_NARROWED }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Names, refusals};

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(schema: Value, document: Value, expected: &[(&str, &str, &str)]) {
        let names = Names::of([&schema, &document]);
        let validator = jsonschema::options().build(&schema).unwrap();
        let told: Vec<_> =
            validator.iter_errors(&document).flat_map(|error| refusals(&document, &error, &names)).collect();
        let told: Vec<_> = told.iter().map(|one| (one.rule.id, one.at.as_str(), one.keyword.as_str())).collect();
        assert_eq!(told, expected, "{schema}");
    }

    #[test]
    fn a_refusal_names_its_rule_its_place_and_its_keyword() {
        check(json!({"type": "string"}), json!(1), &[("schema/type-narrowed", "$", "/type")]);
        check(
            json!({"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"items": {"maximum": 3}}}}),
            json!({"a": [1, 7]}),
            &[("schema/bound-narrowed", "$.a[]", "/$defs/a/items/maximum")],
        );
        check(json!({"required": ["a b"]}), json!({}), &[("schema/required-added", "$[\"a b\"]", "/required")]);
        check(
            json!({"additionalProperties": false}),
            json!({"x": 1, "y": 1}),
            &[
                ("schema/additional-refused", "$.x", "/additionalProperties"),
                ("schema/additional-refused", "$.y", "/additionalProperties"),
            ],
        );
        check(json!({"items": false}), json!([1]), &[("schema/additional-refused", "$[]", "/items")]);
        check(json!({"not": {"type": "null"}}), json!(null), &[("schema/combination-narrowed", "$", "/not")]);
    }

    #[test]
    fn of_several_schemas_the_one_that_is_meant_speaks() {
        check(
            json!({"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 2}]}),
            json!("abc"),
            &[("schema/length-narrowed", "$", "/anyOf/1/maxLength")],
        );
        check(
            json!({"anyOf": [{"type": "null"}, {"type": "string"}]}),
            json!(1),
            &[("schema/type-narrowed", "$", "/anyOf")],
        );
        check(
            json!({"oneOf": [
                {"properties": {"kind": {"const": "a"}, "n": {"minimum": 1}}},
                {"properties": {"kind": {"const": "b"}, "n": {"minimum": 2}}}
            ]}),
            json!({"kind": "b", "n": 0}),
            &[("schema/bound-narrowed", "$.n", "/oneOf/1/properties/n/minimum")],
        );
    }

    #[test]
    fn places_read_as_people_write_them() {
        let document = json!({"a": [{"b c": {"0": 1}}]});
        let names = Names::of([&document, &json!({})]);
        assert_eq!(names.place(&document, "/a/0/b c/0"), "$.a[][\"b c\"].0");
        assert_eq!(names.place(&document, ""), "$");
        assert_eq!(Names::default().place(&document, "/a/0"), "$.*[]");
    }
}
