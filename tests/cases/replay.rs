//! `replay` on small servers in this process.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::kit::Test;
use crate::support::server::{Request, Response};

/// Always this JSON, whatever is asked.
fn always(body: &'static str) -> impl Fn(&Request) -> Response + Send + Sync {
    move |_| Response::json(200, body)
}

#[test]
fn old_client_survives_a_new_optional_field() {
    Test::new().old(always(r#"{"id":1}"#)).new_server(always(r#"{"id":1,"b":2}"#)).old_clients(&["GET /a"]).expect(&[]);
}

#[test]
fn old_client_does_not_survive_a_field_that_is_gone() {
    Test::new()
        .old(always(r#"{"id":1,"name":"x"}"#))
        .new_server(always(r#"{"id":1}"#))
        .old_clients(&["GET /a"])
        .expect(&["http/field-removed breaking old->new GET /a at $.name"]);
}

#[test]
fn new_client_is_at_risk_where_the_old_server_lacks_a_field() {
    Test::new()
        .old(always(r#"{"id":1}"#))
        .new_server(always(r#"{"id":1,"name":"x"}"#))
        .new_clients(&["GET /a"])
        .expect(&["http/field-removed risk new->old GET /a at $.name"]);
}

#[test]
fn a_dropped_connection_is_a_fault_and_a_control_that_drops_it_is_none() {
    let drops = |_: &Request| Response::raw("");
    Test::new()
        .old(always("{}"))
        .new_server(drops)
        .old_clients(&["GET /a"])
        .expect(&["http/fault breaking old->new GET /a at reply"]);
    Test::new().old(drops).new_server(always("{}")).old_clients(&["GET /a"]).expect(&[]);
}

#[test]
fn counters_and_random_tokens_are_noise_in_both() {
    fn noisy() -> impl Fn(&Request) -> Response + Send + Sync {
        let count = AtomicU64::new(7_919);
        move |_| {
            let n = count.fetch_add(7_919, Ordering::SeqCst);
            Response::json(200, &format!(r#"{{"n":{n},"token":"t{:x}q","paid":true}}"#, n * 104_729))
        }
    }
    Test::new().old(noisy()).new_server(noisy()).old_clients(&["GET /a", "GET /a"]).expect(&[]);
}

#[test]
fn a_noisy_value_in_another_format_is_a_break() {
    fn id(number: bool) -> impl Fn(&Request) -> Response + Send + Sync {
        let count = AtomicU64::new(1);
        move |_| {
            let n = count.fetch_add(1, Ordering::SeqCst);
            let id = if number { format!("{n}00017") } else { format!("0b5e6f0e-8a0f-4d7e-9c58-{n:012x}") };
            Response::json(200, &format!(r#"{{"id":"{id}"}}"#))
        }
    }
    Test::new()
        .old(id(false))
        .new_server(id(true))
        .old_clients(&["GET /a"])
        .expect(&["http/format-changed breaking old->new GET /a at $.id"]);
}

#[test]
fn a_created_id_is_bound_and_each_server_gets_its_own() {
    fn shop() -> impl Fn(&Request) -> Response + Send + Sync {
        let known = std::sync::Mutex::new(Vec::<String>::new());
        move |request| {
            let mut known = known.lock().unwrap_or_else(|e| panic!("{e}"));
            if request.method == "POST" {
                let id = format!("order-{:x}", std::ptr::from_ref(&known) as usize + known.len() * 65_537);
                known.push(id.clone());
                return Response::json(201, &format!(r#"{{"id":"{id}"}}"#));
            }
            let id = request.target.rsplit('/').next().unwrap_or_default().to_owned();
            if known.contains(&id) {
                Response::json(200, &format!(r#"{{"id":"{id}","total":3}}"#))
            } else {
                Response::json(404, r#"{"error":"none"}"#)
            }
        }
    }
    let report = Test::new()
        .old(shop())
        .new_server(shop())
        .old_clients(&[r#"POST /orders {"qty":1}"#, "GET /orders/{id}"])
        .run();
    assert_eq!(report.run.findings, []);
}

#[test]
fn a_wrong_seed_never_reads_compatible() {
    let first = AtomicU64::new(0);
    let forgetful = move |_: &Request| {
        if first.fetch_add(1, Ordering::SeqCst) == 0 {
            Response::json(200, r#"{"id":1}"#)
        } else {
            Response::json(404, "{}")
        }
    };
    let report = Test::new().old(forgetful).new_server(|_| Response::json(404, "{}")).old_clients(&["GET /a"]).run();
    assert_eq!(report.exit, 4);
    assert!(report.run.notes.iter().any(|note| note.contains("seed")), "{:?}", report.run.notes);
    assert_eq!(report.run.findings, []);
}

#[test]
fn what_only_old_clients_show_says_nothing_of_rolling_back() {
    let report = Test::new().old(always("{}")).new_server(always("{}")).old_clients(&["GET /a"]).run();
    let answers = report.run.answers;
    assert_eq!(answers.roll_forward.verdict, straddle::model::Verdict::Compatible);
    assert_eq!(answers.roll_back.verdict, straddle::model::Verdict::Inconclusive);
    assert_eq!(report.exit, 4);
}

#[test]
fn a_session_whose_secrets_were_taken_out_is_never_sent_and_said_to_be_unshown() {
    let asked = std::sync::Arc::new(AtomicU64::new(0));
    let counting = std::sync::Arc::clone(&asked);
    let shop = move |_: &Request| {
        counting.fetch_add(1, Ordering::SeqCst);
        Response::json(200, "{}")
    };
    let login = [r#"POST /login {"password":"{secret:password#1}"}"#];
    let report = Test::new().old(shop).new_server(always("{}")).old_clients(&login).run();
    let unshown = &report.run.answers.roll_forward.unshown;
    let gap = "traffic.har: 1 session is not sent, for want of secrets: password#1 (`password = { env = \"VARIABLE\" }` in `[secrets]` gives it)";
    assert!(unshown.iter().any(|reason| reason == gap), "{unshown:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked once, when it was recorded");
}
