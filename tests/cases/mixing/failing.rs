//! Instances and clients that refuse, drop, cut, hang, or talk nonsense: each is one line, nothing is sent twice, and nobody
//! else sees anything of it.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use straddle::proxy::{Limits, Plan, Told};

use crate::support::balancer::{Balancer, ask, named, upstream};
use crate::support::eventually;
use crate::support::tape::RawServer;

/// Limits that a test reaches.
fn short() -> Limits {
    Limits {
        head: 4096,
        chunk_line: 100,
        interim: 3,
        head_time: Duration::from_millis(300),
        stall: Duration::from_millis(600),
        grace: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// Where nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A balancer before that server, and a sound one beside it which must not hear of anything.
fn beside(address: SocketAddr, told: &Told) -> (Balancer, crate::support::server::Server) {
    let sound = named("sound");
    let instances = vec![upstream("bad", address), upstream("sound", sound.address)];
    (Balancer::with(instances, Plan::Told(told.clone()), short()), sound)
}

/// What an instance does with `GET /`; what its client gets, and the line. The next request, to another, is as it should be.
#[track_caller]
fn answers(answered: &'static str, hangs: bool, gets: &str, line: &str) {
    let server = RawServer::start(1, move |mut peer| {
        assert!(peer.head().starts_with("GET / "));
        peer.send(answered);
        if hangs {
            peer.rest();
        }
    });
    let told = Told::new("bad");
    let (balancer, _sound) = beside(server.address, &told);
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let got = client.rest();
    assert!(got.starts_with(gets) && (!gets.is_empty() || got.is_empty()), "{got}");
    server.join();
    told.to("sound");
    assert_eq!(ask(&mut balancer.client(), "GET /next", ""), "sound /next");
    assert_eq!(balancer.lines(), [format!("GET /@bad: {line}"), "GET /next@sound: 200".to_owned()]);
}

#[test]
fn an_instance_that_drops_a_request_drops_it_for_its_client() {
    answers("", false, "", "dropped before a reply");
    answers("HTTP/1.1 200 OK\r\nX:", false, "", "dropped before a reply");
    let interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
    answers(interim, false, interim, "dropped before a reply");
}

#[test]
fn a_reply_that_breaks_off_breaks_off_for_its_client() {
    let length = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    answers(length, false, length, "200, cut in the body");
    let chunked = "HTTP/1.1 203 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel";
    answers(chunked, false, chunked, "203, cut in the body");
}

#[test]
fn an_instance_that_hangs_is_not_waited_for_for_ever() {
    answers("", true, "HTTP/1.1 504 ", "no reply in time");
    answers("HTTP/1.1 200 OK\r\nX", true, "HTTP/1.1 504 ", "no reply in time");
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    answers(begun, true, begun, "200, and then nothing more in time");
}

#[test]
fn what_can_not_be_read_is_not_passed_on() {
    let bad = "HTTP/1.1 502 ";
    let both = "not passed on: the target's reply has both Content-Length and Transfer-Encoding";
    answers("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, bad, both);
    answers("SSH-2.0-OpenSSH\r\n", false, bad, "not passed on: what the target answers does not begin with HTTP/1");
    let switches = "not passed on: the instance switches protocols, which nobody asked for";
    answers("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false, bad, switches);
    let many = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    answers(many, true, "HTTP/1.1 100 ", "not passed on: the instance sent more than 3 interim replies");
    let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    answers(chunk, true, "", "not passed on: a chunk's size is no number");
}

#[test]
fn an_instance_that_refuses_is_a_502_and_its_line_says_so() {
    let told = Told::new("bad");
    let (balancer, _sound) = beside(nobody(), &told);
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let answer = client.rest();
    assert!(answer.starts_with("HTTP/1.1 502 ") && answer.contains("straddle balancer: the target"), "{answer}");
    let taken = balancer.mixer.log().take();
    assert!(taken.lines[0].outcome.is_loss());
    assert!(taken.lines[0].to_string().starts_with("GET /@bad: refused: the target 127.0.0.1:"), "{taken:?}");
}

#[test]
fn a_plan_that_names_nobody_is_a_503() {
    let told = Told::new("elsewhere");
    let (balancer, _sound) = beside(nobody(), &told);
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(client.rest().starts_with("HTTP/1.1 503 "));
    assert_eq!(balancer.lines(), ["GET /@nobody: no instance"]);
}

#[test]
fn a_request_whose_kept_connection_is_gone_takes_another_and_is_sent_once() {
    let (tell, told) = std::sync::mpsc::channel();
    let mut asked = 0;
    let server = RawServer::start(2, move |mut peer| {
        asked += 1;
        assert!(peer.head().starts_with(&format!("POST /{asked} ")));
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        drop(peer);
        tell.send(()).unwrap();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    for number in 1..=2 {
        ask(&mut client, &format!("POST /{number}"), "");
        told.recv().unwrap();
    }
    server.join();
    let lines = balancer.mixer.log().take().lines;
    assert!(lines.iter().all(|line| !line.reused && !line.outcome.is_loss()), "{lines:?}");
}

#[test]
fn a_request_that_a_kept_connection_drops_is_not_sent_again() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        peer.head();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    ask(&mut client, "GET /1", "");
    client.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    client.expect_end();
    server.join();
    let lines: Vec<_> = balancer.mixer.log().take().lines.into();
    assert_eq!(lines[1].to_string(), "GET /2@one: dropped before a reply");
    assert!(lines[1].reused && lines[1].outcome.is_loss());
}

/// A client that sends this is answered so, and its instance hears no whole request.
#[track_caller]
fn refuses(sent: &str, gets: &str, line: &str) {
    let server = RawServer::start(1, |mut peer| drop(peer.rest()));
    let balancer = Balancer::with(vec![upstream("one", server.address)], Plan::Weighted { seed: 0 }, short());
    let mut client = balancer.client();
    // The balancer may have had enough before all of it is written.
    let _ = client.0.write_all(sent.as_bytes());
    let answer = client.rest();
    assert!(answer.starts_with(gets) && (!gets.is_empty() || answer.is_empty()), "{answer}");
    let lines = balancer.lines();
    assert_eq!(lines, [line]);
    if line.contains("@nobody") {
        // Nobody connected to it.
        drop(std::net::TcpStream::connect(server.address));
    }
    server.join();
}

#[test]
fn what_a_client_sends_that_is_no_request_goes_to_nobody() {
    let begins = "@nobody: not sent on: ";
    refuses(
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
        "HTTP/1.1 400 ",
        &format!("{begins}the request has both Content-Length and Transfer-Encoding"),
    );
    refuses("GET / HTTP/1.1\r\nX: ", "HTTP/1.1 408 ", &format!("{begins}the request's head did not come within 0 s"));
    refuses(
        &format!("GET /{}", "x".repeat(9000)),
        "HTTP/1.1 431 ",
        &format!("{begins}the request's head is longer than 4096 bytes"),
    );
}

#[test]
fn a_body_that_is_none_or_does_not_come_ends_its_connection() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let line = "POST /@one: not sent on: the request's body";
    refuses(
        &format!("{head}5\r\nhelloX\r\n"),
        "HTTP/1.1 400 ",
        &format!("{line} can't be read: a chunk is longer than its size"),
    );
    refuses(
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhello",
        "HTTP/1.1 408 ",
        &format!("{line} did not come on within 0 s"),
    );
}

#[test]
fn an_instance_hears_when_its_client_goes_away() {
    let (tell, told) = std::sync::mpsc::channel();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        tell.send(()).unwrap();
        peer.expect_end();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    told.recv().unwrap();
    drop(client);
    server.join();
    let mut lines = Vec::new();
    eventually("it is in the log", || {
        lines.extend(balancer.lines());
        !lines.is_empty()
    });
    assert_eq!(lines, ["GET /@one: the client went before a reply"]);
    eventually("nothing is open", || balancer.mixer.instances().open("one") == 0);
}

#[test]
fn a_client_that_has_said_all_still_gets_its_reply() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.expect_end();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    client.0.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(client.rest(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    server.join();
    assert_eq!(balancer.lines(), ["GET /@one: 200"]);
}

#[test]
fn a_client_that_takes_nothing_is_not_sent_to_for_ever() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        let _ = peer.0.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while peer.0.write_all(format!("10000\r\n{}\r\n", "x".repeat(0x10000)).as_bytes()).is_ok() {}
    });
    let balancer = Balancer::with(vec![upstream("one", server.address)], Plan::Weighted { seed: 0 }, short());
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    server.join();
    eventually("nothing is open", || balancer.mixer.instances().open("one") == 0);
    assert_eq!(balancer.lines(), ["GET /@one: 200, and the client went before its end"]);
}

#[test]
fn what_nobody_asked_for_reaches_nobody() {
    let server = RawServer::start(2, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    for _ in 0..2 {
        assert_eq!(ask(&mut client, "GET /", ""), "hi");
    }
    server.join();
}

#[test]
fn what_does_not_end_within_the_grace_is_cut_off() {
    let (tell, told) = std::sync::mpsc::channel();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        tell.send(()).unwrap();
        peer.rest();
    });
    let limits = Limits { grace: short().grace, ..Limits::default() };
    let balancer = Balancer::with(vec![upstream("one", server.address)], Plan::Weighted { seed: 0 }, limits);
    let mut client = balancer.client();
    client.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
    told.recv().unwrap();
    balancer.end();
    client.rest();
    server.join();
}

#[test]
fn more_connections_than_the_limit_wait_for_their_turn() {
    let server = named("one");
    let limits = Limits { connections: 1, ..Limits::default() };
    let balancer = Balancer::with(vec![upstream("one", server.address)], Plan::Weighted { seed: 0 }, limits);
    let mut clients: Vec<_> = (0..3).map(|_| balancer.client()).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    }
    for mut client in clients {
        assert!(client.head().starts_with("HTTP/1.1 200"));
    }
}
