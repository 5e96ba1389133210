//! Which places are noise: replies of several clean instances, and the recorded one, held against each other. It knows nothing
//! of what straddle takes for noise. The main type is [`Noise`].

use std::collections::BTreeSet;

use super::json::{Kind, Node};
use super::place::{Place, Step};
use super::reply::Reply;
use super::shape;

/// What was seen to differ where nothing was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noise {
    /// Places of which the value, or the number of rows, differs.
    pub places: BTreeSet<Place>,
    /// Lists whose rows change places.
    pub orders: BTreeSet<Place>,
}

/// A reply under the names of its instance.
#[derive(Debug, Clone, Copy)]
pub struct Witness<'r> {
    /// The reply.
    pub reply: &'r Reply,
    /// The host and folders of the instance that gave it.
    pub names: &'r [String],
    /// It was given today; a recorded reply says nothing of what it doesn't have.
    pub live: bool,
}

impl Witness<'_> {
    fn folded(&self, text: &str) -> String {
        self.names
            .iter()
            .enumerate()
            .fold(text.to_owned(), |text, (index, name)| text.replace(name.as_str(), &format!("«{index}»")))
    }
}

/// Fields that tell rows apart.
const KEYS: [&str; 8] = ["id", "uuid", "key", "slug", "sku", "code", "name", "title"];

impl Noise {
    /// Whether a change there is inside a mask.
    pub fn covers(&self, place: &Place, of_order: bool) -> bool {
        if of_order && self.orders.contains(place) {
            return true;
        }
        let Place::Body(steps) = place else { return self.places.contains(place) };
        (0..=steps.len()).any(|len| self.places.contains(&Place::Body(steps[..len].to_vec())))
    }

    /// Learns from two replies to the same call.
    pub fn learn(&mut self, one: Witness<'_>, other: Witness<'_>) {
        let live = one.live && other.live;
        for (name, _) in &one.reply.headers {
            let name = name.to_ascii_lowercase();
            let value = |of: &Witness<'_>| of.reply.header(&name).map(|value| of.folded(value));
            let (own, theirs) = (value(&one), value(&other));
            if own != theirs && (live || theirs.is_some()) {
                self.places.insert(Place::Header(name));
            }
        }
        let tree = |of: &Witness<'_>| of.reply.is_json().then(|| of.reply.text().map(|text| of.folded(text))).flatten();
        if let (Some(own), Some(theirs)) = (tree(&one), tree(&other))
            && let (Some(own), Some(theirs)) = (Node::parse(&own), Node::parse(&theirs))
        {
            self.part(&own, &theirs, &mut Vec::new(), live);
            return;
        }
        let text = |of: &Witness<'_>| of.folded(&String::from_utf8_lossy(&of.reply.body));
        if text(&one) != text(&other) && (live || !other.reply.body.is_empty()) {
            self.places.insert(Place::Body(Vec::new()));
        }
    }

    fn part(&mut self, own: &Node<'_>, theirs: &Node<'_>, path: &mut Vec<Step>, live: bool) {
        let here = |path: &[Step]| Place::Body(path.to_vec());
        match (own.kind, theirs.kind) {
            (Kind::Fields, Kind::Fields) => {
                let (names, others) = (own.names(), theirs.names());
                for (name, child) in names.iter().zip(&own.children) {
                    path.push(step(name));
                    match others.iter().position(|other| other == name) {
                        Some(at) => self.part(child, &theirs.children[at], path, live),
                        None if live => drop(self.places.insert(here(path))),
                        None => {}
                    }
                    path.pop();
                }
            }
            (Kind::List, Kind::List) => {
                if own.children.len() != theirs.children.len() && live {
                    self.places.insert(here(path));
                }
                let pairs = aligned(own, theirs);
                if live && pairs.windows(2).any(|two| two[0].1 > two[1].1) {
                    self.orders.insert(here(path));
                }
                path.push(Step::Each);
                for (left, right) in pairs {
                    self.part(&own.children[left], &theirs.children[right], path, live);
                }
                path.pop();
            }
            (own_kind, kind) => {
                if own.raw != theirs.raw && (live || own_kind == kind) {
                    self.places.insert(here(path));
                }
            }
        }
    }
}

/// The step that leads to a field.
pub fn step(name: &str) -> Step {
    if shape::is_generated(name) { Step::Generated } else { Step::Field(name.to_owned()) }
}

/// Which row is which: by what it says, by a field that tells rows apart, else by its place.
fn aligned(own: &Node<'_>, theirs: &Node<'_>) -> Vec<(usize, usize)> {
    let field = |row: &Node<'_>, key: &str| -> Option<String> {
        let at = row.names().iter().position(|name| name == key)?;
        Some(row.children[at].raw.to_owned())
    };
    let by = |mark: &dyn Fn(&Node<'_>) -> Option<String>| -> Option<Vec<(usize, usize)>> {
        let marks: Option<Vec<String>> = own.children.iter().map(mark).collect();
        let mut others: Vec<Option<String>> = theirs.children.iter().map(mark).collect();
        let mut pairs = Vec::new();
        for (left, mark) in marks?.into_iter().enumerate() {
            let right = others.iter().position(|other| other.as_ref() == Some(&mark))?;
            others[right] = None;
            pairs.push((left, right));
        }
        Some(pairs)
    };
    by(&|row| Some(row.raw.to_owned()))
        .or_else(|| KEYS.iter().find_map(|key| by(&|row| field(row, key))))
        .unwrap_or_else(|| (0..own.children.len().min(theirs.children.len())).map(|at| (at, at)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, live: bool, places: &[&str], orders: &[&str]) {
        let reply = |body: &str| Reply {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let (one, other) = (reply(one), reply(other));
        let mut noise = Noise::default();
        let names = ["127.0.0.1:1".to_owned()];
        noise.learn(
            Witness { reply: &one, names: &names, live: true },
            Witness { reply: &other, names: &["shop.test".to_owned()], live },
        );
        let shown = |places: &BTreeSet<Place>| places.iter().map(Place::to_string).collect::<Vec<_>>();
        assert_eq!((shown(&noise.places), shown(&noise.orders)), (owned(places), owned(orders)));
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_differs_is_noise_where_it_differs() {
        check(r#"{"a":1,"b":[{"id":1,"t":5}]}"#, r#"{"a":1,"b":[{"id":1,"t":6}]}"#, true, &["$.b[].t"], &[]);
        check(r#"{"a":1}"#, "{}", true, &["$.a"], &[]);
        check(r#"{"a":1}"#, "{}", false, &[], &[]);
        check("[1,2]", "[1]", true, &["$"], &[]);
        check(r#"{"u":"http://127.0.0.1:1/a"}"#, r#"{"u":"http://shop.test/a"}"#, true, &[], &[]);
    }

    #[test]
    fn rows_that_change_places_are_noise_of_order_alone() {
        check(r#"[{"id":1,"a":1},{"id":2,"a":1}]"#, r#"[{"id":2,"a":1},{"id":1,"a":1}]"#, true, &[], &["$"]);
        check(r#"[{"id":1,"a":1},{"id":2,"a":1}]"#, r#"[{"id":2,"a":1},{"id":1,"a":3}]"#, true, &["$[].a"], &["$"]);
    }
}
