//! Noise: what no two replies share. Not for secrets. Its source is the hasher's random keys, which every process and every
//! call draws anew.

use std::hash::{BuildHasher, RandomState};

/// Digits and letters, both cases.
pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Crockford's, as in order numbers that people read aloud.
pub const BASE32: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Hexadecimal digits.
pub const HEX: &str = "0123456789abcdef";
/// Decimal digits.
pub const DIGITS: &str = "0123456789";
/// The URL-safe base64 alphabet.
pub const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 64 random bits.
pub fn bits() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// A random number below `limit`.
pub fn below(limit: u64) -> u64 {
    bits() % limit.max(1)
}

/// A random text of that alphabet.
pub fn token(alphabet: &str, length: usize) -> String {
    let letters = alphabet.as_bytes();
    (0..length).map(|_| char::from(letters[usize::try_from(below(letters.len() as u64)).unwrap_or(0)])).collect()
}

/// A random UUID (version 4).
pub fn uuid() -> String {
    let (high, low) = (bits(), bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// Puts the items in any order.
pub fn shuffle<T>(items: &mut [T]) {
    for end in (1..items.len()).rev() {
        items.swap(end, usize::try_from(below(end as u64 + 1)).unwrap_or(0));
    }
}
