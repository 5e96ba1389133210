//! Bodies that are no JSON are compared too: what breaks a reader of each kind is found, and what no reader sees is not.

use std::io::Write as _;

use straddle::model::{Body, Direction, Metadata, Observation, Reply};
use straddle::wire;

use super::rules::compare;

/// A reply of that type.
fn reply(media: &str, body: impl AsRef<[u8]>) -> Observation {
    encoded(media, None, body.as_ref())
}

fn encoded(media: &str, encoding: Option<&str>, body: &[u8]) -> Observation {
    let mut metadata = Metadata::from_iter([("Content-Type", media)]);
    if let Some(encoding) = encoding {
        metadata.push("Content-Encoding", encoding);
    }
    let reply = Reply { status: 200, metadata, body: Body::of(body.to_vec()), trailers: Metadata::new() };
    Observation::Answer(wire::answer(&reply, &wire::Asked::default(), false))
}

/// What old clients find in the new reply.
fn found(old: &Observation, twin: &Observation, new: &Observation) -> Vec<String> {
    let judgement = compare(old, twin, new, Direction::OLD_TO_NEW, "");
    let lines = judgement.found.iter().map(|found| format!("{} {} at {}", found.rule.id, found.severity, found.at));
    // One place in many rows is one finding.
    let mut lines: Vec<String> = lines.collect();
    let mut seen = std::collections::BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    lines
}

#[track_caller]
fn check(media: &str, old: impl AsRef<[u8]>, new: impl AsRef<[u8]>, expected: &[&str]) {
    let (old, new) = (reply(media, old), reply(media, new));
    assert_eq!(found(&old, &old, &new), expected);
}

const CSV: &str = "id,name,price\n1,tea,2.50\n2,rye,3.00\n";

#[test]
fn a_column_that_is_lost_is_found_by_its_name() {
    check("text/csv", CSV, "id,name\n1,tea\n2,rye\n", &["http/field-removed breaking at $[].price"]);
    check(
        "text/csv",
        CSV,
        "id,name,cost\n1,tea,2.50\n2,rye,3.00\n",
        &["http/field-removed breaking at $[].price", "http/field-added info at $[].cost"],
    );
    check("text/csv", CSV, "id,name,price\n1,tea,2.50\n", &["http/rows-changed breaking at $"]);
    check("text/csv", CSV, "id,name,price\n", &["http/emptied breaking at $"]);
    check("text/csv", CSV, "id,name,price\n1,tea,9.99\n2,rye,3.00\n", &["http/value-changed risk at $[].price"]);
    check("text/csv; header=absent", "1,tea\n", "1\n", &["http/rows-changed breaking at $[]"]);
}

#[test]
fn how_a_table_is_written_is_nothing() {
    for same in [
        "\"id\",\"name\",\"price\"\r\n\"1\",\"tea\",\"2.50\"\r\n\"2\",\"rye\",\"3.00\"",
        "id;name;price\n1;tea;2.50\n2;rye;3.00\n",
        "\u{feff}id\tname\tprice\n1\ttea\t2.50\n\n2\trye\t3.00\n",
        "name,id,price\ntea,1,2.50\nrye,2,3.00\n",
    ] {
        check("text/csv", CSV, same, &[]);
    }
}

#[test]
fn lines_of_json_are_documents() {
    let old = "{\"id\":1,\"n\":\"a\"}\n{\"id\":2,\"n\":\"b\"}\n";
    let media = "application/x-ndjson";
    check(media, old, "{\"id\":1}\n{\"id\":2}\n", &["http/field-removed breaking at $[].n"]);
    check(media, old, "{\"id\":1,\"n\":\"a\"}\n", &["http/rows-changed breaking at $"]);
    check(media, old, "{\"id\":1,\"n\":\"a\"}\n{\"id\":2,", &["http/fault breaking at reply"]);
    check(media, old, "{\"n\":\"a\", \"id\":1.0}\r\n\r\n{\"id\":2,\"n\":\"b\"}", &[]);
}

#[test]
fn events_are_what_a_page_is_handed() {
    let old = "event: price\ndata: {\"sku\":\"a\",\"price\":1}\n\nevent: done\ndata: bye\n\n";
    let media = "text/event-stream";
    check(
        media,
        old,
        old.replace("\"price\":1", "\"cost\":1"),
        &["http/field-removed breaking at $[].data.price", "http/field-added info at $[].data.cost"],
    );
    check(media, old, old.replace("event: done", "event: end"), &["http/value-changed risk at $[].event"]);
    check(media, old, "", &["http/emptied breaking at $"]);
    check(media, old, format!(": hello\n\n{}", old.replace('\n', "\r\n")), &[]);
    check(media, "data: a\n\n", "event: message\ndata:a\n\n", &[]);
}

fn parts(boundary: &str, name: &str, price: &str) -> Vec<u8> {
    format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"p.json\"\r\n\
         Content-Type: application/json\r\n\r\n{{\"{price}\":1}}\r\n--{boundary}--\r\n"
    )
    .into_bytes()
}

#[test]
fn parts_are_told_by_their_names_and_read_by_their_types() {
    let media = "multipart/form-data; boundary=one";
    let old = parts("one", "product", "price");
    check(
        media,
        &old,
        parts("one", "item", "price"),
        &["http/field-removed breaking at $.product", "http/field-added info at $.item"],
    );
    check(
        media,
        &old,
        parts("one", "product", "cost"),
        &["http/field-removed breaking at $.product.content.price", "http/field-added info at $.product.content.cost"],
    );
    let other = reply("multipart/form-data; boundary=two", parts("two", "product", "price"));
    assert_eq!(found(&reply(media, &old), &reply(media, &old), &other), [""; 0], "a boundary is drawn anew");
    let mixed = |boundary: &str, second: &str| {
        reply(
            &format!("multipart/mixed; boundary={boundary}"),
            format!("--{boundary}\r\n\r\na\r\n--{boundary}\r\n\r\n{second}\r\n--{boundary}--"),
        )
    };
    let old = mixed("one", "b");
    assert_eq!(found(&old, &old, &mixed("two", "b")), [""; 0]);
    assert_eq!(found(&old, &old, &mixed("two", "c")), ["http/value-changed risk at $[].content"]);
}

#[test]
fn elements_of_xml_are_found_by_their_names() {
    let old = "<order id='1'><item><sku>a</sku><qty>2</qty></item><item><sku>b</sku><qty>1</qty></item></order>";
    let media = "application/xml";
    check(media, old, old.replace("<qty>2</qty>", ""), &["http/field-removed breaking at $.order[].item[].qty"]);
    check(
        media,
        old,
        old.replace("<item><sku>b</sku><qty>1</qty></item>", ""),
        &["http/rows-changed breaking at $.order[].item"],
    );
    check(media, old, old.replace(" id='1'", ""), &["http/field-removed breaking at $.order[].@id"]);
    check(media, old, old.replace("</order>", ""), &["http/fault breaking at reply"]);
    check(media, old, old.replace(">2<", ">3<"), &["http/value-changed risk at $.order[].item[].qty[][\"#text\"]"]);
    let rows = "<all><row id='1' a='x'/><row id='2' a='y'/><row id='3' a='z'/></all>";
    check(media, rows, rows.replace("<row id='2' a='y'/>", ""), &["http/rows-changed breaking at $.all[].row"]);
    check(media, rows, rows.replace("id='2' a='y'", "a=\"&#121;\"   id='2'"), &[]);
    check(
        media,
        old,
        format!("<?xml version=\"1.0\"?>\n<!-- x -->{}", old.replace("'1'", "\"1\"").replace("><", ">\n  <")),
        &[],
    );
}

#[test]
fn files_are_compared_by_what_they_are() {
    let media = "application/octet-stream";
    let (pdf, other_pdf, zip) = (b"%PDF-1.7\nmade at 1", b"%PDF-1.7\nmade at 2", b"PK\x03\x04");
    check(media, pdf, zip, &["http/content-type-changed breaking at $"]);
    check(media, pdf, other_pdf, &["http/body-changed info at $"]);
    check(media, pdf, b"", &["http/emptied breaking at $"]);
    let made = |second: &[u8]| reply(media, second);
    assert_eq!(found(&made(pdf), &made(other_pdf), &made(b"%PDF-1.7\nmade at 3")), [""; 0], "its twin differs, too");
    check("application/x-own", b"\0\x01", b"\0\x02", &["http/body-changed info at $"]);
    let png = b"\x89PNG\r\n\x1a\n";
    check("application/pdf", pdf, b"<h1>Error</h1>", &["http/fault breaking at reply"]);
    assert_eq!(
        found(&reply("application/pdf", png), &reply("application/pdf", png), &reply("application/pdf", zip)),
        ["http/body-changed info at $"]
    );
}

#[test]
fn the_same_text_in_another_charset_or_encoding_is_equal() {
    let info = ["http/content-type-changed info at header content-type"];
    for (old, new) in [
        (reply("text/csv", "a,b\n1,é\n"), reply("text/csv; charset=iso-8859-1", b"a,b\n1,\xe9\n")),
        (reply("text/plain; charset=utf-8", "naïve"), reply("text/plain; charset=windows-1252", b"na\xefve")),
        (
            reply("application/json", "[\"é\"]"),
            reply("application/json; charset=utf-16", b"\xff\xfe[\0\"\0\xe9\0\"\0]\0"),
        ),
    ] {
        assert_eq!(found(&old, &old, &new), info);
    }
    let text = "{\"a\":1}".repeat(50);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    let gzip = gzip.finish().unwrap_or_else(|e| panic!("{e}"));
    let zstd = zstd::encode_all(text.as_bytes(), 3).unwrap_or_else(|e| panic!("{e}"));
    let plain = reply("text/plain", &text);
    for (encoding, bytes) in [("gzip", gzip.clone()), ("zstd", zstd), ("identity", text.clone().into_bytes())] {
        assert_eq!(found(&plain, &plain, &encoded("text/plain", Some(encoding), &bytes)), [""; 0], "{encoding}");
    }
    let unknown = encoded("text/plain", Some("lzma"), &gzip);
    assert_eq!(found(&plain, &plain, &unknown), ["http/fault breaking at reply"]);
}
