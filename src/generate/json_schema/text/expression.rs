//! A regular expression: what matches it, and texts that do.

use regex::Regex;
use regex_syntax::Parser;
use regex_syntax::hir::Look;
use serde_json::{Value, json};

use super::letters;
use super::piece::{Piece, Room};
use crate::contract::json_schema::regular::Machine;
use crate::contract::json_schema::{Dialect, Judge};
use crate::generate::json_schema::chance::Chance;

/// An expression as schemas write it: searched for anywhere in a text.
#[derive(Debug)]
pub(in super::super) struct Expression {
    text: String,
    matcher: Matcher,
    /// What texts are drawn from; none where nobody can follow it.
    piece: Option<Piece>,
    /// Whether something may come before it, and after it.
    open: (bool, bool),
    pub(super) machine: Option<Machine>,
}

#[derive(Debug)]
enum Matcher {
    Regular(Box<Regex>),
    /// What looks around itself, only the validator can follow.
    Other(Box<Judge>),
}

impl Expression {
    /// Prepares an expression; none where it is none.
    pub(in super::super) fn of(text: &str) -> Option<Self> {
        let translated = jsonschema_regex::to_rust_regex(text).ok();
        let regular = translated.as_ref().and_then(|translated| Regex::new(translated).ok());
        let is_regular = regular.is_some();
        let matcher = if let Some(regular) = regular {
            Matcher::Regular(Box::new(regular))
        } else {
            let schema = json!({ "pattern": text });
            Matcher::Other(Box::new(Judge::of(&schema, Dialect::Draft202012).ok()?))
        };
        let bare = if is_regular { text.to_owned() } else { without_surroundings(text) };
        let hir = jsonschema_regex::to_rust_regex(&bare).ok().and_then(|bare| Parser::new().parse(&bare).ok());
        let open = hir.as_ref().map_or((false, false), |hir| {
            let looks = hir.properties();
            (!looks.look_set_prefix().contains(Look::Start), !looks.look_set_suffix().contains(Look::End))
        });
        let machine = if is_regular { Machine::of(text) } else { None };
        Some(Self { text: text.to_owned(), matcher, piece: hir.as_ref().and_then(Piece::of), open, machine })
    }

    /// As it is written.
    pub(in super::super) fn text(&self) -> &str {
        &self.text
    }

    pub(in super::super) fn is_match(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Regular(regex) => regex.is_match(text),
            Matcher::Other(judge) => judge.accepts(&Value::from(text)),
        }
    }

    /// The shortest text that is likely to match.
    pub(super) fn plainest(&self) -> Option<String> {
        let mut text = String::new();
        self.piece.as_ref()?.plainest(&mut text);
        Some(text)
    }

    /// A text which is likely to match, of a length between these if that can be.
    pub(super) fn draw(&self, shortest: usize, longest: usize, chance: &mut Chance) -> Option<String> {
        let piece = self.piece.as_ref()?;
        let least = piece.least();
        let mut text = String::new();
        // Long where that must be, and else mostly short.
        let ample = if chance.percent(8) { 60 } else { 8 };
        let end = longest.min(shortest.max(least) + ample);
        let target = shortest + chance.below(end.saturating_sub(shortest) + 1);
        let mut room = Room { left: target.saturating_sub(least), chance };
        if self.open.0 && room.chance.percent(10) {
            let before = room.chance.below(room.left.min(4) + 1);
            text.push_str(&letters::drawn(before, room.chance));
            room.left -= before;
        }
        piece.draw(&mut room, &mut text);
        let missing = shortest.saturating_sub(text.chars().count());
        if self.open.1 && (missing > 0 || room.chance.percent(10)) {
            let after = missing.max(room.chance.below(room.left.min(4) + 1));
            text.push_str(&letters::drawn(after, room.chance));
        }
        Some(text)
    }
}

/// An expression without what it asks of its surroundings.
fn without_surroundings(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut kept = String::new();
    let mut at = 0;
    let mut is_class = false;
    while let Some(letter) = letters.get(at) {
        let rest = letters.get(at..).unwrap_or_default();
        match letter {
            '\\' => {
                let next = letters.get(at + 1).copied().unwrap_or('\\');
                if is_class || !(matches!(next, 'b' | 'B') || next.is_ascii_digit()) {
                    kept.extend(['\\', next]);
                }
                at += 1;
            }
            '(' if !is_class && looks_around(rest) => at += closing(rest),
            _ => {
                is_class = (is_class || *letter == '[') && *letter != ']';
                kept.push(*letter);
            }
        }
        at += 1;
    }
    kept
}

fn looks_around(rest: &[char]) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|start| start.chars().eq(rest.iter().take(start.len()).copied()))
}

/// How far the parenthesis is that closes the first.
fn closing(rest: &[char]) -> usize {
    let (mut depth, mut is_class, mut at) = (0_usize, false, 0);
    while let Some(letter) = rest.get(at) {
        match letter {
            '\\' => at += 1,
            '[' => is_class = true,
            ']' => is_class = false,
            '(' if !is_class => depth += 1,
            ')' if !is_class => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{Expression, without_surroundings};
    use crate::generate::json_schema::chance::Chance;

    #[test]
    fn what_is_drawn_from_an_expression_mostly_matches_it() {
        for pattern in [
            "^[A-Z]{3}$",
            "^[0-9]{5}(-[0-9]{4})?$",
            "a|b$",
            "^(?:(?:@(?:[a-z0-9-*~][a-z0-9-*._~]*)?/[a-z0-9-._~])|[a-z0-9-~])[a-z0-9-._~]*$",
            "^(?!foo)[a-z]+$",
            "^(?=.*[0-9])[a-z0-9]{2,}$",
            "^\\d{2}\\.\\d+$",
            "^\\p{L}+$",
            "^$",
            "",
        ] {
            let expression = Expression::of(pattern).unwrap();
            let mut chance = Chance::new(5);
            let drawn = (0..100).filter_map(|_| expression.draw(0, 40, &mut chance));
            let matching = drawn.filter(|text| expression.is_match(text)).count();
            assert!(matching > 50, "{pattern}: {matching} of 100");
        }
    }

    #[test]
    fn what_an_expression_asks_of_its_surroundings_is_left_out() {
        for (text, expected) in [
            ("^(?!a(b)[)])x", "^x"),
            ("(?:a)(?<=b)", "(?:a)"),
            ("\\bword\\b", "word"),
            ("(a)\\1", "(a)"),
            ("[(?!]\\)", "[(?!]\\)"),
        ] {
            assert_eq!(without_surroundings(text), expected, "{text}");
        }
    }
}
