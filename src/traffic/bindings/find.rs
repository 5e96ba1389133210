//! Finds, in recorded traffic, the values which calls took from earlier replies.
//!
//! Only values that may flow are looked at (`flows`), each from its first use to its last, so that memory grows with
//! what is under way at one time and not with the length. The bounds: of a reply's body the first 10,000 leaves, where it
//! has 100,000 at most, and of the links of a page as many; of one reply four places of a name for one value; of all places that give out one value
//! the latest 256, and as many of those where clients made it up; sixteen producers a binding.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::distinctive::is_distinctive;
use super::extract::is_positional;
use super::flows::{Flows, Here};
use super::given::{self, Given};
use super::made::{is_meant, made};
use super::names::agree;
use super::taken::{self, Taken};
use crate::model::{Binding, Call, Place, Producer};
use crate::traffic::import::Ordered;
use crate::traffic::sessions::Groups;
use crate::traffic::spool::{Decoder, Encoder, Journal, Reading, Runs, Sorted, Sorter};
use crate::traffic::{TrafficError, hash};

/// As many places of one name, of one reply, are kept for a value; and as many of one reply are written.
const PLACES: usize = 4;
/// As many places are remembered for a value: a constant that every reply holds needs no more.
const REMEMBERED: usize = 256;
/// As many producers are written for a binding.
const PRODUCERS: usize = 16;

/// Finds sessions and bindings.
pub(in crate::traffic) fn find(ordered: &Ordered, groups: &mut Groups) -> Result<Found, TrafficError> {
    let flows = Flows::of(ordered)?;
    // Who a value comes from may tell whose it is, and whose it is tells where small values may come from.
    Pass { ordered, groups, known: HashMap::new() }.run(&flows, &mut |_, _| Ok(()))?;
    groups.settle();
    let mut finding =
        Finding { bindings: Journal::new(ordered.place()), used: Sorter::new(ordered.place()), count: 0, producers: 0 };
    Pass { ordered, groups, known: HashMap::new() }.run(&flows, &mut |number, found| finding.take(number, found))?;
    Ok(Found { bindings: finding.bindings, used: finding.used.finish()?, count: finding.count })
}

/// All bindings, on disk.
pub(in crate::traffic) struct Found {
    bindings: Journal,
    /// By exchange: places of its reply which later calls use, in the order in which they do.
    used: Runs,
    /// How many bindings there are.
    pub(in crate::traffic) count: u64,
}

impl Found {
    /// A way through all exchanges, from the first.
    pub(in crate::traffic) fn read(&self) -> Result<FoundReading<'_>, TrafficError> {
        Ok(FoundReading { bindings: self.bindings.read(), used: self.used.read()?, next: None, next_used: None })
    }
}

/// What was found, exchange by exchange.
pub(in crate::traffic) struct FoundReading<'f> {
    bindings: Reading<'f>,
    used: Sorted<'f>,
    next: Option<(u32, Decoder)>,
    next_used: Option<(u32, Place)>,
}

impl FoundReading<'_> {
    /// The bindings of an exchange, and the places of its reply that later calls use. The numbers only grow.
    pub(in crate::traffic) fn of(&mut self, number: u32) -> Result<(Vec<Binding>, Vec<Place>), TrafficError> {
        let mut bindings = Vec::new();
        if self.next.is_none()
            && let Some(record) = self.bindings.next()?
        {
            let mut decoder = Decoder(Bytes::copy_from_slice(record));
            self.next = Some((decoder.small(), decoder));
        }
        if let Some((_, mut decoder)) = self.next.take_if(|(at, _)| *at == number) {
            while !decoder.is_empty() {
                bindings.extend(binding(&mut decoder));
            }
        }
        let mut used: Vec<Place> = Vec::new();
        loop {
            if self.next_used.is_none()
                && let Some(record) = self.used.next()?
            {
                let mut decoder = Decoder(Bytes::copy_from_slice(record));
                let (at, _, place) = (decoder.small(), decoder.number(), decoder.text());
                self.next_used = place.parse().ok().map(|place| (at, place));
            }
            let Some((_, place)) = self.next_used.take_if(|(at, _)| *at == number) else { break };
            if !used.contains(&place) {
                used.push(place);
            }
        }
        Ok((bindings, used))
    }
}

struct Finding {
    bindings: Journal,
    used: Sorter,
    count: u64,
    producers: u64,
}

impl Finding {
    fn take(&mut self, number: u32, found: &[Binding]) -> Result<(), TrafficError> {
        let (mut encoder, mut used) = (Encoder::default(), Encoder::default());
        encoder.small(number);
        for binding in found {
            self.count += 1;
            encoder.text(&binding.at.to_string());
            encoder.text(&binding.value);
            encoder.number(binding.from.len() as u64);
            for from in &binding.from {
                let place = from.at.to_string();
                encoder.number(from.exchange);
                encoder.text(&place);
                used.clear();
                used.small(u32::try_from(from.exchange).unwrap_or(u32::MAX));
                used.number(self.producers);
                used.text(&place);
                self.used.push(&used.0)?;
                self.producers += 1;
            }
        }
        self.bindings.push(&encoder.0)
    }
}

fn binding(decoder: &mut Decoder) -> Option<Binding> {
    let (at, value) = (decoder.text(), decoder.text());
    let from = (0..decoder.number()).map(|_| (decoder.number(), decoder.text()));
    let from: Vec<(u64, String)> = from.collect();
    let producer = |(exchange, at): (u64, String)| Some(Producer { exchange, at: at.parse().ok()? });
    Some(Binding { at: at.parse().ok()?, value, from: from.into_iter().filter_map(producer).collect() })
}

/// Who takes the bindings of an exchange that has any.
type Take<'t> = dyn FnMut(u32, &[Binding]) -> Result<(), TrafficError> + 't;

/// One way through all exchanges, in order.
struct Pass<'a> {
    ordered: &'a Ordered,
    groups: &'a mut Groups,
    /// Values under way, by their hashes.
    known: HashMap<u64, Vec<Known>>,
}

/// A value under way.
struct Known {
    value: String,
    /// Who gave it out, the latest last.
    givers: VecDeque<Giver>,
    /// Which clients made it up.
    own: VecDeque<Own>,
}

/// A place that gave a value out.
struct Giver {
    by: u32,
    /// A hash of the path that was asked for.
    path: u64,
    /// Where it was made, if it was.
    made: Option<u64>,
    given: Given,
}

/// A client that made a value up, in that exchange at last.
struct Own {
    by: u32,
    names: Vec<String>,
}

/// The call at hand.
struct Asked<'c> {
    number: u32,
    call: &'c Call,
    path: u64,
    /// Hashes of the values that it takes.
    sent: Vec<u64>,
}

impl Pass<'_> {
    fn run(mut self, flows: &Flows, take: &mut Take<'_>) -> Result<(), TrafficError> {
        let mut rows = self.ordered.rows()?;
        let mut way = flows.read()?;
        while let Some(row) = rows.next()? {
            let here = way.at(row.number)?;
            if here.values.is_empty() {
                continue;
            }
            let (call, _) = self.ordered.call(&row)?;
            let mut asked = Asked { number: row.number, call: &call, path: hash(call.path()), sent: Vec::new() };
            let mut bindings = Vec::new();
            for mut ways in taken::places(&call) {
                ways.retain(|taken| here.has(hash(&taken.value)));
                asked.sent.extend(ways.iter().map(|taken| hash(&taken.value)));
                bindings.extend(self.bind(&asked, ways));
            }
            if !bindings.is_empty() {
                take(row.number, &bindings)?;
            }
            self.learn(&asked, way.givens(row.number, &here)?);
            self.forget(&here);
        }
        Ok(())
    }

    /// Binds a place of a call, by the first way that leads somewhere.
    fn bind(&mut self, asked: &Asked<'_>, ways: Vec<Taken>) -> Option<Binding> {
        for taken in &ways {
            let from = self.producers(asked, taken);
            if !from.is_empty() {
                return Some(Binding { at: taken.place.clone(), value: taken.value.clone(), from });
            }
        }
        for taken in ways {
            self.made_up(asked.number, taken);
        }
        None
    }

    fn producers(&mut self, asked: &Asked<'_>, taken: &Taken) -> Vec<Producer> {
        let number = asked.number;
        let Some(known) = find_known(&self.known, &taken.value) else { return Vec::new() };
        let mut fitting: Vec<&Giver> = known
            .givers
            .iter()
            .filter(|giver| fits(taken, &giver.given, &known.value, giver.path == asked.path))
            .collect();
        let groups = &mut *self.groups;
        if !fitting.iter().any(|giver| groups.same(number, giver.by)) {
            // Nobody meets such a value by chance: whoever has it is the same user.
            let joins =
                taken.kind != taken::Kind::Etag && taken.kind != taken::Kind::Modified && is_distinctive(&taken.value);
            match if joins { fitting.last().copied() } else { maker(groups, asked, taken, known, &fitting) } {
                Some(giver) => groups.join(number, giver.by),
                None => return Vec::new(),
            }
        }
        fitting.retain(|giver| groups.same(number, giver.by));
        if taken.kind == taken::Kind::Etag && fitting.iter().any(|giver| giver.path == asked.path) {
            fitting.retain(|giver| giver.path == asked.path);
        }
        let mut producers: Vec<(u32, bool, &Place)> = fitting
            .into_iter()
            .map(|giver| (giver.by, agree(&taken.names, &giver.given.names, &taken.value), &giver.given.place))
            .collect();
        // First those which name one thing whatever else is listed; the nearest first, and of one reply what has a
        // fitting name.
        producers.sort_by_key(|(by, agreed, place)| (is_positional(place), std::cmp::Reverse(*by), !agreed));
        let producer = |(by, _, place): &(u32, bool, &Place)| Producer { exchange: (*by).into(), at: (*place).clone() };
        producers
            .chunk_by(|one, other| one.0 == other.0)
            .flat_map(|of_one| of_one.iter().take(PLACES))
            .take(PRODUCERS)
            .map(producer)
            .collect()
    }

    /// Notes a value for which no reply is known. Of one user and one name the latest place says it all.
    fn made_up(&mut self, number: u32, taken: Taken) {
        let (groups, known) = (&mut *self.groups, &mut self.known);
        let own = &mut known_of(known, &taken.value).own;
        let nobodys = groups.is_nobodys(number);
        let root = groups.root(number);
        let same = own.iter_mut().find(|own| {
            own.names == taken.names
                && (own.by == number || (!nobodys && !groups.is_nobodys(own.by) && groups.root(own.by) == root))
        });
        if let Some(same) = same {
            same.by = number;
            return;
        }
        if own.len() == REMEMBERED {
            own.pop_front();
        }
        own.push_back(Own { by: number, names: taken.names });
    }

    /// Takes in what the reply gives out, but for what only echoes the client.
    fn learn(&mut self, asked: &Asked<'_>, all: Vec<Given>) {
        for mut given in all {
            if self.is_echo(asked, &given) {
                continue;
            }
            let made = made(asked.call, &asked.sent, &given);
            let value = std::mem::take(&mut given.value);
            let givers = &mut known_of(&mut self.known, &value).givers;
            // A reply that gives a value out all over must not push out all others.
            let here = || givers.iter().rev().take_while(|giver| giver.by == asked.number).map(|giver| &giver.given);
            let alike = here().filter(|other| other.kind == given.kind && other.names == given.names).count();
            if alike == PLACES || here().any(|other| other.place == given.place) {
                continue;
            }
            if givers.len() == REMEMBERED {
                givers.pop_front();
            }
            givers.push_back(Giver { by: asked.number, path: asked.path, made, given });
        }
    }

    /// Whether the client made this value up: it sent it in this very call, or earlier and is only reading it back.
    /// What a call that changes something gives out without having it was made by the server, even where the client
    /// had guessed it.
    fn is_echo(&mut self, asked: &Asked<'_>, given: &Given) -> bool {
        if matches!(given.kind, given::Kind::Cookie | given::Kind::Etag | given::Kind::Modified) {
            return false;
        }
        let Some(known) = find_known(&self.known, &given.value) else { return false };
        let groups = &mut *self.groups;
        let distinctive = is_distinctive(&given.value);
        known.own.iter().filter(|own| asked.call.is_safe() || own.by == asked.number).any(|own| {
            groups.same(asked.number, own.by) && (distinctive || agree(&own.names, &given.names, &given.value))
        })
    }

    /// Lets go of what does not matter any more.
    fn forget(&mut self, here: &Here) {
        for (value, _) in here.values.iter().filter(|(_, last)| *last) {
            self.known.remove(value);
        }
    }
}

/// Who made a value that a call takes which shows no other user's credential: where it was one, and nobody had it before.
fn maker<'g>(
    groups: &mut Groups,
    asked: &Asked<'_>,
    taken: &Taken,
    known: &Known,
    fitting: &[&'g Giver],
) -> Option<&'g Giver> {
    let first = *fitting.first()?;
    let meant = !groups.is_claimed(asked.number) && is_meant(asked.call, taken, first.made?);
    let guessed =
        || known.own.iter().any(|own| own.by < first.by && agree(&own.names, &first.given.names, &known.value));
    let mut others = fitting.iter().filter(|giver| giver.made.is_some());
    (meant && !guessed() && others.all(|giver| groups.same(giver.by, first.by))).then_some(first)
}

fn find_known<'k>(known: &'k HashMap<u64, Vec<Known>>, value: &str) -> Option<&'k Known> {
    known.get(&hash(value))?.iter().find(|known| known.value == value)
}

fn known_of<'k>(known: &'k mut HashMap<u64, Vec<Known>>, value: &str) -> &'k mut Known {
    let alike = known.entry(hash(value)).or_default();
    let at = alike.iter().position(|known| known.value == value).unwrap_or(alike.len());
    if at == alike.len() {
        alike.push(Known { value: value.to_owned(), givers: VecDeque::new(), own: VecDeque::new() });
    }
    &mut alike[at]
}

/// Whether a value may have gone from one place to the other. `same_path`: both are of the same path.
fn fits(taken: &Taken, given: &Given, value: &str, same_path: bool) -> bool {
    let distinctive = is_distinctive(value);
    match taken.kind {
        taken::Kind::Etag => given.kind == given::Kind::Etag || (distinctive && given.kind == given::Kind::Plain),
        taken::Kind::Modified => given.kind == given::Kind::Modified && same_path,
        taken::Kind::Cookie => (given.kind == given::Kind::Cookie && taken.names == given.names) || distinctive,
        taken::Kind::Plain => {
            let named = match given.kind {
                given::Kind::Plain | given::Kind::Made => true,
                // Words in a URL are the names of things, and what has a dot is a file.
                given::Kind::Part => value.contains(|c: char| c.is_ascii_digit()) && !value.contains('.'),
                _ => false,
            };
            distinctive || (named && agree(&taken.names, &given.names, value))
        }
    }
}
