//! Credentials that are known by their look, whatever they are called: JSON web tokens, keys with known beginnings, the
//! password of a URL.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_PAD_INDIFFERENT;
use regex::bytes::Regex;

/// What a credential looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A JSON web token.
    Jwt,
    /// A key that begins as those of its issuer do.
    Key,
    /// What stands for a password in a URL.
    Password,
}

impl Look {
    /// What such a credential is called where nothing else names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Key => "key",
            Self::Password => "password",
        }
    }
}

/// What is a credential by its look alone. Groups say which.
const LOOKS: &str = concat!(
    r"(?-u)(?P<jwt>\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){2,4})",
    r"|\b(?P<key>(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{8,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{22,}|glpat-[\w-]{20,}",
    r"|xox[abposr]-[\w-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{16}\b|AIza[\w-]{35}|ya29\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}",
    r"|npm_[A-Za-z0-9]{36}|sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|dop_v1_[0-9a-f]{64}",
    r"|hf_[A-Za-z0-9]{30,}|pypi-[\w-]{50,}|whsec_[A-Za-z0-9+/=]{16,}|AGE-SECRET-KEY-1[0-9A-Z]{50,})",
    "|://[^\\s/?#\"'<>:@\\\\{}]{0,200}:(?P<pass>[^\\s/?#\"'<>@\\\\{}]{1,200})@[A-Za-z0-9\\[]",
);
static LOOK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(LOOKS).ok());

/// The credentials of a text by their look alone, in their order.
pub fn looks(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Look)> {
    // Most texts have none, and asking for that costs nothing that asking for its parts would.
    let all = LOOK.iter().filter(move |look| look.is_match(text)).flat_map(move |look| look.captures_iter(text));
    all.filter_map(|found| {
        let groups = [("jwt", Look::Jwt), ("key", Look::Key), ("pass", Look::Password)];
        let (found, look) = groups.into_iter().find_map(|(name, look)| Some((found.name(name)?, look)))?;
        (look != Look::Jwt || is_jwt(found.as_bytes())).then(|| (found.range(), look))
    })
}

/// Whether parts in base64url are a JSON web token: the first of them is an object.
fn is_jwt(text: &[u8]) -> bool {
    let head = text.split(|byte| *byte == b'.').next().unwrap_or_default();
    let head = URL_SAFE_PAD_INDIFFERENT.decode(head).unwrap_or_default();
    head.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(&head).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Look)]) {
        let found: Vec<(&str, Look)> = looks(text.as_bytes()).map(|(range, look)| (&text[range], look)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn credentials_are_known_by_their_look() {
        assert!(LOOK.is_some());
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        check(&format!("<b>{jwt}</b>"), &[(jwt, Look::Jwt)]);
        check("key sk_live_4eC39HqLyjWDarjt", &[("sk_live_4eC39HqLyjWDarjt", Look::Key)]);
        check("AKIAIOSFODNN7EXAMPLE", &[("AKIAIOSFODNN7EXAMPLE", Look::Key)]);
        check("postgres://shop:s3cr3t%21@db/x", &[("s3cr3t%21", Look::Password)]);
        check("eyJpZCI6N30 http://a.test/x:y@z pk_live_4eC39HqLyjWDarjt", &[]);
    }
}
