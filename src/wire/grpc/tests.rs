//! Replies of remote procedures: frames, how calls end, and details.

use prost_reflect::DescriptorPool;

use super::*;
use crate::model::{Answer, Body, Call, Form, Reply};
use crate::wire::{self, Asked, json};

const GET: &str = "/shop.v1.Shop/Get";
const LIST: &str = "/shop.v1.Shop/List";

fn descriptors() -> Descriptors {
    let proto = r#"syntax = "proto3"; package shop.v1; message Item { string id = 1; }
        service Shop { rpc Get(Item) returns (Item); rpc List(stream Item) returns (stream Item); }"#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.proto"), proto).unwrap();
    let set = protox::compile(["shop.proto"], [folder.path()]).unwrap();
    Descriptors::new(DescriptorPool::from_file_descriptor_set(set).unwrap())
}

/// A whole reply to a call of that path, with the status among its trailers where it has one.
fn decoded(path: &str, media: &str, status: Option<&str>, body: &[u8], recorded: bool) -> Answer {
    let metadata = [("content-type", media)].into_iter().collect();
    let trailers = status.map(|status| ("grpc-status", status)).into_iter().collect();
    let reply = Reply { status: 200, metadata, trailers, body: Body::of(body.to_vec()) };
    let reading = Reading::own(&descriptors());
    wire::answer(&reply, &Asked { procedure: Some(path), reading: Some(&reading) }, recorded)
}

#[track_caller]
fn check(path: &str, media: &str, body: &[u8], expected: Result<&str, &str>) {
    let answer = decoded(path, media, Some("0"), body, false);
    let got = match &answer.content.trouble {
        None => Ok(json::to_string(answer.content.document())),
        Some(trouble) => Err(trouble.clone()),
    };
    assert_eq!(got.as_deref().map_err(String::as_str), expected, "{body:?}");
    assert_eq!(answer.content.leaves(), answer.content.document().leaves(), "{body:?}");
}

#[test]
fn a_unary_reply_is_its_message_and_a_stream_a_list() {
    check(GET, "application/grpc", b"\0\0\0\0\x03\x0a\x01a", Ok(r#"{"id":"a"}"#));
    check(LIST, "application/grpc", b"\0\0\0\0\x03\x0a\x01a\0\0\0\0\0", Ok(r#"[{"id":"a"},{"id":""}]"#));
    check(LIST, "application/grpc", b"\0\0\0\0\0", Ok(r#"[{"id":""}]"#));
    check(LIST, "application/grpc", b"", Ok("[]"));
    check(GET, "application/grpc", b"", Err("0 messages, where the method answers with one"));
    check(GET, "application/grpc", b"\0\0\0\0\x02\x0a\x05", Err("message 1: it is cut off"));
    check(GET, "application/grpc", b"\0\0\0\0\x02", Err("the last message is cut off: 5 bytes of it came"));
}

#[test]
fn other_codecs_and_the_web_s_trailers_are_read_too() {
    check(GET, "application/grpc+json", b"\0\0\0\0\x07{\"a\":1}", Ok(r#"{"a":1}"#));
    check(
        GET,
        "application/grpc+json",
        b"\0\0\0\0\x01{",
        Err("not JSON: expected a name in quotes at line 1, column 2 (byte 1)"),
    );
    let web = b"\0\0\0\0\0\x80\0\0\0\x0egrpc-status: 5";
    let answer = decoded(GET, "application/grpc-web+proto", None, web, false);
    assert_eq!((answer.outcome().as_str(), answer.content.form), ("NOT_FOUND", Form::Messages));
}

#[test]
fn a_method_that_nobody_describes_is_bytes() {
    let answer = decoded("/shop.v1.Shop/Other", "application/grpc", Some("0"), b"\0\0\0\0\x01a", false);
    assert_eq!((answer.content.form, answer.content.trouble), (Form::Opaque, None));
}

#[test]
fn how_a_codec_is_named_that_goes_without_saying_is_no_matter() {
    for media in ["application/grpc", "application/grpc+proto", "Application/gRPC; x=y"] {
        assert_eq!(decoded(GET, media, Some("0"), b"", false).content.media, "application/grpc", "{media}");
    }
}

#[test]
fn a_recording_without_trailers_does_not_know_how_the_call_ended() {
    let body = b"\0\0\0\0\0";
    let (recorded, live) =
        (decoded(GET, "application/grpc", None, body, true), decoded(GET, "application/grpc", Some("0"), body, false));
    assert!(recorded.rpc.is_none() && recorded.ended_as(&live));
    assert_eq!(decoded(GET, "application/grpc", None, body, false).outcome(), "UNKNOWN");
}

#[test]
fn a_call_carries_its_messages() {
    let metadata = [("content-type", "application/grpc")].into_iter().collect();
    let body = Body::of(b"\0\0\0\0\x03\x0a\x01a".to_vec());
    let call = Call { method: "POST".to_owned(), target: GET.to_owned(), metadata, body };
    let reading = Reading::own(&descriptors());
    assert_eq!(json::to_string(wire::carried(&call, Some(&reading)).document()), r#"{"id":"a"}"#);
    assert_eq!(wire::carried(&call, None).form, Form::Opaque);
}
