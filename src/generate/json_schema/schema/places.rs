//! Where schemas are in a document, by what references call them: pointers, anchors and ids.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::json_schema::Dialect;

/// What references can lead to.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Pointers by id, as it is resolved.
    ids: BTreeMap<String, String>,
    /// Pointers by id and anchor.
    anchors: BTreeMap<(String, String), String>,
    /// Pointers of anchors that the outermost schema decides on.
    dynamic: BTreeMap<String, String>,
    /// The ids that count at a pointer and below.
    bases: Vec<(String, String)>,
    /// Whether `$recursiveRef` leads to the whole document.
    is_recursive: bool,
}

impl Places {
    /// All places of a document.
    pub(super) fn of(whole: &Value, dialect: Dialect) -> Self {
        let is_recursive = whole.get("$recursiveAnchor") == Some(&Value::Bool(true));
        let mut places = Self { is_recursive, ..Self::default() };
        places.ids.insert(String::new(), String::new());
        places.walk(whole, "", "", dialect);
        places
    }

    fn walk(&mut self, value: &Value, pointer: &str, base: &str, dialect: Dialect) {
        let mut own = None;
        match value {
            Value::Object(map) => {
                let key = if dialect == Dialect::Draft04 { "id" } else { "$id" };
                let hides = map.contains_key("$ref") && !dialect.refs_have_siblings();
                if let Some(id) = map.get(key).and_then(Value::as_str).filter(|_| !hides) {
                    let (path, anchor) = id.split_once('#').unwrap_or((id, ""));
                    let here = if path.is_empty() { base.to_owned() } else { resolved(base, path) };
                    if !anchor.is_empty() {
                        self.anchors.insert((here.clone(), anchor.to_owned()), pointer.to_owned());
                    }
                    if here != base || pointer.is_empty() {
                        self.ids.insert(here.clone(), pointer.to_owned());
                        self.bases.push((pointer.to_owned(), here.clone()));
                        own = Some(here);
                    }
                }
                let base = own.as_deref().unwrap_or(base);
                for keyword in ["$anchor", "$dynamicAnchor"] {
                    if let Some(name) = map.get(keyword).and_then(Value::as_str) {
                        self.anchors.insert((base.to_owned(), name.to_owned()), pointer.to_owned());
                        if keyword == "$dynamicAnchor" {
                            self.dynamic.entry(name.to_owned()).or_insert_with(|| pointer.to_owned());
                        }
                    }
                }
                for (name, inner) in map.iter().filter(|(name, _)| !matches!(name.as_str(), "enum" | "const")) {
                    self.walk(inner, &below(pointer, name), base, dialect);
                }
            }
            Value::Array(items) => {
                for (at, inner) in items.iter().enumerate() {
                    self.walk(inner, &below(pointer, &at.to_string()), base, dialect);
                }
            }
            _ => {}
        }
    }

    /// The pointer that a reference at a pointer leads to.
    pub(super) fn target(&self, at: &str, reference: &str) -> Option<String> {
        let base = self.base(at);
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if path.is_empty() { base.to_owned() } else { resolved(base, path) };
        let start = self.ids.get(&resource)?;
        let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8_lossy();
        if fragment.is_empty() || fragment.starts_with('/') {
            return Some(format!("{start}{fragment}"));
        }
        self.anchors.get(&(resource, fragment.into_owned())).cloned()
    }

    /// As [`Places::target`], where the outermost anchor of that name counts.
    pub(super) fn dynamic_target(&self, at: &str, reference: &str) -> Option<String> {
        let name = reference.split_once('#').map_or("", |(_, name)| name);
        let target = self.target(at, reference)?;
        Some(self.dynamic.get(name).cloned().unwrap_or(target))
    }

    /// What `$recursiveRef` leads to.
    pub(super) fn recursive_target(&self, at: &str) -> Option<String> {
        if self.is_recursive { Some(String::new()) } else { self.target(at, "#") }
    }

    fn base(&self, at: &str) -> &str {
        let holds = |pointer: &str| at == pointer || at.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'));
        let around = self.bases.iter().filter(|(pointer, _)| holds(pointer));
        around.max_by_key(|(pointer, _)| pointer.len()).map_or("", |(_, base)| base)
    }
}

/// A pointer to what a name or number leads to.
pub(super) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A reference without its fragment, against a base.
fn resolved(base: &str, path: &str) -> String {
    let has_scheme = path.split_once(':').is_some_and(|(scheme, _)| !scheme.contains(['/', '?']));
    if has_scheme {
        return path.to_owned();
    }
    let start = base.find("://").map_or(0, |at| at + 3);
    let (host, known) =
        base.split_at(base.get(start..).and_then(|rest| rest.find('/')).map_or(base.len(), |at| start + at));
    if path.starts_with('/') {
        return format!("{host}{path}");
    }
    let folder = known.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    if start == 0 && !base.starts_with('/') { parts.join("/") } else { format!("{host}/{}", parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Places;
    use crate::contract::json_schema::Dialect;

    #[test]
    fn references_lead_to_pointers_anchors_and_ids() {
        let whole = json!({
            "$id": "https://x.test/schemas/root.json",
            "$defs": {
                "a": {"$anchor": "A"},
                "b": {"$id": "b/one.json", "$defs": {"c": {"$anchor": "C"}, "d": {"$ref": "#C"}}},
                "e": {"$id": "urn:x:e"}
            }
        });
        let places = Places::of(&whole, Dialect::Draft202012);
        for (at, reference, expected) in [
            ("", "#", Some("")),
            ("", "#/$defs/a", Some("/$defs/a")),
            ("", "#A", Some("/$defs/a")),
            ("", "b/one.json", Some("/$defs/b")),
            ("", "/schemas/b/one.json#/$defs/c", Some("/$defs/b/$defs/c")),
            ("", "https://x.test/schemas/b/one.json#C", Some("/$defs/b/$defs/c")),
            ("/$defs/b/$defs/d", "#C", Some("/$defs/b/$defs/c")),
            ("/$defs/b/$defs/d", "../root.json#A", Some("/$defs/a")),
            ("", "urn:x:e", Some("/$defs/e")),
            ("", "#C", None),
            ("", "other.json", None),
        ] {
            assert_eq!(places.target(at, reference).as_deref(), expected, "{at} {reference}");
        }
    }
}
