//! An expression as something to draw texts from.

use regex_syntax::hir::{Class, Hir, HirKind};

use crate::generate::json_schema::chance::Chance;

/// A part of an expression. What it asks of its surroundings is left to whoever holds the text against the expression.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(String),
    Letter {
        /// Those that can be read.
        plain: Vec<(char, char)>,
        all: Vec<(char, char)>,
    },
    All(Vec<Piece>),
    One(Vec<Piece>),
    Repeated {
        piece: Box<Piece>,
        /// Characters of the shortest that it can be.
        size: usize,
        least: usize,
        most: Option<usize>,
    },
}

/// How much of an expression is drawn: characters that may still be added to the least that there must be.
pub(super) struct Room<'c> {
    pub(super) left: usize,
    pub(super) chance: &'c mut Chance,
}

impl Piece {
    /// What an expression comes to; none where no text can be.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        Some(match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::Text(String::new()),
            HirKind::Literal(literal) => Self::Text(std::str::from_utf8(&literal.0).ok()?.to_owned()),
            HirKind::Class(Class::Unicode(class)) => {
                Self::letter(class.iter().map(|range| (range.start(), range.end())).collect())?
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges = class.iter().filter(|range| range.end() < 128);
                Self::letter(ranges.map(|range| (char::from(range.start()), char::from(range.end()))).collect())?
            }
            HirKind::Capture(capture) => Self::of(&capture.sub)?,
            HirKind::Concat(parts) => Self::All(parts.iter().map(Self::of).collect::<Option<_>>()?),
            HirKind::Alternation(parts) => {
                let ways: Vec<Self> = parts.iter().filter_map(Self::of).collect();
                if ways.is_empty() {
                    return None;
                }
                Self::One(ways)
            }
            HirKind::Repetition(repetition) => {
                let least = usize::try_from(repetition.min).ok()?;
                match Self::of(&repetition.sub) {
                    Some(piece) => Self::Repeated {
                        size: piece.least(),
                        piece: Box::new(piece),
                        least,
                        most: repetition.max.and_then(|most| usize::try_from(most).ok()),
                    },
                    None if least == 0 => Self::Text(String::new()),
                    None => return None,
                }
            }
        })
    }

    fn letter(all: Vec<(char, char)>) -> Option<Self> {
        let plain = all.iter().map(|(low, high)| (*low.max(&' '), *high.min(&'~'))).filter(|(low, high)| low <= high);
        let plain: Vec<_> = plain.collect();
        (!all.is_empty()).then_some(Self::Letter { plain, all })
    }

    /// Characters of the shortest text.
    pub(super) fn least(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Letter { .. } => 1,
            Self::All(parts) => parts.iter().map(Self::least).sum(),
            Self::One(ways) => ways.iter().map(Self::least).min().unwrap_or(0),
            Self::Repeated { size, least, .. } => size.saturating_mul(*least),
        }
    }

    /// Adds the plainest of its shortest texts to another.
    pub(super) fn plainest(&self, text: &mut String) {
        match self {
            Self::Text(literal) => text.push_str(literal),
            Self::Letter { plain, all } => {
                let has = |letter: &char| plain.iter().any(|(low, high)| (low..=high).contains(&letter));
                let first = plain.first().or(all.first()).map_or('a', |(low, _)| *low);
                text.push(['a', '0', 'A'].into_iter().find(has).unwrap_or(first));
            }
            Self::All(parts) => parts.iter().for_each(|part| part.plainest(text)),
            Self::One(ways) => {
                if let Some(way) = ways.iter().min_by_key(|way| way.least()) {
                    way.plainest(text);
                }
            }
            Self::Repeated { piece, least, .. } => (0..*least).for_each(|_| piece.plainest(text)),
        }
    }

    /// Adds a text of it to another.
    pub(super) fn draw(&self, room: &mut Room<'_>, text: &mut String) {
        match self {
            Self::Text(literal) => text.push_str(literal),
            Self::Letter { plain, all } => {
                let ranges = if plain.is_empty() || room.chance.percent(8) { all } else { plain };
                let drawn = room.chance.of(ranges).copied().unwrap_or(('a', 'a'));
                text.push(between(drawn, room.chance));
            }
            Self::All(parts) => parts.iter().for_each(|part| part.draw(room, text)),
            Self::One(ways) => {
                if let Some(way) = room.chance.of(ways) {
                    way.draw(room, text);
                }
            }
            Self::Repeated { piece, size, least, most } => {
                let more = room.left / (*size).max(1);
                let more = most.map_or(more, |most| more.min(most - least));
                let more = room.chance.below(more + 1);
                room.left = room.left.saturating_sub(more * (*size).max(1));
                for _ in 0..least + more {
                    piece.draw(room, text);
                }
            }
        }
    }
}

fn between((low, high): (char, char), chance: &mut Chance) -> char {
    let drawn = chance.between(i128::from(u32::from(low)), i128::from(u32::from(high)));
    // Between the planes there are numbers that are no characters.
    u32::try_from(drawn).ok().and_then(char::from_u32).unwrap_or(low)
}
