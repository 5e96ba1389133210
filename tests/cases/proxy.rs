//! The recording proxy and HTTP/1.x: what goes in at one end comes out at the other, byte for byte, and is in the recording.
#![expect(clippy::unwrap_used, reason = "a test")]

mod hostile;
mod http2;
mod order;

use std::net::Shutdown;

use serde_json::{Value, json};

use crate::support::tape::{RawServer, Recorded, Tape};

/// One connection: what its client sends, what the server answers, and whether the server closes after it.
struct Talk {
    sent: Vec<u8>,
    answered: Vec<u8>,
    closes: bool,
}

/// Passes it on and compares both ends; what was recorded.
#[track_caller]
fn passes(talk: Talk) -> Recorded {
    let Talk { sent, answered, closes } = talk;
    let (expected, answer) = (sent.clone(), answered.clone());
    let server = RawServer::start(1, move |mut peer| {
        peer.expect(&expected);
        // In pieces that have nothing to do with the message's own.
        for piece in answer.chunks(11) {
            peer.send(piece);
        }
        if !closes {
            peer.expect_end();
        }
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    for piece in sent.chunks(13) {
        client.send(piece);
    }
    client.expect(&answered);
    if closes {
        client.expect_end();
    }
    drop(client);
    server.join();
    tape.end()
}

/// A request and a reply that go through as they are, and what is recorded of them: the call's headers and body, the reply's
/// status, headers, body and trailers.
#[track_caller]
fn check(sent: &str, answered: &str, call: &(Value, Value), reply: &(u16, Value, Value, Value)) {
    check_with_notes(sent, answered, call, reply, &[]);
}

/// The same, and what is said of it.
#[track_caller]
fn check_with_notes(
    sent: &str,
    answered: &str,
    call: &(Value, Value),
    reply: &(u16, Value, Value, Value),
    notes: &[&str],
) {
    let closes = !answered.contains("Content-Length") && !answered.contains("chunked") && !sent.starts_with("HEAD");
    let closes = closes && !answered.contains(" 204 ") && !answered.contains(" 304 ");
    let recorded = passes(Talk { sent: sent.into(), answered: answered.into(), closes });
    let [exchange] = recorded.exchanges.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((&exchange["call"]["headers"], &exchange["call"]["body"]), (&call.0, &call.1));
    let got = &exchange["reply"];
    assert_eq!(got["status"], reply.0);
    assert_eq!((&got["headers"], &got["body"], &got["trailers"]), (&reply.1, &reply.2, &reply.3));
    assert_eq!(recorded.notes, notes);
}

#[test]
fn names_spaces_and_order_of_headers_stay_as_they_are() {
    check(
        "GET /a//b/../c?x=1&&y=%7e HTTP/1.1\r\nhOST:  shop.test\r\nX-Empty:\r\nx-A: \t1  \r\nX-a:2\r\n\r\n",
        "HTTP/1.1 200 Whatever It Is\r\nContent-Length:  2\r\nserver:x\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\nhi",
        &(json!([["hOST", "shop.test"], ["X-Empty", ""], ["x-A", "1"], ["X-a", "2"]]), json!("")),
        &(
            200,
            json!([["Content-Length", "2"], ["server", "x"], ["Set-Cookie", "a=1"], ["set-cookie", "b=2"]]),
            json!({"text": "hi"}),
            json!([]),
        ),
    );
}

#[test]
fn chunks_their_extensions_and_trailers_stay_as_they_are() {
    check(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n003\r\nllo\r\n0;z\r\nX-Sum: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n1 \r\n{\r\nA\r\n\"a\":12345}\r\n0\r\nX-Sum: 11\r\nX-B:\r\n\r\n",
        &(json!([["Host", "h"], ["Transfer-Encoding", "chunked"]]), json!({"text": "hello"})),
        &(
            200,
            json!([["Transfer-Encoding", "chunked"], ["Trailer", "X-Sum"]]),
            json!({"text": "{\"a\":12345}"}),
            json!([["X-Sum", "11"], ["X-B", ""]]),
        ),
    );
}

#[test]
fn replies_without_a_body_have_none_whatever_their_length_says() {
    let host = json!([["Host", "h"]]);
    let length = json!([["Content-Length", "99"]]);
    let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    let call = || (host.clone(), json!(""));
    let reply = |status: u16, headers: Value| (status, headers, json!(""), json!([]));
    check(
        "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
        &call(),
        &reply(200, length.clone()),
    );
    check(get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", &call(), &reply(304, length));
    check(get, "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", &call(), &reply(204, json!([["X", "y"]])));
    check(get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", &call(), &reply(200, json!([["Content-Length", "0"]])));
}

#[test]
fn a_reply_without_a_length_ends_with_its_connection() {
    check(
        "GET / HTTP/1.0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nX: y\r\n\r\nto the end",
        &(json!([]), json!("")),
        &(200, json!([["X", "y"]]), json!({"text": "to the end"}), json!([])),
    );
}

#[test]
fn bytes_that_are_no_ascii_stay_as_they_are() {
    let sent = b"PUT /\xc3\xa9 HTTP/1.1\r\nHost: h\r\nX: \xe9\xff\r\nContent-Length: 4\r\n\r\n\0\r\n\xff".to_vec();
    let answered = b"HTTP/1.1 200 \xe9\r\nX: \xe9\r\nContent-Length: 3\r\n\r\n\xff\xfe\0".to_vec();
    let recorded = passes(Talk { sent, answered, closes: false });
    let exchange = &recorded.exchanges[0];
    assert_eq!(exchange["call"]["target"], "/é");
    assert_eq!(exchange["call"]["headers"][1], json!(["X", "éÿ"]));
    assert_eq!(exchange["call"]["body"], json!({"base64": "AA0K/w=="}));
    assert_eq!(exchange["reply"]["headers"][0], json!(["X", "é"]));
    assert_eq!(exchange["reply"]["body"], json!({"base64": "//4A"}));
}

#[test]
fn interim_replies_go_through_and_are_named_and_the_final_one_is_recorded() {
    check_with_notes(
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        &(json!([["Host", "h"]]), json!("")),
        &(200, json!([["Content-Length", "2"]]), json!({"text": "hi"}), json!([])),
        &[
            "passed on and not recorded, since recordings have no place for interim (1xx) replies: 103 to GET /, and 1 more",
        ],
    );
}

#[test]
fn a_client_that_waits_for_100_continue_gets_it_before_it_sends_its_body() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    let server = RawServer::start(1, move |mut peer| {
        peer.expect(head);
        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        peer.expect("hello");
        peer.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send(head);
    client.expect("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    client.expect("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges[0]["call"]["body"], json!({"text": "hello"}));
}

#[test]
fn a_first_piece_arrives_before_the_reply_has_ended() {
    let (go_on, told) = std::sync::mpsc::channel();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n",
        );
        told.recv().unwrap();
        peer.send("3\r\n1\n\n\r\n0\r\n\r\n");
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(client.head().contains("text/event-stream"));
    client.expect("6\r\ndata: \r\n");
    assert_eq!(tape.lines(), [] as [Value; 0], "nothing is recorded before it has ended");
    go_on.send(()).unwrap();
    client.expect("3\r\n1\n\n\r\n0\r\n\r\n");
    server.join();
    assert_eq!(tape.end().exchanges[0]["reply"]["body"], json!({"text": "data: 1\n\n"}));
}

#[test]
fn a_call_goes_on_while_its_reply_comes() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..3 {
            peer.expect("2\r\nhi\r\n");
            peer.send("2\r\nho\r\n");
        }
        peer.expect("0\r\n\r\n");
        peer.send("0\r\n\r\n");
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.head();
    for _ in 0..3 {
        client.send("2\r\nhi\r\n");
        client.expect("2\r\nho\r\n");
    }
    client.send("0\r\n\r\n");
    client.expect("0\r\n\r\n");
    server.join();
    let exchange = &tape.end().exchanges[0];
    assert_eq!(
        (&exchange["call"]["body"], &exchange["reply"]["body"]),
        (&json!({"text": "hihihi"}), &json!({"text": "hohoho"}))
    );
}

#[test]
fn a_client_that_has_said_all_still_gets_its_reply() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.expect_end();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    client.0.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.rest(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    server.join();
    assert_eq!(tape.end().exchanges.len(), 1);
}

#[test]
fn a_connection_that_switches_becomes_a_tunnel_and_is_named_as_not_recorded() {
    let head = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let server = RawServer::start(1, move |mut peer| {
        peer.expect(head);
        peer.send([switched.as_bytes(), b"\x81\x02hi"].concat());
        peer.expect(b"\x81\x82\0\r\n\xff");
        peer.send(b"\x88\0");
        peer.expect_end();
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send(head);
    client.expect(switched);
    client.expect(b"\x81\x02hi");
    client.send(b"\x81\x82\0\r\n\xff");
    client.expect(b"\x88\0");
    drop(client);
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges, [] as [Value; 0]);
    assert_eq!(
        recorded.notes,
        ["passed through unrecorded, since the connection switched to another protocol: GET /ws"]
    );
}

#[test]
fn a_switch_that_is_refused_is_an_exchange_like_any_other() {
    let head = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let server = RawServer::start(1, move |mut peer| {
        for _ in 0..2 {
            peer.expect(head);
            peer.send("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    for _ in 0..2 {
        client.send(head);
        client.expect("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
    }
    server.join();
    assert_eq!(tape.end().exchanges.len(), 2);
}

#[test]
fn a_tunnel_that_a_client_asks_for_is_passed_through() {
    let server = RawServer::start(1, move |mut peer| {
        peer.expect("CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n");
        peer.send("HTTP/1.1 200 Connected\r\n\r\n");
        peer.expect("\x16\x03\x01");
        peer.send("\x15");
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send("CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n");
    client.expect("HTTP/1.1 200 Connected\r\n\r\n");
    client.send("\x16\x03\x01");
    client.expect("\x15");
    server.join();
    assert_eq!(tape.end().notes.len(), 1);
}

#[test]
fn the_host_that_was_asked_for_goes_to_the_target_and_nothing_else_changes() {
    let server = RawServer::start(1, move |mut peer| {
        peer.expect("GET / HTTP/1.1\r\nA: b\r\nhOst: shop.example\r\nOrigin:  http://127.0.0.1\r\n\r\n");
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    let tape = Tape::with(server.address, straddle::proxy::Limits::default(), Some("shop.example"));
    let mut client = tape.client();
    client.send("GET / HTTP/1.1\r\nA: b\r\nhOst:127.0.0.1:80\r\nOrigin:  http://127.0.0.1\r\n\r\n");
    client.expect("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges[0]["call"]["headers"][1], json!(["hOst", "shop.example"]));
}
