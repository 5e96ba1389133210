//! All operations of a contract by the names of their surfaces.

use std::collections::BTreeMap;

use super::{Contract, Node, Trouble};

/// All operations.
#[derive(Debug, Default)]
pub(in crate::contract::openapi) struct Operations<'a> {
    /// By surface: `GET /pets/{}`, `webhook POST newPet`.
    pub(in crate::contract::openapi) all: BTreeMap<String, Offered<'a>>,
    /// Paths, without the names of their parameters, of which nothing can be said: whether an operation is there is not known.
    pub(in crate::contract::openapi) unread: BTreeMap<String, Trouble>,
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
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl<'a> Operations<'a> {
    /// Finds them all; none is looked into yet.
    pub(in crate::contract::openapi) fn of(contract: &'a Contract) -> Self {
        let mut found = Self::default();
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
        for method in METHODS {
            let Some(node) = item.get(method) else { continue };
            let method = method.to_ascii_uppercase();
            let name = name(path, is_webhook);
            let subject = if is_webhook { format!("webhook {method} {name}") } else { format!("{method} {name}") };
            if self.all.contains_key(&subject) {
                let why =
                    format!("`{subject}` is there already, under other names of its parameters: the first counts");
                self.troubles.push(Trouble { why, at: contract.position(&node), is_unread: false });
                continue;
            }
            self.all.insert(subject, Offered { path: path.to_owned(), item: item.clone(), node, is_webhook });
        }
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
