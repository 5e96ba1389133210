//! What a contract says of a place in a reply: what those who keep to it are prepared for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kind, Path};

/// What a contract says of one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Promise {
    /// The only values that may stand there, as text, where they are listed.
    pub values: Option<BTreeSet<String>>,
    /// Whether it has to be there; none where the contract doesn't say which fields of that object have to be.
    pub required: Option<bool>,
    /// The kinds of values that may stand there, where they are listed.
    pub kinds: Option<BTreeSet<Kind>>,
}

/// By place, with every index as `[]`.
pub type Promises = BTreeMap<Path, Promise>;

impl Promise {
    /// Takes in what is said of the same place besides: both hold.
    pub fn and(&mut self, other: Self) {
        fn both<T: Ord>(known: &mut Option<BTreeSet<T>>, other: Option<BTreeSet<T>>) {
            match (known.as_mut(), other) {
                (Some(known), Some(other)) => known.retain(|value| other.contains(value)),
                (None, other) => *known = other,
                (Some(_), None) => {}
            }
        }
        both(&mut self.values, other.values);
        both(&mut self.kinds, other.kinds);
        self.required = match (self.required, other.required) {
            (Some(known), Some(other)) => Some(known || other),
            (known, other) => known.or(other),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Promise};

    #[test]
    fn what_is_said_twice_of_a_place_holds_both() {
        let of = |values: &[&str], required, kinds: &[Kind]| Promise {
            values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
            required,
            kinds: Some(kinds.iter().copied().collect()),
        };
        let mut promise = of(&["a", "b"], Some(false), &[Kind::Text, Kind::Null]);
        promise.and(of(&["b", "c"], Some(true), &[Kind::Text]));
        assert_eq!(promise, of(&["b"], Some(true), &[Kind::Text]));
        promise.and(Promise::default());
        assert_eq!(promise, of(&["b"], Some(true), &[Kind::Text]));
        let mut nothing = Promise::default();
        nothing.and(promise.clone());
        assert_eq!(nothing, promise);
    }
}
