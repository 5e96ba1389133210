//! Which exchange is which: pipelining, several connections, connections that are kept.

use serde_json::{Value, json};

use super::{Talk, passes};
use crate::support::eventually;
use crate::support::tape::{RawServer, Tape};

#[test]
fn requests_that_do_not_wait_for_replies_are_told_apart() {
    let sent = "\r\nPOST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none\
                HEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n\
                GET http://h/3 HTTP/1.1\r\nHost: h\r\n\r\n";
    let answered = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1\
                    HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\
                    HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n3\r\n0\r\n\r\n";
    let recorded = passes(Talk { sent: sent.into(), answered: answered.into(), closes: false });
    let seen: Vec<(&Value, &Value)> =
        recorded.exchanges.iter().map(|exchange| (&exchange["call"]["target"], &exchange["reply"]["body"])).collect();
    let (one, three) = (json!({"text": "1"}), json!({"text": "3"}));
    assert_eq!(seen, [(&json!("/1"), &one), (&json!("/2"), &json!("")), (&json!("/3"), &three)]);
}

#[test]
fn exchanges_are_numbered_by_their_calls_and_written_as_their_replies_end() {
    let (tell, told) = std::sync::mpsc::channel();
    let mut slow = None;
    let server = RawServer::start(2, move |mut peer| {
        peer.head();
        tell.send(()).unwrap();
        match slow.take() {
            // The first waits until the second has its reply.
            None => slow = Some(peer),
            Some(mut first) => {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfast");
                peer.expect_end();
                first.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow");
            }
        }
    });
    let tape = Tape::before(server.address);
    let (mut slow, mut fast) = (tape.client(), tape.client());
    slow.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    told.recv().unwrap();
    fast.send("GET /fast HTTP/1.1\r\nHost: h\r\n\r\n");
    fast.head();
    fast.expect("fast");
    eventually("the fast one is in the file", || tape.lines().len() == 1);
    assert_eq!(tape.lines()[0]["call"]["target"], "/fast");
    drop(fast);
    slow.head();
    slow.expect("slow");
    server.join();
    let recorded = tape.end();
    let targets: Vec<&Value> = recorded.exchanges.iter().map(|exchange| &exchange["call"]["target"]).collect();
    assert_eq!(targets, ["/slow", "/fast"]);
}

#[test]
fn what_the_target_does_by_connection_it_does_still() {
    let server = RawServer::start(2, move |mut peer| {
        // A server that counts the requests of each connection, and closes after the second.
        for number in 1..=2 {
            peer.head();
            peer.send(format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{number}"));
        }
    });
    let tape = Tape::before(server.address);
    for _ in 0..2 {
        let mut client = tape.client();
        for number in 1..=2 {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            client.head();
            client.expect(number.to_string());
        }
        client.expect_end();
    }
    server.join();
    let recorded = tape.end();
    let connections: Vec<&Value> = recorded.exchanges.iter().map(|exchange| &exchange["via"]["connection"]).collect();
    assert_eq!(connections, ["0", "0", "1", "1"]);
}
