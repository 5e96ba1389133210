//! How calls cross the wire: HTTP/2 and shared connections as they were recorded, and streams that never end. What a build
//! makes of that is held against its control.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use straddle::model::{Body, Call, Exchange, HttpVersion, Metadata, Reply, Run, Severity, Via};
use straddle::traffic::Writer;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"id\":1}";
const JSON: &str = "{\"id\":1}";

/// What a server does with a call.
#[derive(Clone, Copy)]
enum Does {
    /// Answers these bytes.
    Answers(&'static str),
    /// Answers them, and closes without a word of it.
    AnswersAndCloses(&'static str),
    /// Answers them and says no more, but stays.
    Holds(&'static str),
    /// Closes.
    Closes,
}

/// A server that is told which call of its connection this is, from 1, and what was asked; how many connections it got.
fn serve(does: impl Fn(usize, &str) -> Does + Send + Sync + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("{e}"));
    let address = listener.local_addr().unwrap_or_else(|e| panic!("{e}"));
    let (does, connections) = (Arc::new(does), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (does, count) = (Arc::clone(&does), Arc::clone(&count));
            std::thread::spawn(move || connection(stream, &*does, &count));
        }
    });
    (format!("http://{address}"), connections)
}

fn connection(mut out: TcpStream, does: &dyn Fn(usize, &str) -> Does, count: &AtomicUsize) {
    let Ok(input) = out.try_clone() else { return };
    let mut input = BufReader::new(input);
    for number in 1.. {
        let (mut asked, mut line) = (String::new(), String::new());
        while input.read_line(&mut line).unwrap_or(0) > 0 && line != "\r\n" {
            asked.push_str(&line);
            line.clear();
        }
        if asked.is_empty() || asked.starts_with("PRI") {
            return;
        }
        count.fetch_add(usize::from(number == 1), Ordering::SeqCst);
        let (bytes, more) = match does(number, &asked) {
            Does::Answers(bytes) => (bytes, true),
            Does::AnswersAndCloses(bytes) => (bytes, false),
            Does::Holds(bytes) => {
                let _ = out.write_all(bytes.as_bytes());
                let _ = input.read(&mut [0]);
                return;
            }
            Does::Closes => return,
        };
        if out.write_all(bytes.as_bytes()).is_err() || !more {
            return;
        }
    }
}

/// A server that speaks only HTTP/2, and answers each call by `reset`'s reason, or well where there is none.
fn serve_two(reset: Option<u32>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("{e}"));
    let address = listener.local_addr().unwrap_or_else(|e| panic!("{e}"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap_or_else(|e| panic!("{e}")).block_on(async move {
            listener.set_nonblocking(true).unwrap_or_else(|e| panic!("{e}"));
            let listener = tokio::net::TcpListener::from_std(listener).unwrap_or_else(|e| panic!("{e}"));
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    while let Some(Ok((_, mut respond))) = connection.accept().await {
                        if let Some(reason) = reset {
                            respond.send_reset(reason.into());
                            continue;
                        }
                        let head = http::Response::builder().header("content-type", "application/json").body(());
                        let sent = respond.send_response(head.unwrap_or_default(), false);
                        let _ = sent.map(|mut stream| stream.send_data(JSON.into(), true));
                    }
                });
            }
        });
    });
    format!("http://{address}")
}

/// Calls of one session, each with its target and how it was recorded; all were answered well.
fn record(calls: &[(&str, Option<&str>, HttpVersion)], content_type: &str, body: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let file = folder.path().join("traffic.jsonl");
    let mut writer = Writer::create(&file, true).unwrap_or_else(|e| panic!("{e}"));
    for (index, (target, connection, http)) in calls.iter().enumerate() {
        let call = Call {
            method: "GET".to_owned(),
            target: (*target).to_owned(),
            metadata: Metadata::from_iter([("host", "shop.test")]),
            body: Body::Empty,
        };
        let reply = Reply {
            status: 200,
            metadata: Metadata::from_iter([("content-type", content_type)]),
            body: Body::of(body.to_owned()),
            trailers: Metadata::new(),
        };
        let exchange = Exchange {
            index: index as u64,
            session: 0,
            last: index + 1 == calls.len(),
            offset_ms: index as u64,
            call,
            reply: Some(reply),
            bindings: Vec::new(),
            used: Vec::new(),
            via: Via { connection: connection.map(str::to_owned), http: *http },
        };
        writer.push(&exchange).unwrap_or_else(|e| panic!("{e}"));
    }
    writer.finish().unwrap_or_else(|e| panic!("{e}"));
    folder
}

/// Runs straddle: its findings above info, and the run.
fn check(folder: &tempfile::TempDir, old: &str, new: &str) -> (Vec<String>, Run) {
    let manifest = format!(
        "[project]\nname = \"c\"\n[service.s.old]\nurl = \"{old}\"\n[service.s.new]\nurl = \"{new}\"\n\
         [[recording]]\nfile = \"traffic.jsonl\"\nservice = \"s\"\nclient = \"old\"\n[replay]\ntimeout = \"4s\"\n"
    );
    std::fs::write(folder.path().join("straddle.toml"), manifest).unwrap_or_else(|e| panic!("{e}"));
    let mut straddle = std::process::Command::new(env!("CARGO_BIN_EXE_straddle"));
    straddle.current_dir(folder.path()).args(["check", "--report", "json=report.json"]);
    let output = straddle.output().unwrap_or_else(|e| panic!("{e}"));
    let report = std::fs::read_to_string(folder.path().join("report.json"))
        .unwrap_or_else(|_| panic!("no report: {}", String::from_utf8_lossy(&output.stderr)));
    let run: Run = serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e}"));
    let breaks = run.findings.iter().filter(|finding| finding.severity > Severity::Info);
    let found = breaks.map(|f| format!("{} {} at {}", f.rule, f.subject, f.at)).collect();
    (found, run)
}

fn calls(connections: [&'static str; 2]) -> tempfile::TempDir {
    let [one, other] = connections.map(Some);
    record(&[("/a", one, HttpVersion::Http11), ("/b", other, HttpVersion::Http11)], "application/json", JSON)
}

fn well(_: usize, _: &str) -> Does {
    Does::Answers(OK)
}

#[test]
fn a_build_that_answers_the_second_call_of_a_connection_wrongly_is_found() {
    let wrong = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    let punishes = move |number: usize, _: &str| if number == 1 { Does::Answers(OK) } else { Does::Answers(wrong) };
    let (old, new) = (serve(well).0, serve(punishes).0);
    assert_eq!(check(&calls(["1", "1"]), &old, &new).0, ["http/status-changed GET /b at status"]);
    assert_eq!(check(&calls(["1", "2"]), &old, &new).0, [""; 0], "they were recorded apart");
    assert_eq!(check(&calls(["1", "1"]), &new, &serve(punishes).0).0, [""; 0], "its control does so too");
}

#[test]
fn a_build_that_breaks_a_shared_connection_off_is_found_and_one_that_ends_it_well_is_not() {
    let breaks = |number: usize, _: &str| if number == 1 { Does::Answers(OK) } else { Does::Closes };
    let (old, new) = (serve(well).0, serve(breaks).0);
    assert_eq!(check(&calls(["1", "1"]), &old, &new).0, ["http/fault GET /b at reply"]);
    assert_eq!(check(&calls(["1", "1"]), &serve(breaks).0, &serve(breaks).0).0, [""; 0], "its control does so too");
    let closes = serve(|_, _| Does::AnswersAndCloses(OK)).0;
    let (found, run) = check(&calls(["1", "1"]), &old, &closes);
    assert_eq!((found, run.checks[0].observations), (vec![], 2), "a client sees that, and opens another");
    let announced =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"id\":1}";
    let (found, run) = check(&calls(["1", "1"]), &old, &serve(move |_, _| Does::AnswersAndCloses(announced)).0);
    assert_eq!((found, run.checks[0].observations), (vec![], 2));
}

#[test]
fn calls_go_over_as_many_connections_as_they_were_recorded_with() {
    for (connections, expected) in [(["1", "1"], 1), (["1", "2"], 2)] {
        let ((old, ours), (new, theirs)) = (serve(well), serve(well));
        assert_eq!(check(&calls(connections), &old, &new).0, [""; 0]);
        // Two lanes to each server, which is its own twin.
        let counts = (ours.load(Ordering::SeqCst), theirs.load(Ordering::SeqCst));
        assert_eq!(counts, (2 * expected, 2 * expected), "{connections:?}");
    }
}

#[test]
fn a_call_that_was_recorded_by_http_2_is_sent_so_where_the_control_speaks_it() {
    let by_two = || record(&[("/a", Some("1"), HttpVersion::Http2); 2], "application/json", JSON);
    let (two, one) = (serve_two(None), serve(well).0);
    let (found, run) = check(&by_two(), &two, &serve_two(None));
    assert_eq!((found, run.checks[0].observations), (vec![], 2));
    let (found, _) = check(&by_two(), &two, &one);
    assert_eq!(found, ["http/fault GET /a at reply"], "clients behind a balancer that speaks HTTP/2 would meet that");
    let (found, run) = check(&by_two(), &one, &serve(well).0);
    assert_eq!((found, run.checks[0].observations), (vec![], 2));
    let note = "traffic.jsonl: 2 exchanges were recorded by HTTP/2, which the old build does not speak: all were sent HTTP/1.1";
    assert!(run.notes.iter().any(|said| said == note), "{:?}", run.notes);
    let (found, run) = check(&by_two(), &two, &serve_two(Some(7)));
    assert_eq!(found, ["http/fault GET /a at reply"]);
    let message = &run.findings[0].message;
    assert!(message.ends_with("the server broke the HTTP/2 stream off: RST_STREAM REFUSED_STREAM"), "{message}");
    let (found, _) = check(&by_two(), &serve_two(Some(7)), &serve_two(Some(7)));
    assert_eq!(found, [""; 0], "its control does so too");
}

#[test]
fn a_stream_that_never_ends_hangs_nothing_and_is_compared() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    const EVENTS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\"a\":1,\"b\":2}\n\ndata: {\"a\":1,\"b\":2}\n\n";
    const FEWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\"a\":1,\"b\":2}\n\ndata: {";
    const OTHER: &str =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\"a\":1}\n\ndata: {\"a\":1}\n\n";
    let stream = record(&[("/s", None, HttpVersion::Http11)], "text/event-stream", &EVENTS[HEAD.len()..]);
    let endless = serve(|_, _| Does::Holds(EVENTS)).0;
    let ends = serve(|_, _| Does::AnswersAndCloses(EVENTS)).0;
    let started = Instant::now();
    for (old, new, expected) in [
        (&endless, Does::Holds(EVENTS), &[][..]),
        (&endless, Does::Holds(FEWER), &["http/rows-changed GET /s at $"]),
        (&endless, Does::Holds(OTHER), &["http/field-removed GET /s at $[].data.b"]),
        (&endless, Does::Holds(HEAD), &["http/emptied GET /s at $"]),
        (&ends, Does::AnswersAndCloses(EVENTS), &[]),
        (&ends, Does::Holds(EVENTS), &["http/fault GET /s at reply"]),
    ] {
        assert_eq!(check(&stream, old, &serve(move |_, _| new).0).0, expected);
    }
    // Where the recording saw another number of events, the clock may have decided how many came.
    let longer = format!("{}{}", &EVENTS[HEAD.len()..], &EVENTS[HEAD.len()..]);
    let stream = record(&[("/s", None, HttpVersion::Http11)], "text/event-stream", &longer);
    assert_eq!(check(&stream, &endless, &serve(|_, _| Does::Holds(FEWER)).0).0, [""; 0]);
    assert!(started.elapsed() < Duration::from_mins(1), "it took {:?}", started.elapsed());
}
