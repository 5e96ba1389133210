//! Recordings, written and read back: any, the sample of each version, and broken ones.

use std::io::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;

use super::redaction::Redaction;
use super::*;
use crate::model::{
    At, Binding, Body, Call, Exchange, HttpVersion, Metadata, Place, Producer, Reply, Step, Via, Within,
};

const HEADER: &str = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":0}\n";

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Vec<Exchange>, TrafficError> {
    let (_folder, path) = file("r.jsonl", bytes);
    open(&path)?.exchanges()?.collect()
}

fn write_and_read(name: &str, exchanges: &[Exchange]) -> Vec<Exchange> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut writer = Writer::create(&path, false).unwrap();
    for exchange in exchanges {
        writer.push(exchange).unwrap();
    }
    writer.finish().unwrap();
    let recording = open(&path).unwrap();
    assert_eq!(recording.count().unwrap(), exchanges.len() as u64);
    assert_eq!(recording.name, name);
    recording.exchanges().unwrap().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_sample_of_version_1_0_is_read_as_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/recording-1.0.jsonl");
    let exchanges: Vec<Exchange> = open(&path).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(exchanges.len(), 4);
    assert_eq!(exchanges[1].bindings[0].at.to_string(), "path 1");
    assert_eq!(exchanges[1].bindings[0].from.len(), 2);
    assert_eq!(exchanges[2].call.body, Body::Unknown);
    assert_eq!(exchanges[3].reply, None);
    let written = write_and_read("again.jsonl", &exchanges);
    assert_eq!(written, exchanges);
}

#[test]
fn the_sample_of_version_1_1_is_read_as_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/recording-1.1.jsonl");
    let exchanges: Vec<Exchange> = open(&path).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    let via = |connection: Option<&str>, http| Via { connection: connection.map(str::to_owned), http };
    let crossed: Vec<Via> = exchanges.iter().map(|exchange| exchange.via.clone()).collect();
    let seen = [
        via(Some("3"), HttpVersion::Http2),
        via(Some("3"), HttpVersion::Http2),
        via(Some("c 4"), HttpVersion::Http10),
        via(None, HttpVersion::Http11),
    ];
    assert_eq!(crossed, seen);
    assert_eq!(write_and_read("again.jsonl", &exchanges), exchanges);
}

#[test]
fn sessions_whose_secrets_were_taken_out_are_left_out_and_counted() {
    let line = |index: u64, session: u64, call: &str| {
        format!("{{\"index\":{index},\"session\":{session},\"call\":{{\"method\":\"GET\",{call}}}}}\n")
    };
    let text = format!(
        "{HEADER}{}{}{}{}",
        line(0, 1, "\"target\":\"/a\""),
        line(1, 2, "\"target\":\"/b\""),
        line(2, 1, "\"target\":\"/login?password={secret:password#1}\""),
        line(3, 2, "\"target\":\"/secrets?like={secret:}&or={secret:a#b}&or={secret:a#1\""),
    );
    let (_folder, path) = file("r.jsonl", text.as_bytes());
    let recording = open(&path).unwrap_or_else(|e| panic!("{e}"));
    let sent: Vec<u64> = recording.exchanges().unwrap().map(|exchange| exchange.unwrap().index).collect();
    assert_eq!((recording.withheld(), recording.count().unwrap(), sent), (1, 2, vec![1, 3]));
}

#[test]
fn a_recording_that_was_cut_off_is_told_of_what_redaction_may_have_learned_too_late() {
    let lines = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":1,\"settled\":false,\"redacted\":true}\n\
                 {\"index\":0,\"call\":{\"method\":\"GET\",\"target\":\"/?password={secret:password#1}\"}}\n";
    let (folder, part) = file("out.jsonl.part", lines.as_bytes());
    let imported = import(&[part], &folder.path().join("out.jsonl")).unwrap_or_else(|e| panic!("{e}"));
    assert!(imported.notes.iter().any(|note| note.contains("known late")), "{:?}", imported.notes);
    let plain = lines.replace("?password={secret:password#1}", "");
    let (folder, part) = file("out.jsonl.part", plain.as_bytes());
    let imported = import(&[part], &folder.path().join("out.jsonl")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(imported.notes, [""; 0]);
}

#[test]
fn what_is_wrong_with_a_recording_is_said_with_line_and_next_step() {
    let line = |index: u64, more: &str| {
        format!("{{\"index\":{index},\"call\":{{\"method\":\"GET\",\"target\":\"/\"}}{more}}}\n")
    };
    let bound = ",\"bindings\":[{\"at\":\"path 0\",\"value\":\"x\",\"from\":[{\"exchange\":7,\"at\":\"$.id\"}]}]";
    for (text, expected) in [
        (String::new(), "is empty; record or export it again"),
        ("\n \n".to_owned(), "is empty; record or export it again"),
        (
            "hello\n".to_owned(),
            "line 1: not a recording: its first line is not JSON; give a straddle recording, a HAR file or a GoReplay file",
        ),
        (
            "{\"a\":1}\n".to_owned(),
            "line 1: not a recording: its first line has no `\"format\":\"straddle-recording\"`",
        ),
        ("{\"format\":\"x\",\"major\":1}\n".to_owned(), "line 1: not a recording: its format is `x`"),
        (HEADER.replace("1,", "2,"), "line 1: format 2.x is newer than 1.x"),
        (
            format!("{HEADER}{}", line(0, "").trim_end_matches("}\n")),
            "line 2: ends in the middle of an exchange; the file was cut off",
        ),
        (format!("{HEADER}{{}}\n"), "line 2: not an exchange: missing field `index`"),
        (format!("{HEADER}nonsense\n"), "line 2: not an exchange: expected"),
        (
            format!("{HEADER}{}{}", line(1, ""), line(1, "")),
            "line 3: exchange 1 stands twice; order the lines by `index`",
        ),
        (
            format!("{HEADER}\n{}{}", line(1, ""), line(0, "")),
            "line 4: exchange 0 comes after exchange 1; order the lines",
        ),
        (format!("{HEADER}{}", line(7, bound)), "line 2: `path 0` is bound to exchange 7, which is not an earlier one"),
        (
            format!("{HEADER}{}", line(8, &bound.replace("path 0", "pat"))),
            "line 2: not an exchange: `pat` names no place",
        ),
        (
            format!("{HEADER}{}", line(8, ",\"reply\":{\"status\":200,\"body\":{\"txt\":1}}")),
            "line 2: not an exchange: a body is null",
        ),
    ] {
        let error = read(text.as_bytes()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected) && error.contains("r.jsonl"), "{text:?}: {error}");
    }
}

#[test]
fn a_newer_minor_and_a_missing_last_line_break_are_fine() {
    let header = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":9,\"by\":\"later\"}\n\n";
    let line = "{\"index\":3,\"mood\":1,\"call\":{\"method\":\"GET\",\"target\":\"/\",\"body\":\"text\",\"via\":2}}";
    let read = read(format!("\u{feff}{header}{line}").as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(read[0].call.body, Body::of("text"));
    assert_eq!(read[0].reply, None);
}

#[test]
fn after_an_error_nothing_more_comes() {
    let (_folder, path) = file("r.jsonl", HEADER.as_bytes());
    let recording = open(&path).unwrap();
    std::fs::write(&path, format!("{HEADER}nonsense\nnonsense\n")).unwrap();
    assert_eq!(recording.exchanges().unwrap().count(), 1);
}

#[test]
fn a_truncated_compressed_recording_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.zst");
    let mut writer = Writer::create(&path, false).unwrap();
    let call = Call { method: "GET".into(), target: "/".into(), ..Call::default() };
    let exchange = Exchange {
        index: 0,
        session: 0,
        last: true,
        offset_ms: 0,
        call,
        reply: None,
        bindings: vec![],
        used: vec![],
        via: Via::default(),
    };
    writer.push(&exchange).unwrap();
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let result = open(&path).and_then(|recording| recording.exchanges()?.collect::<Result<Vec<_>, _>>());
    let error = result.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("cut off"), "{error}");
}

#[test]
fn a_recording_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(Writer::create(&folder.path().join("r.jsonl"), false).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A small HAR file: a login, a call with its token, and a call of another user.
fn har() -> String {
    let entry = |second: u32, target: &str, token: &str, reply: &str| {
        serde_json::json!({
            "startedDateTime": format!("2026-01-01T00:00:0{second}.250Z"),
            "request": {
                "method": "GET", "url": format!("https://shop.test{target}"),
                "headers": [{"name": "Authorization", "value": format!("Bearer {token}")}],
            },
            "response": {"status": 200, "content": {"mimeType": "application/json", "text": reply}},
        })
    };
    let entries = [
        entry(1, "/orders", "a1b2c3d4", "{\"id\":7}"),
        entry(2, "/orders", "e5f6a7b8", "{\"id\":8}"),
        entry(3, "/orders/7", "a1b2c3d4", "{}"),
    ];
    serde_json::json!({"log": {"entries": entries}}).to_string()
}

#[test]
fn a_har_file_reads_the_same_imported_and_on_the_fly() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let out = folder.path().join("shop.jsonl");
    let imported = import_with(std::slice::from_ref(&path), &out, Redaction::Off).unwrap();
    assert_eq!((imported.exchanges, imported.sessions, imported.bindings), (3, 2, 1));
    let read = |path: &Path| open(path).unwrap().exchanges().unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let exchanges = read(&path);
    assert_eq!(exchanges, read(&out));
    assert_eq!(
        exchanges.iter().map(|e| (e.session, e.last, e.offset_ms)).collect::<Vec<_>>(),
        [(0, false, 0), (1, true, 1000), (0, true, 2000)]
    );
    assert_eq!(exchanges[0].used, ["$.id".parse().unwrap()]);
    assert_ne!(open(&path).unwrap().digest, open(&out).unwrap().digest);
    assert_eq!((open(&path).unwrap().count().unwrap(), open(&path).unwrap().session_count()), (3, 2));
}

#[test]
fn several_files_become_one_recording() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let out = folder.path().join("both.jsonl.zst");
    let imported = import_with(&[path.clone(), path], &out, Redaction::Off).unwrap();
    assert_eq!((imported.exchanges, imported.sessions), (6, 2));
    let exchanges: Vec<Exchange> = open(&out).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(exchanges.iter().map(|e| e.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert!(exchanges.windows(2).all(|two| two[0].offset_ms <= two[1].offset_ms));
}

#[test]
fn a_recording_is_not_imported_again() {
    let (folder, path) = file("shop.jsonl", HEADER.as_bytes());
    let error = import(&[path], &folder.path().join("out.jsonl")).unwrap_err().to_string();
    assert!(error.ends_with("shop.jsonl: it is a straddle recording already; use it as it is"), "{error}");
}

#[test]
fn a_broken_har_file_on_one_line_is_refused_with_its_column() {
    let broken = har().replacen("\"request\":", "\"request\";", 1);
    let column = broken.find(';').unwrap() + 1;
    let error = read(broken.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(&format!("line 1, column {column}: not JSON")), "{error}");
}

#[test]
fn a_har_file_with_half_a_surrogate_pair_is_read_and_said_to_have_one() {
    let (_folder, path) = file("shop.har", har().replace("Bearer a1b2c3d4", "Bearer \\ud83d").as_bytes());
    let recording = open(&path).unwrap();
    assert!(recording.notes().iter().any(|note| note.contains("surrogate")), "{:?}", recording.notes());
}

#[test]
fn a_failed_import_leaves_what_was_there() {
    let (folder, path) = file("bad.har", b"{\"log\":{\"entries\":[");
    let out = folder.path().join("out.jsonl");
    std::fs::write(&out, "precious").unwrap();
    assert!(import(&[path], &out).is_err());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious");
}

#[test]
fn a_recording_that_came_meanwhile_is_not_overwritten() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let out = folder.path().join("r.jsonl");
    import_new(std::slice::from_ref(&path), &out, Redaction::new()).unwrap();
    std::fs::write(&out, "precious").unwrap();
    let error = import_new(&[path], &out, Redaction::new()).unwrap_err().to_string();
    assert!(error.contains("r.jsonl is there already"), "{error}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn a_recording_that_is_still_written_is_imported_and_half_a_line_left_out() {
    let header = HEADER.replace("\"minor\":0", "\"minor\":1,\"settled\":false");
    let line = |index: u64, offset: u64, connection: &str| {
        format!(
            "{{\"index\":{index},\"offset_ms\":{offset},\"call\":{{\"method\":\"GET\",\"target\":\"/{index}\"}},\"via\":{{\"connection\":\"{connection}\"}}}}\n"
        )
    };
    // Lines stand in the order in which replies ended.
    let lines = line(1, 7, "b") + &line(0, 0, "a") + &line(3, 9, "a") + &line(2, 9, "a");
    let text = format!("{header}{lines}{}", &line(4, 9, "a")[..30]);
    let (folder, path) = file("out.jsonl.part", text.as_bytes());
    let out = folder.path().join("out.jsonl");
    let imported = import(std::slice::from_ref(&path), &out).unwrap();
    assert_eq!((imported.exchanges, imported.sessions), (4, 2));
    assert_eq!(imported.notes, ["line 6 is left out: the file was cut off within it"]);
    let exchanges: Vec<Exchange> = open(&out).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    let seen: Vec<_> = exchanges.iter().map(|e| (e.call.target.as_str(), e.session, e.last, e.offset_ms)).collect();
    // Within a millisecond the order is that in which calls began.
    assert_eq!(seen, [("/0", 0, false, 0), ("/1", 1, true, 7), ("/2", 0, false, 9), ("/3", 0, true, 9)]);
    assert_eq!(exchanges[1].via.connection.as_deref(), Some("b"));
}

#[test]
fn a_file_that_changes_while_it_is_open_is_known_by_it() {
    let line = "{\"index\":0,\"call\":{\"method\":\"GET\",\"target\":\"/\"}}\n";
    let text = format!("{HEADER}{line}");
    for (change, how) in
        [("grow", "it had 101 bytes, and now 102"), ("replace", "another file took its name"), ("remove", "it is gone")]
    {
        let (folder, path) = file("r.jsonl", text.as_bytes());
        let recording = open(&path).unwrap();
        let mut exchanges = recording.exchanges().unwrap();
        match change {
            "grow" => std::fs::write(&path, format!("{text}\n")).unwrap(),
            "replace" => {
                std::fs::write(folder.path().join("other"), &text).unwrap();
                std::fs::rename(folder.path().join("other"), &path).unwrap();
            }
            _ => std::fs::remove_file(&path).unwrap(),
        }
        let error = exchanges.find_map(Result::err).map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("r.jsonl changed while it was read") && error.contains(how), "{change}: {error}");
    }
}

#[test]
fn a_line_that_never_ends_is_not_read_to_its_end() {
    // Three hundred MiB, in a few kilobytes.
    let (_folder, path) = file("bomb.jsonl", b"");
    let mut packed = zstd::stream::write::Encoder::new(std::fs::File::create(&path).unwrap(), 3).unwrap();
    packed.write_all(HEADER.as_bytes()).unwrap();
    for _ in 0..300 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    packed.finish().unwrap();
    let error = open(&path).unwrap_err().to_string();
    assert!(error.contains("bomb.jsonl, line 2: is longer than 128 MiB"), "{error}");
}

#[test]
fn a_recording_never_takes_the_place_of_what_is_no_file() {
    let (_folder, path) = file("shop.har", har().as_bytes());
    let error = import(&[path], Path::new("/dev/full")).unwrap_err().to_string();
    assert!(error.contains("can't write recording /dev/full: it is there already, and is no file"), "{error}");
}

#[test]
fn a_folder_and_a_missing_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("missing.har")] {
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("can't read recording {}", path.display())), "{error}");
    }
}

#[test]
fn files_of_several_formats_are_merged_by_time() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let at = 1_767_225_602_000_000_000_u64;
    let gor = format!("1 aaaaaaaaaaaaaaaaaaaaaaaa {at}\nGET /between HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    std::fs::write(folder.path().join("shop.gor"), gor).unwrap();
    let out = folder.path().join("both.jsonl");
    import_with(&[path, folder.path().join("shop.gor")], &out, Redaction::Off).unwrap();
    let exchanges: Vec<Exchange> = open(&out).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    let seen: Vec<_> = exchanges.iter().map(|e| (e.call.target.as_str(), e.offset_ms)).collect();
    assert_eq!(seen, [("/orders", 0), ("/between", 750), ("/orders", 1000), ("/orders/7", 2000)]);
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,8}", "\\PC{0,12}", any::<String>()]
}

fn metadata() -> impl Strategy<Value = Metadata> {
    proptest::collection::vec((text(), text()), 0..4).prop_map(Metadata::from_iter)
}

fn body() -> impl Strategy<Value = Body> {
    let frame = prop_oneof![any::<Vec<u8>>(), text().prop_map(String::into_bytes)].prop_map(bytes::Bytes::from);
    prop_oneof![Just(Body::Unknown), Just(Body::Empty), proptest::collection::vec(frame, 0..3).prop_map(Body::Frames)]
}

fn place() -> impl Strategy<Value = Place> {
    let step = prop_oneof![
        text().prop_map(|name| Step::Field(name.into())),
        any::<usize>().prop_map(Step::Item),
        Just(Step::Each)
    ];
    let at = prop_oneof![
        Just(At::Status),
        Just(At::Reply),
        text().prop_map(|name| At::Header(name.to_ascii_lowercase())),
        text().prop_map(At::Cookie),
        any::<usize>().prop_map(At::Segment),
        (text(), any::<usize>()).prop_map(|(name, number)| At::Query(name, number)),
        proptest::collection::vec(step, 0..4).prop_map(|steps| At::Body(crate::model::Path(steps))),
        text().prop_map(At::Link),
    ];
    let within = prop_oneof![
        any::<usize>().prop_map(Within::Segment),
        text().prop_map(Within::Query),
        (text(), text()).prop_map(|(before, after)| Within::Between(before, after)),
        Just(Within::Base64),
        Just(Within::Percent),
    ];
    (at, proptest::collection::vec(within, 0..3)).prop_map(|(at, within)| Place { at, within })
}

type Parts = (u64, bool, Call, Option<Reply>, Vec<(Place, String, Vec<Place>)>, Vec<Place>);

fn exchanges() -> impl Strategy<Value = Vec<Exchange>> {
    let call = (text(), text(), metadata(), body()).prop_map(|(method, target, metadata, body)| Call {
        method,
        target,
        metadata,
        body,
    });
    let reply = (any::<u16>(), metadata(), body(), metadata()).prop_map(|(status, metadata, body, trailers)| Reply {
        status,
        metadata,
        body,
        trailers,
    });
    let bindings = proptest::collection::vec((place(), text(), proptest::collection::vec(place(), 0..3)), 0..3);
    let one = (
        any::<u64>(),
        any::<bool>(),
        call,
        proptest::option::of(reply),
        bindings,
        proptest::collection::vec(place(), 0..3),
    );
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        let exchange = |(index, (number, last, call, reply, bindings, used)): (u64, Parts)| {
            let producers = |places: Vec<Place>| {
                places
                    .into_iter()
                    .filter(|_| index > 0)
                    .map(|at| Producer { exchange: number % index.max(1), at })
                    .collect()
            };
            let bindings =
                bindings.into_iter().map(|(at, value, from)| Binding { at, value, from: producers(from) }).collect();
            Exchange {
                index,
                session: number,
                last,
                offset_ms: number,
                call,
                reply,
                bindings,
                used,
                via: Via::default(),
            }
        };
        (0..).zip(all).map(exchange).collect()
    })
}

/// Any value, or one that may well be right.
fn loose(likely: &'static [&'static str]) -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let likely = proptest::sample::select(likely).prop_map(|text| serde_json::from_str(text).unwrap_or(Value::Null));
    let any = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(serde_json::json!([])),
        Just(serde_json::json!([{"name": 1}, null, {"name": "a", "value": "b"}])),
    ];
    prop_oneof![4 => likely, 1 => any]
}

fn har_entry() -> impl Strategy<Value = serde_json::Value> {
    let request = (
        loose(&["\"GET\"", "\"POST\""]),
        loose(&["\"http://a.test/p/7?x=%ff&y=1#z\"", "\"http://a.test\"", "\"ws://a.test/\""]),
        loose(&["[{\"name\":\":authority\",\"value\":\"b\"}]", "[{\"name\":\"Cookie\",\"value\":\"a=b; c\"}]"]),
        loose(&[
            "{\"text\":\"a=1\"}",
            "{\"mimeType\":\"multipart/form-data\",\"params\":[{\"name\":\"é\",\"value\":\"%4\"}]}",
        ]),
    );
    let response = (
        loose(&["200", "0", "\"304\""]),
        loose(&[
            "{\"text\":\"{\\\"id\\\":7}\",\"mimeType\":\"application/json\"}",
            "{\"text\":\"!\",\"encoding\":\"base64\"}",
        ]),
        loose(&["[{\"name\":\"set-cookie\",\"value\":\"a=b\"}]"]),
    );
    let around = (loose(&["\"2026-01-01T00:00:00Z\""]), loose(&["\"12\""]));
    (request, response, around).prop_map(
        |((method, url, headers, post), (status, content, reply), (at, connection))| {
            serde_json::json!({
                "startedDateTime": at, "connection": connection,
                "request": {"method": method, "url": url, "headers": headers, "postData": post, "bodySize": status},
                "response": {"status": status, "content": content, "headers": reply, "cookies": reply},
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(exchanges in exchanges()) {
        prop_assert_eq!(&write_and_read("r.jsonl", &exchanges), &exchanges);
        prop_assert_eq!(&write_and_read("r.jsonl.zst", &exchanges), &exchanges);
    }

    #[test]
    fn places_of_any_name_are_read_again(place in place()) {
        prop_assert_eq!(place.to_string().parse::<Place>(), Ok(place));
    }

    #[test]
    fn arbitrary_har_entries_never_panic(entries in proptest::collection::vec(har_entry(), 1..6)) {
        let text = serde_json::json!({"log": {"entries": entries}}).to_string();
        if let Ok(exchanges) = read(text.as_bytes()) {
            prop_assert!(!exchanges.is_empty());
            prop_assert_eq!(&write_and_read("r.jsonl", &exchanges), &exchanges);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, tail: String) {
        let _ = read(&bytes);
        let _ = read(format!("{HEADER}{tail}").as_bytes());
        let _ = read(format!("{{\"log\":{{\"entries\":[{tail}]}}}}").as_bytes());
        let _ = tail.parse::<Place>();
    }
}
