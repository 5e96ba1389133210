//! What a customer says of themselves: `POST`, `GET` and `PATCH /profile`, and the same in forms, `/account/forms/{topic}`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use crate::app::{App, Failure, set};
use crate::ask::Ask;
use crate::people::see_other;
use crate::shelves::entity_tag;
use crate::store::Profile;

/// What every generation knows of a customer.
const KNOWN: [&str; 2] = ["name", "phone"];
/// What tokens of forms are derived from.
const FORMS: &str = "demo shop, tokens of forms";
/// Bytes of such a token: few, so that only some hold what one kind of base64 writes otherwise.
const TOKEN: usize = 9;

/// `POST /profile` with `{"name": "Ada", "phone": "…"}`: in the place of what was said before.
pub async fn create(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let profile = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        let mut profile = Profile::new();
        take(&app, &mut profile, &wish);
        shop.keep_profile(&customer, &profile)?;
        Ok::<_, Failure>(profile)
    })?;
    Ok(shown(&app, StatusCode::CREATED, &profile))
}

/// `GET /profile`
pub async fn show(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let profile = app.store.read(|shop| {
        let customer = ask.customer(&app, shop)?;
        Ok::<_, Failure>(shop.profile(&customer)?)
    })?;
    let profile = profile.ok_or_else(|| app.fail(StatusCode::NOT_FOUND, "no_profile", "nothing was said yet"))?;
    Ok(shown(&app, StatusCode::OK, &profile))
}

/// `PATCH /profile` with what is to be another; `If-Match` where nobody else may have changed it.
pub async fn mend(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let profile = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        let mut profile = shop.profile(&customer)?.unwrap_or_default();
        if ask.header("if-match").is_some_and(|tag| tag != tag_of(&app, &profile)) {
            return Err(app.fail(StatusCode::PRECONDITION_FAILED, "changed", "somebody else was faster"));
        }
        if app.dialect.forgets_unknown_fields() {
            profile.retain(|name, _| KNOWN.contains(&name.as_str()));
        }
        take(&app, &mut profile, &wish);
        shop.keep_profile(&customer, &profile)?;
        Ok(profile)
    })?;
    Ok(shown(&app, StatusCode::OK, &profile))
}

/// `GET /account/forms/{topic}`
pub async fn form(State(app): State<App>, Path(topic): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let Some((_, session)) = app.store.read(|shop| ask.session(&app, shop))? else {
        return Ok(see_other("/login"));
    };
    let token = token(&session.customer, &topic);
    let csrf = if app.dialect.form_tokens_are_url_safe() { URL_SAFE.encode(token) } else { STANDARD.encode(token) };
    let form = format!(
        "<h1>Your {topic}</h1>\n<form method=\"post\" action=\"/account/forms/{topic}\">\n\
         <input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">\n\
         <label>New <input name=\"value\" value=\"\"></label>\n<button>Save</button>\n</form>"
    );
    Ok(app.page("Your account", &form))
}

/// `POST /account/forms/{topic}` with the page's form
pub async fn fill(State(app): State<App>, Path(topic): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let form = ask.form();
    let csrf = form.get("csrf").map(String::as_str).unwrap_or_default();
    app.store.change(|shop| {
        let session = ask.session(&app, shop)?;
        let (_, session) = session.ok_or_else(|| app.fail(StatusCode::UNAUTHORIZED, "who_are_you", "log in first"))?;
        let given = if app.dialect.form_tokens_are_url_safe() {
            URL_SAFE.decode(csrf).or_else(|_| STANDARD.decode(csrf))
        } else {
            STANDARD.decode(csrf)
        };
        // Nobody expects that: it is a token of the shop's own.
        let given =
            given.map_err(|error| app.fail(StatusCode::INTERNAL_SERVER_ERROR, "bad_base64", &error.to_string()))?;
        if given != token(&session.customer, &topic) {
            return Err(app.fail(StatusCode::FORBIDDEN, "bad_csrf", "the form is too old"));
        }
        let mut profile = shop.profile(&session.customer)?.unwrap_or_default();
        profile.insert(topic.clone(), json!(form.get("value")));
        Ok(shop.keep_profile(&session.customer, &profile)?)
    })?;
    Ok(see_other("/account"))
}

/// The token of a form: always the same for the same customer.
fn token(customer: &str, topic: &str) -> Vec<u8> {
    let key = blake3::derive_key(FORMS, format!("{customer} {topic}").as_bytes());
    key[..TOKEN].to_vec()
}

/// Takes over what this generation knows.
fn take(app: &App, profile: &mut Profile, wish: &Value) {
    for name in known(app) {
        if let Some(value) = wish.get(name) {
            profile.insert(name.to_owned(), value.clone());
        }
    }
}

fn known(app: &App) -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().chain(app.dialect.has_nicknames().then_some("nickname"))
}

fn shown(app: &App, status: StatusCode, profile: &Profile) -> Response {
    let fields = known(app).map(|name| (name.to_owned(), profile.get(name).cloned().unwrap_or_default()));
    let mut response = app.json(status, Value::Object(fields.collect()));
    set(response.headers_mut(), "etag", &tag_of(app, profile));
    response
}

fn tag_of(app: &App, profile: &Profile) -> String {
    entity_tag(app, &Value::Object(profile.clone()).to_string())
}
