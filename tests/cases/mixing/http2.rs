//! The balancer and HTTP/2: streams of one connection go to several instances, gRPC's way of using them included.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderValue, Request, Response};
use straddle::proxy::{Limits, Mixer, Plan, Told};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::balancer::{named, upstream};

/// Long even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server in the way of gRPC's, over HTTP/2 only. Every connection that it takes is counted.
struct Rpc {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    /// Told of what clients did to streams.
    heard: mpsc::UnboundedReceiver<String>,
}

impl Rpc {
    async fn start(name: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (tell, heard) = mpsc::unbounded_channel();
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, count) = (tell.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    let mut first = true;
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        // Whoever only asks whether it speaks HTTP/2 is no client.
                        if std::mem::take(&mut first) {
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                        if request.uri().path() == "/goaway" {
                            connection.graceful_shutdown();
                        }
                        tokio::spawn(answer(name, request, respond, tell.clone()));
                    }
                });
            }
        });
        Self { address, connections, heard }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Echoes messages as they come, and ends with a status in trailers; or does what the path says.
async fn answer(
    name: &'static str,
    request: Request<RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    tell: mpsc::UnboundedSender<String>,
) {
    let path = request.uri().path().to_owned();
    let head = Response::builder().header("content-type", "application/grpc").header("x-served-by", name);
    match path.as_str() {
        "/reset" => return respond.send_reset(Reason::ENHANCE_YOUR_CALM),
        // An error has no body and no trailers: its only headers end the stream.
        "/missing" => {
            let head = head.header("grpc-status", "12").body(()).unwrap();
            drop(respond.send_response(head, true).unwrap());
            return;
        }
        _ => {}
    }
    let mut out = respond.send_response(head.body(()).unwrap(), false).unwrap();
    let mut body = request.into_body();
    if path == "/cut" {
        out.send_data(Bytes::from_static(b"half"), false).unwrap();
        // Until its client has had that.
        while body.data().await.is_some() {}
        return out.send_reset(Reason::INTERNAL_ERROR);
    }
    if path == "/watch" {
        out.send_data(Bytes::from_static(b"first"), false).unwrap();
        let reset = std::future::poll_fn(|context| out.poll_reset(context)).await;
        return drop(tell.send(format!("{path} was reset: {:?}", reset.map_err(|e| e.to_string()))));
    }
    while let Some(Ok(data)) = body.data().await {
        let _ = body.flow_control().release_capacity(data.len());
        out.reserve_capacity(data.len());
        out.send_data(data, false).unwrap();
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    trailers.insert("x-served-by", HeaderValue::from_static(name));
    let _ = out.send_trailers(trailers);
}

async fn client(mixer: &Mixer) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(mixer.address()).await.unwrap();
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    send
}

/// Begins a call; what it sends, and what it gets.
async fn begin(send: &SendRequest<Bytes>, path: &str) -> (SendStream<Bytes>, h2::client::ResponseFuture) {
    let mut send = send.clone().ready().await.unwrap();
    let request = Request::post(format!("http://shop.test{path}")).header("te", "trailers");
    let request = request.header("content-type", "application/grpc").body(()).unwrap();
    let (response, body) = send.send_request(request, false).unwrap();
    (body, response)
}

/// A call of one message: who served it, the message that came back, and the status in its trailers.
async fn unary(send: &SendRequest<Bytes>, path: &str) -> Result<(String, String, String), h2::Error> {
    let (mut body, response) = begin(send, path).await;
    body.send_data(Bytes::from_static(b"\0\0\0\0\x02hi"), true)?;
    let response = response.await?;
    let text = |value: Option<&HeaderValue>| value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned());
    let name = text(response.headers().get("x-served-by"));
    let early = text(response.headers().get("grpc-status"));
    let mut body = response.into_body();
    let mut got = Vec::new();
    while let Some(data) = body.data().await {
        got.extend_from_slice(&data?);
    }
    let trailers = body.trailers().await?.unwrap_or_default();
    let status = trailers.get("grpc-status").map_or(early, |status| text(Some(status)));
    Ok((name, String::from_utf8(got).unwrap(), status))
}

/// A call without a body: the status, and what came back.
async fn get(send: &SendRequest<Bytes>, path: &str) -> (u16, String) {
    let mut send = send.clone().ready().await.unwrap();
    let request = Request::get(format!("http://shop.test{path}")).body(()).unwrap();
    let response = send.send_request(request, true).unwrap().0.await.unwrap();
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut got = Vec::new();
    while let Some(data) = body.data().await {
        got.extend_from_slice(&data.unwrap());
    }
    (status, String::from_utf8(got).unwrap())
}

/// Two servers of gRPC's kind, a balancer before them that is told, and a client's connection.
async fn pair() -> (Rpc, Rpc, Mixer, Told, SendRequest<Bytes>) {
    let (old, new) = (Rpc::start("old").await, Rpc::start("new").await);
    let told = Told::new("old");
    let instances = vec![upstream("old", old.address), upstream("new", new.address)];
    let at = SocketAddr::from(([127, 0, 0, 1], 0));
    let mixer = Mixer::listen(at, instances, Plan::Told(told.clone()), Limits::default()).await.unwrap();
    let send = client(&mixer).await;
    (old, new, mixer, told, send)
}

fn lines(mixer: &Mixer) -> Vec<String> {
    mixer.log().take().lines.iter().map(ToString::to_string).collect()
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await.unwrap() });
}

#[test]
fn streams_of_one_connection_go_to_the_instances_that_are_told() {
    block_on(async {
        let (old, new, mixer, told, send) = pair().await;
        let whole = |name: &str| (name.to_owned(), "\0\0\0\0\u{2}hi".to_owned(), "0".to_owned());
        for (path, name) in [("/1", "old"), ("/2", "new"), ("/3", "new"), ("/4", "old")] {
            told.to(name);
            assert_eq!(unary(&send, path).await.unwrap(), whole(name));
            assert_eq!(lines(&mixer), [format!("POST {path}@{name}: 200")]);
        }
        let missing = unary(&send, "/missing").await.unwrap();
        assert_eq!(missing, ("old".to_owned(), String::new(), "12".to_owned()));
        assert_eq!(lines(&mixer), ["POST /missing@old: 200"]);
        assert_eq!((old.connections(), new.connections()), (1, 1), "one connection each for one of the client's");
    });
}

#[test]
fn long_streams_to_two_instances_go_on_side_by_side_both_ways() {
    block_on(async {
        let (_old, _new, mixer, told, send) = pair().await;
        let mut streams = Vec::new();
        for name in ["old", "new"] {
            told.to(name);
            let (out, response) = begin(&send, "/chat").await;
            let response = response.await.unwrap();
            assert_eq!(response.headers()["x-served-by"], name);
            streams.push((name, out, response.into_body()));
        }
        for round in 0..20 {
            for (_, out, body) in &mut streams {
                let message = format!("message {round}");
                out.send_data(message.clone().into(), false).unwrap();
                let mut got = Vec::new();
                while got.len() < message.len() {
                    let data = body.data().await.unwrap().unwrap();
                    body.flow_control().release_capacity(data.len()).unwrap();
                    got.extend_from_slice(&data);
                }
                assert_eq!(got, message.as_bytes());
            }
        }
        assert_eq!(mixer.instances().open("old") + mixer.instances().open("new"), 2);
        assert_eq!(lines(&mixer), [""; 0]);
        for (name, mut out, mut body) in streams {
            out.send_data(Bytes::new(), true).unwrap();
            assert!(body.data().await.is_none());
            assert_eq!(body.trailers().await.unwrap().unwrap()["x-served-by"], name);
            assert_eq!(lines(&mixer), [format!("POST /chat@{name}: 200")]);
        }
    });
}

#[test]
fn a_long_message_flows_no_faster_than_it_is_taken() {
    block_on(async {
        let (_old, _new, mixer, _told, send) = pair().await;
        let (mut out, response) = begin(&send, "/upload").await;
        let mut body = response.await.unwrap().into_body();
        let sending = tokio::spawn(async move {
            let mut missing = 4_000_000_usize;
            while missing > 0 {
                out.reserve_capacity(missing);
                let room = std::future::poll_fn(|context| out.poll_capacity(context)).await.unwrap().unwrap();
                let piece = room.min(missing);
                out.send_data(vec![7; piece].into(), false).unwrap();
                missing -= piece;
            }
            out.send_data(Bytes::new(), true).unwrap();
        });
        let mut got = 0;
        while let Some(data) = body.data().await {
            got += data.as_ref().unwrap().len();
            body.flow_control().release_capacity(data.unwrap().len()).unwrap();
        }
        sending.await.unwrap();
        assert_eq!(got, 4_000_000);
        assert_eq!(lines(&mixer), ["POST /upload@old: 200"]);
    });
}

#[test]
fn a_stream_that_either_side_resets_is_reset_for_the_other() {
    block_on(async {
        let (mut old, _new, mixer, _told, send) = pair().await;
        let reset = unary(&send, "/reset").await.unwrap_err();
        assert_eq!(reset.reason(), Some(Reason::ENHANCE_YOUR_CALM));
        assert_eq!(lines(&mixer), ["POST /reset@old: dropped before a reply"]);
        let (mut out, response) = begin(&send, "/cut").await;
        let mut body = response.await.unwrap().into_body();
        assert_eq!(body.data().await.unwrap().unwrap(), "half");
        out.send_data(Bytes::new(), true).unwrap();
        let cut = body.data().await.unwrap().unwrap_err();
        assert_eq!(cut.reason(), Some(Reason::INTERNAL_ERROR));
        assert_eq!(lines(&mixer), ["POST /cut@old: 200, cut in the body"]);
        // A client that only listens, and has had enough.
        let (mut out, response) = begin(&send, "/watch").await;
        out.send_data(Bytes::new(), true).unwrap();
        let mut body = response.await.unwrap().into_body();
        assert_eq!(body.data().await.unwrap().unwrap(), "first");
        out.send_reset(Reason::CANCEL);
        assert_eq!(old.heard.recv().await.unwrap(), "/watch was reset: Ok(CANCEL)");
        // It is told first, and written down then.
        let mut line = Vec::new();
        while line.is_empty() {
            tokio::task::yield_now().await;
            line = lines(&mixer);
        }
        assert_eq!(line, ["POST /watch@old: 200, and the client went before its end"]);
        // And the connection is as good as before.
        assert_eq!(unary(&send, "/next").await.unwrap().2, "0");
    });
}

#[test]
fn an_instance_that_says_goaway_ends_what_it_has_and_the_next_stream_takes_another_connection() {
    block_on(async {
        let (old, _new, mixer, _told, send) = pair().await;
        assert_eq!(unary(&send, "/goaway").await.unwrap().2, "0");
        for number in 0..5 {
            assert_eq!(unary(&send, &format!("/{number}")).await.unwrap().0, "old");
        }
        assert!(old.connections() >= 2, "{}", old.connections());
        assert!(mixer.log().take().lines.iter().all(|line| !line.outcome.is_loss()));
    });
}

#[test]
fn an_instance_that_is_taken_out_finishes_its_streams() {
    block_on(async {
        let (_old, _new, mixer, told, send) = pair().await;
        let (mut out, response) = begin(&send, "/chat").await;
        let mut body = response.await.unwrap().into_body();
        let draining = mixer.instances().take_out("old").unwrap();
        told.to("new");
        assert_eq!(unary(&send, "/other").await.unwrap().0, "new");
        assert_eq!(draining.drained(Duration::from_millis(20)).await, 1);
        out.send_data(Bytes::from_static(b"still here"), true).unwrap();
        assert_eq!(body.data().await.unwrap().unwrap(), "still here");
        assert!(body.data().await.is_none());
        assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "0");
        assert_eq!(draining.drained(PATIENCE).await, 0);
        assert_eq!(lines(&mixer), ["POST /other@new: 200", "POST /chat@old: 200"]);
    });
}

#[test]
fn a_stream_that_is_open_ends_before_the_balancer_does() {
    block_on(async {
        let (_old, _new, mixer, _told, send) = pair().await;
        let (mut out, response) = begin(&send, "/chat").await;
        let mut body = response.await.unwrap().into_body();
        let ending = tokio::spawn(mixer.end());
        while send.clone().ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
        out.send_data(Bytes::from_static(b"last"), true).unwrap();
        assert_eq!(body.data().await.unwrap().unwrap(), "last");
        assert!(body.data().await.is_none());
        assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "0");
        ending.await.unwrap();
    });
}

#[test]
fn instances_of_both_versions_serve_one_connection() {
    let one = named("one");
    block_on(async {
        let two = Rpc::start("two").await;
        let told = Told::new("one");
        let instances = vec![upstream("one", one.address), upstream("two", two.address)];
        let at = SocketAddr::from(([127, 0, 0, 1], 0));
        let mixer = Mixer::listen(at, instances, Plan::Told(told.clone()), Limits::default()).await.unwrap();
        let send = client(&mixer).await;
        for round in 0..3 {
            told.to("one");
            assert_eq!(get(&send, &format!("/{round}")).await, (200, format!("one /{round}")));
            told.to("two");
            assert_eq!(unary(&send, "/").await.unwrap().0, "two");
        }
        let taken = mixer.log().take().lines;
        let reused: Vec<bool> = taken.iter().map(|line| line.reused).collect();
        assert_eq!(reused, [false, false, true, true, true, true]);
        // Two ways of not being there.
        told.to("three");
        assert_eq!(get(&send, "/").await.0, 503);
        mixer.instances().add(upstream("three", closed()));
        assert_eq!(get(&send, "/").await.0, 502);
        let told: Vec<String> = lines(&mixer);
        assert_eq!(told[0], "GET /@nobody: no instance");
        assert!(told[1].starts_with("GET /@three: refused: the target"), "{told:?}");
    });
}

/// Where nobody listens.
fn closed() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
