//! The running shop: its routes, the noise that is on every reply, and how replies and errors are written. What each route
//! does is in `shelves`, `baskets`, `orders`, `people`, `profile`, `till`, `counter` and `desk`. Its main type is [`App`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde_json::{Map, Value, json};

use crate::database::Trouble;
use crate::dialect::Dialect;
use crate::random;
use crate::store::Store;
use crate::{baskets, clock, counter, desk, orders, people, profile, shelves, till};

/// What every route can reach.
#[derive(Debug, Clone)]
pub struct App {
    /// Which generation this is.
    pub dialect: Dialect,
    /// What is remembered.
    pub store: Arc<Store>,
    /// When this process started, in milliseconds since 1970.
    pub started: u64,
    served: Arc<AtomicU64>,
}

/// The routes of that generation.
pub fn router(app: App) -> Router {
    let dialect = app.dialect;
    let mut router = Router::new()
        .route("/", get(shelves::home))
        .route("/static/shop.css", get(shelves::stylesheet))
        .route("/healthz", get(desk::healthz))
        .route("/stats", get(desk::stats))
        .route("/login", get(people::login_page).post(people::log_in))
        .route("/account", get(people::account))
        .route("/logout", post(people::log_out))
        .route("/tokens", post(people::token))
        .route("/products", get(shelves::list))
        .route("/products/{id}", get(shelves::one))
        .route("/search", get(shelves::search))
        .route("/cart", get(baskets::show).post(baskets::add))
        .route("/orders", get(orders::list).post(orders::place))
        .route("/orders/{id}", get(orders::one).patch(orders::mend).delete(orders::cancel))
        .route("/orders/by-status/{status}", get(orders::by_status))
        .route("/orders/{id}/pay", post(orders::pay))
        .route("/shipments/{code}", get(orders::shipment))
        .route("/profile", get(profile::show).post(profile::create).patch(profile::mend))
        .route("/account/forms/{topic}", get(profile::form).post(profile::fill))
        .route("/tickets", post(till::ticket))
        .route("/payments", get(till::payments).post(till::pay))
        .route("/password", put(till::set_password))
        .route("/sign-in", post(till::sign_in))
        .route("/bestsellers", get(counter::bestsellers))
        .route("/views", post(counter::view))
        .route("/card", get(counter::card))
        .route("/catalogue", get(counter::catalogue))
        .route("/commands", post(counter::command))
        .route("/jobs", post(counter::queue))
        .route("/jobs/next", post(counter::work))
        .route("/estimates", post(desk::estimate))
        .route("/messages", post(desk::message));
    router = router.route("/quote", if dialect.quotes_by_post() { post(desk::quote) } else { get(desk::quote) });
    if dialect.serves_stock() {
        router = router.route("/v2/stock", get(shelves::stock));
    }
    if dialect.serves_reviews() {
        router = router.route("/api/v2/reviews", post(desk::review));
    }
    if dialect.serves_wishes() {
        router = router.route("/v3/wishes", get(desk::wishes));
    }
    router.fallback(nowhere).layer(from_fn_with_state(app.clone(), noise)).with_state(app)
}

async fn nowhere(State(app): State<App>) -> Failure {
    app.fail(StatusCode::NOT_FOUND, "no_such_page", "nothing is served here")
}

/// Holds each reply back a little and marks it as servers do.
async fn noise(State(app): State<App>, request: Request, next: Next) -> Response {
    let jitter = random::below(app.dialect.jitter_ms() * 1000);
    tokio::time::sleep(Duration::from_micros(jitter)).await;
    let mut response = next.run(request).await;
    let served = app.served.fetch_add(1, Ordering::Relaxed);
    let headers = response.headers_mut();
    set(headers, "x-request-id", &random::uuid());
    set(headers, "x-trace", &random::token(random::HEX, 32));
    set(headers, "x-served", &served.to_string());
    set(headers, "server-timing", &format!("app;dur={}.{:03}", jitter / 1000, jitter % 1000));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

impl App {
    /// That generation on that store.
    pub fn new(dialect: Dialect, store: Store) -> Self {
        let served = Arc::new(AtomicU64::new(100_000 + random::below(900_000)));
        Self { dialect, store: Arc::new(store), started: clock::now_ms(), served }
    }

    /// How many replies there were, counted from a number that each process draws.
    pub fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    /// A JSON reply.
    pub fn json(&self, status: StatusCode, body: Value) -> Response {
        self.typed(status, "application/json", body)
    }

    /// A page.
    pub fn page(&self, title: &str, body: &str) -> Response {
        let nonce = random::token(random::BASE64URL, self.dialect.nonce_length());
        let page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title>\n\
             <link rel=\"stylesheet\" href=\"/static/shop.css\">\n\
             <script nonce=\"{nonce}\">console.log('served at {}')</script></head>\n<body>\n{body}\n</body>\n</html>\n",
            clock::now_ms()
        );
        let mut response = plain(StatusCode::OK, "text/html; charset=utf-8", page);
        set(response.headers_mut(), "content-security-policy", &format!("script-src 'nonce-{nonce}'"));
        response
    }

    /// An error, as this generation writes them.
    pub fn fail(&self, status: StatusCode, code: &str, message: &str) -> Failure {
        let response = if self.dialect.errors_are_problems() {
            let problem = json!({ "type": format!("/problems/{code}"), "title": message, "status": status.as_u16() });
            self.typed(status, "application/problem+json", problem)
        } else {
            self.json(status, json!({ "error": { "code": code, "message": message, "request": random::uuid() } }))
        };
        Failure(Box::new(response))
    }

    fn typed(&self, status: StatusCode, kind: &'static str, body: Value) -> Response {
        let text = if self.dialect.turns_keys() { format!("{:#}\n", turned(body)) } else { body.to_string() };
        plain(status, kind, text)
    }
}

/// An error on its way out.
#[derive(Debug)]
pub struct Failure(Box<Response>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Trouble> for Failure {
    fn from(error: Trouble) -> Self {
        let body = format!("{{\"error\":{{\"code\":\"store\",\"message\":{}}}}}", Value::from(error.to_string()));
        Self(Box::new(plain(StatusCode::INTERNAL_SERVER_ERROR, "application/json", body)))
    }
}

/// A reply of that type.
pub fn plain(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    (status, [(CONTENT_TYPE, HeaderValue::from_static(kind))], body.into()).into_response()
}

/// Puts a header on a reply; a value that is none stays away.
pub fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn turned(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, turned(value))).collect();
            Value::Object(fields.into_iter().rev().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(turned).collect()),
        other => other,
    }
}
