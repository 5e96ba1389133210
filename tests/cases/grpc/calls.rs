//! Calls made from values, of all four kinds, and what comes of servers that misbehave.

use std::time::{Duration, Instant};

use bytes::Bytes;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use straddle::model::Fault;
use straddle::wire::Limits;
use straddle::wire::grpc::{Client, Outcome, Terms};
use straddle::wire::http::Http;

use super::SHOP;
use crate::support::rpc::{Asked, Manner, Rpc, Says, bytes, message, pool};

fn item(text: &str) -> Bytes {
    bytes(&pool(SHOP), "shop.v1.Item", text)
}

fn method(pool: &DescriptorPool, name: &str) -> MethodDescriptor {
    let service = pool.get_service_by_name("shop.v1.Shop").unwrap();
    service.methods().find(|method| method.name() == name).unwrap()
}

async fn call(server: &Rpc, name: &str, messages: &[&str], terms: &Terms, limits: Limits) -> Result<Outcome, Fault> {
    let pool = pool(SHOP);
    let method = method(&pool, name);
    let input = method.input().full_name().to_owned();
    let messages: Vec<DynamicMessage> = messages.iter().map(|text| message(&pool, &input, text)).collect();
    Client::new(&Http::new(), limits).call(&server.endpoint(), &method, &messages, terms).await
}

fn limits(millis: u64) -> Limits {
    Limits { timeout: Duration::from_millis(millis), ..Limits::default() }
}

/// Answers with an item for each message.
fn shop() -> Rpc {
    Rpc::start(|asked: &Asked| {
        let id = |number: usize| item(&format!("id: \"{number}\""));
        match asked.path.as_str() {
            "/shop.v1.Shop/List" => Says::messages((0..3).map(id)),
            "/shop.v1.Shop/Talk" => Says::messages((0..asked.messages.len()).map(id)),
            "/shop.v1.Shop/Put" => Says::message(item(&format!("cents: {}", asked.messages.len()))),
            _ => Says { trailers: vec![("x-took", "1")], ..Says::message(item("id: \"a\" cents: 9007199254740993")) },
        }
    })
}

#[tokio::test]
async fn all_four_kinds_of_call_have_their_answers() {
    let server = shop();
    for (name, messages, expected) in [
        ("Get", &["id: \"a\""][..], &[r#"id:"a",cents:9007199254740993"#][..]),
        ("List", &["id: \"a\""], &[r#"id:"0""#, r#"id:"1""#, r#"id:"2""#]),
        ("Put", &["id: \"a\"", "id: \"b\""], &["cents:2"]),
        ("Put", &[], &[""]),
        ("Talk", &["id: \"a\"", "id: \"b\""], &[r#"id:"0""#, r#"id:"1""#]),
    ] {
        for gzip in [false, true] {
            let terms = Terms { gzip, ..Terms::default() };
            let outcome = call(&server, name, messages, &terms, limits(20_000)).await.unwrap();
            let texts: Vec<String> = outcome.messages.iter().map(DynamicMessage::to_text_format).collect();
            assert_eq!(texts, expected, "{name}");
            assert!(outcome.ending.code.is_ok() && outcome.trouble.is_none() && !outcome.open, "{outcome:?}");
        }
    }
    let outcome = call(&server, "Get", &[""], &Terms::default(), limits(20_000)).await.unwrap();
    assert_eq!(outcome.trailers.get("x-took"), Some("1"));
}

#[tokio::test]
async fn a_failure_has_its_code_its_words_and_its_details() {
    let server = Rpc::start(|_| Says { details: Some("CAUaBwoBdBICCAE"), ..Says::fails(5, "no %C3%A9gg") });
    let outcome = call(&server, "Get", &[""], &Terms::default(), limits(20_000)).await.unwrap();
    assert_eq!((outcome.ending.code.to_string().as_str(), outcome.ending.message.as_str()), ("NOT_FOUND", "no égg"));
    assert_eq!(outcome.ending.details[0].field("@type").and_then(|it| it.as_scalar_text()), Some("t"));
}

#[tokio::test]
async fn metadata_and_the_deadline_reach_the_server() {
    let server = Rpc::start(|asked| {
        assert_eq!(asked.metadata["te"], "trailers");
        assert_eq!(asked.metadata["grpc-timeout"], "5000000u");
        assert_eq!(asked.metadata["authorization"], "Bearer x");
        Says::message(item(""))
    });
    let metadata = [("authorization", "Bearer x")].into_iter().collect();
    let terms = Terms { metadata, deadline: Some(Duration::from_secs(5)), gzip: false };
    assert!(call(&server, "Get", &[""], &terms, limits(20_000)).await.unwrap().ending.code.is_ok());
}

#[tokio::test]
async fn a_deadline_is_waited_for_and_no_longer() {
    let server = Rpc::start(|_| Says { manner: Manner::Silence, ..Says::default() });
    let begun = Instant::now();
    let terms = Terms { deadline: Some(Duration::from_millis(50)), ..Terms::default() };
    let fault = call(&server, "Get", &[""], &terms, limits(60_000)).await.unwrap_err();
    assert_eq!(fault, Fault::Timeout { in_body: false });
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_server_that_is_none_of_grpc_fails_as_its_clients_see_it() {
    for (says, code) in [
        (Says::page(200), "UNKNOWN"),
        (Says::page(502), "UNAVAILABLE"),
        (Says::page(404), "UNIMPLEMENTED"),
        (Says { manner: Manner::NoStatus, ..Says::message(item("")) }, "UNKNOWN"),
    ] {
        let server = Rpc::start(move |_| says.clone());
        let outcome = call(&server, "Get", &[""], &Terms::default(), limits(20_000)).await.unwrap();
        assert_eq!(outcome.ending.code.to_string(), code, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_stream_that_is_reset_is_a_fault_and_one_without_end_is_left_open() {
    let server = Rpc::start(|_| Says { manner: Manner::Reset, ..Says::message(item("id: \"a\"")) });
    let fault = call(&server, "List", &[""], &Terms::default(), limits(20_000)).await.unwrap_err();
    assert_eq!(fault.to_string(), "the server broke the HTTP/2 stream off: RST_STREAM INTERNAL_ERROR");
    let server = Rpc::start(|_| Says { manner: Manner::Endless, ..Says::message(item("id: \"a\"")) });
    let outcome = call(&server, "List", &[""], &Terms::default(), limits(4000)).await.unwrap();
    assert!(outcome.open && outcome.messages.len() == 1 && outcome.trouble.is_none(), "{outcome:?}");
}

#[tokio::test]
async fn messages_that_can_not_be_read_are_a_trouble_and_not_a_panic() {
    let raw = |bytes: &'static [u8]| Says { raw: Some(Bytes::from_static(bytes)), ..Says::default() };
    for (says, trouble) in [
        (raw(b"\0\0\0\0\x05ab"), "the last message is cut off: 7 bytes of it came"),
        (raw(b"\0\0\0\0\x02\x0a\x05"), "message 1: failed to decode Protobuf message: "),
        (raw(b"\x01\0\0\0\x01a"), "message 1 is compressed, and no `grpc-encoding` says how"),
        (Says::default(), "0 messages, where the method answers with one"),
        (Says::messages([item(""), item("")]), "2 messages, where the method answers with one"),
    ] {
        let server = Rpc::start(move |_| says.clone());
        let outcome = call(&server, "Get", &[""], &Terms::default(), limits(20_000)).await.unwrap();
        let got = outcome.trouble.unwrap_or_default();
        assert!(got.starts_with(trouble), "{got}, not {trouble}");
    }
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_refused() {
    let server = Rpc::start(|_| Says { raw: Some(vec![0; 200_000].into()), ..Says::default() });
    let few = Limits { max_body: 100_000, ..limits(20_000) };
    let fault = call(&server, "Get", &[""], &Terms::default(), few).await.unwrap_err();
    assert_eq!(fault, Fault::TooLong(100_000));
}
