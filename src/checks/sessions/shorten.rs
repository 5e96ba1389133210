//! The shortest story that shows what a splice showed: fewer switches, then fewer requests.
//!
//! A request is left out where the story shows the same without it, which it can only where the controls still behave there.

use super::attempt::{Raw, Sort};
use super::play::Sides;
use super::session::Splicing;
use crate::checks::seam::CheckError;

/// As many shorter stories are tried.
const MOST_TRIALS: usize = 60;

impl Splicing<'_> {
    /// The shortest story that is found.
    pub(super) async fn shorten(&mut self, raw: &Raw, sides: Sides) -> Result<Sides, CheckError> {
        let mut best = sides;
        let mut left = MOST_TRIALS;
        if raw.sort == Sort::Reply {
            // Most steps have nothing to do with it.
            let needed = self.needed(raw.step);
            let least = best.iter().enumerate().map(|(n, side)| side.filter(|_| needed.contains(&n))).collect();
            if least != best && self.try_shorter(raw, &least, &mut left).await? {
                best = least;
            }
        }
        self.fewer_switches(raw, &mut best, &mut left).await?;
        self.fewer_requests(raw, &mut best, &mut left).await?;
        self.fewer_switches(raw, &mut best, &mut left).await?;
        Ok(best)
    }

    async fn try_shorter(&mut self, raw: &Raw, sides: &Sides, left: &mut usize) -> Result<bool, CheckError> {
        if *left == 0 || self.passed().is_some() {
            return Ok(false);
        }
        *left -= 1;
        self.shows(raw, sides).await
    }

    /// Tries it with one switch, at each of the steps that are left; then to join stretches.
    async fn fewer_switches(&mut self, raw: &Raw, best: &mut Sides, left: &mut usize) -> Result<(), CheckError> {
        if switches(best) > 1 {
            let (there, side) = (steps(best), raw.side);
            for at in there.iter().skip(1).rev() {
                let one: Sides = best
                    .iter()
                    .enumerate()
                    .map(|(n, kept)| kept.map(|_| if n < *at { side.other() } else { side }))
                    .collect();
                if self.try_shorter(raw, &one, left).await? {
                    *best = one;
                    return Ok(());
                }
            }
        }
        while switches(best) > 2 {
            let mut joined = None;
            for stretch in stretches(best) {
                let flipped: Sides = best
                    .iter()
                    .enumerate()
                    .map(|(n, side)| if stretch.contains(&n) { side.map(crate::model::Side::other) } else { *side })
                    .collect();
                if switches(&flipped) < switches(best) && self.try_shorter(raw, &flipped, left).await? {
                    joined = Some(flipped);
                    break;
                }
            }
            match joined {
                Some(joined) => *best = joined,
                None => break,
            }
        }
        Ok(())
    }

    /// Leaves out half of the steps before the last, then a quarter, and at the end each alone.
    async fn fewer_requests(&mut self, raw: &Raw, best: &mut Sides, left: &mut usize) -> Result<(), CheckError> {
        let mut size = (steps(best).len() / 2).max(1);
        loop {
            let mut end = steps(best).len().saturating_sub(usize::from(raw.sort == Sort::Reply));
            while end > 0 {
                let there = steps(best);
                let begin = end.saturating_sub(size);
                let without = &there[begin..end];
                let fewer: Sides =
                    best.iter().enumerate().map(|(n, side)| side.filter(|_| !without.contains(&n))).collect();
                if !steps(&fewer).is_empty() && self.try_shorter(raw, &fewer, left).await? {
                    *best = fewer;
                }
                end = begin;
            }
            if size == 1 {
                return Ok(());
            }
            size /= 2;
        }
    }
}

/// The steps that are not left out.
fn steps(sides: &Sides) -> Vec<usize> {
    sides.iter().enumerate().filter(|(_, side)| side.is_some()).map(|(n, _)| n).collect()
}

fn switches(sides: &Sides) -> usize {
    stretches(sides).len().saturating_sub(1)
}

/// Steps that one side answers without the other in between.
fn stretches(sides: &Sides) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut before = None;
    for (n, side) in sides.iter().enumerate() {
        let Some(side) = side else { continue };
        match all.last_mut() {
            Some(stretch) if before == Some(*side) => stretch.push(n),
            _ => all.push(vec![n]),
        }
        before = Some(*side);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side;

    fn sides(text: &str) -> Sides {
        let side = |c| match c {
            'o' => Some(Side::Old),
            'n' => Some(Side::New),
            _ => None,
        };
        text.chars().map(side).collect()
    }

    #[test]
    fn what_is_left_out_parts_no_stretch() {
        for (text, expected) in [("oo.on", 1), ("o.n.o", 2), ("n", 0), ("...", 0), ("nono", 3)] {
            assert_eq!(switches(&sides(text)), expected, "{text}");
        }
        assert_eq!(steps(&sides("o.n")), [0, 2]);
    }
}
