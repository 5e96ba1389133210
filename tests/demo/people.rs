//! Who is there: login by form and session cookie, bearer tokens for programs. The shop believes whoever says a name: it is a
//! demo.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::{App, Failure};
use crate::ask::Ask;
use crate::store::Session;
use crate::{clock, random, tokens};

/// `GET /login`
pub async fn login_page(State(app): State<App>) -> Result<Response, Failure> {
    let (visit, csrf) = (random::token(random::HEX, 32), random::token(random::BASE64URL, 43));
    app.store.change(|shop| shop.visit(&visit, &csrf))?;
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
        let expected = shop.end_visit(&visit)?;
        if expected.is_none() || expected.as_ref() != form.get("csrf") {
            return Err(app.fail(StatusCode::FORBIDDEN, "bad_csrf", "the form is too old"));
        }
        let customer = form.get("customer").filter(|name| !name.is_empty()).cloned();
        let customer =
            customer.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_customer", "say who you are"))?;
        Ok(shop.log_in(&sid, &Session { customer, csrf })?)
    })?;
    let mut response = see_other("/account");
    give_sid(&app, &mut response, &sid);
    Ok(response)
}

/// `GET /account`
pub async fn account(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let Some((sid, session)) = app.store.read(|shop| ask.session(&app, shop))? else {
        return Ok(see_other("/login"));
    };
    let form = format!(
        "<h1>Hello, {}</h1>\n<form method=\"post\" action=\"/logout\">\n\
         <input type=\"hidden\" name=\"csrf\" value=\"{}\">\n<button>Log out</button>\n</form>",
        session.customer, session.csrf
    );
    let mut response = app.page("Account", &form);
    if app.dialect.sids().are_renewed() {
        give_sid(&app, &mut response, &sid);
    }
    Ok(response)
}

/// `POST /logout` with the page's form
pub async fn log_out(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let form = ask.form();
    app.store.change(|shop| {
        let (sid, session) = ask
            .session(&app, shop)?
            .ok_or_else(|| app.fail(StatusCode::UNAUTHORIZED, "who_are_you", "log in or send a token"))?;
        if form.get("csrf") != Some(&session.csrf) {
            return Err(app.fail(StatusCode::FORBIDDEN, "bad_csrf", "the form is too old"));
        }
        Ok(shop.log_out(&sid)?)
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
    let token = tokens::web_token(app.dialect, customer, now);
    app.store.change(|shop| shop.give_token(&token, customer))?;
    let expires = clock::seconds(now + 3_600_000, app.dialect.zone());
    let body = json!({ "token": token, "kind": "bearer", "customer": customer, "expires_at": expires });
    Ok(app.json(StatusCode::CREATED, body))
}

fn give_sid(app: &App, response: &mut Response, sid: &str) {
    let sid = app.dialect.sids().written(sid);
    give_cookie(response, &format!("sid={sid}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"));
}

/// To another page.
pub fn see_other(target: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, HeaderValue::from_static(target))]).into_response()
}

fn give_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
