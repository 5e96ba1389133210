//! Which values of a recording are bound, what a live reply gives for them, and where they go.

mod found;
mod live;
mod users;

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
    wire::answer(&reply(text), &wire::Asked::default(), true)
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
                let answer = wire::answer(producer, &wire::Asked::default(), true);
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
