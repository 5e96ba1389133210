//! What a pair serves where nothing is changed: its operations, every place of their replies, and which of these are noise.
//! The main type is [`Survey`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bench::Bench;
use super::change::{Change, Kind};
use super::json::{self, Node};
use super::place::{Place, Step};
use super::reply::Reply;
use super::route::Route;
use super::shape::Shape;
use super::witness::{Noise, Witness, step};
use crate::steps::Failure;

/// Everything that can be changed in a pair.
#[derive(Debug, Default)]
pub struct Survey {
    /// Its operations.
    pub routes: Vec<Route>,
    /// Under which names findings may speak of each.
    pub names: BTreeMap<Route, BTreeSet<String>>,
    /// Where the values lead that each gives out.
    pub reaches: BTreeMap<Route, BTreeSet<Route>>,
    /// What can be changed.
    pub candidates: Vec<Candidate>,
    /// Changes that make no difference by definition, by why: they are not made.
    pub equal: BTreeMap<&'static str, usize>,
    /// Leaves of all replies, and those of them that are noise.
    pub leaves: (u64, u64),
    /// The share that straddle says it compares.
    pub compared: Option<f64>,
}

/// A change that could be made.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What.
    pub change: Change,
    /// Of the changes of this kind to this place the so-and-so-manieth.
    pub variant: usize,
    /// The place is noise.
    pub masked: bool,
    /// A later call uses what stands there.
    pub used: bool,
}

/// One call in all clean runs.
struct Seen {
    route: Route,
    used: Vec<String>,
    /// Operations whose values it carries.
    from: BTreeSet<Route>,
    is_asset: bool,
    recorded: Option<(Reply, Vec<String>)>,
    live: Vec<(Reply, usize)>,
}

/// So many clean runs are held against each other: two, so that clocks move on.
const CLEAN_RUNS: usize = 2;
/// As many ways of the same kind of change to a place are tried.
const VARIANTS: u64 = 4;

/// Headers that say nothing of the reply: how it travels, and who sends it.
const OF_TRANSPORT: [&str; 12] = [
    "date",
    "server",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "trailer",
    "upgrade",
    "via",
    "age",
    "alt-svc",
];
/// Headers that name or measure this one answer.
const OF_ONE_ANSWER: [&str; 6] =
    ["x-request-id", "x-correlation-id", "x-runtime", "x-response-time", "server-timing", "traceparent"];

impl Survey {
    /// Runs the pair unchanged, and looks at all that it serves.
    pub fn of(bench: &Bench) -> Result<Self, Failure> {
        let mut calls = Vec::new();
        for recording in &bench.recordings {
            calls.extend(recorded(&bench.imported(recording)?)?);
        }
        let (mut names, mut survey) = (Vec::new(), Self::default());
        for _ in 0..CLEAN_RUNS {
            let (report, captures) = bench.clean()?;
            if let Some(found) = report["findings"].as_array().and_then(|findings| findings.first()) {
                let shown = format!("{} {} {}", found["rule"], found["subject"], found["at"]);
                return Err(format!("it is not silent against itself: {shown}").into());
            }
            let replay = report["checks"].as_array().into_iter().flatten().find(|check| check["name"] == "replay");
            survey.compared = replay.and_then(|check| check["compared"].as_f64());
            survey.known(&report, &calls);
            let before = names.len();
            for capture in &captures {
                heard(capture, &mut calls, &mut names)?;
            }
            if names.len() < before + 2 {
                return Err(
                    format!("{} calls were recorded, and no two instances answered all of them", calls.len()).into()
                );
            }
        }
        for (seen, _) in &calls {
            for route in &seen.from {
                survey.reaches.entry(route.clone()).or_default().insert(seen.route.clone());
            }
        }
        survey.look(&calls, &names);
        Ok(survey)
    }

    /// The operations of the calls, each with the names by which the report may call it.
    fn known(&mut self, report: &Value, calls: &[(Seen, String)]) {
        let rows = report["matrix"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (seen, plain) in calls {
            let names = self.names.entry(seen.route.clone()).or_default();
            let own = seen.route.to_string();
            names.extend(
                rows.iter()
                    .filter_map(|row| row["subject"].as_str())
                    .filter(|name| *name == own || name == plain)
                    .map(str::to_owned),
            );
        }
        self.routes = self.names.keys().cloned().collect();
    }

    /// All operations that values of this one reach, one way or another, by all their names.
    pub fn reached(&self, route: &Route) -> BTreeSet<&str> {
        let (mut routes, mut waiting) = (BTreeSet::new(), vec![route]);
        while let Some(route) = waiting.pop() {
            waiting.extend(self.reaches.get(route).into_iter().flatten().filter(|next| routes.insert(*next)));
        }
        routes.iter().flat_map(|route| &self.names[*route]).map(String::as_str).collect()
    }

    fn look(&mut self, calls: &[(Seen, String)], names: &[Vec<String>]) {
        let mut noise = BTreeMap::<(Route, bool), Noise>::new();
        for (seen, _) in calls {
            let Some((first, own)) = seen.live.first() else { continue };
            let noise = noise.entry((seen.route.clone(), first.fails())).or_default();
            let first = Witness { reply: first, names: &names[*own], live: true };
            for (other, index) in &seen.live[1..] {
                noise.learn(first, Witness { reply: other, names: &names[*index], live: true });
            }
            if let Some((recorded, names)) = &seen.recorded {
                noise.learn(first, Witness { reply: recorded, names, live: false });
            }
        }
        let used = |route: &Route, place: &Place| {
            calls.iter().any(|(seen, _)| seen.route == *route && seen.used.iter().any(|used| place.touches(used)))
        };
        let mut known = BTreeMap::<(Route, bool, Place, Kind), BTreeSet<Vec<u8>>>::new();
        for (seen, _) in calls {
            let Some((reply, _)) = seen.live.first() else { continue };
            if seen.is_asset {
                *self.equal.entry("parts of pages, which another check looks at").or_default() += 1;
                continue;
            }
            let noise = &noise[&(seen.route.clone(), reply.fails())];
            self.count(reply, noise);
            for (place, kind) in places(reply, noise, &seen.used) {
                let key = (seen.route.clone(), reply.fails(), place.clone(), kind);
                let is_new = !known.contains_key(&key);
                let made = known.entry(key).or_default();
                if let Some(why) = equal(&place, kind, reply.fails()) {
                    *self.equal.entry(why).or_default() += usize::from(is_new);
                    continue;
                }
                for salt in 0..VARIANTS {
                    let one_row = salt % 2 == 1 && rows(&place);
                    let change = Change {
                        route: seen.route.clone(),
                        fails: reply.fails(),
                        place: place.clone(),
                        kind,
                        salt,
                        one_row,
                    };
                    let mut changed = reply.clone();
                    if made.len() >= 3 || !change.apply(&mut changed) {
                        continue;
                    }
                    let result = format!("{} {:?}\n", changed.status, changed.headers).into_bytes();
                    if !made.insert([result, changed.body].concat()) {
                        continue;
                    }
                    self.candidates.push(Candidate {
                        variant: made.len(),
                        masked: noise.covers(&place, kind == Kind::Order),
                        used: used(&seen.route, &place),
                        change,
                    });
                }
            }
        }
    }

    /// Adds the leaves of one reply.
    fn count(&mut self, reply: &Reply, noise: &Noise) {
        let Some(root) = reply.text().and_then(Node::parse).filter(|_| reply.is_json()) else {
            self.leaves.0 += 1;
            self.leaves.1 += u64::from(noise.places.contains(&Place::Body(Vec::new())));
            return;
        };
        walk(&root, &mut Vec::new(), &mut |node, path| {
            if node.children.is_empty() {
                self.leaves.0 += 1;
                self.leaves.1 += u64::from(noise.covers(&Place::Body(path.to_vec()), false));
            }
        });
    }
}

/// The calls of an imported recording, each with its plain name.
fn recorded(lines: &str) -> Result<Vec<(Seen, String)>, Failure> {
    let mut calls = Vec::new();
    let mut routes = BTreeMap::<u64, Route>::new();
    for line in lines.lines().skip(1) {
        let line: Value = serde_json::from_str(line)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (method, target) = (text(&line["call"]["method"]), text(&line["call"]["target"]));
        let bound: BTreeSet<String> = list(&line["bindings"]).iter().map(|binding| text(&binding["at"])).collect();
        let headers = list(&line["call"]["headers"]);
        let header = |name: &str| {
            headers.iter().find(|pair| text(&pair[0]).eq_ignore_ascii_case(name)).map(|pair| text(&pair[1]))
        };
        let recorded = Reply::from_json(&line["reply"]).filter(|_| line["reply"]["body"]["base64"].is_null());
        let media = recorded.as_ref().map(Reply::media).unwrap_or_default();
        let dest = header("sec-fetch-dest");
        let route = Route::of(&method, &target, |segment| bound.contains(&format!("path {segment}")));
        let from = list(&line["bindings"]).iter().flat_map(|binding| list(&binding["from"])).collect::<Vec<_>>();
        let from = from.iter().filter_map(|producer| routes.get(&producer["exchange"].as_u64()?).cloned()).collect();
        routes.insert(line["index"].as_u64().unwrap_or_default(), route.clone());
        let seen = Seen {
            route,
            from,
            used: list(&line["used"]).iter().map(text).collect(),
            is_asset: dest
                .map_or_else(|| is_part_of_a_page(&media), |dest| !matches!(dest.as_str(), "document" | "empty")),
            recorded: recorded.map(|reply| (reply, header("host").into_iter().collect())),
            live: Vec::new(),
        };
        calls.push((seen, Route::of(&method, &target, |_| false).to_string()));
    }
    Ok(calls)
}

fn is_part_of_a_page(media: &str) -> bool {
    ["font/", "image/", "audio/", "video/", "text/css"].iter().any(|kind| media.starts_with(kind))
        || media.ends_with("javascript")
        || media.ends_with("wasm")
}

/// What one instance answered: its names, and a reply to each call in the order of the recording.
fn heard(capture: &str, calls: &mut [(Seen, String)], names: &mut Vec<Vec<String>>) -> Result<(), Failure> {
    let mut lines = capture.lines();
    let head: Value = serde_json::from_str(lines.next().unwrap_or_default())?;
    let mut own = vec![format!("127.0.0.1:{}", head["port"])];
    own.extend(head["names"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    // The longest first: one folder lies in another.
    own.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let lines: Vec<&str> = lines.collect();
    if lines.len() != calls.len() {
        // A run that tried something again, which came to nothing: only some sessions were sent.
        return Ok(());
    }
    names.push(own);
    for (line, (seen, _)) in lines.iter().zip(calls) {
        let line: Value = serde_json::from_str(line)?;
        let (method, target) =
            (line["method"].as_str().unwrap_or_default(), line["target"].as_str().unwrap_or_default());
        if seen.route.fits(method, target).is_none() {
            return Err(format!("{} was recorded, and {method} {target} was asked", seen.route).into());
        }
        seen.live.extend(Reply::from_json(&line["reply"]).map(|reply| (reply, names.len() - 1)));
    }
    Ok(())
}

/// Why a change makes no difference, by the definitions that the README and the rules give.
fn equal(place: &Place, kind: Kind, fails: bool) -> Option<&'static str> {
    match (place, kind) {
        (Place::Header(name), _) if OF_TRANSPORT.contains(&name.as_str()) => {
            Some("headers of the transport (Date, Server, Connection …)")
        }
        (Place::Header(name), _) if OF_ONE_ANSWER.contains(&name.as_str()) => {
            Some("headers that name or measure one answer (X-Request-Id, Server-Timing …)")
        }
        (Place::Header(name), Kind::Value | Kind::Format) if name == "etag" => Some("values of entity tags"),
        (Place::Body(_), Kind::Value | Kind::Format | Kind::Order | Kind::RowLost) if fails => {
            Some("values and rows in the body of an error, of which the structure is compared")
        }
        _ => None,
    }
}

fn rows(place: &Place) -> bool {
    matches!(place, Place::Body(steps) if steps.iter().any(|step| !matches!(step, Step::Field(_))))
}

/// Every place of a reply with every kind of change that there is for it.
fn places(reply: &Reply, noise: &Noise, used: &[String]) -> BTreeSet<(Place, Kind)> {
    let mut all = BTreeSet::from([(Place::Status, Kind::Status)]);
    let mut seen = BTreeSet::new();
    for (name, value) in &reply.headers {
        let name = name.to_ascii_lowercase();
        if name == "set-cookie" {
            let mut parts = value.split(';').map(|part| part.split('=').next().unwrap_or_default().trim());
            let cookie = parts.next().unwrap_or_default().to_owned();
            all.insert((Place::Cookie(cookie.clone(), None), Kind::HeaderDropped));
            all.extend(
                parts.map(|part| (Place::Cookie(cookie.clone(), Some(part.to_ascii_lowercase())), Kind::HeaderDropped)),
            );
        } else if seen.insert(name.clone()) {
            let place = Place::Header(name.clone());
            if name == "content-type" {
                all.insert((place, Kind::ContentType));
                continue;
            }
            if is_formatted(value, noise.places.contains(&place)) {
                all.insert((place.clone(), Kind::Format));
            }
            all.insert((place.clone(), Kind::Value));
            all.insert((place, Kind::HeaderDropped));
        }
    }
    if let Some(root) = reply.text().and_then(Node::parse).filter(|_| reply.is_json()) {
        walk(&root, &mut Vec::new(), &mut |node, path| all.extend(of_part(node, path, noise)));
    } else if !reply.body.is_empty() {
        all.extend([Kind::Value, Kind::Emptied, Kind::RowLost].map(|kind| (Place::Body(Vec::new()), kind)));
        for place in used {
            if let Some(name) = place.strip_prefix("$.forms.") {
                all.extend([Kind::Dropped, Kind::Renamed].map(|kind| (Place::Form(name.to_owned()), kind)));
            } else if let Some(target) = place.strip_prefix("link ") {
                all.insert((Place::Link(target.to_owned()), Kind::Dropped));
            }
        }
    }
    all
}

fn of_part(node: &Node<'_>, path: &[Step], noise: &Noise) -> Vec<(Place, Kind)> {
    let place = Place::Body(path.to_vec());
    let mut kinds = vec![Kind::Type, Kind::Null];
    if matches!(path.last(), Some(Step::Field(_))) {
        kinds.extend([Kind::Dropped, Kind::Renamed]);
    }
    match node.kind {
        json::Kind::List => kinds.extend([Kind::Emptied, Kind::RowLost, Kind::Order]),
        json::Kind::Text => kinds.extend([Kind::Emptied, Kind::Value]),
        json::Kind::Number | json::Kind::Bool => kinds.push(Kind::Value),
        json::Kind::Null | json::Kind::Fields => {}
    }
    let text = node.text().unwrap_or_else(|| node.raw.to_owned());
    if is_formatted(&text, noise.places.contains(&place)) {
        kinds.push(Kind::Format);
    }
    kinds.into_iter().map(|kind| (place.clone(), kind)).collect()
}

/// Whether a reader may rely on how this is written.
fn is_formatted(text: &str, noisy: bool) -> bool {
    match Shape::of(text) {
        Shape::Other => false,
        Shape::Token | Shape::Epoch => noisy,
        _ => true,
    }
}

/// Every part of a tree, with its general path.
fn walk(node: &Node<'_>, path: &mut Vec<Step>, see: &mut dyn FnMut(&Node<'_>, &[Step])) {
    see(node, path);
    let names = node.names();
    for (index, child) in node.children.iter().enumerate() {
        path.push(names.get(index).map_or(Step::Each, |name| step(name)));
        walk(child, path, see);
        path.pop();
    }
}
