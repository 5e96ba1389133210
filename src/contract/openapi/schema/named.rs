//! What a discriminator says: which branch a document is of, by the name that it gives.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::contract::openapi::read::{Contract, Node};

/// Binds each branch of `oneOf` or `anyOf` that is a reference to its names: those that map to it, else its own.
pub(super) fn bind_names(schema: &mut Map<String, Value>, node: &Node<'_>, property: &str, contract: &Contract) {
    for keyword in ["oneOf", "anyOf"] {
        let (Some(source), Some(Value::Array(branches))) = (node.get(keyword), schema.get_mut(keyword)) else {
            continue;
        };
        for (branch, source) in branches.iter_mut().zip(source.items()) {
            let names = names(&source, node, contract);
            if !names.is_empty() {
                let bound = json!({"properties": {property: {"enum": names}}, "required": [property]});
                *branch = json!({"allOf": [branch.take(), bound]});
            }
        }
    }
}

/// The names of a branch; none of one that is no reference.
fn names(branch: &Node<'_>, holder: &Node<'_>, contract: &Contract) -> BTreeSet<String> {
    let Some(reference) = branch.reference() else { return BTreeSet::new() };
    let Ok(target) = contract.target(branch, reference) else { return BTreeSet::new() };
    let mapping = holder.get("discriminator").and_then(|discriminator| discriminator.get("mapping"));
    let mut names = BTreeSet::new();
    for (name, mapped) in mapping.iter().flat_map(|mapping| mapping.members().collect::<Vec<_>>()) {
        let Some(text) = mapped.value.as_str() else { continue };
        let is_name = !text.contains(['/', '#']);
        let address = if is_name { format!("#/components/schemas/{text}") } else { text.to_owned() };
        let is_branch = contract
            .target(holder, &address)
            .is_ok_and(|mapped| (mapped.file, &mapped.pointer) == (target.file, &target.pointer));
        if is_branch {
            names.insert(name.to_owned());
        }
    }
    if names.is_empty() {
        names.extend(target.pointer.rsplit('/').next().map(str::to_owned));
    }
    names
}
