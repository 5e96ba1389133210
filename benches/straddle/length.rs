//! What the length of a recording costs: the peak memory of an import, an export and a replay, and their CPU time for ten
//! times the length. `cargo xtask bench length --exchanges N`; a tenth of N is what N is held against.

use std::convert::Infallible;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::Figure;
use crate::watched::{Watched, watched};

/// Calls of one session: a login, orders made with its token, and each of them read again.
const SESSION: usize = 50;
/// Sessions under way at one time.
const SIDE_BY_SIDE: usize = 20;
/// The most memory that any of it may take.
const MEMORY: f64 = 200.0;
/// The most CPU time for ten times the length.
const GROWTH: f64 = 10.5;
/// How often it is measured at most.
const TRIES: usize = 3;

/// Measures with so many exchanges, and a tenth of them.
pub fn figures(exchanges: usize) -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
    let address = runtime.block_on(serve());
    let mut figures = Vec::new();
    let (mut short, mut long) = (measured(exchanges / 10, address), measured(exchanges, address));
    // What else the machine does only ever adds: a figure that misses is measured again.
    for _ in 1..TRIES {
        if short.iter().zip(&long).all(|(one, ten)| ten.cpu / one.cpu < GROWTH) {
            break;
        }
        println!("more than {GROWTH} times the CPU time: measuring again");
        take_less(&mut short, measured(exchanges / 10, address));
        take_less(&mut long, measured(exchanges, address));
    }
    for (one, ten) in short.iter().zip(&long) {
        let name = format!("{} of {exchanges} exchanges", ten.name);
        println!("{name}: {:.0} exchanges a second, {:.1} s CPU", ten.rate, ten.cpu);
        figures.push(Figure::at_most(&format!("{name}: peak memory"), ten.peak, MEMORY, "MB"));
        figures.push(Figure::at_most(&format!("{name}: CPU against a tenth"), ten.cpu / one.cpu, GROWTH, "times"));
    }
    figures
}

/// The least CPU time and the most memory of both.
fn take_less(costs: &mut [Cost], again: Vec<Cost>) {
    for (cost, again) in costs.iter_mut().zip(again) {
        cost.cpu = cost.cpu.min(again.cpu);
        cost.peak = cost.peak.max(again.peak);
        cost.rate = cost.rate.max(again.rate);
    }
}

/// What a process took.
struct Cost {
    name: &'static str,
    /// Megabytes.
    peak: f64,
    /// Seconds.
    cpu: f64,
    /// Exchanges a second.
    rate: f64,
}

fn measured(exchanges: usize, address: SocketAddr) -> Vec<Cost> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
    let path = |name: &str| folder.path().join(name);
    record(&path("long.har"), exchanges).unwrap_or_else(|e| panic!("can't write a recording: {e}"));
    let manifest = format!(
        "[project]\nname = \"length\"\n[service.s.old]\nurl = \"http://{address}\"\nwrites = true\n[service.s.new]\nurl = \"http://{address}\"\nwrites = true\n\
         [[recording]]\nfile = \"long.jsonl\"\nservice = \"s\"\nclient = \"old\"\n[replay]\norder = \"free\"\n[gate]\ninconclusive = \"warn\"\n"
    );
    std::fs::write(path("straddle.toml"), manifest).unwrap_or_else(|e| panic!("{e}"));
    [
        ("import", &["import", "long.har", "--out", "long.jsonl"][..]),
        ("replay", &["check", "--jobs", "8"]),
        ("export", &["export", "long.jsonl", "--har", "--out", "again.har"]),
    ]
    .into_iter()
    .map(|(name, args)| {
        let cost = cost(name, args, folder.path(), exchanges);
        if name == "replay" {
            assert_all_sent(folder.path(), exchanges);
        }
        cost
    })
    .collect()
}

/// A replay that leaves something out costs little, and says nothing.
fn assert_all_sent(folder: &Path, exchanges: usize) {
    let report = std::fs::read(folder.join(".straddle/last.json")).unwrap_or_else(|e| panic!("no report: {e}"));
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap_or_else(|e| panic!("{e}"));
    let replay = &report["checks"][0];
    assert!(
        replay["observations"].as_u64() >= Some(exchanges as u64) && replay["faithful"] == 1.0,
        "not all {exchanges} were replayed: {replay}"
    );
}

/// Runs straddle, which must end well.
fn cost(name: &'static str, args: &[&str], folder: &Path, exchanges: usize) -> Cost {
    let Watched { peak, cpu, took, status, said } = watched(args, folder);
    assert!(status.success(), "straddle {args:?} gave {status}:\n{said}");
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    Cost { name, peak, cpu, rate: exchanges as f64 / took.as_secs_f64() }
}

/// A HAR file of that many entries.
fn record(path: &Path, exchanges: usize) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write!(out, r#"{{"log":{{"version":"1.2","creator":{{"name":"bench","version":"1"}},"entries":["#)?;
    for number in 0..exchanges {
        let round = number / (SESSION * SIDE_BY_SIDE);
        let within = number % (SESSION * SIDE_BY_SIDE);
        let (session, step) = (round * SIDE_BY_SIDE + within % SIDE_BY_SIDE, within / SIDE_BY_SIDE);
        let (method, target) = call(session, step);
        let (status, body) = answer(method, &target);
        let at = number / 10;
        let (hour, minute, second) = (at / 3_600, at / 60 % 60, at % 60);
        let day = 1 + hour / 24;
        let comma = if number > 0 { ",\n" } else { "\n" };
        let post =
            if method == "POST" { r#","postData":{"mimeType":"application/json","text":"{\"qty\":2}"}"# } else { "" };
        write!(
            out,
            r#"{comma}{{"startedDateTime":"2026-01-{day:02}T{:02}:{minute:02}:{second:02}.{}00Z","time":1,"request":{{"method":"{method}","url":"http://shop.test{target}","httpVersion":"HTTP/1.1","headers":[{{"name":"Host","value":"shop.test"}},{{"name":"Accept","value":"*/*"}}{}],"cookies":[],"queryString":[],"headersSize":-1,"bodySize":{}{post}}},"response":{{"status":{status},"httpVersion":"HTTP/1.1","headers":[{{"name":"content-type","value":"application/json"}}],"cookies":[],"content":{{"size":{},"mimeType":"application/json","text":{}}},"headersSize":-1,"bodySize":{}}}}}"#,
            hour % 24,
            number % 10,
            // What logs in has no token yet.
            if step == 0 {
                String::new()
            } else {
                format!(r#",{{"name":"Authorization","value":"Bearer {}"}}"#, token(session))
            },
            if method == "POST" { 9 } else { 0 },
            body.len(),
            serde_json::Value::from(body.as_str()),
            body.len(),
        )?;
    }
    writeln!(out, "\n]}}}}")?;
    out.flush()
}

fn token(session: usize) -> String {
    format!("tk{:016x}", (session as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// What a session asks at a step.
fn call(session: usize, step: usize) -> (&'static str, String) {
    match step {
        0 => ("POST", format!("/login/{session}")),
        step if step % 2 == 1 => ("POST", format!("/orders/of/{}", session * SESSION + step)),
        step => ("GET", format!("/orders/{}", order(session * SESSION + step - 1))),
    }
}

fn order(number: usize) -> String {
    let drawn = (number as u64 + 7).wrapping_mul(0x517c_c1b7_2722_0a95);
    format!("{:08x}-{:04x}-4000-8000-{number:012x}", drawn >> 32, drawn >> 16 & 0xffff)
}

/// What the server answers: always the same to the same.
fn answer(method: &str, target: &str) -> (u16, String) {
    let last = target.rsplit('/').next().unwrap_or_default();
    let number: usize = last.parse().unwrap_or_default();
    if target.starts_with("/login/") {
        return (200, format!(r#"{{"token":"{}","user":{number}}}"#, token(number)));
    }
    let id = if method == "POST" { order(number) } else { last.to_owned() };
    let rows: Vec<String> =
        (0..16).map(|n| format!(r#"{{"sku":"A-{n:03}","qty":{n},"price":{n}.5,"gift":false}}"#)).collect();
    let status = if method == "POST" { 201 } else { 200 };
    (status, format!(r#"{{"id":"{id}","status":"paid","rows":[{}]}}"#, rows.join(",")))
}

/// A server in this process.
async fn serve() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|e| panic!("no port: {e}"));
    let address = listener.local_addr().unwrap_or_else(|e| panic!("{e}"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(async move {
                let answer = hyper::service::service_fn(|request: Request<Incoming>| async move {
                    let (status, body) = answer(request.method().as_str(), request.uri().path());
                    let reply = Response::builder().status(status).header("content-type", "application/json");
                    Ok::<_, Infallible>(reply.body(Full::new(Bytes::from(body))).unwrap_or_default())
                });
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    address
}
