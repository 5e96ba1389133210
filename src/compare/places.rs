//! Places of a walk in general form, each named once: the rows of a list show the same ones again and again.
//!
//! The main type is [`Places`]. What it remembers is bounded, so that a document of nothing but names takes no more.

use std::collections::HashMap;

use super::trial::Trial;
use super::walk::is_generated;
use crate::model::{At, Path, Rule, Severity, Step};

/// A step of a walk, in the form in which findings name places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way<'t> {
    /// Any row of a list.
    Row,
    /// The field of that name, or `{}` where the name was generated.
    Field(&'t str),
}

impl<'t> Way<'t> {
    pub(super) fn field(name: &'t str) -> Self {
        Self::Field(if is_generated(name) { "{}" } else { name })
    }
}

/// Whether this is where a walk stands.
pub(super) fn is_at(at: &At, ways: &[Way<'_>]) -> bool {
    let At::Body(path) = at else { return false };
    path.0.len() == ways.len()
        && path.0.iter().zip(ways).all(|(step, way)| match (step, way) {
            (Step::Each, Way::Row) => true,
            (Step::Field(name), Way::Field(other)) => **name == **other,
            _ => false,
        })
}

/// A place, and what has been said of it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) at: At,
    /// A later request uses what stands there.
    pub(super) used: bool,
    /// It has been noted as noisy.
    pub(super) noisy: bool,
    said: Vec<(&'static str, Severity)>,
}

impl Known {
    fn new(ways: &[Way<'_>], trial: &Trial<'_>) -> Self {
        let steps = ways.iter().map(|way| match way {
            Way::Row => Step::Each,
            Way::Field(name) => Step::Field((*name).into()),
        });
        let at = At::Body(Path(steps.collect()));
        Self { used: trial.is_used(&at), at, noisy: false, said: Vec::new() }
    }

    /// Whether a rule says more of this place than it has said already. Many rows show the same thing: the first counts, and
    /// what is worse.
    pub(super) fn is_news(&mut self, rule: &Rule, severity: Severity) -> bool {
        match self.said.iter_mut().find(|(id, _)| *id == rule.id) {
            Some((_, known)) if *known >= severity => return false,
            Some((_, known)) => *known = severity,
            None => self.said.push((rule.id, severity)),
        }
        true
    }
}

/// Places that were shown or noted so far.
#[derive(Debug, Default)]
pub(super) struct Places<'t> {
    index: HashMap<Box<[Way<'t>]>, usize>,
    known: Vec<Known>,
}

/// After as many places all are forgotten.
const MOST: usize = 4096;

impl<'t> Places<'t> {
    /// The place at which a walk stands.
    pub(super) fn at(&mut self, ways: &[Way<'t>], trial: &Trial<'_>) -> &mut Known {
        let number = self.index.get(ways).copied().unwrap_or_else(|| {
            if self.known.len() == MOST {
                *self = Self::default();
            }
            let number = self.known.len();
            self.known.push(Known::new(ways, trial));
            self.index.insert(ways.into(), number);
            number
        });
        &mut self.known[number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_general_form() {
        for (at, ways, expected) in [
            ("$", &[][..], true),
            ("$.rows[].id", &[Way::Field("rows"), Way::Row, Way::field("id")], true),
            ("$.{}", &[Way::field("0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11")], true),
            ("$.rows", &[Way::Field("rows"), Way::Row], false),
            ("$[]", &[Way::Field("rows")], false),
        ] {
            let path: Path = at.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(is_at(&At::Body(path), ways), expected, "{at} {ways:?}");
        }
    }
}
