//! HTTP/2 through the proxy: to a target that speaks it, and to one that doesn't.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::process::Command;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, HeaderValue, Request, Response};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::support::server::{Response as Answer, Server};
use crate::support::tape::{RawServer, Tape};
use crate::support::{has_program, require};

/// A target that speaks HTTP/2 only: an interim reply, then what was sent, in two pieces, and trailers that count it.
async fn echo(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let Ok(mut connection) = h2::server::handshake(stream).await else { return };
            while let Some(Ok((request, mut respond))) = connection.accept().await {
                tokio::spawn(async move {
                    let path = request.uri().path().to_owned();
                    if path == "/reset" {
                        return respond.send_reset(h2::Reason::ENHANCE_YOUR_CALM);
                    }
                    respond.send_informational(Response::builder().status(103).body(()).unwrap()).unwrap();
                    let mut body = request.into_body();
                    let response = Response::builder().status(200).header("x-path", path).body(()).unwrap();
                    let mut out = respond.send_response(response, false).unwrap();
                    let mut length = 0;
                    while let Some(data) = body.data().await {
                        let data = data.unwrap();
                        length += data.len();
                        body.flow_control().release_capacity(data.len()).unwrap();
                        out.reserve_capacity(data.len());
                        out.send_data(data, false).unwrap();
                    }
                    let mut trailers = body.trailers().await.unwrap().unwrap_or_default();
                    trailers.insert("x-length", HeaderValue::from(length));
                    out.send_trailers(trailers).unwrap();
                });
            }
        });
    }
}

/// What a client gets: interim statuses, status, body, trailers.
type Got = (Vec<u16>, u16, String, HeaderMap);

async fn client(address: SocketAddr) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(async move { drop(connection.await) });
    send
}

async fn ask(send: &SendRequest<Bytes>, request: Request<()>, pieces: &[&'static str]) -> Result<Got, h2::Error> {
    let mut send = send.clone().ready().await?;
    let (mut response, mut body) = send.send_request(request, pieces.is_empty())?;
    if !pieces.is_empty() {
        for piece in pieces {
            body.send_data(Bytes::from_static(piece.as_bytes()), false)?;
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sent", HeaderValue::from_static("yes"));
        body.send_trailers(trailers)?;
    }
    let mut interim = Vec::new();
    while let Some(Ok(head)) = poll_fn(|context| response.poll_informational(context)).await {
        interim.push(head.status().as_u16());
    }
    let response = response.await?;
    let status = response.status().as_u16();
    let mut body = response.into_body();
    let mut text = String::new();
    while let Some(data) = body.data().await {
        let data = data?;
        text.push_str(std::str::from_utf8(&data).unwrap());
        body.flow_control().release_capacity(data.len())?;
    }
    Ok((interim, status, text, body.trailers().await?.unwrap_or_default()))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}

#[test]
fn streams_go_through_with_interim_replies_data_and_trailers() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(echo(listener));
        let tape = tokio::task::spawn_blocking(move || Tape::before(address)).await.unwrap();
        let send = client(tape.address).await;
        let request = |path: &str| {
            Request::post(format!("http://shop.test{path}")).header("x-a", "1").header("x-a", "2").body(()).unwrap()
        };
        let got = tokio::join!(ask(&send, request("/1"), &["he", "llo"]), ask(&send, request("/2"), &[]));
        let (interim, status, text, trailers) = got.0.unwrap();
        assert_eq!((interim, status, text.as_str()), (vec![103], 200, "hello"));
        assert_eq!((trailers["x-length"].as_bytes(), trailers["x-sent"].as_bytes()), (&b"5"[..], &b"yes"[..]));
        assert_eq!(got.1.unwrap().2, "");
        let reset = ask(&send, request("/reset"), &[]).await.unwrap_err();
        assert_eq!(reset.reason(), Some(h2::Reason::ENHANCE_YOUR_CALM));
        drop(send);
        let recorded = tokio::task::spawn_blocking(move || tape.end()).await.unwrap();
        let of =
            |target: &str| recorded.exchanges.iter().find(|exchange| exchange["call"]["target"] == target).unwrap();
        let first = of("/1");
        assert_eq!(first["via"], json!({"connection": "0", "http": "2"}));
        assert_eq!(first["call"]["headers"], json!([["host", "shop.test"], ["x-a", "1"], ["x-a", "2"]]));
        assert_eq!(
            (&first["call"]["body"], &first["reply"]["body"]),
            (&json!({"text": "hello"}), &json!({"text": "hello"}))
        );
        assert_eq!(first["reply"]["trailers"], json!([["x-sent", "yes"], ["x-length", "5"]]));
        assert_eq!(of("/reset")["reply"], Value::Null);
        let [unanswered, interim] = recorded.notes.as_slice() else { panic!("{:?}", recorded.notes) };
        assert_eq!(unanswered, "recorded without a reply, since none came whole: POST /reset");
        assert!(interim.contains("interim (1xx) replies: 103 to POST /"), "{interim}");
    });
}

#[test]
fn a_long_body_flows_no_faster_than_it_is_taken() {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(echo(listener));
        let tape = tokio::task::spawn_blocking(move || Tape::before(address)).await.unwrap();
        let send = client(tape.address).await;
        let piece: &'static str = "0123456789".repeat(10_000).leak();
        let request = Request::post("http://shop.test/").body(()).unwrap();
        let (_, _, text, trailers) = ask(&send, request, &[piece; 40]).await.unwrap();
        assert_eq!((text.len(), &trailers["x-length"]), (4_000_000, &HeaderValue::from(4_000_000)));
        drop(send);
        let recorded = tokio::task::spawn_blocking(move || tape.end()).await.unwrap();
        assert_eq!(recorded.exchanges[0]["call"]["body"]["text"].as_str().map(str::len), Some(4_000_000));
    });
}

#[test]
fn a_target_that_speaks_http_1_gets_http_1_and_that_is_said() {
    let server = RawServer::start(2, |mut peer| {
        let first = peer.head();
        if first.starts_with("PRI ") {
            return peer.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
        assert_eq!(
            first,
            "POST /a?b HTTP/1.1\r\nhost: shop.test\r\nx-a: 1\r\ncookie: a=1; b=2\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        peer.expect("2\r\nhe\r\n3\r\nllo\r\n0\r\nx-sent: yes\r\n\r\n");
        peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
        peer.send(
            "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nTransfer-Encoding: chunked\r\n\r\n",
        );
        peer.send("2\r\nhi\r\n0\r\nX-Sum: 2\r\n\r\n");
        // The same connection serves the next stream.
        assert_eq!(peer.head(), "POST /b HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 0\r\n\r\n");
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
        peer.rest();
    });
    let tape = Tape::before(server.address);
    let address = tape.address;
    block_on(async {
        let send = client(address).await;
        let request = Request::post("http://shop.test/a?b").header("x-a", "1").header("cookie", "a=1");
        let request = request.header("te", "trailers").header("cookie", "b=2").body(()).unwrap();
        // In two frames that may come together: what goes out is in their pieces.
        let (interim, status, text, trailers) = ask(&send, request, &["he", "llo"]).await.unwrap();
        assert_eq!((interim, status, text.as_str(), &trailers["x-sum"]), (vec![103], 200, "hi", &HeaderValue::from(2)));
        let request = Request::post("http://shop.test/b").body(()).unwrap();
        assert_eq!(ask(&send, request, &[]).await.unwrap().1, 204);
    });
    let recorded = tape.end();
    server.join();
    let exchange = &recorded.exchanges[0];
    assert_eq!(exchange["via"]["http"], "2");
    assert_eq!(exchange["reply"]["trailers"], json!([["X-Sum", "2"]]));
    assert_eq!(recorded.exchanges.len(), 2);
    assert_eq!(
        recorded.notes,
        [
            "passed on and not recorded, since recordings have no place for interim (1xx) replies: 103 to POST /a?b",
            "sent as HTTP/1.1, since the target does not speak HTTP/2 without TLS: POST /a?b, and 1 more"
        ]
    );
}

#[test]
fn a_reply_that_can_not_be_read_is_a_502_of_its_stream_alone() {
    let server = Server::start(|request| match request.target.as_str() {
        "/bad" => Answer::raw("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"),
        _ => Answer::json(200, "{}"),
    });
    let tape = Tape::before(server.address);
    let address = tape.address;
    block_on(async {
        let send = client(address).await;
        let get = |path: &str| Request::get(format!("http://shop.test{path}")).body(()).unwrap();
        let (_, status, text, _) = ask(&send, get("/bad"), &[]).await.unwrap();
        assert!(status == 502 && text.contains("can't be read"), "{status} {text}");
        assert_eq!(ask(&send, get("/good"), &[]).await.unwrap().1, 200);
    });
    let recorded = tape.end();
    assert_eq!(
        (&recorded.exchanges[0]["reply"], &recorded.exchanges[1]["reply"]["status"]),
        (&Value::Null, &json!(200))
    );
}

/// What curl prints, with these options before the URL.
fn curl(options: &[&str], url: &str) -> String {
    let output =
        Command::new("curl").args(["--silent", "--show-error", "--max-time", "20"]).args(options).arg(url).output();
    let output = output.unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn curl_speaks_every_version_through_it() {
    if !require("curl", || has_program("curl", "--version")) {
        return;
    }
    let server = Server::start(|request| Answer::json(200, &format!("{} {}", request.method, request.body)));
    let tape = Tape::before(server.address);
    let url = format!("http://{}/a", tape.address);
    let write_out = ["--write-out", " HTTP/%{http_version} %{http_code}"];
    for (options, expected) in [
        (&["--http1.0"][..], "GET  HTTP/1.1 200"),
        (&["--http1.1"], "GET  HTTP/1.1 200"),
        (&["--http1.1", "--data", "x=1"], "POST x=1 HTTP/1.1 200"),
        (&["--http2"], "GET  HTTP/2 200"),
        (&["--http2", "--data", "x=1"], "POST x=1 HTTP/1.1 200"),
        (&["--http2-prior-knowledge"], "GET  HTTP/2 200"),
    ] {
        assert_eq!(curl(&[options, &write_out].concat(), &url), expected, "{options:?}");
    }
    let recorded = tape.end();
    let versions: Vec<&Value> = recorded.exchanges.iter().map(|exchange| &exchange["via"]["http"]).collect();
    assert_eq!(versions, [&json!("1.0"), &Value::Null, &Value::Null, &json!("2"), &Value::Null, &json!("2")]);
    // What asks to go on in HTTP/2 is the proxy's own affair.
    for exchange in &recorded.exchanges {
        let headers = exchange["call"]["headers"].as_array().unwrap();
        let of_the_offer = |name: &str| ["upgrade", "http2-settings"].contains(&name.to_ascii_lowercase().as_str());
        assert!(headers.iter().all(|header| !of_the_offer(header[0].as_str().unwrap())), "{headers:?}");
    }
}
