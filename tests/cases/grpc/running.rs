//! What running servers say of themselves: their health, and their descriptors.

use prost::Message as _;
use prost_reflect::DescriptorPool;
use straddle::wire::Limits;
use straddle::wire::grpc::{ReflectionError, is_serving, reflect};
use straddle::wire::http::Http;

use super::SHOP;
use crate::support::rpc::{Asked, Rpc, Says, pool};

async fn check_health(says: Says, expected: bool) {
    let server = Rpc::start(move |asked| {
        assert_eq!((asked.path.as_str(), asked.messages.len()), ("/grpc.health.v1.Health/Check", 1));
        says.clone()
    });
    assert_eq!(is_serving(&Http::new(), &server.endpoint(), &Limits::default()).await, expected);
}

#[tokio::test]
async fn a_server_is_ready_when_it_says_serving_and_at_nothing_else() {
    check_health(Says::message(&b"\x08\x01"[..]), true).await;
    check_health(Says::message(&b"\x08\x02"[..]), false).await;
    check_health(Says::message(&b""[..]), false).await;
    check_health(Says::fails(12, "unknown service"), false).await;
    check_health(Says::page(200), false).await;
    check_health(Says { code: 14, ..Says::message(&b"\x08\x01"[..]) }, false).await;
}

/// A field of bytes, as protobuf writes it.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(bytes.len() as u64, &mut out);
    out.extend_from_slice(bytes);
    out
}

/// Answers one question of reflection out of a pool, a file at a time: what it imports has to be asked for.
fn answer(pool: &DescriptorPool, question: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(&question[2..]).into_owned();
    let file = match question[0] >> 3 {
        7 => {
            let names: Vec<u8> =
                pool.services().flat_map(|service| field(1, &field(1, service.full_name().as_bytes()))).collect();
            return field(6, &names);
        }
        4 => pool.get_service_by_name(&text).map(|service| service.parent_file()),
        _ => pool.get_file_by_name(&text),
    };
    match file {
        Some(file) => field(4, &field(1, &file.file_descriptor_proto().encode_to_vec())),
        None => field(7, &field(2, format!("no {text}").as_bytes())),
    }
}

fn describing(proto: &str, version: &'static str) -> Rpc {
    let pool = pool(proto);
    Rpc::start(move |asked: &Asked| {
        if asked.path != format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo") {
            return Says::fails(12, "unknown service");
        }
        Says::messages(asked.messages.iter().map(|question| answer(&pool, question).into()))
    })
}

#[tokio::test]
async fn a_server_gives_its_descriptors_with_all_that_they_import() {
    let proto = SHOP.replace("package shop.v1;", "package shop.v1; import \"google/protobuf/timestamp.proto\";");
    let proto = proto.replace("message Ask {", "message Ask { google.protobuf.Timestamp at = 2;");
    for version in ["v1", "v1alpha"] {
        let server = describing(&proto, version);
        let set = reflect(&Http::new(), &server.endpoint(), &Limits::default()).await.unwrap();
        let pool = DescriptorPool::decode(set).unwrap();
        assert!(pool.get_service_by_name("shop.v1.Shop").is_some());
        assert!(pool.get_message_by_name("google.protobuf.Timestamp").is_some());
    }
}

#[tokio::test]
async fn a_server_without_reflection_is_told_from_one_that_refuses_it() {
    for (says, expected) in [
        (Says::fails(12, "unknown service"), "the server has no gRPC reflection: turn it on"),
        (Says::fails(7, "not you"), "the server refuses gRPC reflection: PERMISSION_DENIED, not you"),
        (Says::message(&b"\x0a\x09"[..]), "the server's gRPC reflection can't be read: it is cut off"),
    ] {
        let server = Rpc::start(move |_| says.clone());
        let error: ReflectionError = reflect(&Http::new(), &server.endpoint(), &Limits::default()).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_never_gives_an_import_is_not_asked_for_ever() {
    let pool = pool(&SHOP.replace("package shop.v1;", "package shop.v1; import \"google/protobuf/any.proto\";"));
    let server = Rpc::start(move |asked| {
        let file = pool.get_file_by_name("shop.proto").unwrap().file_descriptor_proto().encode_to_vec();
        let listed = field(6, &field(1, &field(1, b"shop.v1.Shop")));
        let answer = if asked.messages[0][0] >> 3 == 7 { listed } else { field(4, &field(1, &file)) };
        Says::message(answer)
    });
    let error = reflect(&Http::new(), &server.endpoint(), &Limits::default()).await.unwrap_err();
    assert!(error.to_string().contains("it does not give google/protobuf/any.proto"), "{error}");
}
