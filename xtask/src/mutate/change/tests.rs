//! That what is said to be done is done, and nothing else.

use super::*;
use crate::mutate::place::Step;

const BODY: &str = r#"{"id": "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "n": 1.50, "on": true, "none": null, "at": "2026-11-24T16:24:25Z",
 "rows": [{"id": 1, "name": "a\u0041"}, {"id": 2, "name": "b"}], "o": {"x": 9007199254740993}}"#;

fn reply() -> Reply {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Reply {
        status: 200,
        headers: vec![
            header("Content-Type", "application/json"),
            header("ETag", "\"abc\""),
            header("Set-Cookie", "sid=1; Path=/; HttpOnly"),
            header("Set-Cookie", "visit=2"),
            header("Location", "/orders/17"),
        ],
        body: BODY.as_bytes().to_vec(),
    }
}

fn change(place: Place, kind: Kind) -> Change {
    Change { route: Route::read("GET /"), fails: false, place, kind, salt: 0, one_row: false }
}

fn body(path: &str, kind: Kind) -> Change {
    let steps = path.split('.').filter(|step| !step.is_empty()).map(|step| match step {
        "[]" => Step::Each,
        name => Step::Field(name.to_owned()),
    });
    change(Place::Body(steps.collect()), kind)
}

/// Exactly that is another text in the reply, and nothing else of it.
fn check(change: &Change, from: &str, to: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<String>();
    let (before, mut after) = (reply(), reply());
    assert!(change.apply(&mut after), "{change:?}");
    let shown =
        |reply: &Reply| flat(&format!("{} {:?} {}", reply.status, reply.headers, reply.text().unwrap_or_default()));
    assert_eq!(shown(&before).matches(&flat(from)).count(), 1, "{from}");
    assert_eq!(shown(&after), shown(&before).replace(&flat(from), &flat(to)), "{change:?}");
}

#[test]
fn a_status_is_another() {
    check(&change(Place::Status, Kind::Status), "200 [", "500 [");
}

#[test]
fn a_field_is_dropped() {
    check(&body("on", Kind::Dropped), r#""on":true,"#, "");
    check(&body("o.x", Kind::Dropped), r#""x":9007199254740993"#, "");
}

#[test]
fn a_field_is_renamed() {
    check(&body("on", Kind::Renamed), r#""on":"#, r#""on_v2":"#);
}

#[test]
fn a_type_is_another() {
    check(&body("n", Kind::Type), "1.50", "\"1.50\"");
    check(&body("o", Kind::Type), r#"{"x":9007199254740993}"#, r#"[{"x":9007199254740993}]"#);
    check(&body("at", Kind::Type), r#""2026-11-24T16:24:25Z""#, "48213");
}

#[test]
fn a_value_is_null() {
    check(&body("n", Kind::Null), "1.50", "null");
}

#[test]
fn a_list_is_emptied() {
    check(&body("rows", Kind::Emptied), r#"[{"id":1,"name":"a\u0041"},{"id":2,"name":"b"}]"#, "[]");
}

#[test]
fn a_row_is_lost() {
    check(&body("rows", Kind::RowLost), r#"{"id":1,"name":"a\u0041"},"#, "");
}

#[test]
fn rows_change_places() {
    check(
        &body("rows", Kind::Order),
        r#"{"id":1,"name":"a\u0041"},{"id":2,"name":"b"}"#,
        r#"{"id":2,"name":"b"},{"id":1,"name":"a\u0041"}"#,
    );
}

#[test]
fn a_header_is_dropped_or_a_cookie_or_its_attribute() {
    check(&change(Place::Header("etag".to_owned()), Kind::HeaderDropped), r#"("ETag","\"abc\""),"#, "");
    check(&change(Place::Cookie("visit".to_owned(), None), Kind::HeaderDropped), r#"("Set-Cookie","visit=2"),"#, "");
    let attribute = Place::Cookie("sid".to_owned(), Some("httponly".to_owned()));
    check(&change(attribute, Kind::HeaderDropped), ";HttpOnly", "");
}

#[test]
fn a_content_type_is_another() {
    let place = Place::Header("content-type".to_owned());
    check(&change(place, Kind::ContentType), "application/json", "text/html; charset=utf-8");
}

#[test]
fn a_format_is_another() {
    check(&body("id", Kind::Format), "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "0b5e6f0e8a0f4d7e9c580f6a7f0b8a11");
    check(&body("at", Kind::Format), "2026-11-24T16:24:25Z", "1795543714");
}

#[test]
fn a_value_is_another() {
    check(&body("on", Kind::Value), "true", "false");
    check(&body("o.x", Kind::Value), "9007199254740993", "9007199254740994");
    check(&body("rows.[].id", Kind::Value).last_row(), r#"{"id":2,"#, r#"{"id":3,"#);
    check(&change(Place::Header("location".to_owned()), Kind::Value), "/orders/17", "/orders/18");
}

#[test]
fn a_page_loses_its_field_and_its_link() {
    let page = "<body><h1>Hi</h1><a href=\"/a/7\">x</a><form><input name=\"csrf\" value=\"1\"></form></body>";
    let html = || Reply {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: page.as_bytes().to_vec(),
    };
    for (place, kind, from, to) in [
        (Place::Form("csrf".to_owned()), Kind::Dropped, "<input name=\"csrf\" value=\"1\">", ""),
        (Place::Form("csrf".to_owned()), Kind::Renamed, "name=\"csrf\"", "name=\"csrf_v2\""),
        (Place::Link("/a/{}".to_owned()), Kind::Dropped, "href=\"/a/7\"", "data-href=\"/a/7\""),
        (Place::Body(Vec::new()), Kind::Value, "Hi", "Ii"),
    ] {
        let mut reply = html();
        assert!(change(place, kind).apply(&mut reply));
        assert_eq!(reply.text(), Some(page.replacen(from, to, 1).as_str()));
        assert_eq!((reply.status, reply.headers), (200, html().headers));
    }
}

#[test]
fn what_is_not_there_is_not_changed() {
    for (path, kind) in [
        ("gone", Kind::Dropped),
        ("none", Kind::Null),
        ("o", Kind::RowLost),
        ("o", Kind::Order),
        ("n", Kind::Format),
        ("rows", Kind::Value),
    ] {
        let mut after = reply();
        assert!(!body(path, kind).apply(&mut after));
        assert_eq!(after, reply());
    }
    let refusals = Change { fails: true, ..change(Place::Status, Kind::Status) };
    assert!(!refusals.apply(&mut reply()));
}

#[test]
fn changes_survive_the_plan() {
    for kind in Kind::ALL {
        let change = Change { salt: 7, one_row: true, ..body("rows.[].id", kind) };
        assert_eq!(Change::from_json(&change.to_json()), Some(change));
    }
}

impl Change {
    fn last_row(self) -> Self {
        Self { one_row: true, ..self }
    }
}
