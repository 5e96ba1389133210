//! What schemas say beside which values they allow: formats, defaults, the names of branches.
//!
//! Each pair of schemas is looked at once by itself; what two schemas say with all that they refer to is put together from that.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::verdict::Noted;
use crate::contract::openapi::read::{Contract, Identity, Node};
use crate::contract::openapi::rules::{
    default_changed, discriminator_changed, extensible_enum_changed, format_changed,
};
use crate::contract::openapi::schema::Mode;
use crate::model::{Pair, Side};

/// Places that are looked at in one pair of schemas: beyond these it is a maze and no contract.
const PLACES: usize = 20_000;

/// What is known of pairs of schemas.
pub(super) struct Annotated<'a> {
    contracts: Pair<&'a Contract>,
    known: HashMap<Key, Rc<Local<'a>>>,
    whole: HashMap<Key, Rc<Vec<Noted>>>,
}

type Key = (Side, Mode, Identity, Identity);

/// What two schemas say by themselves, and which meet below.
struct Local<'a> {
    noted: Vec<Noted>,
    below: Vec<(String, Node<'a>, Node<'a>)>,
}

impl<'a> Annotated<'a> {
    pub(super) fn new(contracts: Pair<&'a Contract>) -> Self {
        Self { contracts, known: HashMap::new(), whole: HashMap::new() }
    }

    /// All that a writer's and a reader's schema say with what they refer to.
    pub(super) fn of(&mut self, writer: Side, mode: Mode, written: &Node<'a>, read: &Node<'a>) -> Rc<Vec<Noted>> {
        let end =
            |side, node: &Node<'a>| self.contracts.get(side).follow(node.clone()).unwrap_or_else(|_| node.clone());
        let (written, read) = (&end(writer, written), &end(writer.other(), read));
        let whole = (writer, mode, written.identity(), read.identity());
        if let Some(known) = self.whole.get(&whole) {
            return Rc::clone(known);
        }
        let mut noted = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting = std::collections::VecDeque::from([("$".to_owned(), written.clone(), read.clone())]);
        while let Some((at, written, read)) = waiting.pop_front() {
            let (Ok(written), Ok(read)) =
                (self.contracts.get(writer).follow(written), self.contracts.get(writer.other()).follow(read))
            else {
                continue;
            };
            let key = (writer, mode, written.identity(), read.identity());
            if seen.len() >= PLACES || !seen.insert(key) {
                continue;
            }
            let local = self.local(key, &written, &read);
            noted.extend(local.noted.iter().map(|noted| Noted { at: at.clone(), ..noted.clone() }));
            waiting.extend(
                local.below.iter().map(|(step, written, read)| (format!("{at}{step}"), written.clone(), read.clone())),
            );
        }
        let noted = Rc::new(noted);
        self.whole.insert(whole, Rc::clone(&noted));
        noted
    }

    fn local(&mut self, key: Key, written: &Node<'a>, read: &Node<'a>) -> Rc<Local<'a>> {
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let (writer, mode) = (key.0, key.1);
        let mut noted: Vec<Noted> = [
            format_changed::check(written, read),
            extensible_enum_changed::check(written, read),
            discriminator_changed::check(written, read),
            if mode == Mode::Request { default_changed::check(written, read) } else { None },
        ]
        .into_iter()
        .flatten()
        .collect();
        for noted in &mut noted {
            noted.writer = self.contracts.get(writer).position(written);
            noted.reader = self.contracts.get(writer.other()).position(read);
        }
        let local = Rc::new(Local { noted, below: below(written, read) });
        self.known.insert(key, Rc::clone(&local));
        local
    }
}

/// The schemas that meet below two.
fn below<'a>(written: &Node<'a>, read: &Node<'a>) -> Vec<(String, Node<'a>, Node<'a>)> {
    let mut below = Vec::new();
    if let (Some(own), Some(others)) = (written.get("properties"), read.get("properties")) {
        for (name, own) in own.members() {
            below.extend(others.get(name).map(|other| (format!(".{name}"), own, other)));
        }
    }
    for (keyword, step) in [("items", "[]"), ("additionalProperties", ".*")] {
        if let (Some(own), Some(other)) = (written.get(keyword), read.get(keyword)) {
            below.push((step.to_owned(), own, other));
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let (Some(own), Some(others)) = (written.get(keyword), read.get(keyword)) {
            let (own, others): (Vec<_>, Vec<_>) = (own.items().collect(), others.items().collect());
            // Branches that came or went: which belong together, nobody knows.
            if own.len() == others.len() {
                below.extend(own.into_iter().zip(others).map(|(own, other)| (String::new(), own, other)));
            }
        }
    }
    below
}
