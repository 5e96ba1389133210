//! Finds, in recorded traffic, the values which calls took from earlier replies.
//!
//! Only values that stand in a call are looked for in replies, so that memory grows with the calls and not with the
//! replies. The bounds: of a reply's body the first 10,000 leaves, and of the links of a page as many; of one reply
//! four places of a name for one value; of all places that give out one value the latest 256; sixteen producers a
//! binding.

use std::collections::{HashMap, HashSet, VecDeque};

use super::distinctive::is_distinctive;
use super::extract::is_positional;
use super::given::{self, Given, Walk};
use super::names::agree;
use super::taken::{self, Taken};
use crate::model::{Binding, Exchange, Place, Producer};
use crate::traffic::sessions::Groups;
use crate::wire;

/// As many leaves of a reply are looked at.
const LEAVES: usize = 10_000;
/// As many places of one name, of one reply, are kept for a value; and as many of one reply are written.
const PLACES: usize = 4;
/// As many places are remembered for a value: a constant that every reply holds needs no more.
const REMEMBERED: usize = 256;
/// As many producers are written for a binding.
const PRODUCERS: usize = 16;
/// Longer texts are nobody's identifiers.
const LONGEST: usize = 8_192;

/// Finds sessions and bindings, and writes them into the exchanges.
pub(in crate::traffic) fn find(exchanges: &mut [Exchange], groups: &mut Groups) {
    let taken: Vec<Vec<Vec<Taken>>> = exchanges.iter().map(|exchange| taken::places(&exchange.call)).collect();
    let wanted: HashSet<&str> = taken
        .iter()
        .flatten()
        .flatten()
        .map(|taken| taken.value.as_str())
        .filter(|value| value.len() <= LONGEST)
        .collect();
    let given: Vec<Vec<Given>> = exchanges.iter().map(|exchange| givens(exchange, &wanted)).collect();
    // Who a value comes from may tell whose it is, and whose it is tells where small values may come from.
    Pass::new(exchanges, &taken, &given, groups).run();
    groups.settle();
    let bindings = Pass::new(exchanges, &taken, &given, groups).run();
    groups.number(exchanges);
    let used = used(&bindings);
    for (exchange, bindings) in exchanges.iter_mut().zip(bindings) {
        exchange.bindings = bindings;
        exchange.used = used.get(&exchange.index).cloned().unwrap_or_default();
    }
}

/// What a recorded reply gives out of what any call takes, a few places for each value.
fn givens(exchange: &Exchange, wanted: &HashSet<&str>) -> Vec<Given> {
    let mut all = Vec::new();
    if let Some(reply) = &exchange.reply {
        let (want, found) = (|value: &str| wanted.contains(value), &mut |given| all.push(given));
        Walk { target: &exchange.call.target, most: LEAVES, want: &want, found }.through(&wire::answer(reply, true));
    }
    all
}

fn used(bindings: &[Vec<Binding>]) -> HashMap<u64, Vec<Place>> {
    let mut used: HashMap<u64, Vec<Place>> = HashMap::new();
    for from in bindings.iter().flatten().flat_map(|binding| &binding.from) {
        let places = used.entry(from.exchange).or_default();
        if !places.contains(&from.at) {
            places.push(from.at.clone());
        }
    }
    used
}

/// One way through all exchanges, in order.
struct Pass<'a> {
    exchanges: &'a [Exchange],
    taken: &'a [Vec<Vec<Taken>>],
    given: &'a [Vec<Given>],
    groups: &'a mut Groups,
    /// Who gave out a value: exchange and place, the latest last.
    index: HashMap<&'a str, VecDeque<(usize, &'a Given)>>,
    /// Values that clients made up, with the exchange in which they did.
    own: HashMap<&'a str, Vec<(usize, &'a Taken)>>,
}

impl<'a> Pass<'a> {
    fn new(
        exchanges: &'a [Exchange],
        taken: &'a [Vec<Vec<Taken>>],
        given: &'a [Vec<Given>],
        groups: &'a mut Groups,
    ) -> Self {
        Self { exchanges, taken, given, groups, index: HashMap::new(), own: HashMap::new() }
    }

    fn run(mut self) -> Vec<Vec<Binding>> {
        let mut all = Vec::with_capacity(self.exchanges.len());
        for number in 0..self.exchanges.len() {
            let taken = self.taken;
            all.push(taken[number].iter().filter_map(|ways| self.bind(number, ways)).collect());
            self.learn(number);
        }
        all
    }

    /// Binds a place of a call, by the first way that leads somewhere.
    fn bind(&mut self, number: usize, ways: &'a [Taken]) -> Option<Binding> {
        for taken in ways {
            let from = self.producers(number, taken);
            if !from.is_empty() {
                return Some(Binding { at: taken.place.clone(), value: taken.value.clone(), from });
            }
        }
        for taken in ways {
            self.own.entry(&taken.value).or_default().push((number, taken));
        }
        None
    }

    fn producers(&mut self, number: usize, taken: &Taken) -> Vec<Producer> {
        let Some(given) = self.index.get(taken.value.as_str()) else { return Vec::new() };
        let path = self.exchanges[number].call.path();
        let mut fitting: Vec<(usize, &Given)> = given
            .iter()
            .filter(|(by, given)| fits(taken, given, self.exchanges[*by].call.path() == path))
            .copied()
            .collect();
        if !fitting.iter().any(|(by, _)| self.groups.same(number, *by)) {
            // Nobody meets such a value by chance: whoever has it is the same user.
            let joins =
                taken.kind != taken::Kind::Etag && taken.kind != taken::Kind::Modified && is_distinctive(&taken.value);
            match fitting.last().filter(|_| joins) {
                Some((by, _)) => self.groups.join(number, *by),
                None => return Vec::new(),
            }
        }
        fitting.retain(|(by, _)| self.groups.same(number, *by));
        if taken.kind == taken::Kind::Etag && fitting.iter().any(|(by, _)| self.exchanges[*by].call.path() == path) {
            fitting.retain(|(by, _)| self.exchanges[*by].call.path() == path);
        }
        let mut producers: Vec<(usize, bool, &Given)> = fitting
            .into_iter()
            .map(|(by, given)| (by, agree(&taken.names, &given.names, &taken.value), given))
            .collect();
        // First those which name one thing whatever else is listed; the nearest first, and of one reply what has a
        // fitting name.
        producers.sort_by_key(|(by, agreed, given)| (is_positional(&given.place), std::cmp::Reverse(*by), !agreed));
        let producer = |(by, _, given): &(usize, bool, &Given)| Producer {
            exchange: self.exchanges[*by].index,
            at: given.place.clone(),
        };
        producers
            .chunk_by(|one, other| one.0 == other.0)
            .flat_map(|of_one| of_one.iter().take(PLACES))
            .take(PRODUCERS)
            .map(producer)
            .collect()
    }

    /// Takes in what the reply gives out, but for what only echoes the client.
    fn learn(&mut self, number: usize) {
        let given: &'a [Given] = &self.given[number];
        for given in given {
            if self.is_echo(number, given) {
                continue;
            }
            let givers = self.index.entry(&given.value).or_default();
            // A reply that gives a value out all over must not push out all others.
            let here = || givers.iter().rev().take_while(|(by, _)| *by == number);
            let alike = here().filter(|(_, other)| other.kind == given.kind && other.names == given.names).count();
            if alike == PLACES || here().any(|(_, other)| other.place == given.place) {
                continue;
            }
            if givers.len() == REMEMBERED {
                givers.pop_front();
            }
            givers.push_back((number, given));
        }
    }

    /// Whether the client made this value up: it sent it in this very call, or earlier and is only reading it back.
    /// What a call that changes something gives out without having it was made by the server, even where the client
    /// had guessed it.
    fn is_echo(&self, number: usize, given: &Given) -> bool {
        if matches!(given.kind, given::Kind::Cookie | given::Kind::Etag | given::Kind::Modified) {
            return false;
        }
        let Some(own) = self.own.get(given.value.as_str()) else { return false };
        let reads = self.exchanges[number].call.is_safe();
        let distinctive = is_distinctive(&given.value);
        own.iter().filter(|(by, _)| reads || *by == number).any(|(by, taken)| {
            self.groups.same(number, *by) && (distinctive || agree(&taken.names, &given.names, &given.value))
        })
    }
}

/// Whether a value may have gone from one place to the other. `same_path`: both are of the same path.
fn fits(taken: &Taken, given: &Given, same_path: bool) -> bool {
    let distinctive = is_distinctive(&taken.value);
    match taken.kind {
        taken::Kind::Etag => given.kind == given::Kind::Etag || (distinctive && given.kind == given::Kind::Plain),
        taken::Kind::Modified => given.kind == given::Kind::Modified && same_path,
        taken::Kind::Cookie => (given.kind == given::Kind::Cookie && taken.names == given.names) || distinctive,
        taken::Kind::Plain => {
            let named = match given.kind {
                given::Kind::Plain | given::Kind::Made => true,
                // Words in a URL are the names of things, and what has a dot is a file.
                given::Kind::Part => taken.value.contains(|c: char| c.is_ascii_digit()) && !taken.value.contains('.'),
                _ => false,
            };
            distinctive || (named && agree(&taken.names, &given.names, &taken.value))
        }
    }
}
