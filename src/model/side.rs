//! Which build, which way, and which question: the coordinates of everything straddle says.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of the two builds of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The build that serves today.
    Old,
    /// The build that is to replace it.
    New,
}

impl Side {
    /// Both sides, the old one first.
    pub const BOTH: [Self; 2] = [Self::Old, Self::New];

    /// The opposite side.
    pub fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }

    /// The word that commands, reports and placeholders use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// One thing of each side: the shape of nearly everything here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Pair<T> {
    /// The old side's.
    pub old: T,
    /// The new side's.
    pub new: T,
}

impl<T> Pair<T> {
    /// Puts the two together, the old one first.
    pub fn new(old: T, new: T) -> Self {
        Self { old, new }
    }

    /// The one that belongs to `side`.
    pub fn get(&self, side: Side) -> &T {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }

    /// The one that belongs to `side`, to be changed.
    pub fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Old => &mut self.old,
            Side::New => &mut self.new,
        }
    }

    /// Both, turned into something else.
    pub fn map<U>(self, mut turn: impl FnMut(T) -> U) -> Pair<U> {
        Pair { old: turn(self.old), new: turn(self.new) }
    }

    /// Both with their sides, the old one first.
    pub fn iter(&self) -> impl Iterator<Item = (Side, &T)> {
        [(Side::Old, &self.old), (Side::New, &self.new)].into_iter()
    }
}

/// Who starts (`from`) and who takes it up (`to`): client and server, writer and reader, producer and consumer.
///
/// A direction is also the name of a cell: with `from == to` it is a control, else it is mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Direction {
    /// The end that starts it.
    pub from: Side,
    /// The end that takes it up.
    pub to: Side,
}

impl Direction {
    /// What OLD started meets NEW.
    pub const OLD_TO_NEW: Self = Self { from: Side::Old, to: Side::New };
    /// What NEW started meets OLD.
    pub const NEW_TO_OLD: Self = Self { from: Side::New, to: Side::Old };

    /// The mixed cell of traffic that `from` started.
    pub fn mixed_from(from: Side) -> Self {
        Self { from, to: from.other() }
    }

    /// The control of this cell: the same `from`, with its own.
    pub fn control(self) -> Self {
        Self { from: self.from, to: self.from }
    }

    /// The questions that a finding in this mixed direction breaks, where its check doesn't know better.
    pub fn breaks(self) -> &'static [Question] {
        match (self.from, self.to) {
            (Side::Old, Side::New) => &[Question::RollForward, Question::Coexist],
            (Side::New, Side::Old) => &[Question::Coexist, Question::RollBack],
            _ => &[],
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}->{}", self.from, self.to)
    }
}

/// What a person wants to know before a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Does NEW cope with all that OLD left behind?
    RollForward,
    /// Can both serve at once, with traffic flipping between them?
    Coexist,
    /// Does OLD cope with all that NEW left behind?
    RollBack,
}

impl Question {
    /// The three questions in the order of a release.
    pub const ALL: [Self; 3] = [Self::RollForward, Self::Coexist, Self::RollBack];

    /// The question as a person asks it.
    pub fn as_sentence(self) -> &'static str {
        match self {
            Self::RollForward => "Can we roll forward?",
            Self::Coexist => "Can both serve at once?",
            Self::RollBack => "Can we roll back?",
        }
    }

    /// The mixed directions that must have been looked at before this question can be answered.
    pub fn directions(self) -> &'static [Direction] {
        match self {
            Self::RollForward => &[Direction::OLD_TO_NEW],
            Self::Coexist => &[Direction::OLD_TO_NEW, Direction::NEW_TO_OLD],
            Self::RollBack => &[Direction::NEW_TO_OLD],
        }
    }
}
