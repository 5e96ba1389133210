//! How much of what contracts name was exercised. Pure.
//!
//! A contract names an operation once, `GET /a/{}`, where recordings may have it under every value, `GET /a/1`: it counts as one, and
//! as exercised where something of it was compared.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Coverage, stands_for};

/// What was exercised of what recordings and contracts know together; `seen` are the surfaces that `recorded` counts as exercised.
pub(super) fn covered(recorded: &Coverage, seen: &BTreeSet<String>, named: &BTreeSet<&str>) -> Coverage {
    let mut folded: BTreeMap<&str, (u64, u64)> = named.iter().map(|name| (*name, (0, 0))).collect();
    let mut missing = Vec::new();
    for surface in &recorded.missing {
        match of(surface, named).and_then(|name| folded.get_mut(name)) {
            Some((_, missing)) => *missing += 1,
            None => missing.push(surface.clone()),
        }
    }
    for surface in seen {
        if let Some((seen, _)) = of(surface, named).and_then(|name| folded.get_mut(name)) {
            *seen += 1;
        }
    }
    let (mut all_seen, mut known) = (recorded.seen, recorded.known);
    for (name, (seen, unseen)) in folded {
        known = known.saturating_sub(seen + unseen) + 1;
        if seen > 0 {
            all_seen = all_seen.saturating_sub(seen) + 1;
        } else {
            missing.push(name.to_owned());
        }
    }
    missing.sort();
    Coverage { seen: all_seen, known, missing }
}

/// The operation that a recorded surface is of: the one that is written out furthest. Where something before a build takes the base
/// path of its servers away, the rest decides.
fn of<'n>(surface: &str, named: &BTreeSet<&'n str>) -> Option<&'n str> {
    let plainest = |fits: &dyn Fn(&str) -> bool| {
        named
            .iter()
            .copied()
            .filter(|name| fits(name))
            .min_by_key(|name| (*name != surface, name.matches("{}").count()))
    };
    plainest(&|name| stands_for(name, surface)).or_else(|| plainest(&|name| is_below(name, surface)))
}

/// Whether a recorded surface is an operation without its first segments. What is left must begin with a word: a place for any value
/// alone is a place for anything.
fn is_below(name: &str, surface: &str) -> bool {
    let Some((method, path)) = name.split_once(" /") else { return false };
    let mut rest = path;
    while let Some((segment, below)) = rest.split_once('/') {
        if segment.contains("{}") {
            break;
        }
        if !below.starts_with("{}") && stands_for(&format!("{method} /{below}"), surface) {
            return true;
        }
        rest = below;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Coverage, covered};

    #[track_caller]
    fn check(seen: &[&str], missing: &[&str], named: &[&str], expected: (u64, u64, &[&str])) {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let recorded =
            Coverage { seen: seen.len() as u64, known: (seen.len() + missing.len()) as u64, missing: owned(missing) };
        let covered = covered(&recorded, &owned(seen).into_iter().collect(), &named.iter().copied().collect());
        assert_eq!((covered.seen, covered.known, covered.missing), (expected.0, expected.1, owned(expected.2)));
    }

    #[test]
    fn what_a_contract_names_once_counts_once() {
        check(&["GET /a/1", "GET /a/2"], &[], &["GET /a/{}"], (1, 1, &[]));
        check(&["GET /a/1"], &["GET /a/2"], &["GET /a/{}"], (1, 1, &[]));
        check(&["GET /a/{}"], &[], &["GET /a/{}"], (1, 1, &[]));
        check(&["GET /a/1", "GET /b"], &["GET /c"], &["GET /a/{}", "PUT /a/{}"], (2, 4, &["GET /c", "PUT /a/{}"]));
        check(&["GET /a/first"], &[], &["GET /a/first", "GET /a/{}"], (1, 2, &["GET /a/{}"]));
        check(&["shop.v1.Shop/Get"], &[], &["shop.v1.Shop/Get", "shop.v1.Shop/Put"], (1, 2, &["shop.v1.Shop/Put"]));
    }

    #[test]
    fn what_was_sent_and_not_compared_was_not_exercised() {
        check(&[], &["GET /a/1", "GET /a/2"], &["GET /a/{}"], (0, 1, &["GET /a/{}"]));
        check(&[], &[], &["GET /a/{}"], (0, 1, &["GET /a/{}"]));
    }

    #[test]
    fn a_base_path_that_is_taken_away_before_the_build_makes_no_other_operation() {
        check(&["GET /a/1"], &[], &["GET /v1/a/{}"], (1, 1, &[]));
        check(&["GET /a/1"], &[], &["GET /v1/a/{}", "GET /a/{}"], (1, 2, &["GET /v1/a/{}"]));
        check(&["GET /1"], &[], &["GET /{}/a/{}"], (1, 2, &["GET /{}/a/{}"]));
    }
}
