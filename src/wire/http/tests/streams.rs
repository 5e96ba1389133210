//! Streams that never end, and connections as they were recorded.

use std::time::{Duration, Instant};

use super::server::{Server, Step};
use crate::model::{Call, Fault};
use crate::wire::http::Http;
use crate::wire::{Limits, Line, Protocol as _, Route};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const EVENTS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

fn limits(timeout_ms: u64) -> Limits {
    Limits { timeout: Duration::from_millis(timeout_ms), max_body: 8 << 20 }
}

fn get(target: &str) -> Call {
    Call { method: "GET".to_owned(), target: target.to_owned(), ..Call::default() }
}

/// What is read of a stream: its bytes and whether it may go on.
async fn check(script: Vec<Step>, expected: Result<(&str, bool), Fault>) {
    let server = Server::start(vec![script.clone()]).await;
    let started = Instant::now();
    let client = Http::new();
    let got = client.exchange(&server.endpoint, &get("/"), &Route::default(), &limits(1200)).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    let text = |received: crate::wire::Received| {
        (String::from_utf8_lossy(&received.reply.body.bytes().unwrap()).into_owned(), received.open)
    };
    let got = got.map(text);
    let got = got.as_ref().map(|(text, open)| (text.as_str(), *open)).map_err(Clone::clone);
    assert_eq!(got, expected, "{script:?}");
    drop(client);
    server.finish().await;
}

#[tokio::test]
async fn a_stream_that_never_ends_is_read_until_it_is_quiet() {
    let event = Step::Send(b"data: 1\n\n");
    let head = || vec![Step::Read, Step::Send(EVENTS)];
    let with = |more: &[Step]| [head(), more.to_vec()].concat();
    check(with(std::slice::from_ref(&event)), Ok(("data: 1\n\n", false))).await;
    check(with(&[event.clone(), Step::Hold]), Ok(("data: 1\n\n", true))).await;
    check(with(&[Step::Hold]), Ok(("", true))).await;
    check(with(&[event, Step::Send(b"data: ha"), Step::Hold]), Ok(("data: 1\n\ndata: ha", true))).await;
    let chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = Step::Send(b"9\r\ndata: 1\n\n\r\n");
    check(vec![Step::Read, Step::Send(chunked), chunk, Step::Hold], Ok(("data: 1\n\n", true))).await;
}

#[tokio::test]
async fn a_comment_is_no_event_in_whatever_framing_it_comes() {
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    // Longer than is waited after an event, and shorter than for the first.
    let pause = Step::Pause(Duration::from_millis(1300));
    let plain = vec![Step::Send(EVENTS), Step::Send(b": ping\n\n"), pause.clone(), Step::Send(b"data: 1\n\n")];
    let chunks =
        vec![Step::Send(CHUNKED), Step::Send(b"8\r\n: ping\n\n\r\n"), pause, Step::Send(b"9\r\ndata: 1\n\n\r\n")];
    for script in [plain, chunks] {
        let server = Server::start(vec![[vec![Step::Read], script, vec![Step::Hold]].concat()]).await;
        let client = Http::new();
        let got = client.exchange(&server.endpoint, &get("/"), &Route::default(), &limits(10_000)).await.unwrap();
        assert_eq!(got.reply.body.bytes().unwrap().as_ref(), b": ping\n\ndata: 1\n\n");
        drop(client);
        server.finish().await;
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_a_fault_all_the_same() {
    let chunked = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata";
    check(vec![Step::Read, Step::Send(chunked)], Err(Fault::Truncated)).await;
    check(vec![Step::Read, Step::Send(EVENTS), Step::Reset], Err(Fault::Truncated)).await;
}

#[tokio::test]
async fn a_flood_of_events_is_cut() {
    let flood: &[u8] = &[b'\n'; 8192];
    let server = Server::start(vec![vec![Step::Read, Step::Send(EVENTS), Step::Repeat(flood, Duration::ZERO)]]).await;
    let client = Http::new();
    let got = client.exchange(&server.endpoint, &get("/"), &Route::default(), &limits(20_000)).await.unwrap();
    assert!(got.open && got.reply.body.bytes().unwrap().len() <= 1 << 20);
    server.finish().await;
}

async fn ask(client: &Http, server: &Server, target: &str, line: &str) -> Result<u16, Fault> {
    let route = Route { line: Some(Line { owner: 7, name: line.to_owned() }), ..Route::default() };
    client.exchange(&server.endpoint, &get(target), &route, &limits(10_000)).await.map(|got| got.reply.status)
}

#[tokio::test]
async fn calls_share_a_connection_where_they_were_recorded_so() {
    let twice = || vec![Step::Read, Step::Send(OK), Step::Read, Step::Send(OK), Step::Hold];
    let server = Server::start(vec![twice(), twice()]).await;
    let client = Http::new();
    for (target, line) in [("/1", "a"), ("/2", "b"), ("/3", "a"), ("/4", "b")] {
        assert_eq!(ask(&client, &server, target, line).await, Ok(200));
    }
    client.let_go(&server.endpoint, 7);
    assert_eq!(server.finish().await.len(), 4);
}

#[tokio::test]
async fn a_line_whose_connection_was_closed_goes_on_over_another() {
    let once = || vec![Step::Read, Step::Send(OK)];
    let server = Server::start(vec![once(), once(), once()]).await;
    let client = Http::new();
    for (target, once_played) in [("/1", 3), ("/2", 6), ("/3", 9)] {
        assert_eq!(ask(&client, &server, target, "a").await, Ok(200));
        server.has_played(once_played).await;
    }
    server.finish().await;
}

#[tokio::test]
async fn a_server_that_serves_one_connection_at_a_time_is_not_kept_waiting() {
    // The second connection is served only once the first has been closed.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = crate::wire::Endpoint::new("127.0.0.1", listener.local_addr().unwrap().port());
    let serve = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {
                let _ = stream.write_all(OK).await;
            }
        }
    });
    let client = Http::new();
    for line in ["a", "b"] {
        let route = Route { line: Some(Line { owner: 7, name: line.to_owned() }), ..Route::default() };
        let got = client.exchange(&endpoint, &get("/"), &route, &limits(10_000)).await;
        assert_eq!(got.map(|got| got.reply.status), Ok(200));
    }
    drop(client);
    serve.await.unwrap();
}
