//! Texts, and what comes of them.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Document;

fn read(file: &str, text: &str) -> Result<Value, String> {
    Document::parse(file, text.as_bytes()).map(|document| document.value().clone()).map_err(|error| error.to_string())
}

fn check(text: &str, expected: Value) {
    assert_eq!(read("a.yaml", text), Ok(expected), "{text}");
}

fn check_refused(file: &str, text: &str, expected: &str) {
    assert_eq!(read(file, text), Err(expected.to_owned()), "{text}");
}

#[test]
fn yaml_gives_the_values_that_openapi_means() {
    check("a: no\nb: 'no'\n200: {x: 1}\n~: n\n", json!({"a": "no", "b": "no", "200": {"x": 1}, "~": "n"}));
    check("a: '012'\nb: 012\nc: \"1e3\"\nd: 1e3\n", json!({"a": "012", "b": 12, "c": "1e3", "d": 1000.0}));
    check("a:\nb: ~\nc: !!str 5\nd: !!int '5'\ne: ! 5\n", json!({"a": null, "b": null, "c": "5", "d": 5, "e": "5"}));
    check("- |\n  one\n  two\n- >-\n  one\n  two\n", json!(["one\ntwo\n", "one two"]));
    check("a: 1\r\nb:\r\n  - x\r\n", json!({"a": 1, "b": ["x"]}));
    check("\u{feff}a: 1\n", json!({"a": 1}));
    check("--- # the one\na: 1\n...\n", json!({"a": 1}));
    check("\"a\\u00e9\": [\"\\u263a\", '''']", json!({"aé": ["☺", "'"]}));
    check("{a: 1, b: [1, 2,],}", json!({"a": 1, "b": [1, 2]}));
}

#[test]
fn aliases_and_merges_unfold() {
    check("a: &x {p: 1}\nb: *x\nc: [*x]\n", json!({"a": {"p": 1}, "b": {"p": 1}, "c": [{"p": 1}]}));
    check("a: &x {p: 1, q: 2}\nb: {<<: *x, p: 3}\n", json!({"a": {"p": 1, "q": 2}, "b": {"p": 3, "q": 2}}));
    check("b:\n  <<: [{p: 1}, {p: 2, q: 3}]\n  r: 4\n", json!({"b": {"r": 4, "p": 1, "q": 3}}));
    check("a: {'<<': 1}\n", json!({"a": {"<<": 1}}));
    check("&k a: 1\nb: {*k : 2}\n", json!({"a": 1, "b": {"a": 2}}));
}

#[test]
fn json_keeps_what_it_says() {
    check("[18446744073709551615, -9223372036854775808, 1.0, 1E2]", json!([u64::MAX, i64::MIN, 1.0, 100.0]));
    check(r#"{"a\/b": "\ud83d\ude00\u00e9\n"}"#, json!({"a/b": "😀é\n"}));
    check(" [ ] ", json!([]));
    assert_eq!(read("a.json", "\"x\""), Ok(json!("x")));
    assert_eq!(read("a.json", "-0.5e-1"), Ok(json!(-0.05)));
}

#[test]
fn what_has_no_single_meaning_is_refused_with_its_place() {
    check_refused("a.yaml", "a: 1\nb: 2\na: 3\n", "a.yaml:3:1: `a` is there already, at 1:1: keep one of the two");
    check_refused("a.yaml", "200: 1\n'200': 3\n", "a.yaml:2:1: `200` is there already, at 1:1: keep one of the two");
    check_refused("a.json", "{\"é\": 1,\n \"é\": 2}", "a.json:2:2: `é` is there already, at 1:2: keep one of the two");
    let second = "a.yaml:2:1: a second document begins here: give each contract a file of its own";
    check_refused("a.yaml", "a: 1\n---\nb: 1\n", second);
    let inf = "a.yaml:1:4: `.inf` is a number that JSON doesn't have: leave it out, or quote it if it is text";
    check_refused("a.yaml", "a: .inf\n", inf);
    check_refused("a.yaml", "a: !x 1\n", "a.yaml:1:4: the tag `!x` has no meaning here: write out what it stands for");
    check_refused("a.yaml", "? [a]\n: 1\n", "a.yaml:1:3: a key must be a single word or number, not a list or mapping");
    check_refused(
        "a.yaml",
        "<<: 1\n",
        "a.yaml:1:5: `<<` takes a mapping or a list of mappings: quote it if it is a name",
    );
    check_refused("a.yaml", "", "a.yaml:1:1: the file is empty: is it the right one?");
    check_refused("a.yaml", "# nothing\n", "a.yaml:1:1: the file says nothing: is it the right one?");
}

#[test]
fn texts_that_are_broken_are_refused_with_their_place() {
    check_refused("a.json", "{\"a\": 1,}", "a.json:1:9: a key in double quotes is expected here, not `}`");
    check_refused("a.json", "{\"a\": [1 2]}", "a.json:1:10: `,` or `]` is expected here, not `2`");
    check_refused("a.json", "{\"a\": 1", "a.json:1:8: the file ends where `,` or `}` is expected: is it cut off?");
    check_refused(
        "a.json",
        "{\"a\": \"é\\ud800\"}",
        "a.json:1:9: half of a surrogate pair: write the character itself",
    );
    check_refused("a.json", "{\"a\": 01}", "a.json:1:7: `01` is not a number as JSON writes them");
    check_refused("a.json", "{\"a\": 1e999}", "a.json:1:7: `1e999` is beyond what a number can hold");
    check_refused("a.json", "[1] x", "a.json:1:5: the end of the file is expected here, not `x`");
    check_refused("a.json", "<html>", "a.json:1:1: a value is expected here, not `<`");
    assert!(read("a.yaml", "a: [1\nb: 2\n").unwrap_err().starts_with("a.yaml:"));
}

#[test]
fn encodings_other_than_utf_8_are_named() {
    for (bytes, expected) in [
        (&b"\xff\xfea\0:\0"[..], "a.yaml:1:1: the file is UTF-16 or UTF-32: save it as UTF-8"),
        (b"{\0\"\0a\0", "a.yaml:1:1: the file is UTF-16: save it as UTF-8"),
        (b"a: 1\nb: \xe9\xe8", "a.yaml:2:4: bytes that are not UTF-8: save the file as UTF-8"),
    ] {
        assert_eq!(Document::parse("a.yaml", bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn texts_made_to_hurt_are_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("- ", ""), ("{a: ", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let told = read("a.yaml", &deep).unwrap_err();
        assert!(
            told.contains("nested more than 200 levels deep") || told.contains("recursion limit"),
            "{open}: {told}"
        );
    }
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        writeln!(laughs, "a{level}: &a{level} [{alias}]").unwrap();
    }
    let told = read("a.yaml", &laughs).unwrap_err();
    assert!(told.contains("aliases unfold to more than 500000 nodes"), "{told}");
    let long = |aliases: usize| format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(aliases));
    let told = read("a.yaml", &long(700)).unwrap_err();
    assert!(told.starts_with("a.yaml:2:") && told.contains("aliases unfold to more than 67108864 bytes"), "{told}");
    assert!(read("a.yaml", &long(100)).is_ok());
    let own = "a.yaml:1:8: an alias of something that is not yet whole: it would have no end";
    check_refused("a.yaml", "a: &x [*x]\n", own);
}

#[test]
fn every_node_has_its_place() {
    let yaml = "openapi: 3.1.0\npaths:\n  /a~b/{c}:\n    get: &op\n      - é: 1\n        ü: 2\n    put: *op\n";
    let json = "{\"openapi\": \"3.1.0\",\n \"paths\": {\n  \"/a~b/{c}\": {\"get\": [{\"é\": 1, \"ü\": 2}]}}}";
    for (text, pointer, expected) in [
        (yaml, "", "c.yaml:1:1"),
        (yaml, "/paths", "c.yaml:2:1"),
        (yaml, "/paths/~1a~0b~1{c}", "c.yaml:3:3"),
        (yaml, "/paths/~1a~0b~1{c}/get/0", "c.yaml:5:9"),
        (yaml, "/paths/~1a~0b~1{c}/get/0/ü", "c.yaml:6:9"),
        (yaml, "/paths/~1a~0b~1{c}/put/0/ü", "c.yaml:7:5"),
        (json, "/paths/~1a~0b~1{c}/get", "c.yaml:3:16"),
        (json, "/paths/~1a~0b~1{c}/get/0/ü", "c.yaml:3:33"),
        (json, "/paths/nowhere", "c.yaml:2:2"),
    ] {
        let document = Document::parse("c.yaml", text.as_bytes()).unwrap();
        assert_eq!(document.position(pointer).unwrap().to_string(), expected, "{pointer}");
    }
}
