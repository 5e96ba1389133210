//! All that is asked of a text, together.

use std::sync::Arc;

use super::{Expression, Format, letters};
use crate::contract::json_schema::regular::{self, Found, Machine};
use crate::generate::json_schema::chance::Chance;

/// What is asked of a text.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Asked {
    pub(in super::super) shortest: u64,
    pub(in super::super) longest: Option<u64>,
    /// Matches all of these,
    pub(in super::super) with: Vec<Arc<Expression>>,
    /// and none of these.
    pub(in super::super) without: Vec<Arc<Expression>>,
    /// It should be of this format, if that can be.
    pub(in super::super) format: Option<Format>,
}

impl Asked {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.longest.is_some_and(|longest| longest < self.shortest)
    }

    pub(in super::super) fn allow(&self, text: &str) -> bool {
        let is_measured = self.shortest > 0 || self.longest.is_some();
        let length = if is_measured { u64::try_from(text.chars().count()).unwrap_or(u64::MAX) } else { 0 };
        length >= self.shortest
            && self.longest.is_none_or(|longest| length <= longest)
            && self.with.iter().all(|expression| expression.is_match(text))
            && !self.without.iter().any(|expression| expression.is_match(text))
    }
}

/// Where texts are drawn from.
#[derive(Debug, Clone)]
pub(in super::super) struct Texts {
    asked: Asked,
    shortest: usize,
    longest: Option<usize>,
    /// Whether texts of the format are among them.
    is_formatted: bool,
    /// Some that are known to be among them, the shortest first; where expressions are asked for.
    known: Vec<String>,
}

/// No text is longer, unless it must be.
const LONGEST: usize = 3_000;
/// Texts that are asked to be longer are not written at all.
const TOO_LONG: u64 = 1_000_000;

impl Texts {
    /// Prepares them; none where none is found.
    pub(in super::super) fn of(asked: &Asked) -> Option<Self> {
        if asked.is_empty() || asked.shortest > TOO_LONG {
            return None;
        }
        let shortest = usize::try_from(asked.shortest).ok()?;
        let longest = asked.longest.map(|longest| usize::try_from(longest).unwrap_or(usize::MAX));
        let mut texts = Self { asked: asked.clone(), shortest, longest, is_formatted: false, known: Vec::new() };
        if let Some(format) = asked.format {
            let mut chance = Chance::new(7);
            texts.is_formatted = format.examples().iter().any(|example| asked.allow(example))
                || (0..20).any(|_| asked.allow(&format.draw(&mut chance)));
        }
        if !asked.with.is_empty() || !asked.without.is_empty() {
            texts.know();
            if texts.known.is_empty() && !texts.is_formatted {
                return None;
            }
        }
        Some(texts)
    }

    /// Finds some that match, by walking over the expressions together, and by chance.
    fn know(&mut self) {
        let mut known: Vec<String> = Vec::new();
        known.extend(self.asked.with.iter().filter_map(|expression| expression.plainest()));
        // What is simple doesn't take a walk.
        if self.asked.with.len() + self.asked.without.len() > 1 || !known.iter().any(|text| self.asked.allow(text)) {
            self.walk(&mut known);
        }
        let mut chance = Chance::new(11);
        for _ in 0..60 {
            known.extend(self.sampled(&mut chance));
        }
        known.extend(letters::edges(self.shortest, self.longest));
        known.extend([0, 1, 5].map(|more| "a".repeat(self.shortest + more)));
        known.retain(|text| self.asked.allow(text));
        known.sort_by_cached_key(|text| (text.chars().count(), !text.is_ascii(), text.clone()));
        known.dedup();
        // The shortest, and some of all others.
        let every = known.len() / 24 + 1;
        self.known =
            known.into_iter().enumerate().filter(|(at, _)| *at == 0 || at % every == 0).map(|(_, t)| t).collect();
    }

    /// Walks over all expressions together: to the shortest texts, and to the longest.
    fn walk(&self, known: &mut Vec<String>) {
        let (Some(with), Some(without)) = (machines(&self.asked.with), machines(&self.asked.without)) else { return };
        let mut find = |shortest: usize, longest: Option<usize>| {
            let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
            let (with, without) = (with.clone(), without.clone());
            let longest = longest.map(count);
            let asked = regular::Asked { with, without, shortest: count(shortest), longest, lines: false };
            if let Found::Text(text) = regular::find(&asked) {
                known.push(text);
            }
        };
        find(self.shortest, self.longest);
        find(self.shortest + 1, self.longest);
        if let Some(longest) = self.longest.filter(|longest| *longest <= 300) {
            find(longest, Some(longest));
        }
    }

    fn sampled(&self, chance: &mut Chance) -> Option<String> {
        let longest = self.longest.unwrap_or(LONGEST.max(self.shortest));
        match chance.of(&self.asked.with) {
            Some(expression) => expression.draw(self.shortest, longest, chance),
            None => Some(self.plain(chance)),
        }
    }

    fn plain(&self, chance: &mut Chance) -> String {
        let ample = match chance.below(40) {
            0 => 260,
            1..6 => 32,
            _ => 10,
        };
        let longest = self.longest.unwrap_or(usize::MAX).min(self.shortest + ample);
        let length =
            if chance.percent(4) { longest } else { self.shortest + chance.below(longest - self.shortest + 1) };
        letters::drawn(length, chance)
    }

    /// Whether they are of a format: then cutting one makes something else of it.
    pub(in super::super) fn is_formatted(&self) -> bool {
        self.is_formatted
    }

    /// The simplest of them.
    pub(in super::super) fn smallest(&self) -> String {
        if self.is_formatted
            && let Some(format) = self.asked.format
            && let Some(example) = format.examples().iter().find(|example| self.asked.allow(example))
        {
            return (*example).to_owned();
        }
        self.known.first().cloned().unwrap_or_else(|| "a".repeat(self.shortest))
    }

    /// One of them.
    pub(in super::super) fn draw(&self, chance: &mut Chance) -> String {
        if self.is_formatted
            && let Some(format) = self.asked.format
        {
            for _ in 0..4 {
                let text = format.draw(chance);
                if self.asked.allow(&text) {
                    return text;
                }
            }
        }
        if self.asked.with.is_empty() && self.asked.without.is_empty() {
            return self.plain(chance);
        }
        for _ in 0..4 {
            if let Some(text) = self.sampled(chance).filter(|text| self.asked.allow(text)) {
                return text;
            }
        }
        chance.of(&self.known).cloned().unwrap_or_else(|| self.smallest())
    }

    /// What lies at the edges: the shortest and the longest, and what is known for the trouble it makes.
    pub(in super::super) fn edges(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        if self.is_formatted {
            let examples = self.asked.format.map_or(&[][..], Format::examples);
            found.extend(examples.iter().map(|example| (*example).to_owned()));
        } else if self.known.is_empty() {
            let longest = self.longest.unwrap_or(self.shortest + 1_000).min(LONGEST.max(self.shortest));
            let sizes = [self.shortest, self.shortest + 1, longest, longest.saturating_sub(1)];
            found.extend(sizes.map(|size| "a".repeat(size)));
            found.extend(letters::edges(self.shortest, self.longest));
        } else {
            let mut known = self.known.clone();
            // From both ends.
            while let Some(text) = known.pop() {
                found.push(text);
                if !known.is_empty() {
                    found.push(known.remove(0));
                }
            }
            found.truncate(10);
        }
        let mut edges: Vec<String> = Vec::new();
        for text in found {
            if self.asked.allow(&text) && !edges.contains(&text) {
                edges.push(text);
            }
        }
        edges
    }
}

fn machines(expressions: &[Arc<Expression>]) -> Option<Vec<&Machine>> {
    expressions.iter().map(|expression| expression.machine.as_ref()).collect()
}
