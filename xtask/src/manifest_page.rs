//! The page of the manifest, from its schema: every section, key and placeholder.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The page.
pub fn page(schema: &Value) -> String {
    let mut page = String::from(
        "# The manifest\n\nWhat `straddle.toml` may hold, from `straddle schema manifest`. Paths are relative to the manifest. In `run` and \
         `env`\nthese are filled in: `{port}` (the first port), `{port.NAME}`, `{host}`, `{dir}` (a private scratch folder of that \
         instance), `{side}`,\n`{state.NAME.url}`, `{state.NAME.path}` and `{service.NAME.url}`. A seed takes its own state's two, a \
         migration `{side}` besides.\n`{{` and `}}` are the braces themselves.\n",
    );
    let sections = schema["properties"].as_object().cloned().unwrap_or_default();
    for (name, section) in sorted(&sections) {
        let _ = write!(page, "\n## {name}\n\n{}\n", text(section));
        if let Some(definition) = definition(schema, section) {
            keys(&mut page, definition);
        }
    }
    let definitions = schema["$defs"].as_object().cloned().unwrap_or_default();
    for (name, definition) in sorted(&definitions).into_iter().filter(|(name, _)| !sections.contains_key(*name)) {
        let _ = write!(page, "\n## Value: {name}\n\n{}\n", text(definition));
        keys(&mut page, definition);
    }
    page
}

/// The definition that a section, or each entry of it, refers to.
fn definition<'s>(schema: &'s Value, section: &'s Value) -> Option<&'s Value> {
    let places = [section, &section["additionalProperties"], &section["items"]];
    let reference = places.iter().find_map(|place| place["$ref"].as_str())?;
    schema.pointer(reference.strip_prefix('#')?)
}

fn keys(page: &mut String, definition: &Value) {
    let Some(properties) = definition["properties"].as_object() else { return };
    let required: Vec<&str> =
        definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let _ = write!(page, "\n| key | | meaning |\n|---|---|---|\n");
    for (name, key) in sorted(properties) {
        let need = match (required.contains(&name), &key["default"]) {
            (true, _) => "required".to_owned(),
            (false, Value::Null) => String::new(),
            (false, default) => format!("default `{default}`"),
        };
        let _ = writeln!(page, "| `{name}` | {need} | {} |", text(key).replace('|', "\\|"));
    }
}

fn text(value: &Value) -> String {
    value["description"].as_str().unwrap_or_default().replace('\n', " ")
}

/// By name: whichever order the map itself keeps.
fn sorted(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut all: Vec<(&str, &Value)> = map.iter().map(|(name, value)| (name.as_str(), value)).collect();
    all.sort_by_key(|(name, _)| *name);
    all
}
