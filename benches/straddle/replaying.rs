//! Calls a second through a whole `straddle replay`, against a bare client in the same run.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Instant;

use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::Figure;

/// Calls in the recording; each goes to four cells.
const CALLS: usize = 6_000;
/// Calls of one session.
const SESSION: usize = 50;
/// Sessions at once.
const JOBS: usize = 8;

pub fn figures() -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
    runtime.block_on(async {
        let address = serve().await;
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
        let file = folder.path().join("bench.jsonl");
        record(&file);
        std::fs::write(folder.path().join("straddle.toml"), manifest(address)).unwrap_or_else(|e| panic!("{e}"));
        std::fs::write(folder.path().join("empty.toml"), manifest(address).replace("bench.jsonl", "one.jsonl"))
            .unwrap_or_else(|e| panic!("{e}"));
        one_line(&file, &folder.path().join("one.jsonl"));
        let (mut ours, mut bare, mut own) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
        for _ in 0..3 {
            bare = bare.min(bare_client(address).await);
            ours = ours.min(check(folder.path(), "straddle.toml").await);
            own = own.min(check(folder.path(), "empty.toml").await);
        }
        // A bare client's rate over the rate of all four cells: the start of the process is straddle's own cost, told apart.
        let ratio = bare / (ours - own);
        vec![
            Figure::at_least("replay's calls a second against a bare client's", ratio * 100.0, 60.0, "%"),
            Figure::at_most("straddle's own time in a check", own, 1.0, "s"),
        ]
    })
}

/// A server in this process that answers every call with the same kilobyte of JSON.
async fn serve() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|e| panic!("no port: {e}"));
    let address = listener.local_addr().unwrap_or_else(|e| panic!("{e}"));
    let body = Bytes::from(kilobyte());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let body = body.clone();
            tokio::spawn(async move {
                let answer = hyper::service::service_fn(move |_| {
                    let reply =
                        Response::builder().header("content-type", "application/json").body(Full::new(body.clone()));
                    async move { Ok::<_, Infallible>(reply.unwrap_or_default()) }
                });
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    address
}

fn kilobyte() -> String {
    let mut body = String::from(r#"{"id":7,"status":"paid","rows":["#);
    for n in 0..18 {
        let _ = write!(
            body,
            r#"{}{{"sku":"A-{n:03}","qty":{n},"price":{n}.5,"gift":false}}"#,
            if n > 0 { "," } else { "" }
        );
    }
    body.push_str("]}");
    body
}

/// A recording of this traffic in straddle's own format, through its own writer.
fn record(file: &std::path::Path) {
    let exchanges = (0..CALLS).map(|n| straddle::model::Exchange {
        index: n as u64,
        session: (n / SESSION) as u64,
        last: n % SESSION == SESSION - 1,
        offset_ms: n as u64,
        call: straddle::model::Call {
            method: "GET".to_owned(),
            target: format!("/orders/{n}"),
            metadata: straddle::model::Metadata::from_iter([("Host", "127.0.0.1:1"), ("Accept", "*/*")]),
            body: straddle::model::Body::Empty,
        },
        reply: Some(straddle::model::Reply {
            status: 200,
            metadata: straddle::model::Metadata::from_iter([("content-type", "application/json")]),
            body: straddle::model::Body::of(kilobyte()),
            trailers: straddle::model::Metadata::new(),
        }),
        bindings: Vec::new(),
        used: Vec::new(),
    });
    let mut writer = straddle::traffic::Writer::create(file).unwrap_or_else(|e| panic!("{e}"));
    exchanges.for_each(|exchange| writer.push(&exchange).unwrap_or_else(|e| panic!("{e}")));
    writer.finish().unwrap_or_else(|e| panic!("{e}"));
}

/// The same recording with its first session only, for what a check costs without its calls.
fn one_line(from: &std::path::Path, to: &std::path::Path) {
    let text = std::fs::read_to_string(from).unwrap_or_else(|e| panic!("{e}"));
    let lines: Vec<&str> = text.lines().take(1 + SESSION).collect();
    std::fs::write(to, lines.join("\n") + "\n").unwrap_or_else(|e| panic!("{e}"));
}

fn manifest(address: SocketAddr) -> String {
    format!(
        "[project]\nname = \"bench\"\n[service.s.old]\nurl = \"http://{address}\"\n[service.s.new]\nurl = \"http://{address}\"\n\
         [[recording]]\nfile = \"bench.jsonl\"\nservice = \"s\"\nclient = \"old\"\n[replay]\norder = \"free\"\n[gate]\ninconclusive = \"warn\"\n"
    )
}

/// Seconds of a whole `straddle check`.
async fn check(folder: &std::path::Path, manifest: &str) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
    command.current_dir(folder).args([
        "check",
        "--manifest",
        manifest,
        "--jobs",
        &JOBS.to_string(),
        "--report",
        "json=report.json",
    ]);
    let start = Instant::now();
    let done = tokio::task::spawn_blocking(move || command.output()).await;
    let seconds = start.elapsed().as_secs_f64();
    let done = done.ok().and_then(Result::ok).unwrap_or_else(|| panic!("straddle does not start"));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    seconds
}

/// Seconds that a bare client takes for as many calls, with as many connections as replay has open at once.
async fn bare_client(address: SocketAddr) -> f64 {
    let connections = JOBS * 4;
    let start = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            tokio::spawn(async move {
                let stream = tokio::net::TcpStream::connect(address).await.unwrap_or_else(|e| panic!("{e}"));
                let _ = stream.set_nodelay(true);
                let (mut client, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap_or_else(|e| panic!("{e}"));
                tokio::spawn(connection);
                for n in 0..CALLS * 4 / connections {
                    let request =
                        Request::get(format!("/orders/{n}")).header("host", "127.0.0.1").body(Empty::<Bytes>::new());
                    let request = request.unwrap_or_else(|e| panic!("{e}"));
                    let reply = client.send_request(request).await.unwrap_or_else(|e| panic!("{e}"));
                    reply.into_body().collect().await.unwrap_or_else(|e| panic!("{e}"));
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap_or_else(|e| panic!("{e}"));
    }
    start.elapsed().as_secs_f64()
}
