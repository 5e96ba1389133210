//! Chance, by a seed alone.
//!
//! Main functions: [`below`], [`one_in`].

use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;

/// Sixty-four bits.
pub fn bits(rng: &mut TestRng) -> u64 {
    rng.next_u64()
}

/// A number under `limit`; 0 where there is none.
pub fn below(rng: &mut TestRng, limit: usize) -> usize {
    // The upper half of a product is as good as a remainder, and cheaper.
    let product = u128::from(bits(rng)) * u128::try_from(limit).unwrap_or_default();
    usize::try_from(product >> 64).unwrap_or_default()
}

/// Once in so many times.
pub fn one_in(rng: &mut TestRng, times: usize) -> bool {
    below(rng, times) == 0
}

/// So often in 256 times.
pub fn often(rng: &mut TestRng, times: usize) -> bool {
    below(rng, 256) < times
}

/// One of them.
pub fn pick<'a, T>(rng: &mut TestRng, all: &'a [T]) -> Option<&'a T> {
    all.get(below(rng, all.len()))
}
