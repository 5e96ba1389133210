//! Session ids as cookies carry them: plain, marked, or sealed with a key. Its main type is [`Sids`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::random;

/// What the keys are derived from.
const SECRET: &[u8] = b"the demo shop keeps no secrets";
/// Characters of a sealed value that only make it differ from others.
const NONCE: usize = 16;
/// Bytes that tell a sealed value from a forged one.
const MARK: usize = 8;

/// A form of cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The id.
    Plain,
    /// `v2.` before the id.
    Marked,
    /// Encrypted by a key from the digest of that number.
    Sealed(u8),
}

/// Which forms a generation of the shop reads and writes.
#[derive(Debug, Clone, Copy)]
pub struct Sids {
    /// The form in which they are written.
    pub writes: Form,
    /// A further form that is read.
    pub reads: Option<Form>,
    /// Whether each that is met is written anew.
    pub renews: bool,
}

impl Sids {
    /// An id as the cookie carries it.
    pub fn written(self, sid: &str) -> String {
        match self.writes {
            Form::Plain => sid.to_owned(),
            Form::Marked => format!("v2.{sid}"),
            Form::Sealed(digest) => seal(digest, sid),
        }
    }

    /// The id in a cookie of any form that is known.
    pub fn read(self, cookie: &str) -> Option<String> {
        std::iter::once(self.writes).chain(self.reads).find_map(|form| form.read(cookie))
    }

    /// Whether each that is met is written anew.
    pub fn are_renewed(self) -> bool {
        self.renews
    }
}

impl Form {
    fn read(self, cookie: &str) -> Option<String> {
        match self {
            Self::Plain => Some(cookie.to_owned()).filter(|cookie| !cookie.contains('.')),
            Self::Marked => cookie.strip_prefix("v2.").map(str::to_owned),
            Self::Sealed(digest) => open(digest, cookie),
        }
    }
}

fn seal(digest: u8, text: &str) -> String {
    let nonce = random::token(random::HEX, NONCE);
    let mut bytes = text.as_bytes().to_vec();
    turn(digest, &nonce, &mut bytes);
    bytes.extend(mark(digest, &nonce, &bytes));
    format!("{nonce}{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn open(digest: u8, sealed: &str) -> Option<String> {
    let (nonce, rest) = sealed.split_at_checked(NONCE)?;
    let mut bytes = URL_SAFE_NO_PAD.decode(rest).ok()?;
    let marked = bytes.split_off(bytes.len().checked_sub(MARK)?);
    if marked != mark(digest, nonce, &bytes) {
        return None;
    }
    turn(digest, nonce, &mut bytes);
    String::from_utf8(bytes).ok()
}

fn hasher(digest: u8, purpose: &str, nonce: &str) -> blake3::Hasher {
    let key = blake3::derive_key(&format!("demo shop, cookies, digest {digest}, {purpose}"), SECRET);
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(nonce.as_bytes());
    hasher
}

/// Encrypts or decrypts.
fn turn(digest: u8, nonce: &str, bytes: &mut [u8]) {
    let mut stream = vec![0; bytes.len()];
    hasher(digest, "stream", nonce).finalize_xof().fill(&mut stream);
    bytes.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
}

fn mark(digest: u8, nonce: &str, bytes: &[u8]) -> Vec<u8> {
    hasher(digest, "mark", nonce).update(bytes).finalize().as_bytes()[..MARK].to_vec()
}
