//! What is left to chance: numbers that look random, and are the same on every machine for the same seed.

/// A row of numbers, by splitmix64.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// A row of its own for each seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below that one; nought where there is none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// A number from one to another, both included.
    pub(super) fn between(&mut self, low: i128, high: i128) -> i128 {
        let Some(span) = high.checked_sub(low).and_then(|span| span.checked_add(1)).filter(|span| *span > 0) else {
            return low;
        };
        let wide = (i128::from(self.next() >> 1) << 64) | i128::from(self.next());
        low + wide % span
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    /// One of them.
    pub(super) fn of<'v, T>(&mut self, values: &'v [T]) -> Option<&'v T> {
        let at = self.below(values.len());
        values.get(at)
    }
}
