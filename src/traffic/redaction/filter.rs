//! A Bloom filter with one hash: which beginnings of a text are worth looking up.

/// Says of most windows that they are none of ours, without looking them up.
pub(super) struct Filter {
    bits: Vec<u64>,
    shift: u32,
}

/// Bits of the filter for each window: so that about one in ten lookups is in vain.
const BITS_A_WINDOW: usize = 8;
/// The filter starts as 8 KiB, which every cache holds, and ends as 4 MiB.
const FIRST_BITS: u32 = 16;
const LAST_BITS: u32 = 25;

impl Default for Filter {
    fn default() -> Self {
        Self::sized(FIRST_BITS)
    }
}

impl Filter {
    fn sized(bits: u32) -> Self {
        Self { bits: vec![0; 1 << (bits - 6)], shift: 64 - bits }
    }

    /// Whether a window may be among those that were added.
    pub(super) fn may_have(&self, window: u64) -> bool {
        let (word, bit) = self.place(window);
        self.bits[word] & bit != 0
    }

    /// Adds a window, which makes `count` of them; `all` are those and this one.
    pub(super) fn add<'w>(&mut self, window: u64, count: usize, all: impl Iterator<Item = &'w u64>) {
        let bits = 64 - self.shift;
        if count * BITS_A_WINDOW > 1 << bits && bits < LAST_BITS {
            *self = Self::sized(bits + 1);
            for window in all {
                self.set(*window);
            }
        }
        self.set(window);
    }

    fn set(&mut self, window: u64) {
        let (word, bit) = self.place(window);
        self.bits[word] |= bit;
    }

    fn place(&self, window: u64) -> (usize, u64) {
        // Fibonacci hashing: 2^64 divided by the golden ratio.
        let hash = window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        (usize::try_from(hash >> 6).unwrap_or(0), 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_never_denied_and_little_else_is_let_through() {
        let value = |n: u64| n.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        let mut filter = Filter::default();
        let mut all = Vec::new();
        for n in 0..50_000 {
            all.push(value(n));
            filter.add(value(n), all.len(), all.iter());
        }
        assert!(all.iter().all(|window| filter.may_have(*window)));
        let others = (100_000..150_000).filter(|n| filter.may_have(value(*n))).count();
        assert!(others < 12_500, "{others} of 50000");
    }
}
