//! Numbers as schemas write them: exact, with a power of ten.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// `digits` / 10^`scale`, with as few digits as it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Decimal {
    digits: i128,
    scale: u32,
}

/// More places than these are in no number that a document can have.
const PLACES: u32 = 30;

impl Decimal {
    pub(super) const ONE: Self = Self { digits: 1, scale: 0 };

    /// The number that a text stands for; none where it is too large or too fine.
    pub(in super::super) fn of(number: &Number) -> Option<Self> {
        let text = number.to_string();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text.as_str(), 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let places = i32::try_from(fraction.len()).ok()? - exponent;
        if let Ok(scale) = u32::try_from(places) {
            return Some(Self::new(digits, scale)).filter(|made| made.scale <= PLACES);
        }
        let up = 10_i128.checked_pow(places.unsigned_abs())?;
        Some(Self::new(digits.checked_mul(up)?, 0))
    }

    pub(super) fn new(mut digits: i128, mut scale: u32) -> Self {
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Self { digits, scale }
    }

    pub(in super::super) fn whole(number: i128) -> Self {
        Self::new(number, 0)
    }

    /// A number of so many places behind the point: its smallest step.
    pub(super) fn step(scale: u32) -> Self {
        Self { digits: 1, scale }
    }

    pub(super) fn is_positive(self) -> bool {
        self.digits > 0
    }

    pub(super) fn times(self, factor: i128) -> Option<Self> {
        Some(Self::new(self.digits.checked_mul(factor)?, self.scale))
    }

    /// How often a step goes into it, and whether something is left.
    pub(super) fn divided(self, step: Self) -> Option<(i128, bool)> {
        let (one, other) = self.aligned(step)?;
        (other != 0).then(|| (one.div_euclid(other), one.rem_euclid(other) != 0))
    }

    /// The smallest number that is a multiple of both.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (one, two) = self.aligned(other)?;
        let (mut a, mut b) = (one, two);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Some(Self::new(one.checked_div(a)?.checked_mul(two)?, scale))
    }

    fn aligned(self, other: Self) -> Option<(i128, i128)> {
        let scale = self.scale.max(other.scale);
        let up = |one: Self| one.digits.checked_mul(10_i128.checked_pow(scale - one.scale)?);
        Some((up(self)?, up(other)?))
    }

    /// Whether it is a multiple of a step.
    pub(in super::super) fn is_multiple(self, step: Self) -> bool {
        self.divided(step).is_some_and(|(_, rest)| !rest)
    }

    pub(in super::super) fn is_whole(self) -> bool {
        self.scale == 0
    }

    /// As a document has it; none where it has no exact place there.
    pub(super) fn value(self) -> Option<Value> {
        /// More digits than these are not told apart by floats.
        const DIGITS: u128 = 1_000_000_000_000_000;
        if self.scale == 0 {
            let whole = i64::try_from(self.digits).map(Value::from);
            return whole.or_else(|_| u64::try_from(self.digits).map(Value::from)).ok();
        }
        if self.digits.unsigned_abs() >= DIGITS {
            return None;
        }
        let float: f64 = format!("{}e-{}", self.digits, self.scale).parse().ok()?;
        Number::from_f64(float).map(Value::Number)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(*other) {
            Some((one, two)) => one.cmp(&two),
            // What can't be brought to one scale is so large on one side that its sign decides.
            None => self.signed_size().cmp(&other.signed_size()),
        }
    }
}

impl Decimal {
    fn signed_size(self) -> i128 {
        self.digits / 10_i128.saturating_pow(self.scale.min(38))
    }
}
