//! A request as the routes want it: query, form, JSON, cookies and who asks. Its main type is [`Ask`].

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::app::{App, Failure};
use crate::store::{Session, Shop};
use crate::tokens;

/// The longest body that is read, in bytes.
const LONGEST_BODY: usize = 1 << 20;

/// A request.
#[derive(Debug)]
pub struct Ask {
    /// Its headers.
    pub headers: HeaderMap,
    /// The query's values.
    pub query: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl FromRequest<App> for Ask {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, LONGEST_BODY)
            .await
            .map_err(|_| app.fail(StatusCode::PAYLOAD_TOO_LARGE, "too_long", "the body is too long or broke off"))?;
        Ok(Self { headers: head.headers, query: pairs(head.uri.query().unwrap_or_default()), body: body.to_vec() })
    }
}

impl Ask {
    /// The body's JSON.
    pub fn json(&self, app: &App) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|_| app.fail(StatusCode::BAD_REQUEST, "not_json", "the body is not JSON"))
    }

    /// The body's form fields.
    pub fn form(&self) -> BTreeMap<String, String> {
        pairs(&String::from_utf8_lossy(&self.body))
    }

    /// A cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all("cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The session that the cookie names.
    pub fn session(&self, app: &App, shop: &mut Shop<'_>) -> Result<Option<(String, Session)>, Failure> {
        let Some(sid) = self.cookie("sid").and_then(|cookie| app.dialect.sids().read(&cookie)) else {
            return Ok(None);
        };
        Ok(shop.session(&sid)?.map(|session| (sid, session)))
    }

    /// The customer who asks, by bearer token or by session.
    pub fn customer(&self, app: &App, shop: &mut Shop<'_>) -> Result<String, Failure> {
        if let Some(token) = self.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            if !tokens::is_for_this(app.dialect, token) {
                // Whoever may not see it is told that there is nothing.
                return Err(app.fail(StatusCode::NOT_FOUND, "no_such_page", "nothing is served here"));
            }
            if let Some(customer) = shop.bearer(token)? {
                return Ok(customer);
            }
        }
        let session = self.session(app, shop)?;
        let customer = session.map(|(_, session)| session.customer);
        customer.ok_or_else(|| app.fail(StatusCode::UNAUTHORIZED, "who_are_you", "log in or send a token"))
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A number, whether it is written as one or as a string of digits.
pub fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
