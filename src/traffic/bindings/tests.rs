//! Which values of a recording are bound, what a live reply gives for them, and where they go.

use proptest::prelude::*;

use super::*;
use crate::model::{Answer, Body, Call, Exchange, Metadata, Place, Reply};
use crate::traffic::import::Ordered;
use crate::wire;

fn message(text: &str) -> (String, Metadata, Body) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let mut metadata: Metadata = lines.filter_map(|line| line.split_once(": ")).collect();
    if !body.is_empty() && !metadata.has("content-type") {
        metadata.push("Content-Type", if body.starts_with('<') { "text/html" } else { "application/json" });
    }
    (first, metadata, Body::of(body.to_owned()))
}

/// `GET /x`, headers, an empty line, the body.
fn call(text: &str) -> Call {
    let (first, metadata, body) = message(text);
    let (method, target) = first.split_once(' ').unwrap();
    Call { method: method.to_owned(), target: target.to_owned(), metadata, body }
}

/// `200`, headers, an empty line, the body.
fn reply(text: &str) -> Reply {
    let (first, metadata, body) = message(text);
    Reply { status: first.parse().unwrap(), metadata, body, trailers: Metadata::new() }
}

fn answer(text: &str) -> Answer {
    wire::answer(&reply(text), true)
}

fn found(all: &[(&str, &str)]) -> Vec<Exchange> {
    let made: Vec<_> = all.iter().map(|(c, r)| (call(c), Some(reply(r)), 0, None)).collect();
    Ordered::made(&made).settled()
}

/// Calls by one connection each, and the sessions that they are in.
fn check_apart(all: &[(&str, &str)], sessions: &[u64]) {
    let numbers: Vec<String> = (0..all.len()).map(|number| number.to_string()).collect();
    let made = all.iter().zip(&numbers).map(|((c, r), number)| (call(c), Some(reply(r)), 0, Some(number.as_str())));
    let found = Ordered::made(&made.collect::<Vec<_>>()).settled();
    assert_eq!(found.iter().map(|exchange| exchange.session).collect::<Vec<_>>(), sessions, "{all:?}");
}

/// All bindings, one a line: `1 path 1 = 7 <- 0 $.id`.
fn check(all: &[(&str, &str)], expected: &[&str]) {
    let mut lines = Vec::new();
    let exchanges = found(all);
    for exchange in &exchanges {
        for binding in &exchange.bindings {
            let from: Vec<String> = binding.from.iter().map(|from| format!("{} {}", from.exchange, from.at)).collect();
            lines.push(format!("{} {} = {} <- {}", exchange.index, binding.at, binding.value, from.join(", ")));
            // What was found must be there at run time, too.
            for from in &binding.from {
                let producer = exchanges[usize::try_from(from.exchange).unwrap()].reply.as_ref().unwrap();
                let answer = wire::answer(producer, true);
                assert_eq!(extract(&answer, &from.at).first(), Some(&binding.value), "{}", from.at);
                assert!(holds(&answer, &binding.value), "{}", from.at);
                assert!(exchanges[usize::try_from(from.exchange).unwrap()].used.contains(&from.at));
            }
            let mut live = exchange.call.clone();
            inject(&mut live, &binding.at, &binding.value, "Li ve&=/ü1");
            assert_ne!(live, exchange.call, "{} can't be injected", binding.at);
            inject(&mut live, &binding.at, "Li ve&=/ü1", &binding.value);
            assert_eq!(live.metadata, exchange.call.metadata);
            assert_eq!(found_value(&live, &binding.at), Some(binding.value.clone()));
        }
    }
    assert_eq!(lines, expected, "\n{}", lines.join("\n"));
}

fn found_value(call: &Call, at: &Place) -> Option<String> {
    taken::places(call).into_iter().flatten().find(|taken| taken.place == *at).map(|taken| taken.value)
}

#[test]
fn an_id_in_a_path_is_bound_to_the_reply_that_made_it() {
    check(
        &[
            (
                "POST /posts\n\n{\"title\":\"t\"}",
                "201\nLocation: http://a.test/posts/VykzkWP\n\n{\"title\":\"t\",\"id\":\"VykzkWP\"}",
            ),
            ("GET /posts/VykzkWP", "200\n\n{\"id\":\"VykzkWP\"}"),
            ("DELETE /posts/VykzkWP", "204"),
        ],
        &[
            "1 path 1 = VykzkWP <- 0 $.id, 0 header location | path 1",
            "2 path 1 = VykzkWP <- 1 $.id, 0 $.id, 0 header location | path 1",
        ],
    );
}

#[test]
fn a_small_id_is_bound_where_the_names_agree() {
    check(
        &[
            ("POST /posts\n\n{}", "201\n\n{\"id\":7,\"views\":8}"),
            ("GET /posts/7", "200\n\n{}"),
            ("GET /posts/7.json", "200\n\n{}"),
            ("GET /comments?post_id=7", "200\n\n{}"),
            ("POST /comments\n\n{\"postId\": 7, \"n\": 7}", "200\n\n{}"),
            ("GET /comments/7", "200\n\n{}"),
            ("GET /posts/8", "200\n\n{}"),
            ("GET /posts?_page=7&limit=8", "200\n\n{}"),
        ],
        &[
            "1 path 1 = 7 <- 0 $.id",
            "2 path 1 | between \"\" \".json\" = 7 <- 0 $.id",
            "3 query post_id = 7 <- 0 $.id",
            "4 $.postId = 7 <- 0 $.id",
        ],
    );
}

#[test]
fn an_id_within_a_list_is_bound_to_its_own_place() {
    check(
        &[
            ("GET /all", "200\n\n{\"posts\":[{\"id\":1},{\"id\":2}],\"data\":{\"items\":[{\"id\":2,\"authorId\":1}]}}"),
            ("GET /posts/2", "200\n\n{}"),
            ("GET /authors/1", "200\n\n{}"),
        ],
        &["1 path 1 = 2 <- 0 $.posts[1].id", "2 path 1 = 1 <- 0 $.data.items[0].authorId"],
    );
}

#[test]
fn a_place_that_hangs_on_no_order_comes_before_a_nearer_one_that_does() {
    check(
        &[
            ("POST /posts\n\n{}", "201\n\n{\"id\":\"a1b2c3d4\"}"),
            ("GET /posts", "200\n\n[{\"id\":\"e5f6a7b8\"},{\"id\":\"a1b2c3d4\"}]"),
            ("GET /posts/a1b2c3d4", "200"),
        ],
        &["2 path 1 = a1b2c3d4 <- 0 $.id, 1 $[1].id"],
    );
}

#[test]
fn page_numbers_enum_words_dates_and_constants_are_not_bound() {
    check(
        &[
            (
                "GET /posts?_page=1&limit=10",
                "200\nX-App: typicode\n\n[{\"id\":\"2\",\"status\":\"published\",\"day\":\"2026-01-01\",\"limit\":10,\"sort\":\"createdAt\",\"ok\":true,\"type\":\"application/json\"}]",
            ),
            (
                "GET /posts?_page=2&limit=10&status=published&day=2026-01-01&sort=createdAt&ok=true",
                "200\n\n{\"limit\":10}",
            ),
            (
                "PUT /things/10\nAccept: application/json\n\n{\"type\":\"application/json\",\"status\":\"published\",\"limit\":10}",
                "200\n\n{}",
            ),
        ],
        &[],
    );
}

#[test]
fn what_only_echoes_the_client_is_not_bound() {
    check(
        &[
            (
                "PUT /things/0f8fad5b-d9cb-469f-a165-70867728950e\n\n{\"tag\":\"x7y8z9\"}",
                "200\n\n{\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"tag\":\"x7y8z9\"}",
            ),
            ("GET /things/0f8fad5b-d9cb-469f-a165-70867728950e?tag=x7y8z9", "200\n\n{}"),
            ("GET /posts/7", "200\n\n{\"id\":7}"),
            ("GET /posts/7", "200\n\n{\"id\":7}"),
        ],
        &[],
    );
}

#[test]
fn what_a_call_makes_is_no_echo_of_an_earlier_guess() {
    check(
        &[
            ("GET /posts/26", "404\n\n{}"),
            ("POST /posts\n\n{}", "201\n\n{\"id\":26}"),
            ("GET /posts/26", "200\n\n{\"id\":26}"),
        ],
        &["2 path 1 = 26 <- 1 $.id"],
    );
}

#[test]
fn a_constant_that_is_everywhere_binds_within_bounds() {
    let page = format!("200\n\n[{}]", vec!["\"build-a1b2c3\""; 100].join(","));
    let all: Vec<(&str, &str)> =
        std::iter::repeat_n(("GET /x", page.as_str()), 40).chain([("GET /x?build=build-a1b2c3", "200")]).collect();
    let exchanges = found(&all);
    let from = &exchanges[40].bindings[0].from;
    assert_eq!(from.len(), 16);
    assert_eq!(from[0].exchange, 39);
    assert_eq!(from[0].at.to_string(), "$[0]");
}

#[test]
fn cursors_are_bound_as_they_are_and_in_base64() {
    check(
        &[
            (
                "GET /a",
                "200\n\n{\"next\":\"eyJpZCI6N30=\",\"after\":\"100\",\"links\":{\"next\":\"/a?token=q9w8e7r6\"}}",
            ),
            ("GET /a?cursor=eyJpZCI6N30%3D", "200\n\n{}"),
            ("GET /a?_next=100", "200\n\n{}"),
            ("GET /a?token=q9w8e7r6", "200\n\n{\"opaque\":\"b3JkLTRmOWE3Nw==\"}"),
            ("GET /a?from=ord-4f9a77", "200\n\n{}"),
        ],
        &[
            "1 query cursor = eyJpZCI6N30= <- 0 $.next",
            "2 query _next = 100 <- 0 $.after",
            "3 query token = q9w8e7r6 <- 0 $.links.next | query token",
            "4 query from = ord-4f9a77 <- 3 $.opaque | base64",
        ],
    );
}

#[test]
fn a_page_gives_out_form_fields_and_links() {
    let page = "<form action=\"/save\"><input name=\"csrf\" value=\"t0k3nt0k3n\"><input name=\"post_id\" value=\"7\"></form>\
                <a href=\"/posts/9/edit?sig=a1b2c3d4&amp;x=1\">edit</a><a href=\"/about\">about</a>";
    let page = format!("200\n\n{page}");
    let form = "POST /save\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 28\n\ncsrf=t0k3nt0k3n&post_id=7&a=";
    check(
        &[
            ("GET /", page.as_str()),
            (form, "200"),
            ("GET /posts/9/edit?sig=a1b2c3d4&x=1", "200"),
            ("GET /about", "200"),
        ],
        &[
            "1 $.csrf = t0k3nt0k3n <- 0 $.forms.csrf",
            "1 $.post_id = 7 <- 0 $.forms.post_id",
            "2 path 1 = 9 <- 0 link /posts/{}/edit?sig={*}&x=1",
            "2 query sig = a1b2c3d4 <- 0 link /posts/9/edit?sig={}&x=1",
        ],
    );
}

#[test]
fn what_headers_give_out_is_bound() {
    check(
        &[
            (
                "GET /a",
                "200\nETag: W/\"1-x\"\nLast-Modified: Mon, 23 Nov 2026 14:27:35 GMT\nX-CSRF-Token: abc123def456\nLink: </a?page_token=p4g3t0ken>; rel=\"next\", </a?page_token=z9>; rel=\"last\"",
            ),
            ("GET /a\nIf-None-Match: W/\"1-x\"\nIf-Modified-Since: Mon, 23 Nov 2026 14:27:35 GMT", "304"),
            ("GET /b\nIf-Modified-Since: Mon, 23 Nov 2026 14:27:35 GMT", "200"),
            ("POST /a\nX-CSRF-Token: abc123def456\nAccept: abc123def456", "200"),
            ("GET /a?page_token=p4g3t0ken", "303\nLocation: /jobs/12?k=1"),
            ("GET /jobs/12?k=1", "200"),
        ],
        &[
            "1 header if-none-match = W/\"1-x\" <- 0 header etag",
            "1 header if-modified-since = Mon, 23 Nov 2026 14:27:35 GMT <- 0 header last-modified",
            "3 header x-csrf-token = abc123def456 <- 0 header x-csrf-token",
            "4 query page_token = p4g3t0ken <- 0 header link | between \"<\" \">; rel=\\\"next\\\"\" | query page_token",
            "5 path 1 = 12 <- 4 header location | path 1",
        ],
    );
}

#[test]
fn tokens_and_cookies_are_bound_and_join_the_login_to_its_session() {
    let all = [
        (
            "POST /login\n\n{\"user\":\"a\"}",
            "200\nSet-Cookie: sid=s1; HttpOnly\n\n{\"access_token\":\"eyJhbGciOi.a1\"}",
        ),
        (
            "POST /login\n\n{\"user\":\"b\"}",
            "200\nSet-Cookie: XSRF-TOKEN=a1b2c3%3D\n\n{\"access_token\":\"eyJhbGciOi.b2\"}",
        ),
        ("GET /me\nAuthorization: Bearer eyJhbGciOi.b2\nX-XSRF-TOKEN: a1b2c3=", "200"),
        ("GET /me\nAuthorization: Bearer eyJhbGciOi.a1", "200"),
        ("GET /me\nCookie: theme=dark; sid=s1", "200"),
    ];
    check(
        &all,
        &[
            "2 header authorization | between \"Bearer \" \"\" = eyJhbGciOi.b2 <- 1 $.access_token",
            "2 header x-xsrf-token = a1b2c3= <- 1 cookie XSRF-TOKEN | percent",
            "3 header authorization | between \"Bearer \" \"\" = eyJhbGciOi.a1 <- 0 $.access_token",
            "4 cookie sid = s1 <- 0 cookie sid",
        ],
    );
    let sessions: Vec<u64> = found(&all).iter().map(|exchange| exchange.session).collect();
    assert_eq!(sessions, [0, 1, 1, 0, 0]);
}

#[test]
fn small_values_do_not_go_from_one_user_to_another() {
    check(
        &[
            ("POST /posts\nAuthorization: Bearer a\n\n{}", "201\n\n{\"id\":7}"),
            ("GET /posts/7\nAuthorization: Bearer b", "200\n\n{}"),
            ("GET /posts/7\nAuthorization: Bearer a", "200\n\n{}"),
        ],
        &["2 path 1 = 7 <- 0 $.id"],
    );
}

#[test]
fn what_a_reply_made_ties_calls_of_nobody_to_it_over_connections() {
    let post = ("POST /posts/\n\n{\"title\":\"t\"}", "201\n\n{\"title\":\"t\",\"id\":\"ebGt-t3\"}");
    check_apart(
        &[
            post,
            ("GET /posts", "200\n\n[{\"id\":\"1\"},{\"id\":\"ebGt-t3\"}]"),
            ("GET /posts/ebGt-t3", "200\n\n{\"id\":\"ebGt-t3\"}"),
            ("POST /comments\n\n{\"postId\":\"ebGt-t3\"}", "201\n\n{\"postId\":\"ebGt-t3\",\"id\":\"a1f0\"}"),
            ("GET /comments/a1f0.json?_expand=post", "200\n\n{}"),
            ("DELETE /posts/ebGt-t3", "200\n\n{}"),
        ],
        &[0, 1, 0, 0, 0, 0],
    );
    check_apart(&[("POST /carts\n\n{}", "302\nLocation: /carts/1a0f"), ("GET /carts/1a0f", "200")], &[0, 0]);
    // A number ties by its place alone, and so does a word.
    for id in ["2048", "draft"] {
        let post = format!("201\n\n{{\"id\":\"{id}\"}}");
        let (get, of) = (format!("GET /posts/{id}"), format!("GET /comments?post_id={id}"));
        check_apart(&[("POST /posts\n\n{}", &post), (&get, "200\n\n{}"), (&of, "200\n\n[]")], &[0, 0, 1]);
    }
    // Things of two calls that nobody is known to have made, in one.
    check_apart(
        &[("POST /tags\n\n{}", "201\n\n{\"id\":\"t1b2\"}"), post, ("PUT /posts/ebGt-t3/tags/t1b2\n\n{}", "200\n\n{}")],
        &[0, 0, 0],
    );
}

#[test]
fn what_two_users_have_by_chance_ties_nobody() {
    let post = |id: &str| format!("201\n\n{{\"id\":\"{id}\",\"status\":\"draft\",\"user\":\"anna\",\"page\":2048}}");
    for (id, after) in [
        ("1", "GET /posts/1"),
        ("eb3", "GET /posts/eb3"),
        ("a1f0", "GET /posts?status=draft"),
        ("a1f0", "GET /drafts/draft"),
        ("a1f0", "GET /users/anna"),
        ("a1f0", "GET /posts?page=2048"),
        ("a1f0", "GET /posts/2048"),
        ("a1f0", "GET /posts/a1f0\nAuthorization: Bearer b"),
        ("2048", "GET /old/posts/2048"),
    ] {
        check_apart(&[("POST /posts\nAuthorization: Bearer a\n\n{}", &post(id)), (after, "200\n\n{}")], &[0, 1]);
    }
    // Who made it is not clear, or it was there before.
    let (made, get) = (("POST /posts\n\n{}", &*post("a1f0")), ("GET /posts/a1f0", "200\n\n{\"id\":\"a1f0\"}"));
    check_apart(&[made, made, get], &[0, 1, 2]);
    check_apart(&[get, made, get], &[0, 1, 2]);
    check_apart(&[("GET /posts/a1f0", "404"), made, get], &[0, 1, 2]);
    let sent = ("POST /posts\n\n{\"id\":\"a1f0\"}", &*post("a1f0"));
    check_apart(&[sent, get], &[0, 1]);
    let named = ("POST /posts/a1f0/publish\n\n{}", &*post("a1f0"));
    check_apart(&[named, get], &[0, 1]);
}

#[test]
fn values_are_compared_decoded() {
    check(
        &[
            (
                "GET /a",
                "200\n\n{\"id\":\"sch\\u00fcssel 8f3a\",\"file\":\"größe/8f3a2b.txt\",\"basic\":\"p4ssw0rd-x1\"}",
            ),
            ("GET /a?file=gr%C3%B6%C3%9Fe%2F8f3a2b.txt", "200\n\n{}"),
            ("GET /a/sch%C3%BCssel%208f3a", "200\n\n{}"),
            ("GET /b\nAuthorization: Basic dXNlcjpwNHNzdzByZC14MQ==", "200\n\n{}"),
        ],
        &[
            "1 query file = größe/8f3a2b.txt <- 0 $.file",
            "2 path 1 = schüssel 8f3a <- 0 $.id",
            "3 header authorization | between \"Basic \" \"\" | base64 | between \"user:\" \"\" = p4ssw0rd-x1 <- 0 $.basic",
        ],
    );
}

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
