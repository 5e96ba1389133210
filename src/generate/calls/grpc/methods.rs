//! The methods of a contract in an order in which each finds what it needs.
//!
//! A method gives what another takes where a field of its reply and one of the other's request are of one type and mean one thing:
//! `id` of an `Order` is what requests call `order_id`, or `id` where the method is about orders (`GetOrder`); `name` and the like
//! likewise. Main function: [`methods`].

use std::cmp::Reverse;
use std::fmt;

use prost_reflect::{DescriptorPool, FileDescriptor, MethodDescriptor};

use super::path::Path;

/// What makes things, then what lists them, reads them, changes them, and takes them away. What has none of these words stands in
/// the middle.
const VERBS: [(&str, u8); 30] = [
    ("create", 0),
    ("add", 0),
    ("register", 0),
    ("insert", 0),
    ("new", 0),
    ("make", 0),
    ("place", 0),
    ("submit", 0),
    ("open", 0),
    ("start", 0),
    ("begin", 0),
    ("upload", 0),
    ("import", 0),
    ("put", 0),
    ("signup", 0),
    ("list", 1),
    ("search", 1),
    ("find", 1),
    ("query", 1),
    ("get", 2),
    ("read", 2),
    ("fetch", 2),
    ("lookup", 2),
    ("cancel", 4),
    ("close", 4),
    ("stop", 4),
    ("end", 4),
    ("delete", 5),
    ("remove", 5),
    ("destroy", 5),
];
const LISTS: u8 = 1;
const OTHERS: u8 = 3;
/// How well a value fits a field that says by its name whose it is.
const ITS_OWN: u8 = 3;
/// Names that are told apart only by what they are the name of.
const BARE: [&str; 8] = ["id", "name", "uuid", "uid", "key", "code", "number", "token"];

/// A method, and what it takes of earlier ones.
#[derive(Clone)]
pub struct Method {
    /// The method.
    pub descriptor: MethodDescriptor,
    /// Fields of its request that are filled from a reply.
    pub takes: Vec<Link>,
}

/// A value of a reply that goes into a request.
#[derive(Clone)]
pub struct Link {
    /// The field of the request.
    pub at: Path,
    /// The method, by its place in the order, and the field of its reply.
    pub from: (usize, Path),
}

// What descriptors show of themselves has no end where a message may hold itself.
impl fmt::Debug for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}({:?})", self.descriptor.full_name(), self.takes)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} = {}:{}", self.at, self.from.0, self.from.1)
    }
}

/// The methods of those files' services, what gives before what takes. Health and reflection are no part of it.
pub fn methods(pool: &DescriptorPool, files: impl IntoIterator<Item = FileDescriptor>) -> Vec<Method> {
    let names: Vec<String> = files.into_iter().map(|file| file.name().to_owned()).collect();
    let own = pool.services().filter(|service| {
        let name = service.full_name();
        let is_of_the_field = name.starts_with("grpc.health.v1.") || name.starts_with("grpc.reflection.");
        !is_of_the_field && names.iter().any(|own| own == service.parent_file().name())
    });
    let known: Vec<Known> = own.flat_map(|service| service.methods().collect::<Vec<_>>()).map(Known::of).collect();
    let order = order(&known);
    let mut found: Vec<Method> = Vec::with_capacity(known.len());
    for (place, index) in order.iter().enumerate() {
        let Some(asker) = known.get(*index) else { continue };
        let earlier = order.get(..place).unwrap_or_default();
        let links = asker.takes.iter().filter_map(|at| source(&known, earlier, asker, at)).collect();
        found.push(Method { descriptor: asker.descriptor.clone(), takes: links });
    }
    found
}

/// A method with all that it could give and take.
struct Known {
    descriptor: MethodDescriptor,
    rank: u8,
    /// What it is about: `GetOrder` is about `order`.
    noun: String,
    takes: Vec<Path>,
    gives: Vec<Path>,
}

impl Known {
    fn of(descriptor: MethodDescriptor) -> Self {
        let words = words(descriptor.name());
        let (verb, noun) = words.split_first().map_or(("", &[][..]), |(verb, noun)| (verb.as_str(), noun));
        let rank = VERBS.iter().find(|(known, _)| *known == verb).map_or(OTHERS, |(_, rank)| *rank);
        Self {
            rank,
            noun: noun.iter().take_while(|word| *word != "by").map(String::as_str).collect(),
            takes: Path::all(&descriptor.input()).into_iter().filter(|path| !path.is_of_many()).collect(),
            gives: Path::all(&descriptor.output()),
            descriptor,
        }
    }
}

/// The first of what is left that needs nothing of what is left; where all of it does, the first that makes rather than needs.
fn order(known: &[Known]) -> Vec<usize> {
    let needs: Vec<Vec<usize>> = known.iter().enumerate().map(|(index, asker)| needs(known, index, asker)).collect();
    let mut left: Vec<usize> = (0..known.len()).collect();
    left.sort_by_key(|index| known.get(*index).map(|method| method.rank));
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_free = |index: &usize| needs.get(*index).is_none_or(|all| !all.iter().any(|one| left.contains(one)));
        let next = left.iter().position(is_free).unwrap_or_default();
        order.push(left.remove(next));
    }
    order
}

/// Which methods should go first. One that takes things away gives nothing to those that read them; a list of users comes before
/// what is made for one of them.
fn needs(known: &[Known], index: usize, asker: &Known) -> Vec<usize> {
    let goes_first = |(other, giver): &(usize, &Known)| {
        let fits =
            || asker.takes.iter().flat_map(|at| giver.gives.iter().map(|from| fit(asker, at, giver, from))).max();
        *other != index
            && match giver.rank {
                rank if rank <= asker.rank => fits() > Some(0),
                rank => rank == LISTS && fits() == Some(ITS_OWN),
            }
    };
    known.iter().enumerate().filter(goes_first).map(|(other, _)| other).collect()
}

/// How well a value fits; how early its method stands by its verb; how near to the top it is.
type Rank = (u8, Reverse<u8>, Reverse<usize>);

/// Where a field's value comes from: by the best fit, from what makes things if that gives it, as near to the top as can be.
fn source(known: &[Known], earlier: &[usize], asker: &Known, at: &Path) -> Option<Link> {
    let mut best: Option<(Rank, Link)> = None;
    for (place, index) in earlier.iter().enumerate() {
        let Some(giver) = known.get(*index) else { continue };
        for from in &giver.gives {
            let fit = fit(asker, at, giver, from);
            let rank = (fit, Reverse(giver.rank), Reverse(from.depth()));
            if fit > 0 && best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, Link { at: at.clone(), from: (place, from.clone()) }));
            }
        }
    }
    best.map(|(_, link)| link)
}

/// How well a value fits; 0 where it doesn't.
fn fit(asker: &Known, at: &Path, giver: &Known, from: &Path) -> u8 {
    let (Some(wanted), Some(offered)) = (at.last(), from.last()) else { return 0 };
    if wanted.kind() != offered.kind() {
        return 0;
    }
    let (wanted_name, name) = (wanted.name(), offered.name());
    // Whose it is: `Order` of `Order.id`, `CreateOrderReply` of `CreateOrderReply.id`, where what it is about tells it.
    let message = words(offered.parent_message().name()).concat();
    let owner =
        if from.depth() == 1 && message != giver.noun && is_envelope(&message) { giver.noun.clone() } else { message };
    if BARE.contains(&name) {
        // `product` of a request is the id of a Product.
        if matches!(name, "id" | "uuid" | "uid" | "key") && !owner.is_empty() && wanted_name.replace('_', "") == owner {
            return ITS_OWN;
        }
        let prefix =
            wanted_name.strip_suffix(name).and_then(|rest| rest.strip_suffix('_')).map(|rest| rest.replace('_', ""));
        if let Some(prefix) = prefix {
            return if prefix == owner { ITS_OWN } else { 0 };
        }
        let about = words(wanted.parent_message().name()).concat();
        let is_about = asker.noun == owner || about == owner || asker.noun == format!("{owner}s");
        // What makes a thing names it itself.
        return if wanted_name == name && is_about && !owner.is_empty() && asker.rank > giver.rank { 2 } else { 0 };
    }
    let names_something = BARE.iter().any(|bare| name.ends_with(&format!("_{bare}")));
    if wanted_name == name && names_something { 2 } else { 0 }
}

/// Whether a message is there for one method alone.
fn is_envelope(message: &str) -> bool {
    ["reply", "response", "result", "answer"].iter().any(|end| message.ends_with(end))
}

/// `GetOrderByID` as `get`, `order`, `by`, `id`.
fn words(name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut was_upper = true;
    for c in name.chars() {
        if c == '_' {
            was_upper = false;
            continue;
        }
        let begins = c.is_uppercase() && !was_upper;
        match found.last_mut() {
            Some(word) if !begins => word.extend(c.to_lowercase()),
            _ => found.push(c.to_lowercase().collect()),
        }
        was_upper = c.is_uppercase();
    }
    found
}
