//! Whatever stands in a file.

use super::*;

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
