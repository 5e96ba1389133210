//! One session in all its cells: one jar and one table of bindings for each.

use std::collections::{HashMap, HashSet};

use super::jar::{self, Cookies, Jar};
use super::lanes::{Lane, Lanes};
use super::redacted;
use super::rewrite::{Hosts, recorded_names};
use crate::model::{
    Answer, At, Binding, Body, Call, Content, Exchange, Fold, HttpVersion, Observation, Place, Reply, Sent,
    Step as PathStep,
};
use crate::traffic::{bindings, redaction};
use crate::wire::grpc::{self, Reading};
use crate::wire::{self, Asked, encode, encoding};

/// What a session has come to, in each cell.
#[derive(Debug, Clone)]
pub struct Session {
    cells: Vec<Cell>,
    /// For each lane the cell whose values it sends.
    cell_of: Vec<usize>,
    /// The host that the last call was recorded with.
    host: String,
    /// Names of recorded things, for recorded replies.
    recorded_fold: Fold,
    /// What the client has sent so far.
    sent: Sent,
}

/// A session in one cell.
#[derive(Debug, Clone)]
struct Cell {
    jar: Jar,
    given: HashMap<(u64, Place), Given>,
    /// Recorded values for which this cell has one of its own.
    held: HashSet<String>,
    /// What its replies gave for what redaction took out.
    secrets: redacted::Given,
    fold: Fold,
    /// Nobody stands there any more.
    gone: bool,
}

/// What this cell's reply gave at a place that later calls use.
#[derive(Debug, Clone, Default)]
struct Given {
    /// The values that stand there now, the first being the one that is taken.
    live: Vec<String>,
    /// The reply holds the recorded value, there or anywhere else.
    holds_recorded: bool,
}

/// One exchange, done.
#[derive(Debug)]
pub struct Step {
    /// What each lane gave, in the order of the lanes.
    pub observations: Vec<Observation>,
    /// What the recorded call carries, decoded, where it carries something.
    pub carried: Option<Content>,
    /// The recorded reply, decoded.
    pub recorded: Option<Answer>,
    /// Segments of the call's path that are bound to values which the control made anew.
    pub made_anew: Vec<usize>,
    /// For each lane the places of the reply whose values later calls use, and that no earlier reply of this session has
    /// given to that lane already.
    pub needed: Vec<Vec<Place>>,
    /// It was recorded by HTTP/2, which the control's build doesn't speak: all were sent HTTP/1.1.
    pub downgraded: bool,
}

/// Why a call is not sent.
pub(super) enum Unsent {
    /// The build can't be put back after it.
    Unsafe,
    /// Nobody stands there any more.
    Gone,
    /// The same instance has had it already.
    Shared,
    /// A value that an exchange should have given is missing.
    Blocked { by: u64, at: String },
    /// Secrets that nobody gave.
    Secrets(Vec<String>),
}

impl From<Unsent> for Observation {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Unsafe => Self::NotSent("an unsafe method, and the build can't be put back".to_owned()),
            Unsent::Gone => Self::NotSent("nobody stands there any more".to_owned()),
            Unsent::Shared => Self::NotSent("an unsafe method, which the same instance has had already".to_owned()),
            Unsent::Blocked { by, at } => Self::Blocked { by, at },
            Unsent::Secrets(keys) => {
                Self::NotSent(format!("no reply gave the secret {}, and no `[secrets]` does", keys.join(", ")))
            }
        }
    }
}

/// What is sent at a bound place.
enum Choice {
    Recorded,
    Live(String),
    Blocked { by: u64, at: String },
}

impl Session {
    /// A session that has not begun.
    pub fn new(lanes: &Lanes) -> Self {
        let cell = |lane: &Lane| Cell {
            jar: Jar::default(),
            given: HashMap::new(),
            held: HashSet::new(),
            secrets: redacted::Given::default(),
            fold: Fold::new(lane.identity.iter().cloned()),
            gone: false,
        };
        let cell_of = (0..lanes.lanes.len()).map(|lane| lanes.cell_of(lane)).collect();
        Self {
            cells: lanes.lanes.iter().map(cell).collect(),
            cell_of,
            host: String::new(),
            recorded_fold: Fold::default(),
            sent: Sent::default(),
        }
    }

    /// Sends that lane nothing any more.
    pub fn leave(&mut self, lane: usize) {
        let cell = self.cell_of[lane];
        self.cells[cell].gone = true;
    }

    /// Goes on with these lanes, which have as many cells: an instance may stand elsewhere now, and have other names.
    pub fn moved(&mut self, lanes: &Lanes) {
        for (cell, lane) in self.cells.iter_mut().zip(&lanes.lanes) {
            for (needle, name) in &lane.identity {
                cell.fold.insert(needle.clone(), name.clone());
            }
        }
    }

    /// The names of a lane's things.
    pub fn fold(&self, lane: usize) -> &Fold {
        &self.cells[self.cell_of[lane]].fold
    }

    /// The names of recorded things.
    pub fn recorded_fold(&self) -> &Fold {
        &self.recorded_fold
    }

    /// What the client has sent so far, the last call included.
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// Sends one exchange's call to every lane at once, each with that lane's own values, and takes in the replies.
    pub async fn step(&mut self, lanes: &Lanes, exchange: &Exchange) -> Step {
        let host = exchange.call.metadata.get("host").unwrap_or_default().to_owned();
        if self.host != host {
            for (needle, name) in recorded_names(&host) {
                self.recorded_fold.insert(needle, name);
            }
            self.host.clone_from(&host);
        }
        let own = lanes.lanes.first().and_then(Lane::own);
        let carried = self.note_sent(exchange, own.as_ref());
        let mut made_anew = Vec::new();
        let is_redacted = !redaction::missing(&exchange.call).is_empty();
        let hosts = Hosts::recorded(&host);
        let calls = (0..lanes.lanes.len())
            .map(|lane| {
                let ready = self.prepare(lanes, lane, exchange, &mut made_anew);
                ready.and_then(|mut call| {
                    if is_redacted {
                        let given = &self.cells[self.cell_of[lane]].secrets;
                        given.fill(&mut call, &lanes.secrets).map_err(Unsent::Secrets)?;
                    }
                    let host = lanes.lanes[lane].host(&call);
                    hosts.rewrite(&mut call, &host);
                    put_encodings_on(&mut call);
                    Ok(call)
                })
            })
            .collect();
        let version = lanes.version(&exchange.call, &exchange.via).await;
        let observations = lanes.send(exchange, calls, version).await;
        if !exchange.call.is_safe() && !lanes.settle.is_zero() {
            tokio::time::sleep(lanes.settle).await;
        }
        let control = observations.first().and_then(Observation::answer);
        let asked = Asked::by(&exchange.call, own.as_ref());
        let recorded = exchange.reply.as_ref().map(|reply| decode_recorded(reply, control, &asked));
        let needed = self.take(exchange, recorded.as_ref(), &observations);
        if exchange.last {
            lanes.let_go(exchange.session);
        }
        let downgraded = exchange.via.http == HttpVersion::Http2 && version != HttpVersion::Http2;
        Step { observations, carried, recorded, made_anew, needed, downgraded }
    }

    /// The call as this lane's client would make it.
    fn prepare(
        &self,
        lanes: &Lanes,
        lane: usize,
        exchange: &Exchange,
        made_anew: &mut Vec<usize>,
    ) -> Result<Call, Unsent> {
        if self.cells[self.cell_of[lane]].gone {
            return Err(Unsent::Gone);
        }
        // All cells take the same calls: where one may not take it, none does.
        if !exchange.call.is_safe() && !lanes.lanes.iter().all(|lane| lane.writes) {
            return Err(Unsent::Unsafe);
        }
        if !exchange.call.is_safe() && lanes.lanes[lane].shares.is_some() {
            return Err(Unsent::Shared);
        }
        let lane = lanes.cell_of(lane);
        let mut call = exchange.call.clone();
        self.cookies(lane, &mut call)?;
        for binding in &exchange.bindings {
            if matches!(&binding.at.at, At::Cookie(name) if self.cells[lane].jar.has(name)) {
                continue;
            }
            match self.choose(lanes, lane, binding) {
                Choice::Recorded => {}
                Choice::Live(live) => {
                    if lane == 0
                        && let Place { at: At::Segment(index), within } = &binding.at
                        && within.is_empty()
                        && live != binding.value
                    {
                        made_anew.push(*index);
                    }
                    let by = lanes.lanes[lane].reading.as_ref().filter(|_| call.procedure().is_some());
                    match (&binding.at.at, by) {
                        // Only descriptors say where in a message a value stands.
                        (At::Body(path), Some(by)) => grpc::put(&mut call, &by.reader, path, &live),
                        _ => bindings::inject(&mut call, &binding.at, &binding.value, &live),
                    }
                }
                Choice::Blocked { by, at } => return Err(Unsent::Blocked { by, at }),
            }
        }
        Ok(call)
    }

    fn cookies(&self, lane: usize, call: &mut Call) -> Result<(), Unsent> {
        // HTTP/2 clients send each cookie in a header of its own.
        let header = call.metadata.all("cookie").collect::<Vec<_>>().join("; ");
        if header.is_empty() {
            return Ok(());
        }
        match self.cells[lane].jar.answer(&header) {
            Cookies::AsRecorded => {}
            Cookies::Send(Some(cookies)) => jar::spread(&mut call.metadata, &cookies),
            Cookies::Send(None) => call.metadata.retain(|name, _| !name.eq_ignore_ascii_case("cookie")),
            Cookies::Missing { name, by } => {
                // Where the control has none either, the clients do without it.
                if lane != 0 && self.cells[0].jar.has(&name) {
                    return Err(Unsent::Blocked { by, at: format!("cookie {name}") });
                }
            }
        }
        Ok(())
    }

    /// Which value this lane sends at a bound place.
    fn choose(&self, lanes: &Lanes, lane: usize, binding: &Binding) -> Choice {
        let given = |lane: usize| {
            binding
                .from
                .iter()
                .filter_map(move |from| Some((from, self.cells[lane].given.get(&(from.exchange, from.at.clone()))?)))
        };
        if lanes.force_bindings {
            // In a list without an order of its own the same index is another thing in each cell: no place to force.
            let mut fit =
                given(lane).filter(|(from, given)| !(given.holds_recorded && bindings::is_positional(&from.at)));
            let live = fit.find_map(|(_, given)| given.live.first());
            return live.map_or(Choice::Recorded, |live| Choice::Live(live.clone()));
        }
        let constant = given(0).any(|(_, given)| given.live.contains(&binding.value));
        if (constant && !lanes.own_values) || given(lane).any(|(_, given)| given.holds_recorded) {
            return Choice::Recorded;
        }
        // Of several that would do, all cells take the same one where they can: lists have an order of their own in each.
        let first = given(0).find_map(|(_, given)| given.live.first());
        let shared = first.filter(|first| given(lane).any(|(_, given)| given.live.contains(first)));
        if let Some(live) = shared.or_else(|| given(lane).find_map(|(_, given)| given.live.first())) {
            return Choice::Live(live.clone());
        }
        match given(0).find(|(_, given)| !given.live.is_empty()) {
            Some((from, _)) if lane != 0 && !constant => Choice::Blocked { by: from.exchange, at: from.at.to_string() },
            _ => Choice::Recorded,
        }
    }

    /// Takes in the replies of one exchange. Gives what each lane needs of them.
    fn take(
        &mut self,
        exchange: &Exchange,
        recorded: Option<&Answer>,
        observations: &[Observation],
    ) -> Vec<Vec<Place>> {
        let mut needed = vec![Vec::new(); self.cells.len()];
        let mut new = vec![Vec::new(); self.cells.len()];
        let redacted = recorded.filter(|recorded| redacted::is_redacted(recorded));
        for (cell, observation) in self.cells.iter_mut().zip(observations) {
            let live = observation.answer().map(|answer| &answer.metadata);
            cell.jar.take(exchange.index, recorded.map(|answer| &answer.metadata), live);
            if let (Some(recorded), Some(live)) = (redacted, observation.answer()) {
                cell.secrets.take(recorded, live);
            }
        }
        for place in &exchange.used {
            let was = recorded.and_then(|answer| bindings::extract(answer, place).into_iter().next());
            let given: Vec<Given> =
                observations.iter().map(|observation| give(observation, place, was.as_deref())).collect();
            // A reply that holds the recorded value elsewhere has only another order. Where nothing was recorded, what all cells
            // have is a thing that they share.
            let anew = given.first().is_some_and(|control| {
                control.live.first().is_some_and(|live| match &was {
                    Some(was) => !control.holds_recorded && live != was,
                    None => given.iter().any(|other| !other.live.contains(live)),
                })
            });
            let name = format!("«{} of {}»", short_name(place), exchange.index);
            for (lane, (cell, given)) in self.cells.iter_mut().zip(given).enumerate() {
                if was.as_ref().is_none_or(|was| !cell.held.contains(was)) {
                    needed[lane].push(place.clone());
                }
                if !given.live.is_empty() {
                    new[lane].extend(was.clone());
                }
                if anew && let Some(live) = given.live.first() {
                    cell.fold.insert(live.clone(), name.clone());
                }
                cell.given.insert((exchange.index, place.clone()), given);
            }
            if anew && let Some(was) = was {
                self.recorded_fold.insert(was, name);
            }
        }
        for (cell, new) in self.cells.iter_mut().zip(new) {
            cell.held.extend(new);
        }
        needed
    }

    /// Notes what the client sends. Gives what the call carries.
    fn note_sent(&mut self, exchange: &Exchange, reading: Option<&Reading>) -> Option<Content> {
        let call = &exchange.call;
        for (name, value) in
            call.query().into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split_once('='))
        {
            self.sent.insert(name, &percent_encoding::percent_decode_str(value).decode_utf8_lossy());
        }
        let has_body = call.body.bytes().is_some_and(|bytes| !bytes.is_empty());
        let carried = has_body.then(|| wire::carried(call, reading));
        if let Some(carried) = &carried {
            self.sent.insert_document("", carried.document());
        }
        carried
    }
}

/// A recorded reply, decoded; where the control's says the same, that one's document serves both.
fn decode_recorded(reply: &Reply, control: Option<&Answer>, asked: &Asked<'_>) -> Answer {
    if let Some(control) = control
        // How a remote procedure ended stands outside of the body.
        && asked.procedure.is_none()
        && control.content.trouble.is_none()
        && reply.metadata.get("content-type") == control.metadata.get("content-type")
        && reply.body.bytes().as_deref() == control.content.bytes.as_deref()
    {
        let (metadata, trailers) = (reply.metadata.clone(), reply.trailers.clone());
        return Answer { status: reply.status, metadata, trailers, content: control.content.clone(), rpc: None };
    }
    wire::answer(reply, asked, true)
}

fn give(observation: &Observation, place: &Place, recorded: Option<&str>) -> Given {
    let Some(answer) = observation.answer() else { return Given::default() };
    let mut live = bindings::extract(answer, place);
    if matches!(&place.at, At::Body(path) if path.0.contains(&PathStep::Each)) {
        // Any of a list will do, so one that no order decides.
        live.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    }
    Given { live, holds_recorded: recorded.is_some_and(|recorded| bindings::holds(answer, recorded)) }
}

/// A recording has content encodings on or off; a server gets what the call says.
fn put_encodings_on(call: &mut Call) {
    let encodings = encoding::named(call.metadata.all("content-encoding"));
    if let (false, Body::Frames(frames)) = (encodings.is_empty(), &mut call.body)
        && let [only] = frames.as_mut_slice()
        && let Some(encoded) = encode::put_on(&encodings, only)
    {
        *only = encoded;
    }
}

/// What a person would call the value at a place.
fn short_name(place: &Place) -> String {
    match &place.at {
        At::Body(path) => path.last_field().unwrap_or("value").to_owned(),
        At::Header(name) | At::Cookie(name) => name.clone(),
        other => other.to_string(),
    }
}
