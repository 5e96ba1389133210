//! Bearer tokens in the form of JWTs. Nobody checks their signature: the store knows who holds which.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::dialect::{Audience, Dialect};
use crate::random;

/// For whom tokens are made.
const AUDIENCE: &str = "shop";

/// A token for that customer.
pub fn web_token(dialect: Dialect, customer: &str, now: u64) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = part(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
    let id = random::token(random::HEX, 16);
    let mut claims = json!({ "sub": customer, "iat": now / 1000, "exp": now / 1000 + 3600, "jti": id });
    match dialect.audience() {
        Audience::Unsaid => {}
        Audience::One => claims["aud"] = json!(AUDIENCE),
        Audience::List => claims["aud"] = json!([AUDIENCE]),
    }
    format!("{header}.{}.{}", part(claims.to_string()), random::token(random::BASE64URL, 43))
}

/// Whether its claims say that it is for this shop.
pub fn is_for_this(dialect: Dialect, token: &str) -> bool {
    let claims = || {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    };
    let audience = || claims().map(|claims| claims["aud"].clone());
    match dialect.audience() {
        Audience::Unsaid => true,
        Audience::One => audience().is_some_and(|audience| audience == AUDIENCE),
        Audience::List => audience()
            .is_some_and(|audience| audience.as_array().is_some_and(|all| all.iter().any(|one| one == AUDIENCE))),
    }
}
