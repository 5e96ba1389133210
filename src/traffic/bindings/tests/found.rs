//! Which values of a recording are bound.

use super::*;

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
