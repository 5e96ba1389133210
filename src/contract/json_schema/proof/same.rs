//! Whether two schemas are written alike, wherever their references lead.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::raised;
use super::Node;

/// Whether they are the same but for the names of what they refer to. Recursion is the same if nothing on the way round differs.
pub(super) fn same(one: Node<'_>, other: Node<'_>) -> bool {
    let mut left = 100_000;
    walk(one.resolved(), other.resolved(), true, &mut BTreeSet::new(), &mut left)
}

fn walk(one: Node<'_>, other: Node<'_>, is_schema: bool, met: &mut BTreeSet<(usize, usize)>, left: &mut u32) -> bool {
    if one.id() == other.id() {
        return true;
    }
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match (one.schema, other.schema) {
        (Value::Object(map), Value::Object(others)) => {
            if is_schema && !met.insert((one.id(), other.id())) {
                return true;
            }
            let counts = |key: &String| !(is_schema && key == "$defs");
            if map.keys().filter(|key| counts(key)).count() != others.keys().filter(|key| counts(key)).count() {
                return false;
            }
            map.iter().filter(|(key, _)| counts(key)).all(|(key, value)| {
                let Some(counterpart) = others.get(key) else { return false };
                if is_schema && key == "$ref" {
                    return referred(one.with(value), other.with(counterpart), met, left);
                }
                // Below these stand schemas by name, and below `const` and `enum` no schemas at all.
                let names = ["properties", "patternProperties", "dependentSchemas"].contains(&key.as_str());
                let plain = ["const", "enum"].contains(&key.as_str());
                if is_schema && plain {
                    return value == counterpart;
                }
                walk(one.with(value), other.with(counterpart), !(is_schema && names), met, left)
            })
        }
        (Value::Array(items), Value::Array(others)) => {
            items.len() == others.len()
                && items
                    .iter()
                    .zip(others)
                    .all(|(item, counterpart)| walk(one.with(item), other.with(counterpart), true, met, left))
        }
        (value, counterpart) => value == counterpart,
    }
}

fn referred(one: Node<'_>, other: Node<'_>, met: &mut BTreeSet<(usize, usize)>, left: &mut u32) -> bool {
    let target = |node: Node<'_>| node.schema.as_str().and_then(|name| raised::resolve(node.whole, name)).is_some();
    if !target(one) || !target(other) {
        return false;
    }
    let (Some(named), Some(counterpart)) = (one.schema.as_str(), other.schema.as_str()) else { return false };
    let (Some(named), Some(counterpart)) =
        (raised::resolve(one.whole, named), raised::resolve(other.whole, counterpart))
    else {
        return false;
    };
    walk(one.with(named).resolved(), other.with(counterpart).resolved(), true, met, left)
}
