//! What every check concludes in the same way: how often a candidate is tried again, which of those that came and went fall
//! silently, and what surfaces come to in the matrix and in coverage. All of it is pure.

use serde::{Deserialize, Serialize};

use crate::model::{Coverage, Direction, Finding, Mark, MatrixRow, Pair, Severity, Side, Unstable, fingerprint};

/// How often a candidate is tried again on fresh copies before it stands.
pub(super) const RUNS: u32 = 3;

/// What tells one finding of a check from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) subject: String,
    pub(super) direction: Direction,
    pub(super) rule: String,
    pub(super) at: String,
}

/// How the replies of a check came out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub(super) leaves: u64,
    pub(super) compared: u64,
    /// Replies whose control was held against a recording, and those that agreed with it.
    pub(super) held: u64,
    pub(super) faithful: u64,
    pub(super) observations: u64,
    pub(super) assets: u64,
}

/// How often one side answered at a surface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) steps: u64,
    pub(super) compared: u64,
    /// Those of the compared ones that had something of the other side before them.
    pub(super) crossed: u64,
}

impl Key {
    /// A finding of that key, its evidence and all else left empty.
    pub(super) fn finding(&self, check: &str, severity: Severity) -> Finding {
        Finding {
            id: fingerprint(&self.rule, &self.subject, self.direction, &self.at),
            rule: self.rule.clone(),
            check: check.to_owned(),
            severity,
            subject: self.subject.clone(),
            direction: self.direction,
            at: self.at.clone(),
            count: 1,
            breaks: self.direction.breaks().to_vec(),
            message: String::new(),
            evidence: crate::model::Evidence::default(),
            replay: None,
            reproduce: String::new(),
            accepted: None,
            story: Vec::new(),
            checkpoints: Vec::new(),
        }
    }

    /// What came and went: `seen` says how often, and `cut` what kept it from being tried as often as it should be.
    pub(super) fn doubt(&self, severity: Severity, seen: &str, cut: Option<&str>) -> Unstable {
        Unstable {
            rule: self.rule.clone(),
            subject: self.subject.clone(),
            direction: self.direction,
            at: self.at.clone(),
            severity,
            reason: cut.map_or_else(|| seen.to_owned(), |why| format!("{seen}; {why}")),
        }
    }

    /// Whether it is told that it came and went: what further runs show to be noise of values falls silently.
    pub(super) fn is_told_of(&self, is_noisy: bool) -> bool {
        !(is_noisy && is_of_values(&self.rule))
    }
}

/// Whether a rule speaks of values, which may be noise; a structure never is.
fn is_of_values(rule: &str) -> bool {
    matches!(
        rule,
        "http/value-changed" | "http/format-changed" | "http/order-changed" | "http/body-changed" | "http/emptied"
    )
}

impl Sums {
    pub(super) fn add(&mut self, other: Self) {
        self.leaves += other.leaves;
        self.compared += other.compared;
        self.held += other.held;
        self.faithful += other.faithful;
        self.observations += other.observations;
        self.assets += other.assets;
    }
}

/// A share in hundredths, rounded down: what is shown is never more than what was.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    let hundredths = u32::try_from(u128::from(part) * 100 / u128::from(whole)).unwrap_or(100);
    Some(f64::from(hundredths) / 100.0)
}

/// Surfaces of which something was compared, and those that show nothing.
pub(super) fn coverage<'s>(surfaces: impl Iterator<Item = (&'s str, Pair<Seen>)>) -> Coverage {
    let mut coverage = Coverage::default();
    for (name, both) in surfaces {
        coverage.known += 1;
        if both.old.compared + both.new.compared > 0 {
            coverage.seen += 1;
        } else {
            coverage.missing.push(name.to_owned());
        }
    }
    coverage
}

/// A surface in the four cells, by which side answered: a control is what it did at all, a mixed cell what it did after the other.
pub(super) fn row(name: &str, both: Pair<Seen>, findings: &[Finding], unstable: &[Unstable]) -> MatrixRow {
    let control = |side: Side| match both.get(side) {
        seen if seen.compared > 0 => Mark::Ok,
        seen if seen.steps > 0 => Mark::Unknown,
        _ => Mark::Unshown,
    };
    let mixed = |direction: Direction| {
        let here = findings.iter().filter(|found| found.subject == name && found.direction == direction);
        let doubts = unstable.iter().filter(|doubt| doubt.subject == name && doubt.direction == direction);
        let is_doubtful = doubts.map(|doubt| doubt.severity).max() > Some(Severity::Info);
        match (here.map(|found| found.severity).max(), both.get(direction.to)) {
            (Some(severity), _) => Mark::from(severity),
            (None, seen) if seen.crossed > 0 && !is_doubtful => Mark::Ok,
            // The first call of all has nothing before it that the other side could have left.
            (None, seen) if seen.steps > seen.compared || is_doubtful => Mark::Unknown,
            _ => Mark::Unshown,
        }
    };
    MatrixRow {
        subject: name.to_owned(),
        observations: both.old.compared + both.new.compared,
        old_old: control(Side::Old),
        new_new: control(Side::New),
        old_new: mixed(Direction::OLD_TO_NEW),
        new_old: mixed(Direction::NEW_TO_OLD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(rule: &str) -> Key {
        Key { rule: rule.to_owned(), subject: "GET /".to_owned(), direction: Direction::NEW_TO_OLD, at: "$".to_owned() }
    }

    #[track_caller]
    fn check(old: [u64; 3], found: Option<Severity>, doubt: Option<Severity>, control: Mark, mixed: Mark) {
        let seen = |[steps, compared, crossed]: [u64; 3]| Seen { steps, compared, crossed };
        let findings: Vec<Finding> = found.map(|severity| key("r").finding("c", severity)).into_iter().collect();
        let unstable: Vec<Unstable> = doubt.map(|severity| key("r").doubt(severity, "", None)).into_iter().collect();
        let row = row("GET /", Pair::new(seen(old), Seen::default()), &findings, &unstable);
        assert_eq!((row.old_old, row.new_old), (control, mixed));
        assert_eq!((row.new_new, row.old_new), (Mark::Unshown, Mark::Unshown));
    }

    #[test]
    fn a_mixed_cell_is_fine_only_where_something_of_the_other_side_was_met() {
        check([2, 2, 1], None, None, Mark::Ok, Mark::Ok);
        check([2, 2, 0], None, None, Mark::Ok, Mark::Unshown);
        check([2, 1, 0], None, None, Mark::Ok, Mark::Unknown);
        check([2, 0, 0], None, None, Mark::Unknown, Mark::Unknown);
        check([0, 0, 0], None, None, Mark::Unshown, Mark::Unshown);
        check([2, 2, 1], Some(Severity::Breaking), Some(Severity::Risk), Mark::Ok, Mark::Breaking);
        check([2, 2, 1], None, Some(Severity::Risk), Mark::Ok, Mark::Unknown);
        check([2, 2, 1], None, Some(Severity::Info), Mark::Ok, Mark::Ok);
    }

    #[test]
    fn noise_of_values_falls_silently_and_noise_of_structure_does_not() {
        for (rule, noisy, told) in [
            ("http/value-changed", true, false),
            ("http/value-changed", false, true),
            ("http/field-removed", true, true),
            ("process/died", true, true),
        ] {
            assert_eq!(key(rule).is_told_of(noisy), told, "{rule} {noisy}");
        }
    }

    #[test]
    fn a_share_is_never_more_than_what_was() {
        for (part, whole, expected) in [(0, 0, None), (2, 3, Some(0.66)), (999, 1000, Some(0.99)), (5, 5, Some(1.0))] {
            assert_eq!(share(part, whole), expected);
        }
    }
}
