//! What a live reply gives, and where it goes.

use super::*;

#[test]
fn a_multipart_field_is_bound_and_replaced() {
    let upload = "POST /upload\nContent-Type: multipart/form-data; boundary=B\n\n--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nup-4f9a77c1\r\n--B--\r\n";
    check(
        &[("GET /ticket", "200\n\n{\"key\":\"up-4f9a77c1\"}"), (upload, "200")],
        &["1 $.key = up-4f9a77c1 <- 0 $.key"],
    );
}

fn inject_check(text: &str, at: &str, recorded: &str, live: &str, expected: &str) {
    let mut changed = call(text);
    inject(&mut changed, &at.parse().unwrap(), recorded, live);
    assert_eq!(changed, call(expected), "{live} at {at}");
    inject(&mut changed, &at.parse().unwrap(), recorded, live);
    assert_eq!(changed, call(expected), "{live} at {at} once more");
}

#[test]
fn all_but_the_value_stays_as_it_was_recorded() {
    inject_check("GET /a%2fb//7?x=%7E&&y", "path 2", "7", "a/b", "GET /a%2fb//a%2Fb?x=%7E&&y");
    inject_check("GET /a?x=1&x=2&y=%7e", "query x 1", "2", "ü", "GET /a?x=1&x=%C3%BC&y=%7e");
    inject_check("GET /\nCookie: a=1;sid=x ; b=2", "cookie sid", "x", "y", "GET /\nCookie: a=1;sid=y; b=2");
    inject_check("GET /\nIF-MATCH: \"a\"", "header if-match", "\"a\"", "\"b\"\r\nX: y", "GET /\nIF-MATCH: \"b\"  X: y");
    let json = |body: &str| format!("PUT /a\nContent-Type: application/json\nContent-Length: {}\n\n{body}", body.len());
    let before = json("{ \"id\" : 7,\"a\":[1.50, \"\\u00fc 7\"],\n\"id2\": 7 }");
    inject_check(
        &before,
        "$.id",
        "7",
        "12345678901234567890",
        &json("{ \"id\" : 12345678901234567890,\"a\":[1.50, \"\\u00fc 7\"],\n\"id2\": 7 }"),
    );
    inject_check(
        &before,
        "$.id2",
        "7",
        "x\"y",
        &json("{ \"id\" : 7,\"a\":[1.50, \"\\u00fc 7\"],\n\"id2\": \"x\\\"y\" }"),
    );
    inject_check(
        &before,
        "$.a[1] | between \"ü \" \"\"",
        "7",
        "8",
        &json("{ \"id\" : 7,\"a\":[1.50, \"ü 8\"],\n\"id2\": 7 }"),
    );
    inject_check(&before, "$.a[5]", "7", "8", &before);
    inject_check("GET /7", "path 0", "other", "8", "GET /7");
}

#[test]
fn an_answer_holds_what_it_says_anywhere() {
    let json = answer(
        "200\nLocation: /posts/77\nSet-Cookie: sid=abc\n\n{\"a\":[{\"b\":\"x y\"},12],\"u\":\"/c?d=e1\",\"k\":\"aGVsbG8tNw==\"}",
    );
    for (value, held) in [
        ("77", true),
        ("abc", true),
        ("x y", true),
        ("12", true),
        ("e1", true),
        ("hello-7", true),
        ("1", false),
        ("x", false),
        ("", false),
        ("a", false),
    ] {
        assert_eq!(holds(&json, value), held, "{value}");
    }
}

#[test]
fn places_with_no_index_give_the_values_of_all_items() {
    let json = answer("200\n\n{\"a\":[{\"b\":1},{\"b\":2},{}]}");
    let at = |place: &str| extract(&json, &place.parse().unwrap());
    assert_eq!(at("$.a[].b"), ["1", "2"]);
    assert_eq!(at("$.a[1].b"), ["2"]);
    assert_eq!(at("$.a[2].b"), Vec::<String>::new());
    assert_eq!(at("header x"), Vec::<String>::new());
}

proptest! {
    #[test]
    fn what_is_injected_stands_there_and_injecting_again_changes_nothing(live in "\\PC{1,12}", path in "[a-zA-Z0-9%/._~+-]{0,12}", n in 0_usize..3) {
        for (text, at) in [
            (format!("GET /{path}/7?x=7&{path}=7"), format!("path {}", format!("/{path}/7").matches('/').count() - 1)),
            (format!("GET /{path}?a=1&id=7&{path}=7"), "query id".to_owned()),
            (format!("GET /\nX-A: {n} 7"), format!("header x-a | between \"{n} \" \"\"")),
            (format!("PUT /\n\n{{\"a\":[0,{n},{{\"id\": 7}}]}}"), "$.a[2].id".to_owned()),
            ("PUT /\nContent-Type: application/x-www-form-urlencoded\n\na=1&id=7".to_owned(), "$.id".to_owned()),
        ] {
            let place: Place = at.parse().unwrap();
            let mut once = call(&text);
            inject(&mut once, &place, "7", &live);
            let values: Vec<String> = taken::places(&once).into_iter().flatten().filter(|taken| taken.place == place).map(|taken| taken.value).collect();
            if at.starts_with("header") {
                prop_assert!(once.metadata.get("x-a").unwrap().ends_with(&live));
            } else {
                prop_assert_eq!(values.first(), Some(&live), "{} in {:?}", at, once);
            }
            let mut twice = once.clone();
            inject(&mut twice, &place, "7", &live);
            prop_assert_eq!(&twice, &once);
        }
    }

    #[test]
    fn any_traffic_is_searched_without_a_panic(target in "/[a-z0-9/?&=%{}.#+]{0,30}", header in "\\PC{0,20}", body in "[\\[\\]{}\":,a-z0-9<>='/%]{0,60}") {
        let c = format!("POST {target}\nCookie: {header}\nAuthorization: {header}\nIf-None-Match: {header}\nX-A: {header}\n\n{body}");
        let r = format!("201\nSet-Cookie: {header}\nLink: {header}\nLocation: {target}\n\n{body}");
        let exchanges = found(&[(&c, &r), (&c, &r)]);
        for binding in &exchanges[1].bindings {
            let mut live = exchanges[1].call.clone();
            inject(&mut live, &binding.at, &binding.value, "live");
            for from in &binding.from {
                let _ = extract(&answer(&r), &from.at);
            }
        }
    }
}
