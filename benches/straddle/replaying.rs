//! Calls a second through a whole check, against a bare client in the same process and run.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use straddle::engine::{self, Again, Options};
use straddle::process::Launch;

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
        let (mut ours, mut bare, mut own, mut plan) = (f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::INFINITY);
        let (mut bare_cpu, mut ours_cpu) = (0.0, 0.0);
        for _ in 0..3 {
            let start = cpu();
            bare = bare.min(bare_client(address).await);
            let between = cpu();
            ours = ours.min(check(folder.path(), "straddle.toml", false).await);
            bare_cpu += between - start;
            ours_cpu += cpu() - between;
            plan = plan.min(check(folder.path(), "straddle.toml", true).await);
            own = own.min(check(folder.path(), "empty.toml", false).await);
        }
        // Of a machine that does other things too this says more than the rate.
        let calls = f64::from(u32::try_from(3 * 4 * CALLS).unwrap_or(u32::MAX));
        let each = |seconds: f64| seconds * 1e6 / calls;
        println!(
            "CPU a call, the server's too: {:.1} µs by a bare client, {:.1} µs by straddle",
            each(bare_cpu),
            each(ours_cpu)
        );
        // Before the first call a recording is read through, and a process started: told apart, as straddle's own time.
        let before = own.max(plan);
        let ratio = bare / (ours - before);
        vec![
            Figure::at_least("replay's calls a second against a bare client's", ratio * 100.0, 60.0, "%"),
            Figure::at_most("straddle's own time in a check, 6,000 exchanges read", before, 1.0, "s"),
        ]
    })
}

/// Seconds of CPU time that this process has taken so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|hundredths| hundredths.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A server in this process that answers every call with the same kilobyte of JSON.
pub async fn serve() -> SocketAddr {
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
        via: straddle::model::Via::default(),
    });
    let mut writer = straddle::traffic::Writer::create(file, false).unwrap_or_else(|e| panic!("{e}"));
    exchanges.for_each(|exchange| {
        writer.push(&exchange).unwrap_or_else(|e| panic!("{e}"));
    });
    writer.finish().unwrap_or_else(|e| panic!("{e}"));
}

/// The same recording with its first session only, for what a check costs without its calls.
fn one_line(from: &std::path::Path, to: &std::path::Path) {
    let text = std::fs::read_to_string(from).unwrap_or_else(|e| panic!("{e}"));
    let lines: Vec<&str> = text.lines().take(1 + SESSION).collect();
    std::fs::write(to, lines.join("\n") + "\n").unwrap_or_else(|e| panic!("{e}"));
}

pub fn manifest(address: SocketAddr) -> String {
    format!(
        "[project]\nname = \"bench\"\n[service.s.old]\nurl = \"http://{address}\"\n[service.s.new]\nurl = \"http://{address}\"\n\
         [[recording]]\nfile = \"bench.jsonl\"\nservice = \"s\"\nclient = \"old\"\n[replay]\norder = \"free\"\n[gate]\ninconclusive = \"warn\"\n"
    )
}

/// Seconds of a whole check in this process, where the server is too; with `only_plan` up to its first step.
pub async fn check(folder: &std::path::Path, manifest: &str, only_plan: bool) -> f64 {
    let start = Instant::now();
    let manifest = straddle::manifest::load(&folder.join(manifest)).unwrap_or_else(|e| panic!("{e}"));
    let options = Options {
        only: Vec::new(),
        skip: Vec::new(),
        self_side: None,
        seed: 0,
        shard: None,
        budget: None,
        jobs: Some(JOBS),
        secrets: straddle::model::secret::Secrets::default(),
        force_bindings: false,
        today: "2026-01-01".to_owned(),
        home: folder.join(".straddle"),
        cache: folder.join("cache"),
        launch: Launch::of(env!("CARGO_BIN_EXE_straddle"), [""; 0]),
        reproduce: None,
        again: Again::ById,
    };
    let plan = engine::plan(manifest, options).unwrap_or_else(|e| panic!("{e}"));
    if !only_plan {
        let (_stop, cancel) = tokio::sync::watch::channel(false);
        let outcome = engine::run(plan, Arc::new(|_| {}), cancel).await;
        assert_eq!(outcome.exit, 0, "{:?}", outcome.run.answers);
    }
    start.elapsed().as_secs_f64()
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
