//! Where imports start from: a folder of `.proto` files doesn't say, so it is guessed from what they import.
//!
//! Owns the guess. Refuses to guess a root under which one file would have two names. Main type: [`Roots`].

use std::collections::{BTreeMap, BTreeSet};

/// The names that files are imported by.
#[derive(Debug, Default)]
pub struct Roots {
    /// From the path in the tree to the name.
    names: BTreeMap<String, String>,
}

impl Roots {
    /// Names every file so that as many imports as possible find what they name; `home` is the folder that was asked for.
    pub fn guess(home: &str, imports: &BTreeMap<String, Vec<String>>) -> Self {
        let mut roots: Vec<String> = Vec::new();
        for import in imports.values().flatten() {
            if resolve(&roots, import, imports).is_some() {
                continue;
            }
            if let Some(root) = best_root(home, import, imports) {
                roots.push(root);
            }
        }
        // A file lies under the deepest root that holds it, as `protoc -I` with the most special folder first.
        roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
        let mut named = Self::default();
        let mut taken = BTreeSet::new();
        for path in imports.keys() {
            let name = roots.iter().find_map(|root| below(root, path)).or_else(|| below(home, path)).unwrap_or(path);
            let name = if taken.insert(name) { name } else { path };
            named.names.insert(path.clone(), name.to_owned());
        }
        named
    }

    /// The name of a file of the tree: its path, if it was not there when the roots were guessed.
    pub fn name_of<'a>(&'a self, path: &'a str) -> &'a str {
        self.names.get(path).map_or(path, String::as_str)
    }
}

/// The folder that an import must start from, if there is one: `home` itself rather than another, of others one that holds `home`, and
/// of these the shortest. A tree may hold the same files twice, and those that stand beside the contract are its own.
fn best_root(home: &str, import: &str, files: &BTreeMap<String, Vec<String>>) -> Option<String> {
    if files.contains_key(&joined(home, import)) {
        return Some(home.to_owned());
    }
    let ending = format!("/{import}");
    let holds_home = |root: &str| root.is_empty() || root == home || home.starts_with(&format!("{root}/"));
    let starts: BTreeSet<(bool, usize, &str)> = files
        .keys()
        .filter_map(|path| if path == import { Some("") } else { path.strip_suffix(ending.as_str()) })
        .map(|root| (!holds_home(root), root.len(), root))
        .collect();
    starts.first().map(|(.., root)| (*root).to_owned())
}

fn resolve(roots: &[String], import: &str, files: &BTreeMap<String, Vec<String>>) -> Option<String> {
    roots.iter().map(|root| joined(root, import)).find(|path| files.contains_key(path))
}

fn joined(root: &str, name: &str) -> String {
    if root.is_empty() { name.to_owned() } else { format!("{root}/{name}") }
}

fn below<'a>(root: &str, path: &'a str) -> Option<&'a str> {
    if root.is_empty() { Some(path) } else { path.strip_prefix(root)?.strip_prefix('/') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_others_import_them() {
        let check = |home: &str, files: &[(&str, &[&str])], expected: &[&str]| {
            let imports = files
                .iter()
                .map(|(path, imports)| ((*path).to_owned(), imports.iter().map(|path| (*path).to_owned()).collect()))
                .collect();
            let roots = Roots::guess(home, &imports);
            assert_eq!(roots.names.values().map(String::as_str).collect::<Vec<_>>(), expected, "{files:?}");
        };
        check("", &[("a.proto", &["b/c.proto"]), ("b/c.proto", &[])], &["a.proto", "b/c.proto"]);
        check("", &[("proto/a.proto", &["b/c.proto"]), ("proto/b/c.proto", &[])], &["a.proto", "b/c.proto"]);
        check("api", &[("api/a.proto", &["c.proto"]), ("api/c.proto", &[])], &["a.proto", "c.proto"]);
        check(
            "old/api",
            &[("new/parts/b.proto", &[]), ("old/api/a.proto", &["parts/b.proto"]), ("old/parts/b.proto", &[])],
            &["new/parts/b.proto", "api/a.proto", "parts/b.proto"],
        );
        // Imports start above the folder that was asked for.
        check(
            "shop/api",
            &[("shop/api/a.proto", &["api/c.proto"]), ("shop/api/c.proto", &[])],
            &["api/a.proto", "api/c.proto"],
        );
        // Two roots.
        check(
            "",
            &[("proto/a.proto", &["b.proto"]), ("proto/b.proto", &["google/x.proto"]), ("third/google/x.proto", &[])],
            &["a.proto", "b.proto", "google/x.proto"],
        );
        check("", &[("a.proto", &["missing.proto"])], &["a.proto"]);
    }
}
