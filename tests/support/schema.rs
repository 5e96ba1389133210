//! As much of JSON Schema as straddle's own schemas use; a keyword that is not known here fails the test, so that nothing is
//! accepted unread. The main type is [`Schema`].

use std::path::Path;

use serde_json::Value;

/// A committed schema.
pub struct Schema(Value);

impl Schema {
    /// `contracts/NAME.schema.json`.
    pub fn committed(name: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("contracts/{name}.schema.json"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        Self(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display())))
    }

    /// What the schema has against it, each with its place.
    pub fn against(&self, value: &Value) -> Vec<String> {
        self.check(&self.0, value, "$")
    }

    fn check(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let Some(schema) = schema.as_object() else { return Vec::new() };
        schema.iter().flat_map(|(keyword, wanted)| self.keyword(keyword, wanted, value, at)).collect()
    }

    fn keyword(&self, keyword: &str, wanted: &Value, value: &Value, at: &str) -> Vec<String> {
        let unless =
            |holds: bool| if holds { Vec::new() } else { vec![format!("{at}: {keyword} {wanted}, not {value}")] };
        let fitting = || items(wanted).iter().filter(|option| self.check(option, value, at).is_empty()).count();
        match keyword {
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => Vec::new(),
            // A map: anything may stand in it.
            "additionalProperties" if *wanted == Value::Bool(true) => Vec::new(),
            "$ref" => self.check(self.named(wanted), value, at),
            "type" => unless(is_a(wanted, value) || items(wanted).iter().any(|kind| is_a(kind, value))),
            "const" => unless(wanted == value),
            "enum" => unless(items(wanted).contains(value)),
            "minimum" => unless(value.as_f64() >= wanted.as_f64()),
            "maximum" => unless(value.as_f64() <= wanted.as_f64()),
            "minItems" => unless(items(value).len() as u64 >= wanted.as_u64().unwrap_or(u64::MAX)),
            "maxItems" => unless(items(value).len() as u64 <= wanted.as_u64().unwrap_or(0)),
            "anyOf" => unless(fitting() > 0),
            "oneOf" => unless(fitting() == 1),
            "items" => items(value)
                .iter()
                .enumerate()
                .flat_map(|(n, item)| self.check(wanted, item, &format!("{at}[{n}]")))
                .collect(),
            "prefixItems" => items(wanted)
                .iter()
                .zip(items(value))
                .enumerate()
                .flat_map(|(n, (wanted, item))| self.check(wanted, item, &format!("{at}[{n}]")))
                .collect(),
            "required" => {
                let absent = items(wanted).iter().filter(|key| value.get(key.as_str().unwrap_or_default()).is_none());
                absent.map(|key| format!("{at}: {key} is missing")).collect()
            }
            "properties" => {
                let fields = wanted.as_object().into_iter().flatten();
                let present = fields.filter_map(|(key, wanted)| Some((key, wanted, value.get(key)?)));
                present.flat_map(|(key, wanted, field)| self.check(wanted, field, &format!("{at}.{key}"))).collect()
            }
            other => panic!("{at}: the test kit does not know the keyword `{other}`"),
        }
    }

    fn named(&self, reference: &Value) -> &Value {
        let pointer = reference.as_str().and_then(|text| text.strip_prefix('#'));
        pointer.and_then(|pointer| self.0.pointer(pointer)).unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("number") => value.is_number(),
        _ => false,
    }
}
