//! What an instance shows of itself: its address, its folders. Two instances differ in these and in nothing that counts,
//! so they are folded out of every message before anything is compared.
//!
//! Owns which texts these are; refuses to look at messages: who sends and receives them does that.

use std::path::Path;

/// What must be folded out of the messages of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity(Vec<(String, String)>);

impl Identity {
    /// Puts needles and what stands for them into order: the longest first, so that no needle hides within another.
    /// Where two are the same the first counts.
    pub fn new(needles: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut ordered: Vec<(String, String)> = Vec::new();
        for (needle, placeholder) in needles {
            if !needle.is_empty() && ordered.iter().all(|(known, _)| *known != needle) {
                ordered.push((needle, placeholder));
            }
        }
        ordered.sort_by(|left, right| right.0.len().cmp(&left.0.len()).then_with(|| left.0.cmp(&right.0)));
        Self(ordered)
    }

    /// Each text and the placeholder that stands for it: `127.0.0.1:40123` and `{host}`. The longest first.
    pub fn needles(&self) -> &[(String, String)] {
        &self.0
    }
}

/// What a server on a loopback port may call itself.
pub(super) fn address(port: u16, placeholder: &str) -> Vec<(String, String)> {
    let hosts = ["127.0.0.1", "localhost", "0.0.0.0", "[::1]"];
    // In the query of a redirect the colon is escaped.
    let separators = [":", "%3A", "%3a"];
    hosts
        .iter()
        .flat_map(|host| separators.map(|separator| (format!("{host}{separator}{port}"), placeholder.to_owned())))
        .collect()
}

/// A folder or file by the path that the instance was given and by the one that the system resolves it to.
pub(super) fn path(path: &Path, placeholder: &str) -> Vec<(String, String)> {
    let canonical = std::fs::canonicalize(path).ok();
    [Some(path.to_owned()), canonical]
        .into_iter()
        .flatten()
        .map(|path| (path.display().to_string(), placeholder.to_owned()))
        .collect()
}

/// What a build that runs already is reached by. `authority` is `host` or `host:port`.
pub(super) fn authority(authority: &str) -> Vec<(String, String)> {
    let loopback = authority.rsplit_once(':').filter(|(host, _)| matches!(*host, "127.0.0.1" | "localhost" | "[::1]"));
    match loopback.and_then(|(_, port)| port.parse().ok()) {
        Some(port) => address(port, "{host}"),
        None => vec![(authority.to_owned(), "{host}".to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, address, authority};

    #[test]
    fn the_longest_needle_comes_first_and_the_first_of_equals_counts() {
        let own = |(needle, placeholder): (&str, &str)| (needle.to_owned(), placeholder.to_owned());
        let identity = Identity::new(
            [("/run/1", "{dir}"), ("/run/1/db", "{state.db.path}"), ("", "x"), ("/run/1", "{other}")].map(own),
        );
        assert_eq!(identity.needles(), [("/run/1/db", "{state.db.path}"), ("/run/1", "{dir}")].map(own));
    }

    #[test]
    fn a_port_is_known_under_every_loopback_name() {
        let needles = Identity::new(address(40123, "{host}"));
        for name in ["127.0.0.1:40123", "localhost:40123", "[::1]:40123", "localhost%3A40123"] {
            assert!(needles.needles().iter().any(|(needle, _)| needle == name), "{name}");
        }
    }

    #[test]
    fn a_running_build_on_loopback_has_its_other_names_and_one_elsewhere_only_its_own() {
        assert!(authority("localhost:8080").iter().any(|(needle, _)| needle == "127.0.0.1:8080"));
        assert_eq!(authority("shop.example"), [("shop.example".to_owned(), "{host}".to_owned())]);
        assert_eq!(authority("shop.example:81").len(), 1);
    }
}
