//! Lots that are drawn from a seed.

/// `SplitMix64`, as Steele, Lea and Flood describe it: any seed gives a good sequence.
#[derive(Debug)]
pub struct Lots(u64);

impl Lots {
    /// Lots of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end as u64)).unwrap_or_default()
    }

    /// A number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Lots;

    #[test]
    fn the_same_seed_draws_the_same_lots() {
        let draw = |seed| {
            let mut lots = Lots::new(seed);
            (0..100).map(|_| (lots.below(3), lots.share().to_bits())).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|(lot, share)| *lot < 3 && f64::from_bits(*share) <= 1.0));
    }
}
