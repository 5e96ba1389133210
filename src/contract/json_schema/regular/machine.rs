//! One expression's machine: states that eat a character, and states that only lead on.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// One step of a machine.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Eats a character of these ranges.
    Eat(Vec<(char, char)>, usize),
    /// Goes either way.
    Fork(usize, usize),
    /// Goes on at the start of the text only.
    Start(usize),
    /// Goes on at the end of the text only.
    End(usize),
    /// Has seen a match, whatever follows.
    Match,
}

/// An expression as it is searched for: anywhere in a text, unless it says otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(super) states: Vec<State>,
    pub(super) entry: usize,
}

/// No machine has more states: a pattern that counts to thousands is refused.
const LARGEST: usize = 4_000;

/// All characters.
pub(super) const ANY: (char, char) = ('\0', char::MAX);

impl Machine {
    /// The machine of an expression as schemas write it; none where it isn't regular, or too large.
    pub(crate) fn of(pattern: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
        let hir = regex_syntax::Parser::new().parse(&translated).ok()?;
        let mut building = Building { states: vec![State::Match] };
        let first = building.add(&hir, 0)?;
        // Searched for anywhere: any character may come before.
        let entry = building.push(State::Fork(first, 0))?;
        let skip = building.push(State::Eat(vec![ANY], entry))?;
        building.set(entry, State::Fork(first, skip));
        Some(Self { states: building.states, entry })
    }
}

struct Building {
    states: Vec<State>,
}

impl Building {
    fn push(&mut self, state: State) -> Option<usize> {
        if self.states.len() >= LARGEST {
            return None;
        }
        self.states.push(state);
        Some(self.states.len() - 1)
    }

    /// What a state leads to may be known only after it.
    fn set(&mut self, at: usize, state: State) {
        if let Some(known) = self.states.get_mut(at) {
            *known = state;
        }
    }

    /// Adds what comes before `next`, and says where it starts.
    fn add(&mut self, hir: &Hir, next: usize) -> Option<usize> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().rev().try_fold(next, |next, c| self.push(State::Eat(vec![(c, c)], next)))
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.iter().map(|range| (range.start(), range.end())).collect();
                self.push(State::Eat(ranges, next))
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges = class.iter().map(|range| (char::from(range.start()), char::from(range.end())));
                let ranges = ranges.collect();
                class.is_ascii().then(|| self.push(State::Eat(ranges, next)))?
            }
            HirKind::Look(Look::Start) => self.push(State::Start(next)),
            HirKind::Look(Look::End) => self.push(State::End(next)),
            HirKind::Look(_) => None,
            HirKind::Capture(capture) => self.add(&capture.sub, next),
            HirKind::Concat(parts) => parts.iter().rev().try_fold(next, |next, part| self.add(part, next)),
            HirKind::Alternation(parts) => {
                let mut ways = parts.iter().rev();
                let last = self.add(ways.next()?, next)?;
                ways.try_fold(last, |other, part| {
                    let first = self.add(part, next)?;
                    self.push(State::Fork(first, other))
                })
            }
            HirKind::Repetition(repetition) => {
                let mut here = next;
                match repetition.max {
                    None => {
                        let again = self.push(State::Fork(next, next))?;
                        let body = self.add(&repetition.sub, again)?;
                        self.set(again, State::Fork(body, next));
                        here = again;
                    }
                    Some(max) => {
                        for _ in repetition.min..max {
                            let body = self.add(&repetition.sub, here)?;
                            here = self.push(State::Fork(body, next))?;
                        }
                    }
                }
                (0..repetition.min).try_fold(here, |here, _| self.add(&repetition.sub, here))
            }
        }
    }
}
