//! The URL of a build that runs already: `http://HOST[:PORT][/]`.

use crate::wire::Endpoint;

/// Where such a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Running {
    /// Where it listens.
    pub(super) endpoint: Endpoint,
    /// What stands for it in URLs: `host` or `host:port`.
    pub(super) authority: String,
}

impl Running {
    /// Reads it; the error says what is wrong with it.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`url = \"{url}\"` {what}: write `http://HOST:PORT`");
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) => return Err(wrong(&format!("is `{scheme}`, which is not in this release"))),
            None => return Err(wrong("has no scheme")),
        };
        let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |end| rest.split_at(end));
        if !matches!(path, "" | "/") {
            return Err(wrong("has a path, and recorded targets have theirs"));
        }
        if authority.contains('@') {
            return Err(wrong("has credentials, which belong into the recordings' headers"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| wrong("has no port that is a number"))?)
            }
            _ => (authority, 80),
        };
        if host.is_empty() {
            return Err(wrong("has no host"));
        }
        let endpoint = Endpoint::new(host.trim_matches(['[', ']']), port);
        Ok(Self { endpoint, authority: authority.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::Running;

    fn check(url: &str, host: &str, port: u16) {
        let running = Running::parse(url).unwrap();
        assert_eq!((running.endpoint.host.as_str(), running.endpoint.port), (host, port), "{url}");
    }

    #[test]
    fn a_url_names_a_host_and_a_port() {
        check("http://127.0.0.1:8080", "127.0.0.1", 8080);
        check("http://shop.example/", "shop.example", 80);
        check("HTTP://[::1]:81", "::1", 81);
        check("http://[::1]", "::1", 80);
    }

    #[test]
    fn what_can_not_be_reached_is_refused_with_the_reason() {
        let check = |url: &str, why: &str| {
            let error = Running::parse(url).unwrap_err();
            assert!(error.contains(why), "{error}");
        };
        check("https://shop.example", "not in this release");
        check("127.0.0.1:80", "no scheme");
        check("http://h/api", "has a path");
        check("http://u:p@h", "credentials");
        check("http://h:eighty", "no port");
        check("http://:80", "no host");
    }
}
