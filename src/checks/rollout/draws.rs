//! What is drawn: a sequence of numbers that a seed alone decides.

/// Draws one number after the other (splitmix64).
#[derive(Debug, Clone)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `most`; 0 where there is none.
    pub(super) fn below(&mut self, most: usize) -> usize {
        let scaled = (u128::from(self.next()) * most as u128) >> 64;
        usize::try_from(scaled).unwrap_or_default()
    }

    /// The numbers below `most`, shuffled.
    pub(super) fn shuffled(&mut self, most: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..most).collect();
        for end in (1..most).rev() {
            all.swap(end, self.below(end + 1));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Draws;

    #[test]
    fn a_seed_repeats_itself_and_each_number_comes_once() {
        let of = |seed| Draws::new(seed).shuffled(9);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let mut sorted = of(3);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn every_number_below_is_drawn() {
        let mut draws = Draws::new(7);
        let mut counts = [0; 3];
        (0..3000).for_each(|_| counts[draws.below(3)] += 1);
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
        assert_eq!(draws.below(0), 0);
    }
}
