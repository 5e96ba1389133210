//! An absolute URL to its origin and its request target, byte for byte.

use std::fmt::Write as _;

use crate::model::secret::fragment;

/// Where a request went, and what for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// `http://shop.test:8080`, lower case, the scheme's own port left off.
    pub(super) origin: String,
    /// Host and port as they were written.
    pub(super) authority: String,
    /// The target in origin form, as it was written: `/orders?`.
    pub(super) target: String,
}

/// Takes an absolute `http` or `https` URL apart. `Err` says why it is none.
pub(super) fn split(url: &str) -> Result<Url, String> {
    let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("`{}` is no absolute URL", short(url)))?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = &rest[..fragment(rest).unwrap_or(rest.len())];
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let authority = authority.rsplit('@').next().unwrap_or_default();
    if authority.is_empty() {
        return Err(format!("`{}` has no host", short(url)));
    }
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    let host = authority.to_ascii_lowercase();
    let host = host.strip_suffix(own_port).unwrap_or(&host);
    let root = if target.starts_with('/') { "" } else { "/" };
    Ok(Url { origin: format!("{scheme}://{host}"), authority: authority.to_owned(), target: sendable(root, target) })
}

/// The scheme, lower case, of anything with one.
pub(super) fn scheme(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once(':')?;
    let plain =
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    plain.then(|| scheme.to_ascii_lowercase())
}

/// The target as it is, but for what can't stand in a request line: some exporters show those characters decoded.
fn sendable(root: &str, target: &str) -> String {
    let mut out = String::with_capacity(root.len() + target.len());
    out.push_str(root);
    for c in target.chars() {
        if c.is_ascii_graphic() {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string can't fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// The beginning of a text, for a message.
pub(super) fn short(text: &str) -> String {
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(60).collect();
    if chars.next().is_some() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, origin: &str, target: &str) {
        let split = split(url).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((split.origin.as_str(), split.target.as_str()), (origin, target), "{url}");
    }

    #[test]
    fn targets_are_kept_byte_for_byte() {
        check("http://a.test/b/../c//d?x=%7e&y=+#f", "http://a.test", "/b/../c//d?x=%7e&y=+");
        check("https://A.test:443", "https://a.test", "/");
        check("http://a.test:8080?", "http://a.test:8080", "/?");
        check("http://u:p@a.test/?", "http://a.test", "/?");
        check("http://[::1]:80/ü b", "http://[::1]", "/%C3%BC%20b");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in ["", "/orders", "http://", "http:///x"] {
            assert!(split(url).is_err(), "{url}");
        }
    }
}
