//! The walk over several machines at once: breadth first, so that the first text found is the shortest.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::Machine;
use super::machine::State;

/// What a text has to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked<'a> {
    /// It matches all of these,
    pub(crate) with: Vec<&'a Machine>,
    /// and none of these,
    pub(crate) without: Vec<&'a Machine>,
    /// and has at least that many characters,
    pub(crate) shortest: u64,
    /// and at most that many,
    pub(crate) longest: Option<u64>,
    /// and may have line breaks, of which engines differ on whether `.` matches them.
    pub(crate) lines: bool,
}

/// What the walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// The shortest such text.
    Text(String),
    /// There is none.
    Nothing,
    /// Given up.
    Unknown,
}

/// States in sight before the walk is given up.
const MOST: usize = 20_000;
/// Steps from state to state before the walk is given up.
const STEPS: usize = 400_000;
/// No text that is counted to is longer.
const LONGEST: u64 = 5_000;

/// Looks for a text.
pub(crate) fn find(asked: &Asked<'_>) -> Found {
    let machines: Vec<&Machine> = asked.with.iter().chain(&asked.without).copied().collect();
    if asked.shortest > LONGEST {
        return Found::Unknown;
    }
    if asked.longest.is_some_and(|longest| longest < asked.shortest) {
        return Found::Nothing;
    }
    // Beyond the bound, one length is as good as another.
    let counted = match asked.longest {
        Some(longest) if longest <= LONGEST => longest + 1,
        Some(_) | None => asked.shortest,
    };
    let letters = letters(&machines, asked.lines);
    let mut seen: HashMap<(Vec<Vec<usize>>, u64), usize> = HashMap::new();
    let mut trail: Vec<(usize, char)> = Vec::new();
    let mut waiting = VecDeque::new();
    let first: Vec<Vec<usize>> = machines.iter().map(|machine| closed(machine, [machine.entry], true)).collect();
    seen.insert((first.clone(), 0), 0);
    trail.push((usize::MAX, ' '));
    waiting.push_back((first, 0_u64, 0_usize));
    let mut steps = 0_usize;
    while let Some((here, length, index)) = waiting.pop_front() {
        let is_wanted = |(at, (machine, states)): (usize, (&&Machine, &Vec<usize>))| {
            is_match(machine, states, length == 0) == (at < asked.with.len())
        };
        let fits = length >= asked.shortest && asked.longest.is_none_or(|longest| length <= longest);
        if fits && machines.iter().zip(&here).enumerate().all(is_wanted) {
            return Found::Text(told(&trail, index));
        }
        if asked.longest.is_some_and(|longest| length >= longest) {
            continue;
        }
        for letter in &letters {
            steps += machines.len();
            let next: Vec<Vec<usize>> =
                machines.iter().zip(&here).map(|(machine, states)| eaten(machine, states, *letter)).collect();
            // What must match and no longer can leads nowhere; nor does what has matched and must not.
            let is_lost = next
                .iter()
                .enumerate()
                .any(|(at, states)| if at < asked.with.len() { states.is_empty() } else { states.contains(&0) });
            if is_lost {
                continue;
            }
            let length = (length + 1).min(counted.max(1));
            let key = (next, length);
            if seen.contains_key(&key) {
                continue;
            }
            let at = trail.len();
            seen.insert(key.clone(), at);
            trail.push((index, *letter));
            waiting.push_back((key.0, length, at));
        }
        if seen.len() > MOST || steps > STEPS {
            return Found::Unknown;
        }
    }
    // A bound too long to be counted to was not looked at, and there is nothing without it either.
    Found::Nothing
}

fn told(trail: &[(usize, char)], mut index: usize) -> String {
    let mut text = Vec::new();
    while let Some((before, letter)) = trail.get(index).filter(|(before, _)| *before != usize::MAX) {
        text.push(*letter);
        index = *before;
    }
    text.iter().rev().collect()
}

/// Where one can be without eating anything more. State 0 is the match, and outlives all else.
fn closed(machine: &Machine, from: impl IntoIterator<Item = usize>, is_start: bool) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<usize> = from.into_iter().collect();
    while let Some(at) = waiting.pop() {
        if !seen.insert(at) {
            continue;
        }
        match machine.states.get(at) {
            Some(State::Fork(one, other)) => waiting.extend([*one, *other]),
            Some(State::Start(next)) if is_start => waiting.push(*next),
            _ => {}
        }
    }
    if seen.contains(&0) {
        return vec![0];
    }
    let stays = |at: &usize| matches!(machine.states.get(*at), Some(State::Eat(..) | State::End(_)));
    seen.into_iter().filter(stays).collect()
}

fn eaten(machine: &Machine, states: &[usize], letter: char) -> Vec<usize> {
    if states == [0] {
        return vec![0];
    }
    let next = states.iter().filter_map(|at| match machine.states.get(*at) {
        Some(State::Eat(ranges, next)) if ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) => {
            Some(*next)
        }
        _ => None,
    });
    closed(machine, next.collect::<Vec<_>>(), false)
}

/// Whether a text that ends here matches.
fn is_match(machine: &Machine, states: &[usize], is_start: bool) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = states.to_vec();
    while let Some(at) = waiting.pop() {
        if !seen.insert(at) {
            continue;
        }
        match machine.states.get(at) {
            Some(State::Match) => return true,
            Some(State::Fork(one, other)) => waiting.extend([*one, *other]),
            Some(State::End(next)) => waiting.push(*next),
            Some(State::Start(next)) if is_start => waiting.push(*next),
            _ => {}
        }
    }
    false
}

/// One character for each way in which the machines tell characters apart, the readable ones first.
fn letters(machines: &[&Machine], lines: bool) -> Vec<char> {
    let mut edges: BTreeSet<u32> = BTreeSet::from([0, 0xD800, 0xE000]);
    let mut classes: Vec<&[(char, char)]> = Vec::new();
    for state in machines.iter().flat_map(|machine| &machine.states) {
        if let State::Eat(ranges, _) = state
            && !classes.contains(&ranges.as_slice())
        {
            classes.push(ranges);
        }
    }
    for (low, high) in classes.iter().copied().flatten() {
        edges.extend([u32::from(*low), u32::from(*high) + 1]);
    }
    // Line breaks and what is readable have places of their own, so that they can be told apart.
    for c in ['\n', '\r', '\u{2028}', '\u{2029}'] {
        edges.extend([u32::from(c), u32::from(c) + 1]);
    }
    for (low, high) in [(' ', '~'), ('a', 'z'), ('0', '9'), ('A', 'Z')] {
        edges.extend([u32::from(low), u32::from(high) + 1]);
    }
    let rank = |c: char| match c {
        'a'..='z' => 0,
        '0'..='9' => 1,
        'A'..='Z' => 2,
        ' '..='~' => 3,
        '\u{a0}'.. => 4,
        _ => 5,
    };
    let is_line = |c: char| matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}');
    let mut chosen: BTreeMap<Vec<bool>, Vec<char>> = BTreeMap::new();
    for edge in edges {
        let Some(letter) = char::from_u32(edge) else { continue };
        if is_line(letter) && !lines {
            continue;
        }
        let kind: Vec<bool> =
            classes.iter().map(|ranges| ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter))).collect();
        chosen.entry(kind).or_default().push(letter);
    }
    let best = |letters: Vec<char>| letters.into_iter().min_by_key(|letter| (rank(*letter), *letter));
    let mut letters: Vec<char> = chosen.into_values().filter_map(best).collect();
    letters.sort_by_key(|letter| (rank(*letter), *letter));
    letters
}

#[cfg(test)]
mod tests {
    use super::{Asked, Found, Machine, find};

    fn check(with: &[&str], without: &[&str], lengths: (u64, Option<u64>), expected: &str) {
        let machines = |patterns: &[&str]| patterns.iter().map(|p| Machine::of(p).unwrap()).collect::<Vec<_>>();
        let (with, without) = (machines(with), machines(without));
        let found = find(&Asked {
            with: with.iter().collect(),
            without: without.iter().collect(),
            shortest: lengths.0,
            longest: lengths.1,
            lines: false,
        });
        let told = match &found {
            Found::Text(text) => text.as_str(),
            Found::Nothing => "-",
            Found::Unknown => "?",
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn the_shortest_text_is_found_or_there_is_none() {
        check(&["^(ab)*$"], &["^(ab){0,3}$"], (0, None), "abababab");
        check(&["^(ab)*$"], &["^(ab){0,3}$"], (0, Some(5)), "-");
        check(&["^[0-9]+$"], &["^\\d+$"], (0, None), "-");
        check(&["a"], &["^a"], (0, None), "ba");
        check(&["^[a-z]+$", "b"], &["ab"], (3, Some(3)), "acb");
        check(&["."], &[".{2,}"], (2, None), "-");
        check(&[".{2,}"], &[], (0, Some(1)), "-");
        check(&[], &["^$"], (0, None), "a");
        check(&["^$"], &[], (1, None), "-");
        check(&["^x{3}$"], &[], (0, None), "xxx");
        check(&["^a|b$"], &["^a"], (0, None), "b");
        check(&["^.{1,50}$"], &[], (40, None), "a".repeat(40).as_str());
    }

    #[test]
    fn what_is_not_regular_or_too_large_has_no_machine() {
        for pattern in ["(?=a)b", "\\bword", "(a)\\1", "(a{100}){100}"] {
            assert!(Machine::of(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn line_breaks_are_only_written_where_they_are_asked_for() {
        let dots = Machine::of("^.*$").unwrap();
        let found = |lines| find(&Asked { without: vec![&dots], lines, ..Asked::default() });
        assert_eq!(found(false), Found::Nothing);
        assert_eq!(found(true), Found::Text("\u{2028}".to_owned()));
    }
}
