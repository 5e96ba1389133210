//! Names under which credentials go, in headers, cookies, queries, forms and documents alike.

/// What a name says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// It is a credential, whatever it looks like.
    Surely,
    /// It is a credential where it looks drawn by lot.
    Perhaps,
    /// It is a credential where a client sends it and it looks like a long one: an OAuth code, a key in a query.
    Sent,
    /// Nothing.
    Silent,
    /// It is none, whatever it looks like: an id, a hash, a cursor.
    Never,
}

/// Longer names are nobody's.
const LONGEST: usize = 128;
/// A name that is one of these, or ends in one, says surely.
const SURE_ENDS: [&str; 30] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secretkey",
    "secretaccesskey",
    "apikey",
    "apitoken",
    "apisecret",
    "accesskey",
    "privatekey",
    "clientsecret",
    "clientassertion",
    "onetimecode",
    "mfacode",
    "otp",
    "totp",
    "credential",
    "credentials",
    "authorization",
    "authkey",
    "sessionkey",
    "signingkey",
    "encryptionkey",
    "subscriptionkey",
    "token",
    "csrf",
    "xsrf",
];
/// A name that is one of these says surely; as an end of another word it says nothing (`mapping`, `bypass`).
const SURE: [&str; 8] = ["pass", "pin", "cvv", "cvc", "psw", "pw", "jwt", "bearer"];
/// A password goes under many names: `password_confirmation`, `new_password2`.
const PASSWORDS: [&str; 2] = ["password", "passwd"];
/// What ends a name that is about a credential, and is none.
const ABOUT: [&str; 36] = [
    "type",
    "types",
    "expires",
    "expiresat",
    "expiresin",
    "expiry",
    "expiration",
    "ttl",
    "count",
    "length",
    "strength",
    "policy",
    "hint",
    "enabled",
    "required",
    "url",
    "uri",
    "endpoint",
    "id",
    "name",
    "field",
    "label",
    "at",
    "min",
    "max",
    "status",
    "algorithm",
    "usage",
    "limit",
    "used",
    "reset",
    "forgotten",
    "changed",
    "title",
    "message",
    "valid",
];
/// Parts of names whose values are credentials where they look it.
const PERHAPS: [&str; 16] = [
    "sess",
    "sid",
    "auth",
    "token",
    "secret",
    "csrf",
    "xsrf",
    "nonce",
    "signature",
    "assertion",
    "samlresponse",
    "remember",
    "apikey",
    "verification",
    "viewstate",
    "magic",
];
/// Names of what a client may be let in by, and of much else.
const SENT: [&str; 7] = ["code", "state", "key", "sig", "jti", "login", "ticket"];
/// Parts of names of places in a list, whose values are called tokens and are none.
const PLACES: [&str; 8] =
    ["cursor", "pagetoken", "nexttoken", "prevtoken", "continuation", "pagination", "synctoken", "nextpage"];
/// Parts of names whose values only look like credentials, unless their ends say surely.
const NEVER: [&str; 29] = [
    "hash",
    "digest",
    "integrity",
    "etag",
    "checksum",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "uuid",
    "guid",
    "fingerprint",
    "thumbprint",
    "thumbnail",
    "image",
    "avatar",
    "blob",
    "version",
    "revision",
    "requestid",
    "traceid",
    "traceparent",
    "correlation",
    "publickey",
    "idempotency",
    "cachekey",
    "objectkey",
    "partitionkey",
    "sortkey",
];
/// Words that begin as `auth` and `sess` do.
const INNOCENT: [&str; 4] = ["author", "assess", "obsess", "posses"];

/// What a name says of its value, whatever its case and whatever parts its words.
pub fn naming(name: &str) -> Naming {
    if name.is_empty() || name.len() > LONGEST {
        return Naming::Silent;
    }
    let flat: String =
        name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())).collect();
    let has = |parts: &[&str]| parts.iter().any(|part| flat.contains(part));
    let numberless = flat.trim_end_matches(|c: char| c.is_ascii_digit());
    if has(&PLACES) {
        return Naming::Never;
    }
    // What an image, a version or a hash is let in by is a credential.
    if SURE.contains(&numberless) || SURE_ENDS.iter().any(|end| numberless.ends_with(end)) {
        return Naming::Surely;
    }
    if has(&NEVER) {
        return Naming::Never;
    }
    let about = ABOUT.iter().any(|end| ends_with_word(name, &flat, end));
    if has(&PASSWORDS) && !about {
        return Naming::Surely;
    }
    let innocent = has(&INNOCENT) && !flat.contains("authoriz");
    let session_id = flat.ends_with("sessionid") || flat.ends_with("sessid");
    if session_id || (has(&PERHAPS) && !about && !innocent) {
        return Naming::Perhaps;
    }
    if SENT.contains(&flat.as_str()) {
        return Naming::Sent;
    }
    if is_identifier(name, &flat) { Naming::Never } else { Naming::Silent }
}

/// Whether a name ends in a word: after something that parts words, or as a hump of its own.
fn ends_with_word(name: &str, flat: &str, word: &str) -> bool {
    if flat == word {
        return true;
    }
    if !flat.ends_with(word) || name.len() < word.len() {
        return false;
    }
    let Some((before, end)) = name.split_at_checked(name.len() - word.len()) else { return false };
    end.eq_ignore_ascii_case(word)
        && (before.ends_with(|c: char| !c.is_ascii_alphanumeric())
            || (end.starts_with(|c: char| c.is_ascii_uppercase())
                && before.ends_with(|c: char| c.is_ascii_lowercase())))
}

fn is_identifier(name: &str, flat: &str) -> bool {
    ["id", "ids", "slug", "ref", "url", "uri", "href", "src", "link"].iter().any(|end| ends_with_word(name, flat, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: Naming) {
        for name in names {
            assert_eq!(naming(name), expected, "{name}");
        }
    }

    #[test]
    fn names_of_credentials_say_so() {
        check(
            &[
                "password",
                "Passwd",
                "pwd",
                "user[password]",
                "password_confirmation",
                "newPassword2",
                "client_secret",
                "access_token",
                "refreshToken",
                "X-Api-Key",
                "api_key",
                "apikey",
                "X-Auth-Token",
                "X-CSRF-Token",
                "csrfmiddlewaretoken",
                "__RequestVerificationToken",
                "otp",
                "pin",
                "Authorization",
                "X-Amz-Security-Token",
                "PRIVATE-TOKEN",
                "aws_secret_access_key",
                "credentials",
                "csrf",
                "_csrf",
                "X-Conversion-Token",
                "image_upload_token",
                "avatar_secret",
                "hash_password",
                "guidToken",
            ],
            Naming::Surely,
        );
    }

    #[test]
    fn names_that_may_hold_one_say_perhaps() {
        check(
            &[
                "sid",
                "session",
                "PHPSESSID",
                "JSESSIONID",
                "connect.sid",
                "auth",
                "SAMLResponse",
                "X-Signature",
                "sessionId",
            ],
            Naming::Perhaps,
        );
    }

    #[test]
    fn names_that_may_hold_one_where_a_client_sends_it_say_so() {
        check(&["code", "state", "key", "sig"], Naming::Sent);
    }

    #[test]
    fn names_of_other_things_say_no_or_nothing() {
        check(
            &[
                "title",
                "author",
                "authors",
                "theme",
                "mapping",
                "bypass",
                "spin",
                "token_type",
                "password_hint",
                "secretExpiresAt",
                "passwordPolicy",
                "compass",
                "X-Functions-Key",
                "x-master-key",
                "write_key",
                "server_key",
                "license_key",
            ],
            Naming::Silent,
        );
        check(
            &[
                "id",
                "order_id",
                "next_page_token",
                "continuationToken",
                "syncToken",
                "cursor",
                "etag",
                "sha256",
                "requestId",
                "integrity",
                "postId",
                "image_id",
                "password_hash",
                "Idempotency-Key",
                "public_key",
            ],
            Naming::Never,
        );
    }
}
