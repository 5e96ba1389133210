//! Which operation of OLD is which of NEW: those that a call on the wire may mean alike.
//!
//! That is method and path under the base paths of the servers, without the names of parameters. Where one contract names no
//! server, nothing says that it stands elsewhere than the other.

use std::collections::{BTreeSet, HashMap};

use crate::contract::openapi::read::{Offered, Operations};
use crate::model::{Pair, Side};

/// An operation that both contracts have, or one of them.
pub(super) struct Meeting<'o, 'a> {
    /// Its surface on the wire.
    pub(super) subject: String,
    pub(super) found: Pair<Option<&'o Offered<'a>>>,
    /// The surface that the other contract has instead of it: the same path under other servers.
    pub(super) elsewhere: Option<String>,
}

/// All operations of both, sorted.
pub(super) fn meetings<'o, 'a>(offered: &'o Pair<Operations<'a>>) -> Vec<Meeting<'o, 'a>> {
    let assumed = Pair::new(Side::Old, Side::New).map(|side| Assumed::of(offered, side));
    let mut by_surface: HashMap<String, &String> = HashMap::new();
    for (key, new) in &offered.new.all {
        for surface in new.surfaces(&assumed.new.any) {
            by_surface.entry(surface).or_insert(key);
        }
    }
    let mut met: BTreeSet<&str> = BTreeSet::new();
    let mut all = Vec::new();
    for (key, old) in &offered.old.all {
        let shared = old.surfaces(&assumed.old.any).into_iter().find_map(|surface| {
            let key = by_surface.get(&surface).filter(|key| !met.contains(key.as_str()))?;
            Some((surface, *key, offered.new.all.get(*key)?))
        });
        if let Some((subject, key, new)) = shared {
            met.insert(key);
            all.push(Meeting { subject, found: Pair::new(Some(old), Some(new)), elsewhere: None });
        } else {
            all.push(alone(offered, &assumed, Side::Old, key, old));
        }
    }
    let others = offered.new.all.iter().filter(|(key, _)| !met.contains(key.as_str()));
    all.extend(others.map(|(key, new)| alone(offered, &assumed, Side::New, key, new)));
    all.sort_by(|one, other| one.subject.cmp(&other.subject));
    all
}

/// What a person must know of servers before reading on.
pub(super) fn notes(offered: &Pair<Operations<'_>>) -> Vec<String> {
    let quoted =
        |bases: &BTreeSet<String>| bases.iter().map(|base| format!("`{base}/`")).collect::<Vec<_>>().join(", ");
    let mut notes = Vec::new();
    for side in Side::BOTH {
        let (own, other) = (&offered.get(side).bases, &offered.get(side.other()).bases);
        let (name, other_name) = (side.as_str().to_uppercase(), side.other().as_str().to_uppercase());
        match (own, other) {
            (None, Some(other)) if other.iter().any(|base| !base.is_empty()) => notes.push(format!(
                "{name} names no servers: its paths are taken to stand under {}, as those of {other_name} do",
                quoted(other)
            )),
            (Some(own), Some(other)) if !own.is_disjoint(other) && !own.is_subset(other) => {
                let only = own.difference(other).cloned().collect();
                notes.push(format!(
                    "{name} names servers under {}, and {other_name} names none there: who calls these is not looked at",
                    quoted(&only)
                ));
            }
            _ => {}
        }
    }
    notes
}

/// Under which base paths operations stand of which a contract doesn't say it.
struct Assumed {
    /// Where they may stand.
    any: BTreeSet<String>,
    /// Where they are said to stand.
    told: BTreeSet<String>,
}

impl Assumed {
    fn of(offered: &Pair<Operations<'_>>, side: Side) -> Self {
        let root = || BTreeSet::from([String::new()]);
        let others = offered.get(side.other()).bases.clone();
        let any = others.iter().flatten().cloned().chain(root()).collect();
        Self { any, told: others.unwrap_or_else(root) }
    }
}

fn alone<'o, 'a>(
    offered: &Pair<Operations<'a>>,
    assumed: &Pair<Assumed>,
    side: Side,
    key: &str,
    only: &'o Offered<'a>,
) -> Meeting<'o, 'a> {
    let first = |side: Side, one: &Offered<'_>| one.surfaces(&assumed.get(side).told).into_iter().next();
    let elsewhere = offered.get(side.other()).all.get(key).and_then(|other| first(side.other(), other));
    let found = if side == Side::Old { Pair::new(Some(only), None) } else { Pair::new(None, Some(only)) };
    Meeting { subject: first(side, only).unwrap_or_else(|| key.to_owned()), found, elsewhere }
}
