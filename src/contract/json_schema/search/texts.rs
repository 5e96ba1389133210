//! Texts that a keyword could decide on.

use serde_json::Value;

use super::place::{Role, Speaker};
use crate::contract::json_schema::fits::Expressions;
use crate::contract::json_schema::regular::{Asked, Found, Machine, find};

/// Longer texts aren't written.
const LONGEST: u64 = 3_000;

/// Texts worth trying: by length, by pattern, and by what matches one pattern and not another.
pub(super) fn values(speakers: &[Speaker<'_>], expressions: &Expressions) -> Vec<Value> {
    let lengths = |keyword: &str| -> Vec<u64> {
        speakers
            .iter()
            .filter_map(|speaker| length(speaker.map.get(keyword)?))
            .filter(|length| *length <= LONGEST)
            .collect()
    };
    let (shortest, longest) = (lengths("minLength"), lengths("maxLength"));
    let mut sizes: Vec<u64> = vec![1, 0, 5];
    for size in shortest.iter().chain(&longest) {
        sizes.extend([*size, size + 1, size.saturating_sub(1)]);
    }
    sizes.sort_unstable();
    sizes.dedup();
    let mut texts: Vec<String> =
        sizes.iter().filter_map(|size| usize::try_from(*size).ok()).map(|size| "a".repeat(size)).collect();
    texts.extend(["A", "0", "12", " ", "-", "aB1", "é", "none of these"].map(str::to_owned));
    matching(speakers, &sizes, &mut texts);
    texts.extend(speakers.iter().filter_map(|speaker| {
        speaker.map.get("pattern").and_then(Value::as_str).and_then(|pattern| made(pattern, expressions))
    }));
    texts.into_iter().map(Value::String).collect()
}

fn made(pattern: &str, expressions: &Expressions) -> Option<String> {
    let text = pattern.trim_start_matches('^').trim_end_matches('$').to_owned();
    (expressions.is_match(pattern, &text) == Some(true)).then_some(text)
}

fn length(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0 && *float < 1e9);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and within bounds")]
    value.as_u64().or_else(|| float().map(|float| float as u64))
}

/// What matches the writer's patterns and not one of the reader's, and what matches each, at each length of interest.
fn matching(speakers: &[Speaker<'_>], sizes: &[u64], texts: &mut Vec<String>) {
    /// More patterns in one place aren't put together.
    const PATTERNS: usize = 12;
    let mut machines: Vec<(Machine, bool)> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for speaker in speakers {
        let Some(pattern) = speaker.map.get("pattern").and_then(Value::as_str) else { continue };
        let is_firm = speaker.role == Role::Written;
        if let Some(at) = known.iter().position(|one| *one == pattern) {
            if let Some(machine) = machines.get_mut(at) {
                machine.1 |= is_firm;
            }
        } else if machines.len() < PATTERNS
            && let Some(machine) = Machine::of(pattern)
        {
            known.push(pattern);
            machines.push((machine, is_firm));
        }
    }
    if machines.is_empty() {
        return;
    }
    let firm = || machines.iter().filter(|(_, is_firm)| *is_firm).map(|(machine, _)| machine);
    let bound = |keyword: &str| {
        let all = speakers.iter().filter(|speaker| speaker.role == Role::Written);
        all.filter_map(|speaker| length(speaker.map.get(keyword)?)).collect::<Vec<_>>()
    };
    let shortest = bound("minLength").into_iter().max().unwrap_or(0);
    let longest = bound("maxLength").into_iter().min();
    let mut ask = |with: Vec<&Machine>, without: Vec<&Machine>, shortest: u64, longest: Option<u64>| {
        if let Found::Text(text) = find(&Asked { with, without, shortest, longest, lines: false })
            && !texts.contains(&text)
        {
            texts.push(text);
        }
    };
    let others = || machines.iter().filter(|(_, is_firm)| !is_firm).map(|(machine, _)| machine);
    ask(firm().collect(), Vec::new(), shortest, longest);
    ask(firm().collect(), others().collect(), shortest, longest);
    ask(firm().chain(others()).collect(), Vec::new(), shortest, longest);
    for other in others() {
        ask(firm().collect(), vec![other], shortest, longest);
        ask(firm().chain([other]).collect(), Vec::new(), shortest, longest);
        ask(vec![other], Vec::new(), shortest, None);
        let rest = others().filter(|one| !std::ptr::eq(*one, other));
        ask(firm().chain([other]).collect(), rest.collect(), shortest, longest);
    }
    for (machine, _) in &machines {
        ask(Vec::new(), vec![machine], shortest, longest);
        // What breaks the pattern in the middle, and not by being empty.
        ask(Vec::new(), vec![machine], shortest.max(2), longest);
    }
    for size in sizes.iter().take(8) {
        ask(firm().collect(), Vec::new(), *size, Some(*size));
        ask(firm().collect(), Vec::new(), *size, longest);
    }
}
