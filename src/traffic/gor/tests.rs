//! `GoReplay` files, as several of its releases write them, and wrong in many ways.

use std::io::Write as _;
use std::path::PathBuf;

use crate::model::{Body, Exchange, HttpVersion};
use crate::traffic::{TrafficError, import, open};

const MONKEYS: &str = "\n🐵🙈🙉\n";
const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

/// A record with its separator.
fn record(header: &str, message: &str) -> String {
    format!("{header}\n{message}{MONKEYS}")
}

fn get(id: &str, at: u64, target: &str) -> String {
    record(&format!("1 {id} {at}000000"), &format!("GET {target} HTTP/1.1\r\nHost: shop.test\r\n\r\n"))
}

fn ok(id: &str, at: u64, body: &str) -> String {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    record(&format!("2 {id} {at}000000 999"), &format!("{head}{body}"))
}

/// What came of it: targets with replies, and the notes.
struct Came {
    exchanges: Vec<Exchange>,
    notes: String,
}

fn read(files: &[(&str, &[u8])]) -> Result<Came, TrafficError> {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    for ((_, bytes), path) in files.iter().zip(&paths) {
        std::fs::write(path, bytes).unwrap();
    }
    let out = folder.path().join("out.jsonl");
    let imported = import(&paths, &out)?;
    let exchanges = open(&out)?.exchanges()?.collect::<Result<_, _>>()?;
    Ok(Came { exchanges, notes: imported.notes.join("\n") })
}

/// Each exchange as `target reply-body`, the body `-` where there is no reply and `?` where it is unknown.
fn check(file: &str, expected: &[&str], notes: &[&str]) -> Vec<Exchange> {
    let came = read(&[("t.gor", file.as_bytes())]).unwrap_or_else(|e| panic!("{e}"));
    let shown: Vec<String> = came.exchanges.iter().map(shown).collect();
    assert_eq!(shown, expected, "{file}\n{}", came.notes);
    for note in notes {
        assert!(came.notes.contains(note), "`{note}` is not in:\n{}", came.notes);
    }
    assert!(!notes.is_empty() || came.notes.is_empty(), "{}", came.notes);
    came.exchanges
}

fn shown(exchange: &Exchange) -> String {
    let body = |body: &Body| match body.bytes() {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => "?".to_owned(),
    };
    let reply = exchange.reply.as_ref().map_or_else(|| "-".to_owned(), |reply| body(&reply.body));
    format!("{} {reply}", exchange.call.target)
}

#[test]
fn requests_and_replies_are_paired_by_their_ids_of_any_length() {
    let file = [A, B, C].map(|id| get(id, 5, "/") + &ok(id, 6, "{}")).concat();
    let all = check(&file, &["/ {}", "/ {}", "/ {}"], &[]);
    assert_eq!(all[0].call.metadata.get("host"), Some("shop.test"));
    assert_eq!(all[0].reply.as_ref().map(|reply| reply.status), Some(200));
}

#[test]
fn headers_of_three_and_of_four_fields_are_read() {
    let file = record(&format!("1 {A} 7 3"), "GET /b HTTP/1.0\r\n\r\n")
        + &record(&format!("1 {B} 6"), "GET /a HTTP/1.1\r\n\r\n")
        + &record(&format!("2 {A} 12"), "HTTP/1.1 204 No Content\r\n\r\n");
    let all = check(&file, &["/a -", "/b "], &["1 request is without a reply"]);
    assert_eq!(all[1].via.http, HttpVersion::Http10);
}

#[test]
fn records_in_any_order_are_put_in_that_of_their_times() {
    let file = ok(B, 1, "b") + &get(C, 9, "/c") + &get(A, 3, "/a") + &ok(C, 2, "c") + &get(B, 6, "/b") + &ok(A, 8, "a");
    let all = check(&file, &["/a a", "/b b", "/c c"], &[]);
    assert_eq!(all.iter().map(|exchange| exchange.offset_ms).collect::<Vec<_>>(), [0, 3, 6]);
}

#[test]
fn the_last_separator_may_be_missing() {
    let file = get(A, 1, "/a") + &ok(A, 2, "{}");
    check(file.trim_end_matches(MONKEYS), &["/a {}"], &[]);
    check(file.trim_end_matches("🙉\n").trim_end_matches(MONKEYS), &["/a {}"], &[]);
    let half = &file[..file.len() - MONKEYS.len() - 1];
    check(half, &["/a -"], &["record 1 is left out: the file ends within it", "without a reply"]);
    let bodiless = get(A, 1, "/a");
    check(bodiless.trim_end_matches(MONKEYS), &["/a -"], &["without a reply"]);
}

#[test]
fn a_separator_in_a_body_is_told_by_the_length() {
    let inner = get(B, 1, "/inner") + "x";
    let file = get(A, 1, "/a") + &ok(A, 2, &inner) + &get(C, 3, "/c");
    check(&file, &[&format!("/a {inner}"), "/c -"], &["1 request is without a reply"]);
    let post = format!("POST /p HTTP/1.1\r\nContent-Length: {}\r\n\r\n{inner}", inner.len());
    let all = check(&record(&format!("1 {A} 1"), &post), &["/p -"], &["without a reply"]);
    assert_eq!(all[0].call.body, Body::of(inner));
}

#[test]
fn chunks_are_joined_and_may_hold_separators() {
    let body = format!("2;x=y\r\nab\r\n{:X}\r\n{MONKEYS}\r\n0\r\nX-Sum: 7\r\n\r\n", MONKEYS.len());
    let reply = record(&format!("2 {A} 2"), &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"));
    let all =
        check(&(get(A, 1, "/a") + &reply + &get(B, 2, "/b")), &[&format!("/a ab{MONKEYS}"), "/b -"], &["without"]);
    let trailers: Vec<_> = all[0].reply.as_ref().map(|reply| reply.trailers.iter().collect()).unwrap();
    assert_eq!(trailers, [("X-Sum", "7")]);
}

#[test]
fn chunks_that_a_tool_has_joined_already_are_taken_as_they_are() {
    let reply = record(&format!("2 {A} 2"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{\"id\":7}");
    check(&(get(A, 1, "/a") + &reply), &["/a {\"id\":7}"], &[]);
}

#[test]
fn a_body_that_is_cut_off_is_unknown() {
    let reply = record(&format!("2 {A} 2"), "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
    check(
        &(get(A, 1, "/a") + &reply + &get(B, 3, "/b")),
        &["/a ?", "/b -"],
        &["record 1: its body is cut off", "without"],
    );
    let post = record(&format!("1 {A} 2"), "POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf");
    let all = check(&(post + &get(B, 3, "/b")), &["/ -", "/b -"], &["record 0: its body is cut off", "without"]);
    assert_eq!(all[0].call.body, Body::Unknown);
}

#[test]
fn a_reply_to_head_has_no_body_whatever_its_length() {
    let head = record(&format!("1 {A} 1"), "HEAD / HTTP/1.1\r\n\r\n");
    let reply = record(&format!("2 {A} 2"), "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n");
    let all = check(&(head + &reply + &get(B, 3, "/b")), &["/ ", "/b -"], &["without"]);
    assert_eq!(all[0].reply.as_ref().map(|reply| &reply.body), Some(&Body::Empty));
}

#[test]
fn replayed_replies_are_counted_and_left_out() {
    let file = get(A, 1, "/a") + &ok(A, 2, "mine") + &ok(A, 3, "theirs").replacen('2', "3", 1);
    check(&file, &["/a mine"], &["1 replayed reply is left out: another build gave them"]);
}

#[test]
fn what_goes_to_no_server_is_left_out() {
    let socket = ok(B, 4, "").replacen("200 OK", "101 Switching Protocols", 1);
    let connect = record(&format!("1 {C} 5"), "CONNECT a.test:443 HTTP/1.1\r\n\r\n");
    let absolute = record(&format!("1 {A} 6"), "GET http://b.test/x HTTP/1.1\r\n\r\n");
    let all = check(
        &(get(B, 3, "/ws") + &socket + &connect + &absolute + &ok(A, 7, "x")),
        &["/x x"],
        &["1 upgraded connection is left out", "record 2 is left out: a CONNECT"],
    );
    assert_eq!(all[0].call.metadata.get("host"), Some("b.test"));
}

#[test]
fn what_makes_no_sense_is_left_out_and_the_rest_is_read() {
    for (wrong, note) in [
        (record("nonsense", "x"), "record 0 is left out: its first line is no header"),
        (record(&format!("1 {B} 1"), "\0\0\0\r\n\r\n"), "record 0 is left out: `\0\0\0` is no first line of HTTP"),
        (record(&format!("1 {B} 1"), "GET / HTTP/1.1"), "record 0 is left out: its head does not end"),
        (record(&format!("2 {B} 1"), "HTTP/1.1 x\r\n\r\n"), "record 0 is left out: `HTTP/1.1 x` is no first line"),
        (ok(B, 1, "nobody asked"), "1 reply is left out: there is no request of the same id"),
        (
            record(&format!("1 {B} 1"), &format!("GET / HTTP/1.1\r\n{}\r\n\r\n", "a: b\r\n".repeat(1_000_000))),
            "record 0 is left out: its head is longer than 1 MiB",
        ),
        (
            record(
                &format!("1 {B} 1"),
                &format!("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n{}", "x".repeat(70 << 20)),
            ),
            "record 0 is left out: it is longer than 64 MiB",
        ),
    ] {
        check(&(wrong + &get(A, 1, "/a") + &ok(A, 2, "{}")), &["/a {}"], &[note]);
    }
}

#[test]
fn a_file_of_nothing_that_can_be_read_is_an_error() {
    for (name, bytes, expected) in [
        (
            "t.gor",
            &b"hello"[..],
            "t.gor: no record can be read (record 0 is left out: its first line is no header of a record)",
        ),
        ("t.gor", b"\xff\0\n\n", "t.gor: no record can be read"),
        ("t.gor", ok(A, 1, "").as_bytes(), "t.gor: there is no request in it; import it together with"),
        ("t.gor", b"", "t.gor is empty"),
        ("t.gor.gz", &[0x1f, 0x8b, 8, 0], "t.gor.gz: no record can be read"),
    ] {
        let error = read(&[(name, bytes)]).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_file_is_known_by_its_content_too() {
    let came =
        read(&[("traffic.txt", (get(A, 1, "/a") + &ok(A, 2, "{}")).as_bytes())]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(came.exchanges.len(), 1);
}

#[test]
fn several_files_are_one_recording_and_a_reply_may_be_in_another() {
    let first = get(A, 5, "/late") + &get(B, 1, "/early");
    let second = ok(B, 2, "early") + &get(C, 3, "/between") + &ok(A, 9, "late");
    let files = [("t_0.gor", first.as_bytes()), ("t_1.gor", second.as_bytes())];
    let came = read(&files).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(came.exchanges.iter().map(shown).collect::<Vec<_>>(), ["/early early", "/between -", "/late late"]);
}

/// One member of gzip.
fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn members_of_gzip_are_read_one_after_the_other() {
    let bytes = [packed(&get(A, 1, "/a")), packed(&ok(A, 2, "{}"))].concat();
    let came = read(&[("t.gor.gz", &bytes)]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(came.exchanges.iter().map(shown).collect::<Vec<_>>(), ["/a {}"]);
}

#[test]
fn of_a_truncated_gzip_file_what_was_whole_is_kept() {
    let mut bytes = packed(&(get(A, 1, "/a") + &ok(A, 2, "{}")));
    let whole = bytes.len();
    // The rest does not compress well: it is really cut.
    let noise: Vec<String> = (0_u64..9_000).map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    bytes.extend(packed(&(get(B, 3, "/b") + &ok(B, 4, &noise.concat()))));
    bytes.truncate(whole + 20_000);
    let came = read(&[("t.gor.gz", &bytes)]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(came.exchanges.iter().map(shown).collect::<Vec<_>>(), ["/a {}", "/b -"]);
    assert!(came.notes.contains("the file can't be read to its end"), "{}", came.notes);
}

#[test]
fn a_bomb_is_passed_over_without_being_held() {
    let bomb = record(&format!("1 {B} 1"), &format!("GET / HTTP/1.1\r\n\r\n{}", "x".repeat(200 << 20)));
    let bytes = packed(&(bomb + &get(A, 1, "/a")));
    let came = read(&[("t.gor.gz", &bytes)]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(came.exchanges.iter().map(shown).collect::<Vec<_>>(), ["/a -"]);
}
