//! Who is there: login by form and session cookie, bearer tokens for programs. The shop believes whoever says a name: it is a
//! demo.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::app::{App, Failure};
use crate::ask::Ask;
use crate::store::Session;
use crate::{clock, random};

/// `GET /login`
pub async fn login_page(State(app): State<App>) -> Result<Response, Failure> {
    let (visit, csrf) = (random::token(random::HEX, 32), random::token(random::BASE64URL, 43));
    app.store.change(|shop| {
        shop.visits.insert(visit.clone(), csrf.clone());
        Ok::<_, Failure>(())
    })?;
    let form = format!(
        "<h1>Log in</h1>\n<form method=\"post\" action=\"/login\">\n\
         <input type=\"hidden\" name=\"csrf\" value=\"{csrf}\">\n\
         <label>Customer <input name=\"customer\" value=\"\"></label>\n<button>Log in</button>\n</form>"
    );
    let mut response = app.page("Log in", &form);
    give_cookie(&mut response, &format!("visit={visit}; Path=/; HttpOnly; SameSite=Lax"));
    Ok(response)
}

/// `POST /login` with the page's form
pub async fn log_in(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let form = ask.form();
    let visit = ask.cookie("visit").unwrap_or_default();
    let (sid, csrf) = (random::token(random::HEX, 40), random::token(random::BASE64URL, 43));
    app.store.change(|shop| {
        let expected = shop.visits.remove(&visit);
        if expected.is_none() || expected.as_ref() != form.get("csrf") {
            return Err(app.fail(StatusCode::FORBIDDEN, "bad_csrf", "the form is too old"));
        }
        let customer = form.get("customer").filter(|name| !name.is_empty()).cloned();
        let customer =
            customer.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_customer", "say who you are"))?;
        shop.sessions.insert(sid.clone(), Session { customer, csrf });
        Ok(())
    })?;
    let mut response = see_other("/account");
    give_cookie(&mut response, &format!("sid={sid}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"));
    Ok(response)
}

/// `GET /account`
pub async fn account(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let shop = app.store.read()?;
    let Some((_, session)) = ask.session(&app, &shop) else { return Ok(see_other("/login")) };
    let form = format!(
        "<h1>Hello, {}</h1>\n<form method=\"post\" action=\"/logout\">\n\
         <input type=\"hidden\" name=\"csrf\" value=\"{}\">\n<button>Log out</button>\n</form>",
        session.customer, session.csrf
    );
    Ok(app.page("Account", &form))
}

/// `POST /logout` with the page's form
pub async fn log_out(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let form = ask.form();
    app.store.change(|shop| {
        let (sid, session) = ask
            .session(&app, shop)
            .ok_or_else(|| app.fail(StatusCode::UNAUTHORIZED, "who_are_you", "log in or send a token"))?;
        if form.get("csrf") != Some(&session.csrf) {
            return Err(app.fail(StatusCode::FORBIDDEN, "bad_csrf", "the form is too old"));
        }
        shop.sessions.remove(&sid);
        Ok(())
    })?;
    let mut response = see_other("/");
    give_cookie(&mut response, "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    Ok(response)
}

/// `POST /tokens` with `{"customer": "grace"}`
pub async fn token(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let customer = wish["customer"].as_str();
    let customer =
        customer.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_customer", "say who you are"))?;
    let now = clock::now_ms();
    let token = web_token(customer, now);
    app.store.change(|shop| {
        shop.tokens.insert(token.clone(), customer.to_owned());
        Ok::<_, Failure>(())
    })?;
    let expires = clock::seconds(now + 3_600_000, app.dialect.zone());
    let body = json!({ "token": token, "kind": "bearer", "customer": customer, "expires_at": expires });
    Ok(app.json(StatusCode::CREATED, body))
}

/// A token in the form of a JWT. Nobody checks its signature: the store knows who holds it.
fn web_token(customer: &str, now: u64) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = part(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
    let id = random::token(random::HEX, 16);
    let claims = part(json!({ "sub": customer, "iat": now / 1000, "exp": now / 1000 + 3600, "jti": id }).to_string());
    format!("{header}.{claims}.{}", random::token(random::BASE64URL, 43))
}

fn see_other(target: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, HeaderValue::from_static(target))]).into_response()
}

fn give_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
