//! What a label claims of a cell, and how well what is said agrees with it.

use std::fmt;

/// What a label claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nothing can go wrong.
    Ok,
    /// Nothing breaks.
    NotBreaking,
    /// It breaks.
    Breaking,
    /// Something goes wrong.
    NotOk,
}

/// What straddle says of a cell, the worst last: what is not known outweighs a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Fine, or only worth knowing.
    Ok,
    /// A risk.
    Risk,
    /// Not decided.
    Unknown,
    /// A break.
    Breaking,
}

/// How well they agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// As the label says.
    Right,
    /// Near to it.
    Half,
    /// Neither right nor wrong.
    Unknown,
    /// A false alarm, or a missed break.
    Wrong,
}

impl Claim {
    /// The claim of that name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "ok" => Some(Self::Ok),
            "not-breaking" => Some(Self::NotBreaking),
            "breaking" => Some(Self::Breaking),
            "not-ok" => Some(Self::NotOk),
            _ => None,
        }
    }

    /// The claim for what becomes of a message in one encoding.
    pub fn of_encoding(name: &str) -> Option<Self> {
        match name {
            "ok" => Some(Self::Ok),
            "lossy" | "break" => Some(Self::NotOk),
            _ => None,
        }
    }

    /// How well that agrees with it.
    pub fn score(self, mark: Mark) -> Score {
        match (self, mark) {
            (_, Mark::Unknown) => Score::Unknown,
            (Self::Ok | Self::NotBreaking, Mark::Ok)
            | (Self::NotBreaking | Self::NotOk, Mark::Risk)
            | (Self::Breaking | Self::NotOk, Mark::Breaking) => Score::Right,
            (Self::Ok | Self::Breaking, Mark::Risk) => Score::Half,
            (Self::Ok | Self::NotBreaking, Mark::Breaking) | (Self::Breaking | Self::NotOk, Mark::Ok) => Score::Wrong,
        }
    }
}

impl Mark {
    /// The mark of that name in a report; none for a cell that nobody uses.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "ok" | "info" => Some(Self::Ok),
            "risk" => Some(Self::Risk),
            "unknown" => Some(Self::Unknown),
            "breaking" => Some(Self::Breaking),
            _ => None,
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ok => "ok",
            Self::NotBreaking => "not-breaking",
            Self::Breaking => "breaking",
            Self::NotOk => "not-ok",
        })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ok => "ok",
            Self::Risk => "risk",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Mark, Score};

    #[test]
    fn a_false_alarm_and_a_missed_break_are_wrong_and_what_is_not_known_never_is() {
        for (claim, scores) in [
            (Claim::Ok, [Score::Right, Score::Half, Score::Unknown, Score::Wrong]),
            (Claim::NotBreaking, [Score::Right, Score::Right, Score::Unknown, Score::Wrong]),
            (Claim::Breaking, [Score::Wrong, Score::Half, Score::Unknown, Score::Right]),
            (Claim::NotOk, [Score::Wrong, Score::Right, Score::Unknown, Score::Right]),
        ] {
            let marks = [Mark::Ok, Mark::Risk, Mark::Unknown, Mark::Breaking];
            assert_eq!(marks.map(|mark| claim.score(mark)), scores, "{claim}");
        }
    }
}
