//! Passwords as they are kept: `k1$SALT$HASH`, and a kind 2 that only some generations know. Not for secrets: both are fast.

use crate::dialect::Dialect;
use crate::random;

/// What of a hash is kept, in digits.
const KEPT: usize = 32;

/// As a password is kept that was just set. Kind 1 without salt is how it was always done; the seed's were imported with theirs.
pub fn set(dialect: Dialect, password: &str) -> String {
    anew(dialect, password).unwrap_or_else(|| kept(1, "", password))
}

/// As this generation keeps it anew when somebody signs in, where it does.
pub fn anew(dialect: Dialect, password: &str) -> Option<String> {
    match dialect.password_kind()? {
        1 => Some(kept(1, "", password)),
        kind => Some(kept(kind, &random::token(random::HEX, 8), password)),
    }
}

/// Whether it is the one that is kept. Whoever has kind 2 trusts none of kind 1 without salt.
pub fn is(dialect: Dialect, password: &str, stored: &str) -> bool {
    let mut parts = stored.split('$');
    let (kind, salt) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_newer = dialect.password_kind() == Some(2);
    match kind {
        "k1" => stored == kept(1, salt, password) && !(is_newer && salt.is_empty()),
        "k2" => stored == kept(2, salt, password) && is_newer,
        _ => false,
    }
}

/// A password of that kind.
pub fn kept(kind: u8, salt: &str, password: &str) -> String {
    let context = format!("demo shop, passwords, kind {kind}");
    let key = blake3::derive_key(&context, format!("{salt} {password}").as_bytes());
    let hash = blake3::Hash::from_bytes(key).to_hex();
    format!("k{kind}${salt}${}", &hash[..KEPT])
}
