//! Who answers the next request: a pure function of the plan, the seed and the request's number.

use std::sync::{Arc, Mutex, PoisonError};

/// How requests are spread over instances.
#[derive(Debug, Clone)]
pub enum Plan {
    /// To the instance that was told last.
    Told(Told),
    /// By the weights of the instances, each request for itself.
    Weighted {
        /// The same seed sends the same request to the same of the same instances.
        seed: u64,
    },
    /// Who carries a value of a cookie that an instance's reply gave out stays with that instance; others go by weight.
    Affine {
        /// The cookie's name.
        cookie: String,
        /// As in [`Plan::Weighted`].
        seed: u64,
    },
}

/// Says which instance the next requests go to. Clones are the same.
#[derive(Debug, Clone)]
pub struct Told(Arc<Mutex<Arc<str>>>);

impl Told {
    /// To that instance at first.
    pub fn new(instance: &str) -> Self {
        Self(Arc::new(Mutex::new(instance.into())))
    }

    /// From now on to that instance: every request whose head has not come whole yet.
    pub fn to(&self, instance: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = instance.into();
    }

    pub(super) fn now(&self) -> Arc<str> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Which of the weights a request falls on; none where all of them are nothing.
pub(super) fn by_weight(seed: u64, number: u64, weights: impl Iterator<Item = u32> + Clone) -> Option<usize> {
    let all: u128 = weights.clone().map(u128::from).sum();
    // Scaled, not reduced: no weight is favoured.
    let mut at = (u128::from(drawn(seed, number)) * all) >> 64;
    for (index, weight) in weights.enumerate() {
        match at.checked_sub(u128::from(weight)) {
            None => return Some(index),
            Some(rest) => at = rest,
        }
    }
    None
}

/// The number-th draw of a seed: splitmix64, which can begin anywhere.
fn drawn(seed: u64, number: u64) -> u64 {
    let mut bits = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each weight is fallen on.
    #[track_caller]
    fn check(weights: &[u32], expected: &[usize]) {
        const DRAWS: u64 = 10_000;
        let mut counts = vec![0_usize; weights.len()];
        for number in 0..DRAWS {
            if let Some(index) = by_weight(7, number, weights.iter().copied()) {
                counts[index] += 1;
            }
        }
        let near = counts.iter().zip(expected).all(|(count, expected)| count.abs_diff(*expected) < 150);
        assert!(near && counts.len() == expected.len(), "{counts:?}, and {expected:?} expected");
    }

    #[test]
    fn requests_fall_as_the_weights_are() {
        check(&[1], &[10_000]);
        check(&[1, 1], &[5_000, 5_000]);
        check(&[9, 0, 1], &[9_000, 0, 1_000]);
        check(&[u32::MAX, u32::MAX], &[5_000, 5_000]);
        check(&[0, 0], &[0, 0]);
        check(&[], &[]);
    }

    #[test]
    fn a_seed_repeats_itself_and_no_other() {
        let draws = |seed| -> Vec<Option<usize>> { (0..64).map(|n| by_weight(seed, n, [1, 1].into_iter())).collect() };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
    }
}
