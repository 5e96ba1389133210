//! Which of all possible changes are made: drawn by a seed, and spread fairly over kinds, operations and depths. Of those that
//! later calls feel, which cost a run each, no more than their share.

use std::collections::BTreeMap;

use super::change::Kind;
use super::route::Route;
use super::survey::Candidate;

/// One in so many changes, and no more, is to a value that later calls use, as long as there are others.
const USED: usize = 4;

/// Draws so many, or all where there are fewer. The same seed draws the same.
pub fn choose(candidates: &[Candidate], count: usize, seed: u64) -> Vec<Candidate> {
    let mut waiting: BTreeMap<Kind, Vec<(u64, &Candidate)>> = BTreeMap::new();
    for (number, candidate) in (0_u64..).zip(candidates) {
        waiting.entry(candidate.change.kind).or_default().push((mixed(seed, number), candidate));
    }
    let mut by_route = BTreeMap::<(Kind, &Route), usize>::new();
    let mut by_depth = BTreeMap::<(Kind, usize), usize>::new();
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut used = 0;
    while chosen.len() < count && waiting.values().any(|of_kind| !of_kind.is_empty()) {
        for (kind, of_kind) in &mut waiting {
            let rarest = of_kind.iter().enumerate().min_by_key(|(_, (draw, candidate))| {
                let times = |of: Option<&usize>| of.copied().unwrap_or(0);
                let route = times(by_route.get(&(*kind, &candidate.change.route)));
                let depth = times(by_depth.get(&(*kind, candidate.change.place.depth())));
                let over = candidate.used && used * USED >= chosen.len();
                (over, candidate.variant, route, depth, *draw)
            });
            let Some((index, _)) = rarest else { continue };
            if chosen.len() < count {
                let (_, candidate) = of_kind.swap_remove(index);
                *by_route.entry((*kind, &candidate.change.route)).or_default() += 1;
                *by_depth.entry((*kind, candidate.change.place.depth())).or_default() += 1;
                used += usize::from(candidate.used);
                chosen.push(candidate.clone());
            }
        }
    }
    chosen
}

/// A number that hangs on both, and looks like chance (splitmix64's finish).
pub fn mixed(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::change::Change;
    use crate::mutate::place::Place;

    fn candidates() -> Vec<Candidate> {
        let mut all = Vec::new();
        for route in ["GET /a", "GET /b"] {
            for (kind, count) in [(Kind::Status, 1), (Kind::HeaderDropped, 20)] {
                for number in 0..count {
                    let place = Place::Header(format!("x-{number}"));
                    let route = Route::read(route);
                    let change = Change { route, fails: false, place, kind, salt: 0, one_row: false };
                    all.push(Candidate { change, variant: 1, masked: false, used: false });
                }
            }
        }
        all
    }

    #[test]
    fn kinds_and_operations_get_their_share() {
        let chosen = choose(&candidates(), 8, 1);
        let count = |kind: Kind, route: &str| {
            chosen.iter().filter(|c| c.change.kind == kind && c.change.route.to_string() == route).count()
        };
        assert_eq!((count(Kind::Status, "GET /a"), count(Kind::Status, "GET /b")), (1, 1));
        assert_eq!((count(Kind::HeaderDropped, "GET /a"), count(Kind::HeaderDropped, "GET /b")), (3, 3));
    }

    #[test]
    fn what_later_calls_feel_gets_its_share_and_no_more() {
        let mut all = candidates();
        all.iter_mut().filter(|c| c.change.route.to_string() == "GET /a").for_each(|c| c.used = true);
        for (count, used) in [(20, 5), (42, 21)] {
            assert_eq!(choose(&all, count, 1).iter().filter(|c| c.used).count(), used);
        }
    }

    #[test]
    fn a_seed_draws_the_same_again_and_another_draws_others() {
        let drawn = |seed: u64| choose(&candidates(), 10, seed).into_iter().map(|c| c.change).collect::<Vec<_>>();
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert_eq!(choose(&candidates(), 1000, 1).len(), 42);
    }
}
