//! Whatever is made is whole, is written and read as the same, and has the JSON and the text that it should have.

use prost::Message as _;
use prost_reflect::{Cardinality, DynamicMessage, MessageDescriptor, ReflectMessage as _, Value};

use super::{message, pool, random, rich, seeded};
use crate::generate::protobuf::{Messages, differences, text, written};

/// Holds a message against all of that.
#[track_caller]
pub fn check(message: &DynamicMessage) {
    let descriptor = message.descriptor();
    let shown = text(message);
    let name = descriptor.full_name();
    for bytes in [written(message), message.encode_to_vec()] {
        let again = DynamicMessage::decode(descriptor.clone(), bytes.as_slice());
        let again = again.unwrap_or_else(|e| panic!("{name} {{ {shown} }}: {e}"));
        assert_eq!(differences(message, &again), [], "{name} {{ {shown} }}");
        assert_eq!(text(&again), shown);
        assert_eq!(written(&again), written(message));
    }
    assert_eq!(missing(message), None, "{name} {{ {shown} }}");
    let parsed = DynamicMessage::parse_text_format(descriptor.clone(), &shown);
    let parsed = parsed.unwrap_or_else(|e| panic!("{name} {{ {shown} }}: {e}"));
    assert_eq!(differences(message, &parsed), [], "by its text: {name} {{ {shown} }}");
    let json = serde_json::to_string(message).unwrap_or_else(|e| panic!("{name} {{ {shown} }}: {e}"));
    if !is_misread(&Value::Message(message.clone())) {
        let mut input = serde_json::Deserializer::from_str(&json);
        let again = DynamicMessage::deserialize(descriptor.clone(), &mut input);
        let again = again.unwrap_or_else(|e| panic!("{name} {{ {shown} }}: {json}: {e}"));
        assert_eq!(differences(message, &again), [], "{name} {{ {shown} }}: {json}");
    }
}

/// A required field that is not there.
fn missing(message: &DynamicMessage) -> Option<String> {
    let descriptor = message.descriptor();
    let field =
        descriptor.fields().find(|field| field.cardinality() == Cardinality::Required && !message.has_field(field));
    let within = |value: &Value| match value {
        Value::Message(message) => missing(message),
        Value::List(values) => values.iter().filter_map(Value::as_message).find_map(missing),
        Value::Map(entries) => entries.values().filter_map(Value::as_message).find_map(missing),
        _ => None,
    };
    field.map(|field| field.full_name().to_owned()).or_else(|| message.fields().find_map(|(_, value)| within(value)))
}

/// What the library's JSON gets wrong: the largest floats, whose shortest text is a larger double; and wrappers that hold no
/// number, which it writes as null.
fn is_misread(value: &Value) -> bool {
    match value {
        Value::F32(value) => value.abs() >= f32::MAX,
        Value::Message(message) => {
            let is_wrapper = ["google.protobuf.FloatValue", "google.protobuf.DoubleValue"]
                .contains(&message.descriptor().full_name());
            let is_odd = |value: &Value| match value {
                Value::F32(value) => !value.is_finite(),
                Value::F64(value) => !value.is_finite(),
                _ => false,
            };
            let held = crate::generate::protobuf::well_known::unpacked(message);
            let mut fields =
                message.fields().map(|(_, value)| value).chain(message.extensions().map(|(_, value)| value));
            held.is_some_and(|held| is_misread(&Value::Message(held)))
                || fields.any(|value| is_misread(value) || is_wrapper && is_odd(value))
        }
        Value::List(values) => values.iter().any(is_misread),
        Value::Map(entries) => entries.values().any(is_misread),
        _ => false,
    }
}

fn made(descriptor: &MessageDescriptor) -> Messages {
    Messages::of(descriptor).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_message_of_a_rich_schema_is_whole_and_read_again_as_the_same() {
    for descriptor in rich::messages() {
        let messages = made(&descriptor);
        check(&messages.smallest());
        let edges = messages.edges(500);
        edges.iter().for_each(check);
        let mut rng = seeded(7);
        for _ in 0..100 {
            let drawn = messages.draw(&mut rng);
            check(&drawn);
        }
    }
}

#[test]
fn every_message_of_random_schemas_is_whole_and_read_again_as_the_same() {
    let mut rng = seeded(1);
    let mut made = 0;
    for _ in 0..1_000 {
        let descriptors = random::messages(&mut rng);
        let Some(messages) = descriptors.iter().find_map(|descriptor| Messages::of(descriptor).ok()) else { continue };
        for _ in 0..6 {
            check(&messages.draw(&mut rng));
        }
        let last = messages.draw(&mut rng);
        messages.edges(3).iter().chain(messages.simpler(&last).iter().take(3)).for_each(check);
        made += 1;
    }
    // The rest are those whose messages all need themselves.
    assert!(made >= 950, "only {made} of 1000 schemas have messages");
}

#[test]
fn the_smallest_has_what_is_required_and_nothing_else() {
    #[track_caller]
    fn check(descriptor: &MessageDescriptor, expected: &str) {
        assert_eq!(text(&made(descriptor).smallest()), expected);
    }
    check(&rich::one("Scalars"), "");
    check(&rich::one("Needed"), "id: 0 name: \"\" kind: FIRST");
    check(&rich::one("M"), "needed { id: 0 name: \"\" kind: FIRST } raw: \"\"");
    check(&rich::one("Value"), "null_value: NULL_VALUE");
    check(&rich::one("Any"), "[type.googleapis.com/a.Inner] {}");
    check(&rich::one("HasImpossible"), "");
}

#[test]
fn a_message_that_needs_itself_is_never_made() {
    assert!(Messages::of(&rich::impossible()).is_err());
    let has = made(&rich::one("HasImpossible"));
    let shown: Vec<String> = has.edges(100).iter().map(text).collect();
    assert_eq!(shown.first().map(String::as_str), Some("x: 0"));
    assert!(!shown.iter().any(|text| text.contains("never") || text.contains("nor")), "{shown:?}");
}

#[test]
fn every_edge_differs_from_the_smallest_and_from_every_other() {
    for descriptor in rich::messages() {
        let messages = made(&descriptor);
        let mut seen = vec![text(&messages.smallest())];
        for edge in messages.edges(400) {
            let text = text(&edge);
            assert!(!seen.contains(&text), "twice: {} {{ {text} }}", descriptor.full_name());
            seen.push(text);
        }
    }
}

#[test]
fn the_first_edges_are_one_of_each_field() {
    let scalars = made(&rich::one("Scalars")).edges(16);
    let first: Vec<String> =
        scalars.iter().map(|edge| edge.fields().map(|(field, _)| field.name().to_owned()).collect()).collect();
    let expected =
        ["d", "f", "i32", "i64", "u32", "u64", "s32", "s64", "f32", "f64", "sf32", "sf64", "b", "s", "y", "e"];
    assert_eq!(first, expected);
}

#[test]
fn the_edges_of_a_field() {
    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let descriptor = message(body);
        let texts: Vec<String> = made(&descriptor).edges(1_000).iter().map(text).collect();
        for expected in expected {
            assert!(texts.iter().any(|text| text == expected), "{body}: no `{expected}` in {texts:?}");
        }
    }
    check("message M { optional int32 x = 1; }", &["x: 0", "x: -1", "x: 2147483647", "x: -2147483648"]);
    check("message M { int64 x = 1; }", &["x: 9007199254740993", "x: 9007199254740991", "x: -9223372036854775808"]);
    check("message M { optional double x = 1; }", &["x: -0.0", "x: nan", "x: -inf", "x: 5e-324", "x: 0.0"]);
    check("message M { optional string x = 1; }", &["x: \"\"", "x: \"日本語\"", "x: \"\\000\""]);
    check("message M { repeated bool x = 1; }", &["x: true", "x: false", "x: true x: false"]);
    check("enum E { Z = 0; A = 4; } message M { E x = 1; }", &["x: A", "x: 7654321"]);
    check("proto2 enum E { A = 4; B = 5; } message M { optional E x = 1; }", &["x: A", "x: B"]);
    check(
        "message M { map<int32, string> x = 1; }",
        &[
            "x { key: 1 value: \"a\" }",
            "x { key: 0 value: \"a\" }",
            "x { key: 0 value: \"é\" } x { key: 1 value: \"a\" }",
        ],
    );
    check("message M { M m = 1; int32 x = 2; }", &["m {}", "m { m {} }", "m { x: 1 }", "m { m { m { x: 1 } } }"]);
    check("message M { oneof o { int32 a = 1; string b = 2; } }", &["a: 0", "b: \"\"", "a: 1"]);
    check("proto2 message M { optional int32 x = 1 [default = 9]; }", &["x: 9", "x: 0", "x: 1"]);
}

#[test]
fn a_closed_enum_has_no_number_without_a_name() {
    let closed = message("proto2 enum E { A = 4; B = 5; } message M { optional E x = 1; repeated E y = 2; }");
    let messages = made(&closed);
    let mut rng = seeded(3);
    let drawn = (0..300).map(|_| messages.draw(&mut rng));
    let texts: Vec<String> = messages.edges(100).into_iter().chain(drawn).map(|message| text(&message)).collect();
    assert!(!texts.iter().any(|text| text.contains("765432")), "{texts:?}");
    let open = made(&message("enum E { Z = 0; } message M { repeated E x = 1; }"));
    assert!((0..300).any(|_| text(&open.draw(&mut rng)).contains("7654321")));
}

#[test]
fn messages_may_be_shared_between_threads() {
    fn check<T: Send + Sync + Clone>() {}
    check::<Messages>();
}

#[test]
fn the_same_seed_gives_the_same_messages() {
    let drawn = |seed: u8| -> Vec<(String, Vec<u8>)> {
        let mut rng = seeded(seed);
        let messages = [made(&rich::one("Maps")), made(&rich::one("Known"))];
        (0..60)
            .flat_map(|_| messages.clone())
            .map(|messages| messages.draw(&mut rng))
            .map(|drawn| (text(&drawn), written(&drawn)))
            .collect()
    };
    assert_eq!(drawn(5), drawn(5));
    assert_ne!(drawn(5), drawn(6));
}

#[test]
fn draws_reach_every_field_and_every_member() {
    for name in ["Scalars", "Optional", "Repeated", "Maps", "Choice", "Known", "M"] {
        let descriptor = rich::one(name);
        let messages = made(&descriptor);
        let mut rng = seeded(9);
        let drawn: Vec<DynamicMessage> = (0..400).map(|_| messages.draw(&mut rng)).collect();
        for field in descriptor.fields() {
            assert!(drawn.iter().any(|message| message.has_field(&field)), "{}", field.full_name());
        }
        for extension in descriptor.extensions() {
            assert!(drawn.iter().any(|message| message.has_extension(&extension)), "{}", extension.full_name());
        }
    }
}

#[test]
fn paths_of_a_field_mask_are_fields_of_the_contract() {
    let pool = pool(
        "import \"google/protobuf/field_mask.proto\"; message M { google.protobuf.FieldMask mask = 1; string title = 2; }",
    );
    let messages = made(&pool.get_message_by_name("a.M").unwrap());
    let texts: Vec<String> = messages.edges(100).iter().map(text).collect();
    assert!(texts.contains(&"mask { paths: \"mask\" paths: \"title\" }".to_owned()), "{texts:?}");
}
