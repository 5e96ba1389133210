//! HAR files as browsers and proxies write them, right and wrong.

use serde_json::json;

use super::*;
use crate::model::Body;
use crate::traffic::import::Ordered;

/// What becomes of a file.
struct Har {
    entries: Vec<Kept>,
    notes: Vec<String>,
}

struct Kept {
    call: Call,
    reply: Option<Reply>,
}

fn read(bytes: &[u8]) -> Result<Har, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.har");
    std::fs::write(&path, bytes).unwrap();
    let here = format!("{}/", folder.path().display());
    let ordered = Ordered::read(&path).map_err(|error| error.to_string().replace(&here, ""))?;
    let mut rows = ordered.rows().unwrap();
    let mut entries = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let (call, reply) = (ordered.call(&row).unwrap().0, ordered.reply(&row).unwrap());
        entries.push(Kept { call, reply });
    }
    drop(rows);
    Ok(Har { entries, notes: ordered.notes.end() })
}

fn har(entries: &Value) -> Har {
    read(json!({"log": {"entries": entries}}).to_string().as_bytes()).unwrap_or_else(|e| panic!("{e}"))
}

fn one(request: &Value, response: &Value) -> Kept {
    let entries = json!([{"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": response}]);
    har(&entries).entries.remove(0)
}

fn get(url: &str) -> Value {
    json!({"request": {"method": "GET", "url": url}, "response": {"status": 200}})
}

#[test]
fn a_minimal_entry_is_an_exchange() {
    let entry = one(&json!({"method": "GET", "url": "http://a.test/x?"}), &json!({"status": 204}));
    assert_eq!(entry.call.target, "/x?");
    assert_eq!(entry.call.metadata.get("host"), Some("a.test"));
    assert_eq!(entry.call.body, Body::Empty);
    assert_eq!(entry.reply.unwrap().body, Body::Empty);
}

#[test]
fn pseudo_headers_become_host_or_nothing() {
    let headers = json!([{"name": ":method", "value": "GET"}, {"name": ":authority", "value": "b.test"}, {"name": "x-a", "value": "1"}]);
    let entry = one(&json!({"method": "GET", "url": "http://a.test/", "headers": headers}), &json!({"status": 200}));
    assert_eq!(entry.call.metadata.iter().collect::<Vec<_>>(), [("Host", "b.test"), ("x-a", "1")]);
}

#[test]
fn absent_text_is_unknown_and_not_empty() {
    for (response, body) in [
        (json!({"status": 200}), Body::Unknown),
        (json!({"status": 200, "content": {"size": 0}}), Body::Empty),
        (json!({"status": 200, "content": {"size": 7}}), Body::Unknown),
        (json!({"status": 200, "content": {"size": 7, "text": ""}}), Body::Unknown),
        (json!({"status": 200, "content": {"size": -1}, "bodySize": -1}), Body::Unknown),
        (json!({"status": 200, "bodySize": 0}), Body::Empty),
        (json!({"status": 304, "content": {"size": 7}}), Body::Empty),
        (json!({"status": 200, "content": {"text": "x"}}), Body::of("x")),
        (json!({"status": 200, "content": {"text": "eA==", "encoding": "base64"}}), Body::of("x")),
        (json!({"status": 200, "content": {"text": "eA", "encoding": "base64"}}), Body::of("x")),
        (json!({"status": 200, "content": {"text": "?", "encoding": "base64"}}), Body::Unknown),
    ] {
        let entry = one(&json!({"method": "GET", "url": "http://a.test/"}), &response);
        assert_eq!(entry.reply.unwrap().body, body, "{response}");
    }
}

#[test]
fn a_request_body_is_what_its_headers_say() {
    let post = |request: &Value| {
        let mut request = request.clone();
        request["url"] = "http://a.test/".into();
        request["method"] = "POST".into();
        let entry = one(&request, &json!({"status": 200}));
        let headers: Vec<String> =
            entry.call.metadata.iter().skip(1).map(|(name, value)| format!("{name}: {value}")).collect();
        let body = entry.call.body.bytes().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        (body, headers.join(", "))
    };
    let form = "application/x-www-form-urlencoded";
    for (request, body, headers) in [
        (
            json!({"postData": {"text": "abc"}, "headers": [{"name": "Content-Length", "value": "9"}]}),
            Some("abc"),
            "Content-Length: 3",
        ),
        (json!({"postData": {"text": "YWI=", "encoding": "base64"}}), Some("ab"), ""),
        (
            json!({"postData": {"mimeType": form, "params": [{"name": "a b", "value": "ü&1"}, {"name": "c"}]}}),
            Some("a+b=%C3%BC%261&c="),
            "Content-Type: application/x-www-form-urlencoded",
        ),
        (
            json!({"postData": {"mimeType": form, "params": [{"name": "a", "value": "x%40y"}]}}),
            Some("a=x%40y"),
            "Content-Type: application/x-www-form-urlencoded",
        ),
        (
            json!({"postData": {"mimeType": "multipart/form-data; boundary=B", "params": [{"name": "a", "value": "1"}]}}),
            Some("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B--\r\n"),
            "Content-Type: multipart/form-data; boundary=B",
        ),
        (
            json!({"postData": {"mimeType": "multipart/form-data; boundary=B", "params": [{"name": "a", "fileName": "f"}]}}),
            None,
            "Content-Type: multipart/form-data; boundary=B",
        ),
        (json!({"headers": [{"name": "Content-Length", "value": "9"}]}), None, "Content-Length: 9"),
        (json!({"bodySize": 0}), Some(""), ""),
        (json!({"bodySize": 5}), None, ""),
        (json!({"postData": {"text": "x"}, "headers": [{"name": "Content-Encoding", "value": "gzip"}]}), Some("x"), ""),
    ] {
        assert_eq!(post(&request), (body.map(str::to_owned), headers.to_owned()), "{request}");
    }
}

#[test]
fn a_status_of_zero_is_no_reply() {
    let call = json!({"method": "GET", "url": "http://a.test/"});
    assert!(one(&call, &json!({"status": 0})).reply.is_none());
    assert!(one(&call, &Value::Null).reply.is_none());
    assert_eq!(one(&call, &json!({"status": "200"})).reply.map(|reply| reply.status), Some(200));
}

#[test]
fn cookies_that_an_exporter_left_out_of_the_headers_are_put_back() {
    let cookies = json!([{"name": "sid", "value": "s1", "path": "/", "httpOnly": true}, {"name": "b", "value": "2"}]);
    let entry = one(
        &json!({"method": "GET", "url": "http://a.test/", "cookies": cookies}),
        &json!({"status": 200, "cookies": [cookies[0]]}),
    );
    assert_eq!(entry.call.metadata.get("cookie"), Some("sid=s1; b=2"));
    assert_eq!(entry.reply.unwrap().metadata.get("set-cookie"), Some("sid=s1; Path=/; HttpOnly"));
}

#[test]
fn set_cookies_joined_by_line_breaks_are_parted() {
    let headers = json!([{"name": "set-cookie", "value": "a=1\nb=2"}, {"name": "x", "value": ""}]);
    let entry = one(&json!({"method": "GET", "url": "http://a.test/"}), &json!({"status": 200, "headers": headers}));
    let reply = entry.reply.unwrap();
    assert_eq!(reply.metadata.iter().collect::<Vec<_>>(), [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x", "")]);
}

#[test]
fn what_is_left_out_is_said() {
    let socket = json!({"request": {"method": "GET", "url": "http://a.test/ws"}, "response": {"status": 101}});
    let all = har(&json!([
        get("http://a.test/1"), get("data:text/plain,x"), get("chrome-extension://x/y"), socket, get("wss://a.test/"),
        get("http://b.test/2"), {"request": {}}, 7, get("http://a.test/3"),
    ]));
    assert_eq!(all.entries.iter().map(|entry| entry.call.target.as_str()).collect::<Vec<_>>(), ["/1", "/3"]);
    let notes = all.notes.join("\n");
    for part in [
        "entry 1 is left out",
        "entry 2 ",
        "entry 3 ",
        "entry 4 ",
        "entry 6 ",
        "entry 7 ",
        "1 entries of http://b.test",
        "order is",
    ] {
        assert!(notes.contains(part), "`{part}` is not in:\n{notes}");
    }
}

#[test]
fn entries_are_ordered_by_their_time_and_stay_where_it_is_the_same() {
    let at = |time: &str, url: &str| {
        let mut entry = get(url);
        entry["startedDateTime"] = time.into();
        entry
    };
    let all = har(&json!([
        at("2026-01-01T00:00:02Z", "http://a.test/3"),
        at("2026-01-01T01:00:01.5+01:00", "http://a.test/1"),
        at("2026-01-01T00:00:01.500Z", "http://a.test/2"),
    ]));
    assert_eq!(all.entries.iter().map(|entry| entry.call.target.as_str()).collect::<Vec<_>>(), ["/1", "/2", "/3"]);
}

#[test]
fn a_file_that_is_no_har_is_refused_with_its_place_and_the_next_step() {
    for (text, expected) in [
        (
            "{\"log\": {\n\"entries\": [",
            "t.har, line 2, column 12: the file ends in the middle; it was cut off: export it again",
        ),
        (
            "{\"log\"; 1}",
            "t.har, line 1, column 7: not JSON: expected `:` at line 1 column 7; export the traffic again, as HAR 1.2",
        ),
        (
            "{\"log\": {}}",
            "t.har: not a HAR file: there is no array `log.entries`; export the traffic again, as HAR 1.2 with content",
        ),
        (
            "{\"log\": {\"entries\": []}}",
            "t.har: `log.entries` is empty; record some traffic first, then export it again",
        ),
        (
            "{\"log\": {\"entries\": [{}]}}",
            "t.har: no entry can be read (entry 0 is left out: it has no `request`); export the traffic again, as HAR 1.2 with content",
        ),
    ] {
        let error = read(text.as_bytes()).err();
        assert_eq!(error.as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn byte_order_marks_and_other_encodings_are_read() {
    let text = json!({"log": {"entries": [get("http://a.test/ü")]}}).to_string();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let bom: Vec<u8> = [0xef, 0xbb, 0xbf].into_iter().chain(text.bytes()).collect();
    for bytes in [utf16, bom, text.into_bytes()] {
        let har = read(&bytes).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(har.entries[0].call.target, "/%C3%BC");
    }
}

#[test]
fn an_entry_of_too_many_values_is_left_out_and_the_next_is_read() {
    let headers: Vec<Value> = (0..MOST).map(|n| json!({"name": "a", "value": n})).collect();
    let mut wide = get("http://a.test/wide");
    wide["request"]["headers"] = headers.into();
    let mut ignored = get("http://a.test/2");
    ignored["_mine"] = vec![0; 2 * MOST].into();
    let all = har(&json!([get("http://a.test/1"), wide, ignored]));
    assert_eq!(all.entries.iter().map(|entry| entry.call.target.as_str()).collect::<Vec<_>>(), ["/1", "/2"]);
    assert!(all.notes[0].contains("entry 1 is left out: it holds more than 100000 values"), "{:?}", all.notes);
}

#[test]
fn notes_are_bounded() {
    let all = har(&Value::Array((0..300).map(|n| get(if n == 7 { "http://a.test/" } else { "data:," })).collect()));
    assert_eq!(all.notes.len(), 101);
    assert_eq!(all.notes[100], "and 201 more notes");
}

#[test]
fn replies_without_bodies_are_said_to_be() {
    let all = har(&json!([get("http://a.test/1"), get("http://a.test/2")]));
    assert!(all.notes.iter().any(|note| note.starts_with("no reply has a body")), "{:?}", all.notes);
}
