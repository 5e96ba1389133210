//! The client against real sockets: connections, the pool, and time.

use std::time::Duration;

use super::server::{Server, Step};
use crate::model::{Body, Call, Fault, Metadata};
use crate::wire::http::Http;
use crate::wire::http::connection::Connection;
use crate::wire::http::pool::Pool;
use crate::wire::{Endpoint, Limits, Protocol as _};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn limits(timeout_ms: u64) -> Limits {
    Limits { timeout: Duration::from_millis(timeout_ms), max_body: 1 << 20 }
}

fn get(target: &str) -> Call {
    Call { method: "GET".to_owned(), target: target.to_owned(), ..Call::default() }
}

/// The fault of a call to a server with this script.
async fn check(script: &[Step], timeout_ms: u64, expected: Fault) {
    let server = Server::start(vec![script.to_vec()]).await;
    let client = Http::new();
    let got = client.send(&server.endpoint, &get("/"), &limits(timeout_ms)).await;
    assert_eq!(got, Err(expected), "{script:?}");
    drop(client);
    server.finish().await;
}

#[tokio::test]
async fn each_way_of_not_answering_is_its_own_fault() {
    let head = Step::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi");
    let chunked = Step::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let long = 10_000;
    check(&[], long, Fault::Closed).await;
    check(&[Step::Read], long, Fault::Closed).await;
    check(&[Step::Read, head.clone()], long, Fault::Truncated).await;
    check(&[Step::Read, Step::Reset], long, Fault::Closed).await;
    check(&[Step::Read, Step::Send(b"HTTP/1.1 200 OK\r\n\r\nhi"), Step::Reset], long, Fault::Truncated).await;
    check(
        &[Step::Read, Step::Send(b"no\r\n"), Step::Hold],
        long,
        Fault::Malformed("it does not begin with HTTP/1".into()),
    )
    .await;
    check(&[Step::Read, Step::Hold], 50, Fault::Timeout { in_body: false }).await;
    check(&[Step::Read, head, Step::Hold], 400, Fault::Timeout { in_body: true }).await;
    let drip = Duration::from_millis(5);
    check(&[Step::Read, chunked.clone(), Step::Repeat(b"1\r\nx\r\n", drip)], 400, Fault::Timeout { in_body: true })
        .await;
    check(
        &[Step::Read, Step::Send(b"HTTP/1.1 200 OK\r\nA: "), Step::Repeat(b"x", drip)],
        60,
        Fault::Timeout { in_body: false },
    )
    .await;
    let flood: &[u8] = &[b'x'; 8192];
    check(
        &[Step::Read, Step::Send(b"HTTP/1.1 200 OK\r\n\r\n"), Step::Repeat(flood, Duration::ZERO)],
        long,
        Fault::TooLong(1 << 20),
    )
    .await;
    check(&[Step::Read, chunked, Step::Repeat(b"1\r\nx\r\n", Duration::ZERO)], 300, Fault::Timeout { in_body: true })
        .await;
}

#[tokio::test]
async fn a_port_on_which_nobody_listens_refuses() {
    let server = Server::start(vec![]).await;
    let endpoint = server.endpoint.clone();
    server.finish().await;
    assert_eq!(Http::new().send(&endpoint, &get("/"), &limits(5000)).await, Err(Fault::Refused));
    let nowhere = Endpoint::new("no such host", 80);
    assert_eq!(Http::new().send(&nowhere, &get("/"), &limits(5000)).await, Err(Fault::Refused));
}

#[tokio::test]
async fn a_kept_connection_is_used_again() {
    let server = Server::start(vec![vec![Step::Read, Step::Send(OK), Step::Read, Step::Send(OK)]]).await;
    let client = Http::new();
    for target in ["/a", "/b"] {
        let reply = client.send(&server.endpoint, &get(target), &limits(5000)).await.unwrap();
        assert_eq!((reply.status, reply.body), (200, Body::of("ok")));
    }
    let requests = server.finish().await;
    assert_eq!(requests.len(), 2);
    assert!(requests[1].starts_with("GET /b HTTP/1.1\r\nHost: 127.0.0.1:"), "{requests:?}");
}

/// Two calls, of which the second must get a connection of its own though the first left one behind.
async fn check_fresh(first: &[Step], once_played: usize) {
    let server = Server::start(vec![first.to_vec(), vec![Step::Read, Step::Send(OK)]]).await;
    let client = Http::new();
    client.send(&server.endpoint, &get("/a"), &limits(5000)).await.unwrap();
    server.has_played(once_played).await;
    let reply = client.send(&server.endpoint, &get("/b"), &limits(5000)).await.unwrap();
    assert_eq!(reply.status, 200, "{first:?}");
    let requests = server.finish().await;
    assert_eq!(requests.len(), 2, "each call was sent once: {first:?}");
}

#[tokio::test]
async fn a_connection_that_may_be_dead_is_never_used_again() {
    check_fresh(&[Step::Read, Step::Send(OK)], 3).await;
    let stray = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Stray\r\n\r\n";
    check_fresh(&[Step::Read, Step::Send(stray), Step::Hold], 0).await;
    check_fresh(&[Step::Read, Step::Send(OK), Step::Send(b"\r\n"), Step::Hold], 3).await;
    let closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    check_fresh(&[Step::Read, Step::Send(closing), Step::Hold], 0).await;
}

#[tokio::test]
async fn a_connection_that_has_been_idle_too_long_is_never_used_again() {
    let hold = vec![Step::Hold];
    let server = Server::start(vec![hold.clone(), hold]).await;
    let pool = Pool::default();
    let minute = Duration::from_mins(1);
    pool.put(&server.endpoint, None, Connection::open(&server.endpoint).await.unwrap(), minute);
    assert!(pool.take(&server.endpoint, None).is_some(), "time is left");
    pool.put(&server.endpoint, None, Connection::open(&server.endpoint).await.unwrap(), Duration::ZERO);
    assert!(pool.take(&server.endpoint, None).is_none(), "time is over");
    server.finish().await;
}

#[tokio::test]
async fn a_server_that_closes_unannounced_gets_a_connection_for_each_call_from_then_on() {
    let once = || vec![Step::Read, Step::Send(OK)];
    // The second connection is held open, so that only what was learned keeps it from being used.
    let held = vec![Step::Read, Step::Send(OK), Step::Hold];
    let server = Server::start(vec![once(), held, once()]).await;
    let client = Http::new();
    for (target, once_played) in [("/a", 3), ("/b", 5), ("/c", 8)] {
        client.send(&server.endpoint, &get(target), &limits(5000)).await.unwrap();
        server.has_played(once_played).await;
    }
    assert_eq!(server.finish().await.len(), 3);
}

#[tokio::test]
async fn a_kept_connection_that_dies_under_a_call_is_the_last_to_be_kept() {
    let dies = vec![Step::Read, Step::Send(OK), Step::Read];
    let held = vec![Step::Read, Step::Send(OK), Step::Hold];
    let server = Server::start(vec![dies, held.clone(), held]).await;
    let client = Http::new();
    let mut got = Vec::new();
    for target in ["/a", "/b", "/c", "/d"] {
        got.push(client.send(&server.endpoint, &get(target), &limits(5000)).await.map(|reply| reply.status));
    }
    assert_eq!(got, [Ok(200), Err(Fault::Closed), Ok(200), Ok(200)], "and it was not sent again");
    assert_eq!(server.finish().await.len(), 4);
}

#[tokio::test]
async fn hanging_up_closes_what_is_kept() {
    let server = Server::start(vec![vec![Step::Read, Step::Send(OK), Step::Hold]]).await;
    let client = Http::new();
    client.send(&server.endpoint, &get("/"), &limits(5000)).await.unwrap();
    client.hang_up(&server.endpoint);
    assert_eq!(server.finish().await.len(), 1, "the server's side ends though the client lives");
}

#[tokio::test]
async fn a_reply_that_comes_before_the_body_was_sent_counts() {
    let refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";
    let server = Server::start(vec![vec![Step::Send(refusal), Step::Hold], vec![Step::Read, Step::Send(OK)]]).await;
    let client = Http::new();
    let upload = Call { method: "POST".to_owned(), body: Body::of(vec![b'x'; 8 << 20]), ..get("/upload") };
    let reply = client.send(&server.endpoint, &upload, &limits(5000)).await.unwrap();
    assert_eq!(reply.status, 413);
    let reply = client.send(&server.endpoint, &get("/next"), &limits(5000)).await.unwrap();
    assert_eq!(reply.status, 200, "on a connection of its own");
    server.finish().await;
}

#[tokio::test]
async fn a_call_that_would_inject_is_not_sent() {
    let server = Server::start(vec![]).await;
    let metadata: Metadata = [("X", "a\r\nEvil: yes")].into_iter().collect();
    let call = Call { metadata, ..get("/") };
    let client = Http::new();
    let reason = "the header `X` has a line break or a NUL in its value";
    assert_eq!(client.refuses(&call).as_deref(), Some(reason));
    let got = client.send(&server.endpoint, &call, &limits(5000)).await;
    assert_eq!(got, Err(Fault::Malformed(format!("the call could not be sent: {reason}"))));
    assert!(server.requests().is_empty());
    server.finish().await;
}
