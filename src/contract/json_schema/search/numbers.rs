//! Numbers that a keyword could decide on.

use serde_json::{Number, Value};

use super::place::Speaker;
use crate::contract::json_schema::fits::exact;

/// Numbers worth trying: bounds, what lies beside them, multiples and what lies between them.
pub(super) fn values(speakers: &[Speaker<'_>]) -> Vec<Value> {
    let of = |keywords: &[&str]| -> Vec<Number> {
        let found = speakers.iter().flat_map(|speaker| keywords.iter().filter_map(|keyword| speaker.map.get(*keyword)));
        found.filter_map(|value| value.as_number().cloned()).collect()
    };
    let mut bounds = of(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
    let constants = speakers.iter().flat_map(|speaker| {
        let listed = speaker.map.get("enum").and_then(Value::as_array).into_iter().flatten();
        speaker.map.get("const").into_iter().chain(listed)
    });
    bounds.extend(constants.filter_map(Value::as_number).take(20).cloned());
    let steps = of(&["multipleOf"]);
    let mut found: Vec<Value> = Vec::new();
    for bound in &bounds {
        beside(bound, &mut found);
    }
    found.extend([0, 1, -1, 2, 3, 7, 10, 100, -100, 1_000_003].map(Value::from));
    found.extend([0.5, -0.5, 1.5, 0.25, 3.7].map(Value::from));
    for step in steps.iter().take(8) {
        multiples(step, &bounds, &mut found);
    }
    // What is a multiple of one and of another at once.
    for (at, one) in steps.iter().enumerate().take(8) {
        for other in steps.iter().take(at) {
            if let (Some(one), Some(other)) = (exact(one), exact(other)) {
                found.extend(one.checked_mul(other).and_then(whole));
            } else if let (Some(one), Some(other)) = (one.as_f64(), other.as_f64()) {
                found.extend(short(one * other));
            }
        }
    }
    found.dedup();
    found
}

fn whole(number: i128) -> Option<Value> {
    i64::try_from(number).map(Value::from).or_else(|_| u64::try_from(number).map(Value::from)).ok()
}

/// A float, as an integer where it is one: how a number is written is no difference.
fn short(float: f64) -> Option<Value> {
    let number = Number::from_f64(float)?;
    match exact(&number) {
        Some(integer) => whole(integer),
        None => Some(Value::Number(number)),
    }
}

fn beside(bound: &Number, found: &mut Vec<Value>) {
    found.push(Value::Number(bound.clone()));
    if let Some(integer) = exact(bound) {
        found.extend([integer - 1, integer + 1].into_iter().filter_map(whole));
    }
    if let Some(float) = bound.as_f64() {
        for away in [0.5, 1.0, 0.1, 0.001, 10.0] {
            found.extend([float - away, float + away].into_iter().filter_map(short));
        }
        found.extend([float.floor(), float.ceil()].into_iter().filter_map(short));
    }
}

fn multiples(step: &Number, bounds: &[Number], found: &mut Vec<Value>) {
    match exact(step) {
        Some(step) if step != 0 => {
            found.extend([step, -step, step * 2, step * 3, step * -2].into_iter().filter_map(whole));
            for bound in bounds.iter().take(20).filter_map(exact) {
                let below = bound.div_euclid(step);
                found.extend((below - 2..=below + 3).filter_map(|times| times.checked_mul(step)).filter_map(whole));
            }
        }
        _ => {
            let Some(step) = step.as_f64().filter(|step| *step != 0.0) else { return };
            found.extend(
                [step, -step, step * 2.0, step * -2.0, step * -6.0, step * 3.0, step * 10.0, step / 2.0]
                    .into_iter()
                    .filter_map(short),
            );
            for bound in bounds.iter().take(20).filter_map(Number::as_f64) {
                let below = (bound / step).floor();
                found.extend([-1.0, 0.0, 1.0, 2.0].into_iter().filter_map(|more| short((below + more) * step)));
            }
        }
    }
}
