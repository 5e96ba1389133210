//! Documents that were seen already.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Documents, each once; the order of names makes no other document.
#[derive(Debug, Default)]
pub(super) struct Seen {
    texts: BTreeSet<String>,
}

impl Seen {
    /// Whether a document is new, which is seen from now on.
    pub(super) fn is_new(&mut self, document: &Value) -> bool {
        self.texts.insert(sorted(document).to_string())
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            Value::Object(fields.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        _ => value.clone(),
    }
}
