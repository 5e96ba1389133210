//! HTTP/2 against real sockets: what goes out and comes back, streams side by side, and servers that break the protocol off,
//! or flood it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::server::{Server, Step};
use crate::model::{Body, Call, Fault, HttpVersion, Reply};
use crate::wire::http::Http;
use crate::wire::{Endpoint, Limits, Line, Protocol as _, Route};

type Stream = (Request<h2::RecvStream>, h2::server::SendResponse<Bytes>);

/// A server that speaks HTTP/2 and hands each stream to `answer`.
struct Two {
    endpoint: Endpoint,
    connections: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Two {
    async fn start<F: Future<Output = ()> + Send + 'static>(
        answer: impl Fn(Stream) -> F + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::new("127.0.0.1", listener.local_addr().unwrap().port());
        let connections = Arc::new(Mutex::new(0));
        let count = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (answer, count) = (answer.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    let mut first = true;
                    while let Some(Ok(stream)) = connection.accept().await {
                        *count.lock().unwrap() += usize::from(std::mem::take(&mut first));
                        tokio::spawn(answer(stream));
                    }
                });
            }
        });
        Self { endpoint, connections, task }
    }

    /// How many connections calls came over.
    fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

impl Drop for Two {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn limits(timeout_ms: u64) -> Limits {
    Limits { timeout: Duration::from_millis(timeout_ms), max_body: 16 << 20 }
}

fn route(line: Option<&str>) -> Route {
    Route {
        line: line.map(|name| Line { owner: 1, name: name.to_owned() }),
        version: HttpVersion::Http2,
        streams: false,
    }
}

fn get(target: &str) -> Call {
    Call { method: "GET".to_owned(), target: target.to_owned(), ..Call::default() }
}

async fn ask(client: &Http, to: &Endpoint, call: &Call, line: Option<&str>) -> Result<Reply, Fault> {
    client.exchange(to, call, &route(line), &limits(10_000)).await.map(|received| received.reply)
}

/// Says in its body what it was asked, and in its trailers how long that was.
async fn echo((request, mut respond): Stream) {
    let (head, mut incoming) = request.into_parts();
    let mut shown = format!("{} {}", head.method, head.uri);
    for (name, value) in &head.headers {
        shown.extend(["|", name.as_str(), ": ", value.to_str().unwrap()]);
    }
    let mut length = 0;
    while let Some(Ok(bytes)) = incoming.data().await {
        length += bytes.len();
        let _ = incoming.flow_control().release_capacity(bytes.len());
    }
    let response = Response::builder().status(201).header("b", "1").header("a", "2").header("b", "3").body(()).unwrap();
    let mut stream = respond.send_response(response, false).unwrap();
    stream.send_data(shown.into(), false).unwrap();
    stream.send_trailers(HeaderMap::from_iter([("length".parse().unwrap(), length.into())])).unwrap();
}

#[tokio::test]
async fn a_call_goes_out_as_recorded_and_its_reply_comes_back_whole() {
    let server = Two::start(echo).await;
    let call = Call {
        method: "POST".to_owned(),
        target: "/a//b/../c?x=1&&y".to_owned(),
        metadata: [("Host", "shop.test"), ("Cookie", "a=1"), ("X", "2"), ("Cookie", "b=2"), ("Connection", "close")]
            .into_iter()
            .collect(),
        body: Body::of(vec![b'x'; 3 << 20]),
    };
    let reply = ask(&Http::new(), &server.endpoint, &call, None).await.unwrap();
    assert_eq!(reply.status, 201);
    assert_eq!(reply.metadata, [("b", "1"), ("b", "3"), ("a", "2")].into_iter().collect());
    assert_eq!(reply.trailers, [("length", (3 << 20).to_string())].into_iter().collect());
    let said = reply.body.bytes().unwrap();
    assert_eq!(String::from_utf8_lossy(&said), "POST http://shop.test/a//b/../c?x=1&&y|cookie: a=1|cookie: b=2|x: 2");
}

#[tokio::test]
async fn calls_of_one_line_share_a_connection_side_by_side_and_others_do_not() {
    let server = Two::start(echo).await;
    let client = Http::new();
    ask(&client, &server.endpoint, &get("/"), Some("a")).await.unwrap();
    let call = get("/");
    let both = (ask(&client, &server.endpoint, &call, Some("a")), ask(&client, &server.endpoint, &call, Some("a")));
    let (one, other) = tokio::join!(both.0, both.1);
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(server.connections(), 1);
    ask(&client, &server.endpoint, &call, Some("b")).await.unwrap();
    assert_eq!(server.connections(), 2);
    client.let_go(&server.endpoint, 1);
    ask(&client, &server.endpoint, &call, Some("b")).await.unwrap();
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn long_bodies_are_taken_as_fast_as_they_come() {
    let server = Two::start(|(_, mut respond): Stream| async move {
        let mut stream = respond.send_response(Response::new(()), false).unwrap();
        stream.send_data(vec![b'x'; 12 << 20].into(), true).unwrap();
    })
    .await;
    let reply = ask(&Http::new(), &server.endpoint, &get("/"), None).await.unwrap();
    assert_eq!(reply.body.bytes().unwrap().len(), 12 << 20);
    let few = Limits { max_body: 1 << 20, ..limits(10_000) };
    let got = Http::new().exchange(&server.endpoint, &get("/"), &route(None), &few).await;
    assert_eq!(got, Err(Fault::TooLong(1 << 20)));
}

#[tokio::test]
async fn a_stream_that_is_broken_off_is_told_by_its_reason() {
    let server = Two::start(|(request, mut respond): Stream| async move {
        match request.uri().path() {
            "/refused" => respond.send_reset(h2::Reason::REFUSED_STREAM),
            "/cancel" => {
                let mut stream = respond.send_response(Response::new(()), false).unwrap();
                stream.send_data("half".into(), false).unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.send_reset(h2::Reason::INTERNAL_ERROR);
            }
            _ => drop(respond.send_response(Response::new(()), true)),
        }
    })
    .await;
    let client = Http::new();
    for (target, expected) in [
        ("/refused", Err("the server broke the HTTP/2 stream off: RST_STREAM REFUSED_STREAM".to_owned())),
        ("/cancel", Err("the server broke the HTTP/2 stream off: RST_STREAM INTERNAL_ERROR".to_owned())),
        ("/", Ok(200)),
    ] {
        let got = ask(&client, &server.endpoint, &get(target), None).await;
        assert_eq!(got.map(|reply| reply.status).map_err(|fault| fault.to_string()), expected, "{target}");
    }
}

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// What a call to a server comes to that sends these bytes once, then those over and over.
async fn check(once: &'static [u8], over_and_over: &'static [u8], call: &Call, expected: &str) {
    let mut script = vec![Step::Read, Step::Send(SETTINGS), Step::Send(once)];
    script.push(if over_and_over.is_empty() { Step::Hold } else { Step::Repeat(over_and_over, Duration::ZERO) });
    let server = Server::start(vec![script]).await;
    let client = Http::new();
    let started = Instant::now();
    let got = client.exchange(&server.endpoint, call, &route(None), &limits(700)).await;
    assert!(got.as_ref().is_err_and(|fault| fault.to_string().contains(expected)), "{got:?}, not {expected}");
    assert!(started.elapsed() < Duration::from_secs(5), "it took {:?}", started.elapsed());
    // And the connection is gone, though the client lives on.
    server.finish().await;
}

#[tokio::test]
async fn floods_and_silence_end_with_the_limits() {
    let no_reply = "no reply within the time limit";
    check(b"", b"", &get("/"), no_reply).await;
    check(b"", SETTINGS, &get("/"), "").await;
    check(b"", b"\0\0\x08\x06\0\0\0\0\0pingpong", &get("/"), "").await;
    // A head that never ends: one header of a letter in each frame.
    check(b"\0\0\x01\x01\0\0\0\0\x01\x88", b"\0\0\x05\x09\0\0\0\0\x01\0\x01a\x01b", &get("/"), "HTTP/2").await;
    // Interim replies without end.
    check(b"", b"\0\0\x05\x01\x04\0\0\0\x01\x08\x03100", &get("/"), "").await;
    // A window that never opens.
    let upload = Call { method: "POST".to_owned(), body: Body::of("x".repeat(100)), ..get("/") };
    check(b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0", b"", &upload, no_reply).await;
    // A connection that ends before the call is answered.
    let go_away = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b";
    check(go_away, b"", &get("/"), "the server ended the HTTP/2 connection: GOAWAY ENHANCE_YOUR_CALM").await;
    check(b"\0\0\x04\x01\x04\0\0\0\x01\xff\xff\xff\xff", b"", &get("/"), "HTTP/2 is broken: ").await;
    check(b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", &get("/"), "HTTP/2 is broken").await;
}

#[tokio::test]
async fn who_speaks_it_is_found_out_once() {
    let two = Two::start(echo).await;
    let refuses = Server::start(vec![vec![Step::Read, Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n")]]).await;
    let silent = Server::start(vec![vec![Step::Hold]]).await;
    let client = Http::new();
    for _ in 0..2 {
        for (endpoint, expected) in [(&two.endpoint, true), (&refuses.endpoint, false), (&silent.endpoint, false)] {
            assert_eq!(client.speaks(endpoint, HttpVersion::Http2, &limits(500)).await, expected);
            assert!(client.speaks(endpoint, HttpVersion::Http11, &limits(500)).await);
        }
    }
    refuses.finish().await;
    silent.finish().await;
}

#[tokio::test]
async fn a_server_that_is_slow_at_first_is_asked_again() {
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    let slow = Server::start(vec![vec![Step::Hold], vec![Step::Read, Step::Send(settings)]]).await;
    let client = Http::new();
    for expected in [false, true, true] {
        assert_eq!(client.speaks(&slow.endpoint, HttpVersion::Http2, &limits(500)).await, expected);
    }
    slow.finish().await;
}
