//! Addresses on the command line: where to listen, what to stand before, and under which name.

use std::net::{SocketAddr, ToSocketAddrs as _};

use crate::wire::Endpoint;

/// A port of this machine, or `HOST:PORT`.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    let wrong = |_| "it is a port, or HOST:PORT of this machine, as in 127.0.0.1:8080".to_owned();
    text.to_socket_addrs().map_err(wrong)?.next().ok_or_else(|| format!("{text} has no address"))
}

/// `http://HOST[:PORT][/]`.
pub(super) fn target(url: &str) -> Result<Endpoint, String> {
    let wrong = |what: &str| format!("`--target {url}` {what}: write `http://HOST:PORT`");
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
            return Err(wrong(
                "is `https`, which is not in this release; give the address at which TLS has been taken off, by `socat` or a \
                 proxy of your own",
            ));
        }
        Some((scheme, _)) => return Err(wrong(&format!("is `{scheme}`, which is no protocol that can be recorded"))),
        None => return Err(wrong("has no scheme")),
    };
    let (authority, path) = rest.find(['/', '?', '#']).map_or((rest, ""), |end| rest.split_at(end));
    if !matches!(path, "" | "/") {
        return Err(wrong("has a path, and clients bring their own"));
    }
    if authority.contains('@') {
        return Err(wrong("has credentials, and clients bring their own"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, port.parse().ok().filter(|port| *port > 0).ok_or_else(|| wrong("has no port that is a number"))?)
        }
        _ => (authority, 80),
    };
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err(wrong("has no host"));
    }
    Ok(Endpoint::new(host, port))
}

/// What may stand in a `Host` header.
pub(super) fn host(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '?' | '#' | '@' | '\\' | '"');
    if !text.is_empty() && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err("it is a host as a Host header has it, as in shop.example:8080".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_of_this_machine() {
        let check = |text: &str, expected: &str| assert_eq!(listen(text).unwrap().to_string(), expected);
        check("8080", "127.0.0.1:8080");
        check("0.0.0.0:80", "0.0.0.0:80");
        check("[::1]:80", "[::1]:80");
        for bad in ["", "eighty", "127.0.0.1", "70000", ":"] {
            assert!(listen(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_target_is_a_host_and_a_port() {
        let check = |url: &str, host: &str, port: u16| assert_eq!(target(url).unwrap(), Endpoint::new(host, port));
        check("http://127.0.0.1:3000", "127.0.0.1", 3000);
        check("HTTP://shop.example/", "shop.example", 80);
        check("http://[::1]:81", "::1", 81);
    }

    #[test]
    fn a_target_that_can_not_be_recorded_is_refused_with_the_reason() {
        let check = |url: &str, why: &str| {
            let error = target(url).unwrap_err();
            assert!(error.contains(why), "{error}");
        };
        check(
            "https://shop.example",
            "`https`, which is not in this release; give the address at which TLS has been taken off",
        );
        check("127.0.0.1:80", "no scheme");
        check("http://h/api", "has a path");
        check("http://u:p@h", "credentials");
        check("http://h:0", "no port");
        check("http://:80", "no host");
        check("ftp://h", "`ftp`");
    }

    #[test]
    fn a_host_can_not_carry_another_header() {
        assert_eq!(host("shop.example:8080"), Ok("shop.example:8080".to_owned()));
        for bad in ["", "a b", "a\r\nX: y", "http://a", "é"] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }
}
