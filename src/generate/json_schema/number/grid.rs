//! The numbers between two bounds that are multiples of a step.

use serde_json::{Number, Value};

use super::Decimal;
use crate::generate::json_schema::chance::Chance;

/// A bound, and whether it is itself left out.
type Bound = Option<(Decimal, bool)>;

/// What is asked of a number.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in super::super) struct Bounds {
    low: Bound,
    high: Bound,
    /// It is a multiple of all of these,
    steps: Vec<Decimal>,
    /// and of none of these.
    not_steps: Vec<Decimal>,
}

impl Bounds {
    pub(in super::super) fn at_least(&mut self, low: Decimal, is_open: bool) {
        if self.low.is_none_or(|known| (low, is_open) > known) {
            self.low = Some((low, is_open));
        }
    }

    pub(in super::super) fn at_most(&mut self, high: Decimal, is_open: bool) {
        if self.high.is_none_or(|(known, was_open)| high < known || (high == known && is_open && !was_open)) {
            self.high = Some((high, is_open));
        }
    }

    pub(in super::super) fn multiple_of(&mut self, step: Decimal) {
        if !self.steps.contains(&step) {
            self.steps.push(step);
        }
    }

    /// What both ask.
    pub(in super::super) fn and(&mut self, other: &Self) {
        if let Some((low, is_open)) = other.low {
            self.at_least(low, is_open);
        }
        if let Some((high, is_open)) = other.high {
            self.at_most(high, is_open);
        }
        for step in &other.steps {
            self.multiple_of(*step);
        }
        self.not_steps.extend(&other.not_steps);
    }

    /// What it takes to be outside of one of the bounds: each way for itself.
    pub(in super::super) fn denials(&self) -> Vec<Self> {
        let mut ways = Vec::new();
        if let Some((low, is_open)) = self.low {
            ways.push(Self { high: Some((low, !is_open)), ..Self::default() });
        }
        if let Some((high, is_open)) = self.high {
            ways.push(Self { low: Some((high, !is_open)), ..Self::default() });
        }
        ways.extend(self.steps.iter().map(|step| Self { not_steps: vec![*step], ..Self::default() }));
        ways.extend(self.not_steps.iter().map(|step| Self { steps: vec![*step], ..Self::default() }));
        ways
    }

    /// Whether no number lies between the bounds.
    pub(in super::super) fn is_empty(&self) -> bool {
        match (self.low, self.high) {
            (Some((low, low_open)), Some((high, high_open))) => low > high || (low == high && (low_open || high_open)),
            _ => false,
        }
    }

    pub(in super::super) fn allow(&self, number: Decimal) -> bool {
        self.low.is_none_or(|(low, is_open)| number > low || (number == low && !is_open))
            && self.high.is_none_or(|(high, is_open)| number < high || (number == high && !is_open))
            && self.steps.iter().all(|step| number.is_multiple(*step))
            && !self.not_steps.iter().any(|step| number.is_multiple(*step))
    }
}

/// Multiples of a step, from one to another.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Grid {
    step: Decimal,
    low: Option<i128>,
    high: Option<i128>,
    bounds: Bounds,
    /// Only what is whole, or only what isn't.
    is_whole: bool,
}

/// How far from nought or the nearest bound most numbers lie.
const NEAR: i128 = 1_000;

impl Grid {
    /// The whole numbers among them; none where there is none.
    pub(in super::super) fn whole(bounds: &Bounds) -> Option<Self> {
        Self::on(bounds, Decimal::ONE, true)
    }

    /// The others.
    pub(in super::super) fn fractions(bounds: &Bounds) -> Option<Self> {
        if !bounds.steps.is_empty() {
            return Self::on(bounds, Decimal::step(12), false);
        }
        // As few places as will do.
        (1..=12).find_map(|scale| Self::on(bounds, Decimal::step(scale), false))
    }

    fn on(bounds: &Bounds, finest: Decimal, is_whole: bool) -> Option<Self> {
        let mut step = None;
        for next in bounds.steps.iter().filter(|step| step.is_positive()) {
            step = Some(step.map_or(Some(*next), |step: Decimal| step.common(*next))?);
        }
        let step = match step {
            Some(step) if is_whole => step.common(Decimal::ONE)?,
            Some(step) => step,
            None => finest,
        };
        let mut low = None;
        if let Some((bound, is_open)) = bounds.low {
            let (times, has_rest) = bound.divided(step)?;
            low = Some(if has_rest || is_open { times.saturating_add(1) } else { times });
        }
        let mut high = None;
        if let Some((bound, is_open)) = bounds.high {
            let (times, has_rest) = bound.divided(step)?;
            high = Some(if is_open && !has_rest { times.saturating_sub(1) } else { times });
        }
        let grid = Self { step, low, high, bounds: bounds.clone(), is_whole };
        grid.smallest().map(|_| grid)
    }

    /// The one nearest to nought.
    pub(in super::super) fn smallest(&self) -> Option<Value> {
        let nearest = self.nearest();
        (0..40)
            .flat_map(|far| [nearest.saturating_add(far), nearest.saturating_sub(far)])
            .find_map(|times| self.at(times))
    }

    fn nearest(&self) -> i128 {
        match (self.low, self.high) {
            (Some(low), _) if low > 0 => low,
            (_, Some(high)) if high < 0 => high,
            _ => 0,
        }
    }

    /// So many steps; none where that is none of them.
    fn at(&self, times: i128) -> Option<Value> {
        let fits = self.low.is_none_or(|low| times >= low) && self.high.is_none_or(|high| times <= high);
        let number = if fits { self.step.times(times)? } else { return None };
        (number.is_whole() == self.is_whole && self.bounds.allow(number)).then(|| number.value()).flatten()
    }

    /// One of them.
    pub(in super::super) fn draw(&self, chance: &mut Chance) -> Option<Value> {
        let nearest = self.nearest();
        (0..12).find_map(|_| {
            let far = match chance.below(20) {
                0..9 => NEAR.min(20),
                9..17 => NEAR,
                17 | 18 => 1_000_000,
                _ => i128::from(u64::MAX),
            };
            let (below, above) = (nearest.saturating_sub(far), nearest.saturating_add(far));
            let (low, high) = match (self.low, self.high) {
                // All of a small range is as likely.
                (Some(low), Some(high)) if high.saturating_sub(low) <= 20_000 || chance.percent(30) => (low, high),
                (low, high) => (low.map_or(below, |low| low.max(below)), high.map_or(above, |high| high.min(above))),
            };
            self.at(chance.between(low, high))
        })
    }

    /// Those between a number and the one nearest to nought: halfway, three quarters of the way back, and so on, so that few steps lead
    /// anywhere. None where the number lies beside the grid.
    pub(in super::super) fn nearer(&self, number: &Number) -> Vec<Value> {
        let times = Decimal::of(number).and_then(|number| number.divided(self.step));
        let Some((times, false)) = times else { return Vec::new() };
        let nearest = self.nearest();
        let far = times.saturating_sub(nearest);
        let back = std::iter::successors(Some(far - far / 2), |less| Some(less / 2)).take_while(|less| *less != 0);
        let nearer = back.map(|less| times.saturating_sub(less)).chain([times.saturating_neg()]);
        nearer.filter_map(|times| self.at(times)).collect()
    }

    /// What lies at the edges: bounds and beside them, around nought, beyond what a float can tell apart, and the largest.
    pub(in super::super) fn edges(&self) -> Vec<Value> {
        const EXACT: i128 = 9_007_199_254_740_992;
        let mut times: Vec<i128> = Vec::new();
        times.extend(self.low.into_iter().flat_map(|low| [low, low.saturating_add(1), low.saturating_add(2)]));
        times.extend(self.high.into_iter().flat_map(|high| [high, high.saturating_sub(1), high.saturating_sub(2)]));
        times.extend([0, 1, -1, 2, -2]);
        if self.is_whole {
            let aims =
                [EXACT + 1, -EXACT - 1, i128::from(i64::MAX), i128::from(i64::MIN), i128::from(i32::MAX) + 1, 1_000];
            let near = aims.iter().filter_map(|aim| Decimal::new(*aim, 0).divided(self.step));
            times.extend(near.flat_map(|(times, _)| [times, times + 1]));
        } else {
            times.extend([15, -5, 25, 100_001, -100_001, 123_456_789]);
        }
        let mut found: Vec<Value> = Vec::new();
        for value in times.into_iter().filter_map(|times| self.at(times)) {
            if !found.contains(&value) {
                found.push(value);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Bounds, Grid};
    use crate::generate::json_schema::chance::Chance;
    use crate::generate::json_schema::number::Decimal;

    fn decimal(text: &str) -> Decimal {
        Decimal::of(&serde_json::from_str(text).unwrap()).unwrap()
    }

    fn bounds(low: Option<(&str, bool)>, high: Option<(&str, bool)>, steps: &[&str]) -> Bounds {
        let mut bounds = Bounds::default();
        if let Some((low, is_open)) = low {
            bounds.at_least(decimal(low), is_open);
        }
        if let Some((high, is_open)) = high {
            bounds.at_most(decimal(high), is_open);
        }
        for step in steps {
            bounds.multiple_of(decimal(step));
        }
        bounds
    }

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(grid: Option<Grid>, expected: Option<Value>) {
        assert_eq!(grid.as_ref().and_then(Grid::smallest), expected, "{grid:?}");
    }

    #[test]
    fn the_number_nearest_to_nought_keeps_bounds_and_steps() {
        let open = |text| Some((text, true));
        let closed = |text| Some((text, false));
        check(Grid::whole(&bounds(None, None, &[])), Some(json!(0)));
        check(Grid::whole(&bounds(open("3"), None, &[])), Some(json!(4)));
        check(Grid::whole(&bounds(closed("2.5"), closed("2.9"), &[])), None);
        check(Grid::whole(&bounds(closed("5"), None, &["2", "3"])), Some(json!(6)));
        check(Grid::whole(&bounds(None, closed("-1"), &["0.4"])), Some(json!(-2)));
        check(Grid::fractions(&bounds(open("0"), open("0.001"), &[])), Some(json!(0.0001)));
        check(Grid::fractions(&bounds(open("0"), None, &["0.01"])), Some(json!(0.01)));
        check(Grid::fractions(&bounds(None, None, &["2"])), None);
        check(Grid::whole(&bounds(closed("-1.7e38"), closed("1.7e38"), &[])), Some(json!(0)));
        check(Grid::whole(&bounds(closed("1.7e38"), None, &[])), None);
    }

    #[test]
    fn what_is_drawn_lies_between_the_bounds() {
        let bounds = bounds(Some(("-0.5", true)), Some(("12.25", false)), &["0.25"]);
        let grid = Grid::fractions(&bounds).unwrap();
        let mut chance = Chance::new(3);
        let widest = Grid::whole(&Bounds::default()).unwrap();
        assert!((0..200).all(|_| widest.draw(&mut chance).is_some()));
        for value in (0..200).filter_map(|_| grid.draw(&mut chance)).chain(grid.edges()) {
            let Value::Number(number) = &value else { panic!("{value}") };
            assert!(bounds.allow(Decimal::of(number).unwrap()), "{value}");
        }
    }
}
