//! Clients and targets that are up to no good, or broken: each is bounded, named, and takes nothing from anybody else.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::{Value, json};
use straddle::proxy::Limits;

use crate::support::tape::{RawServer, Tape};

/// Limits that a test reaches.
fn short() -> Limits {
    Limits {
        head: 4096,
        headers: 20,
        chunk_line: 100,
        interim: 3,
        head_time: Duration::from_millis(300),
        stall: Duration::from_millis(600),
        grace: Duration::from_millis(300),
        kept: 1000,
        in_memory: 100,
        ..Limits::default()
    }
}

/// Where nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// What a client sends is answered with that status and reason, and no target hears of it.
#[track_caller]
fn refuses(sent: impl AsRef<[u8]>, status: u16, why: &str) {
    let tape = Tape::with(nobody(), short(), None);
    let mut client = tape.client();
    // The proxy may have had enough before all of it is written.
    let _ = client.0.write_all(sent.as_ref());
    let answer = client.rest();
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!("straddle record: {why}")), "{answer}");
    let recorded = tape.end();
    assert_eq!(recorded.exchanges, [] as [Value; 0]);
    let note = format!("refused and not recorded, since what the client sent can't be read: {why}");
    assert_eq!(recorded.notes, [note]);
}

#[test]
fn a_request_that_could_be_read_in_two_ways_is_refused() {
    let both = "the request has both Content-Length and Transfer-Encoding";
    refuses("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET", 400, both);
    let several = "the request has several Content-Length headers";
    refuses("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, several);
    refuses("POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", 400, "the request has a Content-Length of `+3`");
    refuses(
        "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
        501,
        "the request has the transfer coding `xchunked`",
    );
    refuses("GET / HTTP/1.1\r\nHost: h\n\r\n", 400, "the request's head has a line feed alone");
}

#[test]
fn what_is_no_request_is_refused() {
    let unreadable = |why: &str| format!("the request's head can't be read: {why}");
    let value = unreadable("a header value with a character that none may have");
    refuses("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", 400, &value);
    refuses("GET / HTTP/1.1\r\nX: a\rY: b\r\n\r\n", 400, &value);
    let name = unreadable("a header name with a character that none may have");
    refuses("GET / HTTP/1.1\r\nX : a\r\n\r\n", 400, &name);
    refuses("GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n", 400, &name);
    refuses("GET / HTTP/3.0\r\n\r\n", 505, &unreadable("another version of HTTP"));
    refuses(b"\x16\x03\x01\x02\0\x01", 400, "the client speaks TLS, and plain HTTP is expected here: write http://");
    refuses(b"\0\0\0\0", 400, "the client does not speak HTTP");
}

#[test]
fn a_head_that_is_too_long_or_never_ends_is_refused() {
    let many = "X: y\r\n".repeat(30);
    refuses(format!("GET / HTTP/1.1\r\n{many}\r\n"), 431, "the request's head has more than 20 headers");
    let long = "x".repeat(9000);
    refuses(format!("GET /{long}"), 431, "the request's head is longer than 4096 bytes");
    refuses("GET / HTTP/1.1\r\nX: ", 408, "the request's head did not come within 0 s");
}

#[test]
fn a_million_headers_are_refused_when_there_are_too_many() {
    let tape = Tape::before(nobody());
    let mut client = tape.client();
    let _ = client.0.write_all(b"GET / HTTP/1.1\r\n");
    let many = "X: y\r\n".repeat(10_000);
    for _ in 0..100 {
        if client.0.write_all(many.as_bytes()).is_err() {
            break;
        }
    }
    let answer = client.rest();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert_eq!(tape.end().notes.len(), 1);
}

#[test]
fn half_a_head_is_nothing_at_all() {
    let tape = Tape::with(nobody(), short(), None);
    let mut client = tape.client();
    client.send("GET / HT");
    drop(client);
    let mut silent = tape.client();
    silent.expect_end();
    let recorded = tape.end();
    assert_eq!((recorded.exchanges.len(), recorded.notes.len()), (0, 0));
}

/// A call begins well; its client is told what is wrong with the rest, and nothing is recorded.
#[track_caller]
fn breaks_off(sent: &str, status: &str) {
    let server = RawServer::start(1, |mut peer| drop(peer.rest()));
    let tape = Tape::with(server.address, short(), None);
    let mut client = tape.client();
    client.send(sent);
    let answer = client.rest();
    assert!(answer.starts_with(status), "{answer}");
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges, [] as [Value; 0]);
    assert_eq!(recorded.notes.len(), 1, "{recorded:?}");
}

#[test]
fn a_body_that_is_none_ends_its_connection() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    breaks_off(&format!("{head}5\r\nhelloX\r\n"), "HTTP/1.1 400 ");
    breaks_off(&format!("{head}zz\r\n"), "HTTP/1.1 400 ");
    breaks_off(&format!("{head}5;{}", "x".repeat(200)), "HTTP/1.1 400 ");
    breaks_off("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhello", "HTTP/1.1 408 ");
}

#[test]
fn a_call_that_is_shorter_than_it_says_is_not_recorded() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.expect("hello");
        peer.expect_end();
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhello");
    drop(client);
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges, [] as [Value; 0]);
    assert_eq!(recorded.notes, ["not recorded, since the call was cut off before it was whole: POST /"]);
}

/// What a target answers to `GET /`; what its client gets, and what is said of it. The call is recorded without a reply.
#[track_caller]
fn answers(answered: &'static str, gets: &str, note: &str) {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send(answered);
    });
    let tape = Tape::with(server.address, short(), None);
    let mut client = tape.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let got = client.rest();
    assert!(got.starts_with(gets) && (!gets.is_empty() || got.is_empty()), "{got}");
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges.len(), 1);
    assert_eq!(recorded.exchanges[0]["reply"], Value::Null);
    assert_eq!(
        recorded.notes,
        [note.replace("GET /:", "recorded without a reply, since the target's can't be read: GET /:")]
    );
}

#[test]
fn a_reply_that_can_not_be_read_is_not_passed_on() {
    let bad = "HTTP/1.1 502 ";
    let both = "GET /: the target's reply has both Content-Length and Transfer-Encoding";
    answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad, both);
    let lengths = "GET /: the target's reply has several lengths: 1, 2";
    answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", bad, lengths);
    let value = "GET /: the target's reply can't be read: a header value with a character that none may have";
    answers("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", bad, value);
    answers("SSH-2.0-OpenSSH\r\n", bad, "GET /: what the target answers does not begin with HTTP/1");
    let switches = "GET /: the target switches protocols, which nobody asked for";
    answers("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", bad, switches);
    let many = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    answers(many, "HTTP/1.1 100 ", "GET /: the target sent more than 3 interim replies");
}

#[test]
fn a_reply_that_breaks_off_is_passed_on_as_far_as_it_came_and_not_recorded() {
    let note = "recorded without a reply, since none came whole: GET /";
    answers("", "", note);
    answers("HTTP/1.1 200 OK\r\nX:", "", note);
    answers(
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        note,
    );
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
    answers(chunked, chunked, note);
    let bad = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    answers(bad, "", "GET /: a chunk's size is no number");
}

#[test]
fn a_target_that_is_silent_or_slow_is_not_waited_for_for_ever() {
    for (answered, why) in [
        ("", "the target did not answer within 0 s"),
        ("HTTP/1.1 200 OK\r\nX", "the head of the target's reply did not come within 0 s"),
    ] {
        let server = RawServer::start(1, move |mut peer| {
            peer.head();
            peer.send(answered);
            peer.rest();
        });
        let tape = Tape::with(server.address, short(), None);
        let mut client = tape.client();
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        let got = client.rest();
        assert!(got.starts_with("HTTP/1.1 504 ") && got.contains(why), "{got}");
        server.join();
        let recorded = tape.end();
        assert_eq!(recorded.exchanges[0]["reply"], Value::Null);
    }
}

#[test]
fn bytes_that_nobody_asked_for_are_not_passed_on() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    });
    let tape = Tape::before(server.address);
    let mut client = tape.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(client.rest(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    server.join();
    let recorded = tape.end();
    assert_eq!(recorded.exchanges.len(), 1);
    assert!(recorded.notes[0].starts_with("not passed on, since nobody had asked the target for it: HTTP/1.1 200"));
}

#[test]
fn a_target_that_is_not_there_is_said_and_nothing_is_recorded() {
    let tape = Tape::before(nobody());
    let mut client = tape.client();
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    let answer = client.rest();
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("can't be reached"), "{answer}");
    let recorded = tape.end();
    assert_eq!(recorded.exchanges, [] as [Value; 0]);
    assert_eq!(recorded.notes, ["answered with 502 and not recorded, since the target could not be reached: GET /a"]);
}

#[test]
fn bodies_that_are_too_long_are_passed_on_and_recorded_as_unknown() {
    let body = "0123456789".repeat(200);
    let message = format!("Content-Length: {}\r\n\r\n{body}", body.len());
    let (sent, answer) = (format!("POST / HTTP/1.1\r\nHost: h\r\n{message}"), format!("HTTP/1.1 200 OK\r\n{message}"));
    let (heard, answered) = (sent.clone(), answer.clone());
    let server = RawServer::start(1, move |mut peer| {
        peer.expect(&heard);
        peer.send(&answered);
    });
    let tape = Tape::with(server.address, short(), None);
    let mut client = tape.client();
    client.send(&sent);
    client.expect(&answer);
    server.join();
    let recorded = tape.end();
    let exchange = &recorded.exchanges[0];
    assert_eq!((&exchange["call"]["body"], &exchange["reply"]["body"]), (&Value::Null, &Value::Null));
    assert_eq!(exchange["reply"]["status"], 200);
    let note = "recorded with an unknown body, since it is too long to be kept: POST /, and 1 more";
    assert_eq!(recorded.notes, [note]);
}

#[test]
fn a_body_that_waits_on_disk_is_recorded_like_any_other() {
    let body = "0123456789".repeat(90);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{body}");
    let answered = answer.clone();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send(&answered);
    });
    let tape = Tape::with(server.address, short(), None);
    let mut client = tape.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    client.expect(&answer);
    server.join();
    assert_eq!(tape.end().exchanges[0]["reply"]["body"], json!({"text": body}));
}

#[test]
fn more_connections_than_the_limit_wait_for_their_turn() {
    let server = RawServer::start(3, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        peer.rest();
    });
    let tape = Tape::with(server.address, Limits { connections: 1, ..Limits::default() }, None);
    let mut clients: Vec<_> = (0..3).map(|_| tape.client()).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for mut client in clients {
        client.expect("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
    server.join();
    assert_eq!(tape.end().exchanges.len(), 3);
}

#[test]
fn what_has_not_ended_when_the_recording_does_is_recorded_without_a_reply() {
    let (tell, told) = std::sync::mpsc::channel();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        tell.send(()).unwrap();
        peer.rest();
    });
    let tape = Tape::with(server.address, Limits { grace: short().grace, ..Limits::default() }, None);
    let mut client = tape.client();
    client.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
    told.recv().unwrap();
    let recorded = tape.end();
    client.rest();
    server.join();
    assert_eq!(recorded.exchanges[0]["reply"], Value::Null);
    assert_eq!(recorded.notes, ["recorded without a reply, since none came whole: GET /long"]);
}
