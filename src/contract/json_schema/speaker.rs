//! What speaks of a place in a document: a pointer into a schema, as it is written.

use serde_json::Value;

/// The schema that speaks of the place, deepest first found; empty where none does.
pub(super) fn of(schema: &Value, instance: &str) -> String {
    let path: Vec<String> =
        instance.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    walk(schema, String::new(), &path, 32).unwrap_or_default()
}

fn walk(whole: &Value, at: String, path: &[String], depth: usize) -> Option<String> {
    let schema = whole.pointer(&at)?;
    if depth == 0 {
        return None;
    }
    let same = |more: &str| walk(whole, format!("{at}{more}"), path, depth - 1);
    let referred = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    if let Some(found) = referred.and_then(|pointer| walk(whole, pointer.to_owned(), path, depth - 1)) {
        return Some(found);
    }
    let Some((name, rest)) = path.split_first() else { return Some(at) };
    let escaped = name.replace('~', "~0").replace('/', "~1");
    let index = name.parse::<usize>().ok();
    let ways = [
        Some(format!("/properties/{escaped}")),
        index.map(|index| format!("/prefixItems/{index}")),
        index.map(|index| format!("/items/{index}")),
        index.map(|_| "/items".to_owned()),
    ];
    let inner = |way: &String| {
        whole.pointer(&format!("{at}{way}")).is_some_and(|schema| schema.is_object() || schema.is_boolean())
    };
    for way in ways.into_iter().flatten().filter(inner) {
        if let Some(found) = walk(whole, format!("{at}{way}"), rest, depth - 1) {
            return Some(found);
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let count = schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
        if let Some(found) = (0..count).find_map(|index| same(&format!("/{keyword}/{index}"))) {
            return Some(found);
        }
    }
    ["then", "else"]
        .iter()
        .filter(|keyword| schema.get(**keyword).is_some())
        .find_map(|keyword| same(&format!("/{keyword}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;

    #[test]
    fn the_schema_of_a_place_is_found_through_references_and_combinations() {
        let schema = json!({
            "allOf": [{"properties": {"a/b": {"items": {"$ref": "#/$defs/row"}}}}, {"$ref": "#/$defs/more"}],
            "$defs": {"row": {"properties": {"id": {"type": "string"}}}, "more": {"properties": {"c": true}}}
        });
        for (instance, expected) in
            [("", ""), ("/a~1b/3/id", "/$defs/row/properties/id"), ("/c", "/$defs/more/properties/c"), ("/none", "")]
        {
            assert_eq!(of(&schema, instance), expected, "{instance}");
        }
    }
}
