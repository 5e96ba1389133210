//! A server that behaves badly, in the manner that it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// What it answers when it means well.
pub(super) const WELL: &str = r#"{"id":1,"name":"tea"}"#;

/// Serves until it is ended. Whatever it does badly, it does when `/x` is asked for; the rest it answers well.
pub(super) fn serve(port: u16, manner: &str) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|error| {
        eprintln!("cannot listen: {error}");
        std::process::exit(1);
    });
    println!("listening");
    for stream in listener.incoming().flatten() {
        let manner = manner.to_owned();
        std::thread::spawn(move || connection(stream, &manner));
    }
}

fn connection(mut out: TcpStream, manner: &str) {
    let mut input = BufReader::new(out.try_clone().unwrap());
    loop {
        let (mut head, mut line) = (String::new(), String::new());
        while input.read_line(&mut line).unwrap_or(0) > 0 && line != "\r\n" {
            head.push_str(&line);
            line.clear();
        }
        if head.is_empty() {
            return;
        }
        // Whoever has hung up is not to be told anything.
        let goes_on = if head.starts_with("GET /x") { answer(&mut out, manner) } else { well(&mut out) };
        if goes_on.is_err() {
            return;
        }
    }
}

fn well(out: &mut TcpStream) -> std::io::Result<()> {
    json(out, WELL)
}

fn json(out: &mut TcpStream, body: &str) -> std::io::Result<()> {
    let length = body.len();
    write!(out, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// A body of about that size that begins with the number of this process, and repeats its middle.
fn filled(out: &mut TcpStream, media: &str, size: usize, [start, piece, end]: [&str; 3]) -> std::io::Result<()> {
    let start = format!("{start}{},", std::process::id());
    let pieces = size / piece.len();
    let length = start.len() + pieces * piece.len() + end.len();
    write!(out, "HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n{start}")?;
    out.write_all(piece.repeat(pieces).as_bytes())?;
    out.write_all(end.as_bytes())
}

fn answer(out: &mut TcpStream, manner: &str) -> std::io::Result<()> {
    let closed = || Err(std::io::ErrorKind::ConnectionAborted.into());
    match manner {
        "dies" => {
            eprintln!("fatal: no shelf for this\nthe last word");
            std::process::exit(7);
        }
        "panics" => {
            eprintln!("thread 'worker' panicked at src/shelf.rs:7:3:\nno such shelf");
            eprintln!("thread 'worker' panicked at src/till.rs:9:1:\nno change");
            json(out, WELL)
        }
        "dies-later" => {
            well(out)?;
            std::thread::sleep(std::time::Duration::from_millis(5));
            std::process::exit(7);
        }
        "dies-once" => {
            // Whoever makes the file is the only one.
            if std::fs::File::create_new("died").is_ok() {
                std::process::exit(7);
            }
            well(out)
        }
        "kills-the-guardian" => {
            let guardian = rustix::process::getppid().unwrap();
            rustix::process::kill_process(guardian, rustix::process::Signal::KILL).unwrap();
            std::thread::sleep(std::time::Duration::from_secs(5));
            well(out)
        }
        "gzip" => {
            // A gigabyte of zeros, packed a member at a time.
            use std::io::Read;
            let mut packed = Vec::new();
            let zeros = vec![0; 1 << 20];
            flate2::read::GzEncoder::new(&zeros[..], flate2::Compression::best()).read_to_end(&mut packed)?;
            let length = packed.len() << 10;
            write!(
                out,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n"
            )?;
            (0..1 << 10).try_for_each(|_| out.write_all(&packed))
        }
        "interim" => loop {
            write!(out, "HTTP/1.1 103 Early Hints\r\n\r\n")?;
        },
        "asks-another" => {
            let mut other = TcpStream::connect(std::env::var("STRADDLE_TEST_HOSTILE_OTHER").unwrap())?;
            other.write_all(b"GET /x HTTP/1.1\r\n\r\n")?;
            BufReader::new(other).read_line(&mut String::new())?;
            well(out)
        }
        "slow-and-less" => {
            std::thread::sleep(std::time::Duration::from_millis(300));
            json(out, r#"{"id":1}"#)
        }
        "endless" => {
            write!(out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            loop {
                write!(out, "1\r\n \r\n")?;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
        "breaks-off" => {
            write!(out, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"id\":")?;
            closed()
        }
        "says-more" => write!(out, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{WELL}"),
        "says-less" => {
            write!(out, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{WELL}")
        }
        "deep" => json(out, &format!("{{\"id\":1,\"name\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))),
        "big" => {
            let chunk = vec![b'a'; 1 << 20];
            write!(out, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n", 100 << 20)?;
            (0..100).try_for_each(|_| out.write_all(&chunk))
        }
        // Far more values than can be held four times, and as much as is taken; in no two instances the same.
        "zeros" => filled(out, "application/json", 4 << 20, ["[", "0,", "0]"]),
        "one-row" => filled(out, "text/csv", 8 << 20, ["", "1,", "1\n"]),
        "noise" => filled(out, "text/plain", (32 << 20) - 100, ["", "a line of text\n", ""]),
        "headers" => {
            write!(out, "HTTP/1.1 200 OK\r\n")?;
            loop {
                write!(out, "x-more: and more\r\n")?;
            }
        }
        "escapes" => {
            let body = "{\"id\":\"\u{1b}]0;evil\u{7}\0\u{202e}\"}";
            write!(
                out,
                "HTTP/1.1 500 \u{1b}[2Jevil\0\r\ncontent-type: application/json\r\nx-\u{1b}[31m: \u{1b}[31mevil\0\r\n\
                 set-cookie: a=\u{1b}[2J\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        }
        "escaped-values" => {
            json(out, "{\"id\":1,\"name\":\"\\u001b]0;evil\\u0007\\u0000\u{202e}\",\"\\u001b[2Jevil\":null}")
        }
        _ => well(out),
    }
}
