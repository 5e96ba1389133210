//! A server that is given: straddle's own databases come and go there, and nothing else does.

use straddle::manifest::{ServerUrl, State, StateServer};
use straddle::store::Location;
use tokio_postgres::Client;

use super::{Fixture, connect, databases, port, shared, state, text};
use crate::support::has_postgres;

/// A server that is given: the shared one, as a user who may make databases and do nothing else.
pub async fn given(role: &str) -> (String, Client) {
    let shared = shared().await;
    let location = shared.create().await;
    let admin = connect(&location.url).await;
    let home = admin.query_one("SELECT current_database()::text", &[]).await.unwrap().get::<_, String>(0);
    admin.batch_execute(&format!("CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'hunter@22'")).await.unwrap();
    admin.batch_execute(&format!("CREATE DATABASE theirs_{role} OWNER {role}")).await.unwrap();
    let url = format!("postgres://{role}:hunter%4022@127.0.0.1:{}/{home}", port(&location));
    (url, admin)
}

fn at(url: &str) -> State {
    state(Some(StateServer { url: ServerUrl::Text(url.to_owned()), allow_remote: false }))
}

#[tokio::test]
async fn on_a_server_that_is_given_only_databases_of_straddles_own_come_and_go() {
    if !has_postgres() {
        return;
    }
    let (url, admin) = given("visitor").await;
    // Like one of straddle's by its name, but nobody's note says so; and one that says so but is another's.
    admin.batch_execute("CREATE DATABASE straddle_000000000000_000001 OWNER visitor").await.unwrap();
    admin.batch_execute("CREATE DATABASE straddle_000000000000_000002").await.unwrap();
    let note = "made by straddle for one run, straddle_000000000000; dropped at its end";
    admin.batch_execute(&format!("COMMENT ON DATABASE straddle_000000000000_000002 IS '{note}'")).await.unwrap();
    let of_others = |all: Vec<String>| -> Vec<String> {
        all.into_iter().filter(|name| name.starts_with("theirs_visitor") || name.starts_with("straddle_0000")).collect()
    };
    let before = of_others(databases(&admin).await);

    let fixture = Fixture::of(&at(&url), None).await.unwrap();
    let location = fixture.seeded("CREATE TABLE item (id int); INSERT INTO item VALUES (7)").await;
    let copy = fixture.copy(&location).await;
    assert_eq!(text(&copy, "SELECT id::text FROM item").await, "7");
    assert!(copy.url.contains(":hunter%4022@"), "it is what a build connects by");
    let names = [name_of(&location), name_of(&copy)];
    assert!(names.iter().all(|name| databases_has(&names, name)));
    let stranger = Location { url: url.clone(), ..location.clone() };
    for error in [
        fixture.store.remove(&stranger).await.unwrap_err().to_string(),
        fixture.store.copy(&stranger, fixture.folder.path(), "db").await.unwrap_err().to_string(),
        fixture.seed(&stranger, "CREATE TABLE x ()").await.unwrap_err(),
    ] {
        assert!(error.contains("is no database that this run has made"), "{error}");
    }
    fixture.store.remove(&copy).await.unwrap();
    let now = databases(&admin).await;
    assert!(now.contains(&names[0]) && !now.contains(&names[1]), "{now:?}");
    drop(fixture);
    let after = databases(&admin).await;
    assert!(!after.contains(&names[0]), "{after:?}");
    assert_eq!(of_others(after), before);
}

fn name_of(location: &Location) -> String {
    location.url.rsplit_once('/').unwrap().1.to_owned()
}

fn databases_has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name) && name.starts_with("straddle_")
}

#[tokio::test]
async fn what_a_killed_run_left_on_a_server_that_is_given_goes_with_the_next_and_a_live_runs_stays() {
    if !has_postgres() {
        return;
    }
    let (url, admin) = given("guest").await;
    let live = Fixture::of(&at(&url), None).await.unwrap();
    let of_live = name_of(&live.create().await);
    let left = "straddle_0123456789ab_000004";
    admin.batch_execute(&format!("CREATE DATABASE {left} OWNER guest")).await.unwrap();
    let note = "made by straddle for one run, straddle_0123456789ab; dropped at its end";
    admin.batch_execute(&format!("COMMENT ON DATABASE {left} IS '{note}'")).await.unwrap();
    let _next = Fixture::of(&at(&url), None).await.unwrap();
    let now = databases(&admin).await;
    assert!(!now.iter().any(|name| name == left), "{now:?}");
    assert!(now.contains(&of_live), "{now:?}");
}

#[tokio::test]
async fn a_url_that_leads_to_no_server_or_is_refused_is_told_without_its_password() {
    if !has_postgres() {
        return;
    }
    let (url, _admin) = given("refused").await;
    let check = async |url: &str, expected: &str| {
        let error = Fixture::of(&at(url), None).await.err().unwrap();
        assert!(error.contains("state `db`") && error.contains(expected), "{error}");
        assert!(!error.contains("hunter") && !error.contains("wrong-one"), "{error}");
    };
    check(&url.replace("hunter%4022", "wrong-one"), "password authentication failed for user \"refused\"").await;
    check("postgres://u:hunter22@127.0.0.1:1/x", "Connection refused").await;
    check("postgres://u:hunter22@192.0.2.1/x", "leads to another machine").await;
    check("http://u:hunter22@127.0.0.1/x", "must begin with `postgres://`").await;
    check(&format!("{url}?sslmode=require"), "TLS").await;
    let missing = url.rsplit_once('/').unwrap().0.to_owned() + "/nowhere";
    check(&missing, "database \"nowhere\" does not exist").await;
    let unset = state(Some(StateServer { url: ServerUrl::Env("SHOP_DB".to_owned()), allow_remote: false }));
    let error = Fixture::of(&unset, None).await.err().unwrap();
    assert!(error.contains("the variable SHOP_DB, which `url` of state `db` names, is not set"), "{error}");
}
