//! Steps to something simpler.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use prost_reflect::{DynamicMessage, MessageDescriptor};

use super::valid::check as check_valid;
use super::{message, random, rich, seeded};
use crate::generate::protobuf::weight::weight;
use crate::generate::protobuf::{Messages, differences, text};

/// Follows the first step that `breaks`, as long as there is one.
fn shrunk(messages: &Messages, from: &DynamicMessage, breaks: impl Fn(&DynamicMessage) -> bool) -> DynamicMessage {
    let mut smallest = from.clone();
    while let Some(step) = messages.simpler(&smallest).into_iter().find(&breaks) {
        smallest = step;
    }
    smallest
}

fn parsed(descriptor: &MessageDescriptor, text: &str) -> DynamicMessage {
    DynamicMessage::parse_text_format(descriptor.clone(), text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn every_step_is_valid_and_weighs_less() {
    for descriptor in rich::messages() {
        let messages = Messages::of(&descriptor).unwrap();
        let mut rng = seeded(11);
        for _ in 0..12 {
            let drawn = messages.draw(&mut rng);
            for step in messages.simpler(&drawn).iter().take(60) {
                check_valid(step);
                assert!(weight(step) < weight(&drawn), "{} → {}", text(&drawn), text(step));
            }
        }
    }
}

#[test]
fn a_message_that_always_breaks_shrinks_to_the_smallest() {
    let mut rng = seeded(12);
    let mut descriptors = rich::messages();
    descriptors.extend((0..50).flat_map(|_| random::messages(&mut rng)));
    for descriptor in descriptors {
        let Ok(messages) = Messages::of(&descriptor) else { continue };
        let drawn = messages.draw(&mut rng);
        let last = shrunk(&messages, &drawn, |_| true);
        assert!(weight(&last) <= weight(&messages.smallest()), "{} ends at {}", text(&drawn), text(&last));
    }
}

#[test]
fn what_breaks_is_all_that_stays() {
    #[track_caller]
    fn check(body: &str, from: &str, needle: &str, expected: &str) {
        let descriptor = message(body);
        let messages = Messages::of(&descriptor).unwrap();
        let from = parsed(&descriptor, from);
        let last = shrunk(&messages, &from, |message| text(message).contains(needle));
        assert_eq!(text(&last), expected, "{body}");
    }
    check("message M { string a = 1; string b = 2; }", "a: \"xyz!\" b: \"bcd\"", "!", "a: \"!\"");
    check("message M { M m = 1; repeated int32 x = 2; }", "m { m { x: 5 x: 6 x: 77 } x: 3 }", "77", "x: 77");
    check("message M { repeated int32 x = 2; }", "x: 5 x: 6 x: 77 x: 8", "x: 8", "x: 8");
    check(
        "message M { map<string, int32> x = 1; }",
        "x { key: \"k\" value: 7 } x { key: \"l\" value: 900 }",
        "900",
        "x { key: \"\" value: 900 }",
    );
    check("proto2 message M { required int32 a = 1; optional int32 b = 2; }", "a: 7 b: 8", "b: ", "a: 0 b: 0");
}

#[test]
fn a_number_comes_as_near_to_zero_as_it_breaks() {
    let descriptor = message("message M { int64 x = 1; }");
    let messages = Messages::of(&descriptor).unwrap();
    let from = parsed(&descriptor, "x: 123456789012");
    let value = |message: &DynamicMessage| message.get_field_by_name("x").unwrap().as_i64().unwrap();
    let last = shrunk(&messages, &from, |message| value(message) > 1_000);
    assert!((1_001..2_048).contains(&value(&last)), "{}", text(&last));
}

#[test]
fn proptest_shrinks_by_the_same_steps() {
    let descriptor = message("message M { repeated string names = 1; M m = 2; int32 x = 3; }");
    let messages = Messages::of(&descriptor).unwrap();
    let breaks = |message: &DynamicMessage| text(message).contains("names");
    let mut runner = TestRunner::new_with_rng(Config::default(), seeded(1));
    let mut seen = 0;
    for _ in 0..30 {
        let mut tree = messages.new_tree(&mut runner).unwrap();
        if !breaks(&tree.current().0) {
            continue;
        }
        seen += 1;
        let mut last = tree.current();
        let mut goes_on = tree.simplify();
        while goes_on {
            let now = tree.current();
            check_valid(&now.0);
            goes_on = if breaks(&now.0) {
                last = now;
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        assert_eq!(format!("{last:?}"), "names: \"\"");
        assert_eq!(differences(&tree.current().0, &last.0), []);
    }
    assert!(seen > 5, "{seen} messages have a name");
}
