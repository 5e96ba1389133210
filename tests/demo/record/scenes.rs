//! What a fault of sessions, of state or of a rollout is about, and nothing else: one user, and a few requests. Its main type is
//! [`Scene`].

use std::io;
use std::net::SocketAddr;

use serde_json::json;

use super::client::Client;
use super::har::Entry;
use super::script::{csrf, text};
use crate::dialect::Dialect;

/// A few requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// Logs in and looks who that is.
    Account,
    /// Logs in and fills forms.
    Forms,
    /// Asks for a page of orders, and for the next.
    Pages,
    /// Gets a token and uses it.
    Token,
    /// Says who they are, changes it, and reads it again.
    Profile,
    /// The same, and nobody else may have changed it meanwhile.
    Match,
    /// Pays twice with the same ticket.
    Pay,
    /// Reads what sells best, before and after somebody looked at something.
    Bestsellers,
    /// Is addressed, twice.
    Card,
    /// Reads a long document, twice.
    Catalogue,
    /// Orders, pays, and lists what is paid.
    Status,
    /// Signs in, sets a password, and signs in with it.
    Password,
    /// Orders with a note, changes it, and reads it.
    Note,
    /// Does a little of everything.
    Day,
    /// Pays and lists what was paid.
    Payments,
    /// Commands, and queues a letter.
    Command,
}

/// What the change between the two is about; none where it can be about any request.
pub(super) fn of(dialect: Dialect) -> Option<Scene> {
    let scenes: &[(&[&str], Scene)] = &[
        (&["cookie-serializer", "cookie-digest", "session-class"], Scene::Account),
        (&["csrf-encoding"], Scene::Forms),
        (&["page-token"], Scene::Pages),
        (&["token-claim"], Scene::Token),
        (&["unknown-field-dropped"], Scene::Profile),
        (&["etag-algorithm"], Scene::Match),
        (&["lock-key"], Scene::Pay),
        (&["cache-format"], Scene::Bestsellers),
        (&["cache-shape"], Scene::Card),
        (&["encoding-stored"], Scene::Catalogue),
        (&["enum-ordinal"], Scene::Status),
        (&["password-rehash"], Scene::Password),
        (&["column-dropped"], Scene::Note),
        (&["expand-contract"], Scene::Day),
        (&["column-required", "store-unguarded"], Scene::Payments),
        (&["log-property", "migration-one-way"], Scene::Command),
    ];
    scenes.iter().find(|(names, _)| dialect.is_about(names)).map(|(_, scene)| *scene)
}

/// Plays it.
pub(super) async fn run(scene: Scene, dialect: Dialect, address: SocketAddr) -> io::Result<Vec<Entry>> {
    let mut client = match scene {
        Scene::Account | Scene::Forms => Client::browser(address, 1).await?,
        _ => Client::program(address, 1).await?,
    };
    match scene {
        Scene::Account => {
            log_in(&mut client).await?;
            client.get("/account").await?;
        }
        Scene::Forms => forms(&mut client).await?,
        Scene::Pages => {
            token(&mut client, "grace").await?;
            let first = client.get("/orders?limit=2").await?;
            client.get(&text(&first, "next")).await?;
        }
        Scene::Token => {
            token(&mut client, "grace").await?;
            client.get("/orders").await?;
        }
        Scene::Profile => profile(dialect, &mut client).await?,
        Scene::Match => {
            token(&mut client, "ada").await?;
            client.json("POST", "/profile", &json!({ "name": "Ada", "phone": "0113" })).await?;
            let profile = client.get("/profile").await?;
            let tag = profile.header("etag").unwrap_or_default().to_owned();
            client.json_with("PATCH", "/profile", &json!({ "phone": "0114" }), ("If-Match", &tag)).await?;
        }
        Scene::Pay => pay(&mut client, 2).await?,
        Scene::Bestsellers => {
            client.get("/bestsellers").await?;
            client.json("POST", "/views", &json!({ "product": 3 })).await?;
            client.get("/bestsellers").await?;
        }
        Scene::Card => {
            token(&mut client, "ada").await?;
            client.get("/card").await?;
            client.get("/card").await?;
        }
        Scene::Catalogue => {
            client.get_with("/catalogue", "Accept-Encoding", "gzip").await?;
            client.get_with("/catalogue", "Accept-Encoding", "gzip").await?;
        }
        Scene::Status => {
            token(&mut client, "grace").await?;
            client.get("/orders/by-status/paid").await?;
            client.json("POST", "/cart", &json!({ "product": 3 })).await?;
            let order = client.json("POST", "/orders", &json!({})).await?;
            let target = format!("/orders/{}/pay", text(&order, "id"));
            client.json("POST", &target, &json!({ "method": "card" })).await?;
            client.get("/orders/by-status/paid").await?;
        }
        Scene::Password => {
            client.json("POST", "/sign-in", &json!({ "customer": "ada", "password": "seed" })).await?;
            let words = json!({ "customer": "grace", "password": "harbour" });
            client.json("PUT", "/password", &words).await?;
            client.json("POST", "/sign-in", &words).await?;
        }
        Scene::Note => {
            token(&mut client, "grace").await?;
            note(&mut client).await?;
        }
        Scene::Day => {
            token(&mut client, "grace").await?;
            let first = client.get("/orders?limit=2").await?;
            client.get(&text(&first, "next")).await?;
            note(&mut client).await?;
            client.get("/card").await?;
            pay(&mut client, 2).await?;
        }
        Scene::Payments => {
            client.get("/payments?above=1000").await?;
            pay(&mut client, 1).await?;
            client.get("/payments?above=1000").await?;
        }
        Scene::Command => {
            client.json("POST", "/commands", &json!({ "create": "shelf" })).await?;
            client.json("POST", "/jobs", &json!({ "letter": "Dear Ada" })).await?;
            client.json("POST", "/jobs/next", &json!({})).await?;
        }
    }
    Ok(client.entries)
}

async fn log_in(client: &mut Client) -> io::Result<()> {
    let page = client.get("/login").await?;
    client.form("/login", &[("csrf", csrf(&page)), ("customer", "ada")]).await?;
    Ok(())
}

/// Two forms: the first one's token is written alike by both kinds of base64, the other's is not.
async fn forms(client: &mut Client) -> io::Result<()> {
    log_in(client).await?;
    for topic in ["address", "language"] {
        let target = format!("/account/forms/{topic}");
        let page = client.get(&target).await?;
        client.form(&target, &[("csrf", csrf(&page)), ("value", "yes")]).await?;
    }
    Ok(())
}

async fn token(client: &mut Client, customer: &str) -> io::Result<()> {
    let token = client.json("POST", "/tokens", &json!({ "customer": customer })).await?;
    client.bearer = Some(text(&token, "token"));
    Ok(())
}

async fn profile(dialect: Dialect, client: &mut Client) -> io::Result<()> {
    token(client, "ada").await?;
    let mut profile = json!({ "name": "Ada", "phone": "0113" });
    if dialect.has_nicknames() {
        profile["nickname"] = json!("Countess");
    }
    client.json("POST", "/profile", &profile).await?;
    client.json("PATCH", "/profile", &json!({ "phone": "0114" })).await?;
    client.get("/profile").await?;
    Ok(())
}

async fn note(client: &mut Client) -> io::Result<()> {
    client.json("POST", "/cart", &json!({ "product": 3 })).await?;
    let order = client.json("POST", "/orders", &json!({ "note": "ring twice" })).await?;
    let target = format!("/orders/{}", text(&order, "id"));
    client.json("PATCH", &target, &json!({ "note": "green door" })).await?;
    client.get(&target).await?;
    Ok(())
}

async fn pay(client: &mut Client, times: usize) -> io::Result<()> {
    let ticket = client.json("POST", "/tickets", &json!({})).await?;
    let ticket = text(&ticket, "ticket");
    for _ in 0..times {
        client.json_with("POST", "/payments", &json!({ "cents": 500 }), ("Idempotency-Key", &ticket)).await?;
    }
    Ok(())
}
