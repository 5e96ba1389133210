//! Which ways there are to split a session's calls between two builds, and in which order they are tried.
//!
//! Nobody serves as the other side for long: first one build takes all, then there is one switch, at each step and from each
//! side, so that every ordered pair of steps is seen in both directions. Then two switches, since what a build wrote and the
//! other rewrote is read back by the first: only stretches of the other build that begin and end with an unsafe call, the
//! shortest first. Then some that are drawn. A session that is too long for all of one switch gets these evenly spread; but
//! before them, for each bit of the steps' numbers, those steps to one side that have it: any two steps differ in some bit, so
//! that few splices show every ordered pair still.

use std::collections::BTreeSet;

use crate::model::Side;

/// As many splices are drawn for a session.
const DRAWN: usize = 4;

/// Who answers which step of a session.
pub(super) type Splice = Vec<Side>;

/// What the splices of a session are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways<'a> {
    /// For each step whether it may write.
    pub(super) writes: &'a [bool],
    /// Whose clients made the calls: their side goes first.
    pub(super) home: Side,
    /// As many splices as there may be.
    pub(super) most: usize,
    /// What the drawn ones are drawn from.
    pub(super) seed: u64,
}

impl Ways<'_> {
    /// All of them, each once, in their order.
    pub(super) fn all(self) -> Vec<Splice> {
        let one = self.with_one_switch();
        let all_of_one = one.len() + 2 <= self.most;
        let (one, codes) = if all_of_one { (one, Vec::new()) } else { (spread(one, self.most / 2), self.by_bits()) };
        let left = self.most.saturating_sub(2 + one.len() + codes.len());
        let two = self.with_two_switches().into_iter().take(left);
        let whole = [self.home, self.home.other()].map(|side| vec![side; self.writes.len()]);
        let drawn = (0..DRAWN).map(|number| self.drawn(number));
        let mut seen = BTreeSet::new();
        let mut all: Vec<Splice> = whole.into_iter().chain(codes).chain(one).chain(two).chain(drawn).collect();
        all.retain(|splice| seen.insert(splice.clone()));
        all.truncate(self.most.max(2));
        all
    }

    /// How many there are of each kind, in words.
    pub(super) fn in_words(self) -> String {
        let (all, one) = (self.all().len(), self.with_one_switch().len());
        let switches = |splice: &Splice| splice.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let of = |count| self.all().iter().filter(|splice| switches(splice) == count).count();
        let (with_one, with_two) = (of(1), of(2));
        let spread = if with_one < one { format!(" (of {one}, evenly spread)") } else { String::new() };
        let more = all - of(0) - with_one - with_two;
        format!(
            "{} by one build, {with_one} with one switch{spread}, {with_two} with two, {more} with more; {all} in all",
            of(0)
        )
    }

    fn with_one_switch(self) -> Vec<Splice> {
        let steps = self.writes.len();
        let one = |(at, first): (usize, Side)| (0..steps).map(|n| if n < at { first } else { first.other() }).collect();
        (1..steps).flat_map(|at| [(at, self.home), (at, self.home.other())]).map(one).collect()
    }

    fn with_two_switches(self) -> Vec<Splice> {
        let steps = self.writes.len();
        let mut stretches: Vec<(usize, usize)> = Vec::new();
        for begin in (1..steps).filter(|n| self.writes[*n]) {
            stretches.extend((begin..steps.saturating_sub(1)).filter(|n| self.writes[*n]).map(|end| (begin, end)));
        }
        stretches.sort_by_key(|(begin, end)| (end - begin, *begin));
        // Of as many as there are calls that write: each of them alone, and of the others what there is room for.
        stretches.truncate(self.writes.iter().filter(|writes| **writes).count());
        let two = |((begin, end), first): ((usize, usize), Side)| {
            (0..steps).map(|n| if (begin..=end).contains(&n) { first.other() } else { first }).collect()
        };
        stretches.into_iter().flat_map(|s| [(s, self.home), (s, self.home.other())]).map(two).collect()
    }

    fn by_bits(self) -> Vec<Splice> {
        let steps = self.writes.len();
        let bits = usize::BITS - steps.saturating_sub(1).leading_zeros();
        let one = |(bit, first): (u32, Side)| {
            (0..steps).map(|n| if (n >> bit) & 1 == 0 { first } else { first.other() }).collect()
        };
        (0..bits).flat_map(|bit| [(bit, self.home), (bit, self.home.other())]).map(one).collect()
    }

    fn drawn(self, number: usize) -> Splice {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes()).update(&(number as u64).to_le_bytes());
        let mut bytes = vec![0; self.writes.len()];
        hasher.finalize_xof().fill(&mut bytes);
        bytes.into_iter().map(|byte| if byte & 1 == 0 { self.home } else { self.home.other() }).collect()
    }
}

/// So many of them at the most, evenly spread over all.
fn spread(all: Vec<Splice>, most: usize) -> Vec<Splice> {
    let (many, most) = (all.len(), most.max(1));
    let wanted: BTreeSet<usize> = (0..most).map(|n| n * many / most).collect();
    all.into_iter().enumerate().filter(|(n, _)| wanted.contains(n)).map(|(_, splice)| splice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(writes: &[bool], most: usize) -> Vec<String> {
        let letter = |side: &Side| if *side == Side::Old { 'o' } else { 'n' };
        let all = Ways { writes, home: Side::Old, most, seed: 7 }.all();
        all.iter().map(|splice| splice.iter().map(letter).collect()).collect()
    }

    #[test]
    fn one_switch_at_each_step_from_each_side_and_then_two_around_what_writes() {
        let all = ways(&[true, false, true, false], 100);
        assert_eq!(all[..8], ["oooo", "nnnn", "onnn", "nooo", "oonn", "nnoo", "ooon", "nnno"]);
        assert_eq!(all[8..10], ["oono", "nnon"]);
        assert!(all.len() <= 12 + DRAWN, "{all:?}");
    }

    #[test]
    fn a_short_session_has_each_way_once() {
        assert_eq!(ways(&[true, true], 100), ["oo", "nn", "on", "no"]);
    }

    #[test]
    fn every_ordered_pair_of_steps_is_split_in_both_directions_however_few_splices_there_may_be() {
        for (steps, most) in [(2, 40), (12, 1000), (90, 40), (200, 40)] {
            let all = ways(&vec![true; steps], most);
            assert!(all.len() <= most, "{steps} steps: {}", all.len());
            for first in 0..steps {
                for later in first + 1..steps {
                    for (left, right) in [("o", "n"), ("n", "o")] {
                        let shows = |s: &String| s[first..].starts_with(left) && s[later..].starts_with(right);
                        assert!(all.iter().any(shows), "{first} and {later} of {steps}, {left}{right}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        assert_eq!(ways(&[true; 12], 100), ways(&[true; 12], 100));
    }
}
