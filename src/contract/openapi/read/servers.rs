//! Under which paths a contract's operations stand on the wire: the base paths of its servers.
//!
//! Hosts are no part of it: who is asked is decided elsewhere. Variables stand at their defaults.

use std::collections::BTreeSet;

use super::Node;

/// The base paths that a contract, a path or an operation gives, each without a `/` at its end; none where it names no server.
pub(in crate::contract::openapi) fn bases(holder: &Node<'_>) -> Option<BTreeSet<String>> {
    let all: BTreeSet<String> = holder.get("servers")?.items().filter_map(|server| base(&server)).collect();
    (!all.is_empty()).then_some(all)
}

fn base(server: &Node<'_>) -> Option<String> {
    let url = filled(server.text("url")?, server);
    let path = path_of(&url);
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // Above the root there is nothing.
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.iter().flat_map(|part| ["/", part]).collect())
}

/// A URL with the defaults of its variables; one that has none stays as it is.
fn filled(url: &str, server: &Node<'_>) -> String {
    let mut out = url.to_owned();
    for (name, variable) in server.get("variables").iter().flat_map(|all| all.members().collect::<Vec<_>>()) {
        let default = variable.value.get("default");
        let default = default.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        if let Some(default) = default {
            out = out.replace(&format!("{{{name}}}"), &default);
        }
    }
    out
}

/// The path of an absolute or relative URL.
fn path_of(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let after_scheme = url.split_once("://").map(|(_, rest)| rest).or_else(|| url.strip_prefix("//"));
    match after_scheme {
        Some(rest) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Node, bases};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(servers: Value, expected: Option<&[&str]>) {
        let holder = json!({ "servers": servers });
        let found = bases(&Node { file: 0, pointer: String::new(), value: &holder });
        let expected = expected.map(|all| all.iter().map(|base| (*base).to_owned()).collect());
        assert_eq!(found, expected, "{holder}");
    }

    #[test]
    fn a_server_gives_the_path_that_its_operations_stand_under() {
        check(json!([{"url": "https://shop.test/v1/"}]), Some(&["/v1"]));
        check(
            json!([{"url": "https://shop.test"}, {"url": "https://test.shop.test/api/v1?x=/y"}]),
            Some(&["", "/api/v1"]),
        );
        check(json!([{"url": "/v1"}]), Some(&["/v1"]));
        check(json!([{"url": "//shop.test/v1"}]), Some(&["/v1"]));
        check(json!([{"url": "./v1/../v2"}]), Some(&["/v2"]));
        check(json!([{"url": "/"}]), Some(&[""]));
        check(json!([]), None);
        check(json!([{"description": "none"}]), None);
    }

    #[test]
    fn variables_of_a_server_stand_at_their_defaults() {
        let variables = json!({"host": {"default": "https://shop.test/api"}, "version": {"default": 2}});
        check(json!([{"url": "{host}/v{version}", "variables": variables}]), Some(&["/api/v2"]));
        check(json!([{"url": "https://{region}.shop.test/{tenant}"}]), Some(&["/{tenant}"]));
    }
}
