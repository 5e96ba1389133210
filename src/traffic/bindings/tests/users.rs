//! What goes from one user to another, and whose calls are one user's.

use super::*;

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
