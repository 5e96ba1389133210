//! That what is said to be done is done, and nothing else.

use std::io::{BufReader, Cursor};

use super::encoding::encoded;
use super::message::{Answer, Request};
use crate::mutate::change::{Change, Kind};
use crate::mutate::place::{Place, Step};
use crate::mutate::route::Route;

fn answer(bytes: &[u8], method: &str) -> Answer {
    Answer::read(&mut BufReader::new(Cursor::new(bytes.to_vec())), method).unwrap_or_else(|e| panic!("{e}"))
}

fn check(bytes: &str, change: &Change, expected: &str) {
    let answer = answer(bytes.as_bytes(), "GET");
    let reply = answer.reply().unwrap_or_else(|e| panic!("{e}"));
    let mut changed = reply.clone();
    assert!(change.apply(&mut changed));
    let out = answer.with(&changed, &reply).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(String::from_utf8_lossy(&out), expected);
}

fn change(place: Place, kind: Kind) -> Change {
    Change { route: Route::read("GET /"), fails: false, place, kind, salt: 0, one_row: false }
}

#[test]
fn a_changed_body_keeps_its_framing() {
    let drop = change(Place::Body(vec![Step::Field("b".to_owned())]), Kind::Dropped);
    let json = "Content-Type: application/json\r\n";
    check(
        &format!("HTTP/1.1 200 OK\r\n{json}Content-Length: 13\r\n\r\n{{\"a\":1,\"b\":2}}"),
        &drop,
        &format!("HTTP/1.1 200 OK\r\n{json}Content-Length: 7\r\n\r\n{{\"a\":1}}"),
    );
    check(
        &format!(
            "HTTP/1.1 200 OK\r\n{json}Transfer-Encoding: chunked\r\n\r\n4\r\n{{\"a\"\r\n9\r\n:1,\"b\":2}}\r\n0\r\nX-T: 1\r\n\r\n"
        ),
        &drop,
        &format!("HTTP/1.1 200 OK\r\n{json}Transfer-Encoding: chunked\r\n\r\n7\r\n{{\"a\":1}}\r\n0\r\nX-T: 1\r\n\r\n"),
    );
}

#[test]
fn a_changed_head_leaves_the_body_as_it_came() {
    let bytes = "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi";
    check(bytes, &change(Place::Status, Kind::Status), "HTTP/1.1 500 Changed\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi");
    check(
        bytes,
        &change(Place::Header("x-a".to_owned()), Kind::HeaderDropped),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    );
}

#[test]
fn an_encoded_body_is_changed_within_its_encoding() {
    ["gzip", "deflate", "br"].into_iter().for_each(changed_within);
}

fn changed_within(encoding: &str) {
    let body = encoded(encoding, b"{\"a\":1,\"b\":2}").unwrap_or_else(|e| panic!("{e}"));
    let mut bytes = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(&body);
    let before = answer(&bytes, "GET");
    let reply = before.reply().unwrap_or_else(|e| panic!("{e}"));
    let mut changed = reply.clone();
    assert!(change(Place::Body(vec![Step::Field("b".to_owned())]), Kind::Null).apply(&mut changed));
    let out = before.with(&changed, &reply).unwrap_or_else(|e| panic!("{e}"));
    let after = answer(&out, "GET").reply().unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(after.text(), Some("{\"a\":1,\"b\":null}"));
}

#[test]
fn messages_end_where_they_end() {
    let bytes = b"POST /a?b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n";
    let mut from = BufReader::new(Cursor::new(bytes.to_vec()));
    for expected in [Some(("POST", "/a?b")), Some(("GET", "/")), None] {
        let request = Request::read(&mut from).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(request.as_ref().map(|r| (r.method.as_str(), r.target.as_str())), expected);
    }
    let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    assert_eq!(answer(interim, "POST").raw, interim);
    assert!(!answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD").closes);
    assert!(answer(b"HTTP/1.0 200 OK\r\n\r\nall", "GET").closes);
}
