//! Which values may flow at all: those which a call takes after a reply has given them out.
//!
//! Of all values in a recording these are few, and each only from its first to its last use: so only they are looked at
//! when sessions and bindings are found, and no longer than that. They are found by sorting: a hash of each value that a
//! call takes, and of each of these that a reply gives out, with the exchange's number. Whose the exchanges are is not
//! asked here, so that what is found is more than what is bound, and never less.

use std::collections::HashMap;

use bytes::Bytes;

use super::distinctive::is_distinctive;
use super::given::{self, Given, Walk};
use super::names::agree;
use super::taken::{self, Taken};
use crate::traffic::import::Ordered;
use crate::traffic::spool::{Decoder, Encoder, Journal, Reading, Runs, Sorted, Sorter};
use crate::traffic::{TrafficError, hash};
use crate::wire::{self, Asked};

/// As many leaves of a reply are looked at.
const LEAVES: usize = 10_000;
/// Longer texts are nobody's identifiers.
const LONGEST: usize = 8_192;
/// As many lists of names are told apart; of all others every two may agree.
const NAMES: usize = 50_000;
/// As many kinds of places that give out one value are told apart; where there are more, all of them may fit.
const KINDS: usize = 64;
/// Bits of the filters through which what replies give out goes first, at eight for each value: of the first, and of the
/// last, which has 16 MiB.
const FIRST: usize = 1 << 16;
const LAST: usize = 1 << 27;

/// Values that may flow.
pub(super) struct Flows {
    /// By exchange: hashes of the values that matter there, and whether it is the last place where one does.
    values: Runs,
    /// What replies give out, by exchange.
    givens: Journal,
}

const TAKEN: u8 = 0;
const GIVEN: u8 = 1;

impl Flows {
    pub(super) fn of(ordered: &Ordered) -> Result<Self, TrafficError> {
        let mut tuples =
            Tuples { sorter: Sorter::new(ordered.place()), names: HashMap::new(), encoder: Encoder::default() };
        let mut filter = Filter::default();
        let mut rows = ordered.rows()?;
        while let Some(row) = rows.next()? {
            let (call, _) = ordered.call(&row)?;
            for taken in taken::places(&call).iter().flatten().filter(|taken| taken.value.len() <= LONGEST) {
                filter.insert(hash(&taken.value));
                tuples.taken(row.number, taken)?;
            }
        }
        let mut givens = Journal::new(ordered.place());
        let mut rows = ordered.rows()?;
        let mut encoder = Encoder::default();
        while let Some(row) = rows.next()? {
            let Some(reply) = ordered.reply(&row)? else { continue };
            let (call, _) = ordered.call(&row)?;
            let mut all = Vec::new();
            let (want, found) = (|value: &str| filter.may_have(hash(value)), &mut |given| all.push(given));
            Walk { target: &call.target, most: LEAVES, want: &want, found }.through(&wire::answer(
                &reply,
                &Asked::by(&call, None),
                true,
            ));
            if all.is_empty() {
                continue;
            }
            encoder.clear();
            encoder.small(row.number);
            for given in &all {
                tuples.given(row.number, given)?;
                given.encode(&mut encoder);
            }
            givens.push(&encoder.0)?;
        }
        drop(filter);
        Ok(Self { values: tuples.join(ordered)?, givens })
    }

    /// A way through all exchanges, from the first.
    pub(super) fn read(&self) -> Result<Way<'_>, TrafficError> {
        let mut way = Way { values: self.values.read()?, givens: self.givens.read(), next: None, given: None };
        way.next = way.value()?;
        Ok(way)
    }
}

/// What matters at an exchange.
#[derive(Debug, Default)]
pub(super) struct Here {
    /// Hashes of values, and whether each matters for the last time.
    pub(super) values: Vec<(u64, bool)>,
}

impl Here {
    /// Whether a value matters here.
    pub(super) fn has(&self, value: u64) -> bool {
        self.values.iter().any(|(here, _)| *here == value)
    }
}

/// Exchanges at which something matters, in their order.
pub(super) struct Way<'f> {
    values: Sorted<'f>,
    givens: Reading<'f>,
    next: Option<(u32, u64, bool)>,
    given: Option<(u32, Decoder)>,
}

impl Way<'_> {
    /// What matters at an exchange, of which the numbers only grow.
    pub(super) fn at(&mut self, number: u32) -> Result<Here, TrafficError> {
        let mut here = Here::default();
        while let Some((_, value, last)) = self.next.filter(|(at, _, _)| *at <= number) {
            here.values.push((value, last));
            self.next = self.value()?;
        }
        Ok(here)
    }

    /// What an exchange's reply gives out of what matters there.
    pub(super) fn givens(&mut self, number: u32, here: &Here) -> Result<Vec<Given>, TrafficError> {
        while self.given.as_ref().is_none_or(|(at, _)| *at < number) {
            let Some(record) = self.givens.next()? else { return Ok(Vec::new()) };
            let mut decoder = Decoder(Bytes::copy_from_slice(record));
            self.given = Some((decoder.small(), decoder));
        }
        let Some((_, mut decoder)) = self.given.take_if(|(at, _)| *at == number) else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        while !decoder.is_empty() {
            all.extend(Given::decode(&mut decoder).filter(|given| here.has(hash(&given.value))));
        }
        Ok(all)
    }

    fn value(&mut self) -> Result<Option<(u32, u64, bool)>, TrafficError> {
        let record = self.values.next()?;
        Ok(record.map(|record| {
            let mut decoder = Decoder(Bytes::copy_from_slice(record));
            (decoder.small(), decoder.number(), decoder.byte() == 1)
        }))
    }
}

/// Uses of values, on their way to be sorted.
struct Tuples {
    sorter: Sorter,
    names: HashMap<Vec<String>, u32>,
    encoder: Encoder,
}

/// One use of a value.
#[derive(Clone, Copy)]
struct Use {
    value: u64,
    number: u32,
    role: u8,
    kind: u8,
    names: u32,
    distinctive: bool,
}

impl Tuples {
    fn taken(&mut self, number: u32, taken: &Taken) -> Result<(), TrafficError> {
        let kind = taken.kind as u8;
        self.push(TAKEN, number, kind, &taken.names, &taken.value)
    }

    fn given(&mut self, number: u32, given: &Given) -> Result<(), TrafficError> {
        let kind = given.kind as u8;
        self.push(GIVEN, number, kind, &given.names, &given.value)
    }

    fn push(&mut self, role: u8, number: u32, kind: u8, names: &[String], value: &str) -> Result<(), TrafficError> {
        let names = match self.names.get(names) {
            Some(known) => *known,
            None if self.names.len() < NAMES => {
                let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                self.names.insert(names.to_vec(), next);
                next
            }
            None => u32::MAX,
        };
        let encoder = &mut self.encoder;
        encoder.clear();
        encoder.number(hash(value));
        encoder.small(number);
        encoder.byte(role);
        encoder.byte(kind);
        encoder.small(names);
        encoder.byte(u8::from(is_distinctive(value)));
        self.sorter.push(&encoder.0)
    }

    /// Brings together who gives and who takes a value.
    fn join(self, ordered: &Ordered) -> Result<Runs, TrafficError> {
        let mut lists = vec![Vec::new(); self.names.len()];
        for (names, number) in self.names {
            lists[number as usize] = names;
        }
        let runs = self.sorter.finish()?;
        let mut sorted = runs.read()?;
        let mut values = Sorter::new(ordered.place());
        let mut of_one = OfOne::new(&lists);
        while let Some(record) = sorted.next()? {
            let mut decoder = Decoder(Bytes::copy_from_slice(record));
            let next = Use {
                value: decoder.number(),
                number: decoder.small(),
                role: decoder.byte(),
                kind: decoder.byte(),
                names: decoder.small(),
                distinctive: decoder.byte() == 1,
            };
            if next.value != of_one.value {
                of_one.end(&mut values)?;
                of_one.value = next.value;
            }
            of_one.take(next);
        }
        of_one.end(&mut values)?;
        values.finish()
    }
}

/// All uses of one value.
struct OfOne<'l> {
    lists: &'l [Vec<String>],
    /// Whether two lists of names may agree.
    agreed: HashMap<(u32, u32), bool>,
    value: u64,
    /// The exchanges, each once.
    numbers: Vec<u32>,
    /// How many of them matter: up to the last that may take the value from another.
    alive: usize,
    /// Kinds and names of the places that give it out before the exchange at hand, and in it.
    givers: Vec<(u8, u32)>,
    here: Vec<(u8, u32)>,
    /// Kinds and names of the places which those givers don't fit.
    refused: Vec<(u8, u32)>,
}

impl<'l> OfOne<'l> {
    fn new(lists: &'l [Vec<String>]) -> Self {
        Self {
            lists,
            agreed: HashMap::new(),
            value: 0,
            numbers: Vec::new(),
            alive: 0,
            givers: Vec::new(),
            here: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn take(&mut self, next: Use) {
        if self.numbers.last() != Some(&next.number) {
            self.numbers.push(next.number);
            let before = self.givers.len();
            for giver in std::mem::take(&mut self.here) {
                if self.givers.len() <= KINDS && !self.givers.contains(&giver) {
                    self.givers.push(giver);
                }
            }
            if self.givers.len() > before {
                self.refused.clear();
            }
        }
        let place = (next.kind, next.names);
        if next.role == GIVEN {
            if self.here.len() <= KINDS && !self.here.contains(&place) {
                self.here.push(place);
            }
        } else if !self.refused.contains(&place) {
            if self.may_fit(place, next.distinctive) {
                self.alive = self.numbers.len();
            } else if self.refused.len() < KINDS {
                self.refused.push(place);
            }
        }
    }

    fn may_fit(&mut self, taken: (u8, u32), distinctive: bool) -> bool {
        if self.givers.len() > KINDS {
            return true;
        }
        let (lists, agreed) = (self.lists, &mut self.agreed);
        self.givers.iter().any(|given| {
            let mut agree = || {
                let pair = (taken.1, given.1);
                if agreed.len() > NAMES {
                    agreed.clear();
                }
                // A digit is what some names ask for: whether there is one is seen when it is bound.
                *agreed.entry(pair).or_insert_with(|| match (lists.get(pair.0 as usize), lists.get(pair.1 as usize)) {
                    (Some(one), Some(other)) => agree(one, other, "0"),
                    _ => true,
                })
            };
            let is = |kind: given::Kind| given.0 == kind as u8;
            let plain = is(given::Kind::Plain) || is(given::Kind::Made) || is(given::Kind::Part);
            if taken.0 == taken::Kind::Modified as u8 {
                return is(given::Kind::Modified);
            }
            distinctive
                || (taken.0 == taken::Kind::Etag as u8 && is(given::Kind::Etag))
                || (taken.0 == taken::Kind::Cookie as u8 && is(given::Kind::Cookie))
                || (taken.0 == taken::Kind::Plain as u8 && plain && agree())
        })
    }

    fn end(&mut self, values: &mut Sorter) -> Result<(), TrafficError> {
        let mut encoder = Encoder::default();
        for (place, number) in self.numbers[..self.alive].iter().enumerate() {
            encoder.clear();
            encoder.small(*number);
            encoder.number(self.value);
            encoder.byte(u8::from(place + 1 == self.alive));
            values.push(&encoder.0)?;
        }
        self.numbers.clear();
        self.alive = 0;
        self.givers.clear();
        self.here.clear();
        self.refused.clear();
        Ok(())
    }
}

/// Tells of most values that nobody takes that nobody does: Bloom filters, each for more values than the one before, so that
/// few values take little room, which stays in the cache.
#[derive(Default)]
struct Filter {
    all: Vec<Bits>,
    /// As many values more go into the last of them.
    room: usize,
}

struct Bits {
    words: Vec<u64>,
    mask: u64,
}

impl Filter {
    fn insert(&mut self, value: u64) {
        if self.may_have(value) {
            return;
        }
        if self.room == 0 {
            let bits = self.all.last().map_or(FIRST, |last| (last.words.len() * 64 * 8).min(LAST));
            self.all.push(Bits { words: vec![0; bits / 64], mask: bits as u64 - 1 });
            self.room = if bits == LAST { usize::MAX } else { bits / 8 };
        }
        self.room -= 1;
        if let Some(last) = self.all.last_mut() {
            for (word, bit) in last.places(value) {
                last.words[word] |= bit;
            }
        }
    }

    fn may_have(&self, value: u64) -> bool {
        self.all.iter().any(|bits| bits.places(value).iter().all(|(word, bit)| bits.words[*word] & bit != 0))
    }
}

impl Bits {
    fn places(&self, value: u64) -> [(usize, u64); 3] {
        [value, value.rotate_left(21) ^ 0x9e37_79b9_7f4a_7c15, value.rotate_left(43)].map(|hash| {
            let bit = hash & self.mask;
            (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_never_denies_what_went_in_and_lets_little_else_through() {
        let value = |n: u64| hash(&n);
        let mut filter = Filter::default();
        assert!(!filter.may_have(value(0)));
        (0..100_000).for_each(|n| filter.insert(value(n)));
        assert!((0..100_000).all(|n| filter.may_have(value(n))) && filter.all.len() > 2);
        let others = (100_000..200_000).filter(|n| filter.may_have(value(*n))).count();
        assert!(others < 10_000, "{others} of 100000");
    }
}
