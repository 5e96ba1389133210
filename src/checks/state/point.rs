//! The checkpoints of a release, and what a break at each of them is against.

use serde::{Deserialize, Serialize};

use crate::model::Question;

/// Where a release stands. The order is that of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Point {
    /// Two of OLD on OLD's store: the control.
    C0,
    /// OLD on OLD's store.
    C1,
    /// Migrated under a running OLD.
    C2,
    /// OLD started on the migrated store.
    C3,
    /// NEW on OLD's store.
    C4,
    /// Both on the migrated store.
    C5,
    /// NEW alone.
    C6,
    /// Back to OLD on what NEW left.
    C7Code,
    /// Back by the down-migration.
    C7Down,
    /// Back by a backup.
    C7Restore,
    /// Forward once more.
    C8,
}

impl Point {
    pub(super) const ALL: [Self; 11] = [
        Self::C0,
        Self::C1,
        Self::C2,
        Self::C3,
        Self::C4,
        Self::C5,
        Self::C6,
        Self::C7Code,
        Self::C7Down,
        Self::C7Restore,
        Self::C8,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::C0 => "C0",
            Self::C1 => "C1",
            Self::C2 => "C2",
            Self::C3 => "C3",
            Self::C4 => "C4",
            Self::C5 => "C5",
            Self::C6 => "C6",
            Self::C7Code => "C7 code",
            Self::C7Down => "C7 down",
            Self::C7Restore => "C7 restore",
            Self::C8 => "C8",
        }
    }

    /// Who serves there, on what.
    pub(super) fn title(self, migrates: bool) -> &'static str {
        match self {
            Self::C0 => "control: two of OLD on one store",
            Self::C1 => "OLD serves",
            Self::C2 => "migrated while OLD serves",
            Self::C3 => "OLD started on the migrated store",
            Self::C4 => "NEW before the migration",
            Self::C5 if migrates => "both on the migrated store",
            Self::C5 => "both on one store",
            Self::C6 => "NEW alone",
            Self::C7Code => "back: OLD on what NEW left",
            Self::C7Down => "back: down-migration, then OLD",
            Self::C7Restore => "back: a backup from before",
            Self::C8 => "migrated again after going back",
        }
    }

    /// What a break that shows there is against, where the one who stumbles is NEW or not.
    pub(super) fn questions(self, is_new: bool) -> &'static [Question] {
        match self {
            Self::C0 | Self::C1 | Self::C4 => &[],
            Self::C5 if is_new => &[Question::RollForward, Question::Coexist],
            Self::C2 | Self::C3 | Self::C5 => &[Question::Coexist],
            Self::C6 => &[Question::RollForward],
            Self::C7Code | Self::C7Down | Self::C7Restore | Self::C8 => &[Question::RollBack],
        }
    }
}
