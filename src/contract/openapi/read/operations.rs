//! All operations of a contract by the names of their surfaces.

use std::collections::{BTreeMap, BTreeSet};

use super::{Contract, Node, Trouble, bases};

/// All operations.
#[derive(Debug, Default)]
pub(in crate::contract::openapi) struct Operations<'a> {
    /// By surface, as `paths` has it: `GET /pets/{}`, `webhook POST newPet`.
    pub(in crate::contract::openapi) all: BTreeMap<String, Offered<'a>>,
    /// Paths, without the names of their parameters, of which nothing can be said: whether an operation is there is not known.
    pub(in crate::contract::openapi) unread: BTreeMap<String, Trouble>,
    /// The base paths of its servers; none where it names none.
    pub(in crate::contract::openapi) bases: Option<BTreeSet<String>>,
    /// What else is wrong.
    pub(in crate::contract::openapi) troubles: Vec<Trouble>,
}

/// An operation that is there, before it is looked into.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Offered<'a> {
    /// As the contract writes it.
    pub(in crate::contract::openapi) path: String,
    pub(in crate::contract::openapi) item: Node<'a>,
    pub(in crate::contract::openapi) node: Node<'a>,
    /// Whether the server calls the client.
    pub(in crate::contract::openapi) is_webhook: bool,
    method: &'static str,
    /// The base paths of its own servers, those of its path, or those of all; none where none are named.
    bases: Option<BTreeSet<String>>,
}

const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
];

impl<'a> Operations<'a> {
    /// Finds them all; none is looked into yet.
    pub(in crate::contract::openapi) fn of(contract: &'a Contract) -> Self {
        let mut found = Self { bases: bases(&contract.root()), ..Self::default() };
        for (key, is_webhook) in [("paths", false), ("webhooks", true)] {
            let Some(paths) = contract.root().get(key) else { continue };
            for (path, item) in paths.members().filter(|(path, _)| is_webhook || path.starts_with('/')) {
                match contract.follow(item.clone()) {
                    Ok(target) => {
                        found.add(path, &target, is_webhook, contract);
                        // What stands beside a reference is of the same path.
                        if target.pointer != item.pointer || target.file != item.file {
                            found.add(path, &item, is_webhook, contract);
                        }
                    }
                    Err(trouble) => {
                        found.unread.insert(name(path, is_webhook), trouble);
                    }
                }
            }
        }
        found
    }

    fn add(&mut self, path: &str, item: &Node<'a>, is_webhook: bool, contract: &'a Contract) {
        for (key, method) in METHODS {
            let Some(node) = item.get(key) else { continue };
            let name = name(path, is_webhook);
            let subject = if is_webhook { format!("webhook {method} {name}") } else { format!("{method} {name}") };
            if self.all.contains_key(&subject) {
                let why =
                    format!("`{subject}` is there already, under other names of its parameters: the first counts");
                self.troubles.push(Trouble { why, at: contract.position(&node), is_unread: false });
                continue;
            }
            let bases = bases(&node).or_else(|| bases(item)).or_else(|| self.bases.clone());
            self.all.insert(
                subject,
                Offered { path: path.to_owned(), item: item.clone(), node, is_webhook, method, bases },
            );
        }
    }
}

impl Offered<'_> {
    /// Its surfaces on the wire, one for each base path, in their order; under `assumed` where its contract names no server.
    pub(in crate::contract::openapi) fn surfaces(&self, assumed: &BTreeSet<String>) -> Vec<String> {
        let Self { method, path, is_webhook, bases, .. } = self;
        if *is_webhook {
            return vec![format!("webhook {method} {path}")];
        }
        let bases = bases.as_ref().unwrap_or(assumed);
        bases.iter().map(|base| format!("{method} {}", folded(&format!("{base}{path}")))).collect()
    }

    /// Its surface on the wire and its path there, under the first of its base paths.
    pub(in crate::contract::openapi) fn first(&self) -> (String, String) {
        let base = self.bases.as_ref().and_then(BTreeSet::first).map_or("", String::as_str);
        let path = format!("{base}{}", self.path);
        (format!("{} {}", self.method, folded(&path)), path)
    }

    /// Its path as [`Operations::unread`] names those of which nothing can be said.
    pub(in crate::contract::openapi) fn name(&self) -> String {
        name(&self.path, self.is_webhook)
    }
}

fn name(path: &str, is_webhook: bool) -> String {
    if is_webhook { path.to_owned() } else { folded(path) }
}

/// A path without the names of its parameters: `/pets/{petId}` and `/pets/{id}` are one.
fn folded(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str("{}");
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn names_of_parameters_are_no_part_of_a_surface() {
        for (path, expected) in
            [("/pets/{petId}", "/pets/{}"), ("/a/{b}.{c}/d", "/a/{}.{}/d"), ("/", "/"), ("/odd/{x", "/odd/{x")]
        {
            assert_eq!(folded(path), expected);
        }
    }
}
