//! Who stands up together: which builds, how many of each, and which stores they share.

use crate::model::Side;

/// What a check asks the bench for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// Who stands up, in the order in which the servers come back.
    pub members: Vec<Member>,
    /// Whose store is whose.
    pub stores: Stores,
}

/// One build standing up: every service of the manifest, each as one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What logs and errors call it: `old`, `new twin`.
    pub name: String,
    /// Whose build it is.
    pub side: Side,
    /// Whether it is there to tell noise from difference.
    pub twin: bool,
}

/// Whose store is whose in an arrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    /// Each member has a copy of its own, migrated to what its side expects.
    Own,
    /// All members are on one copy, migrated to what this side expects.
    Shared(Side),
}

impl Member {
    /// The build of that side.
    pub fn of(side: Side) -> Self {
        Self { name: side.to_string(), side, twin: false }
    }

    /// Its twin.
    pub fn twin_of(side: Side) -> Self {
        Self { name: format!("{side} twin"), side, twin: true }
    }
}

impl Arrangement {
    /// Both builds and the twins of both, each on its own store: the cells of replayed traffic.
    pub fn cells() -> Self {
        let members = Side::BOTH.into_iter().flat_map(|side| [Member::of(side), Member::twin_of(side)]).collect();
        Self { members, stores: Stores::Own }
    }

    /// Both builds on one store, which is migrated to what `side` expects.
    pub fn sharing(side: Side) -> Self {
        Self { members: Side::BOTH.into_iter().map(Member::of).collect(), stores: Stores::Shared(side) }
    }

    /// Two instances on one store, which is migrated to what NEW expects: that is how both serve at once. The first stands in
    /// OLD's place of a mixed arrangement, the second in NEW's.
    pub fn two(first: Side, second: Side) -> Self {
        let members = vec![
            Member { name: format!("{first} of {first}+{second}"), side: first, twin: false },
            Member {
                name: format!("{}{second} of {first}+{second}", if first == second { "second " } else { "" }),
                side: second,
                twin: first == second,
            },
        ];
        Self { members, stores: Stores::Shared(Side::New) }
    }

    /// One instance alone on a store that is migrated to what NEW expects.
    pub fn one(side: Side) -> Self {
        let members = vec![Member { name: format!("{side} alone"), side, twin: false }];
        Self { members, stores: Stores::Shared(Side::New) }
    }

    /// One build alone.
    pub fn alone(side: Side) -> Self {
        Self { members: vec![Member::of(side)], stores: Stores::Own }
    }
}
