//! Which sessions are spliced: those that show an ordered pair of calls which none before them has. A thousand users who do the
//! same are one session; so the work grows with what there is to do, and not with how often it was done.
//!
//! Recordings are read as streams: what is kept of a session is which kinds of call it has, and where.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::checks::declared::{is_left_out, surface};
use crate::checks::seam::{CheckError, Only};
use crate::manifest::Manifest;
use crate::model::{Exchange, Reply, Side};
use crate::traffic::{Recording, TrafficError};

/// As many requests of a session are spliced: its first.
pub(super) const LONGEST: usize = 200;
/// As many sessions are spliced.
const MOST_SESSIONS: usize = 200;

/// A session that is spliced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The recording's place in the manifest.
    pub(super) recording: usize,
    pub(super) session: u64,
    /// For each of its requests whether it may write.
    pub(super) writes: Vec<bool>,
    /// How many requests it has beyond those.
    pub(super) beyond: usize,
}

/// The sessions that are spliced, and for each recording how many others there are that show nothing more, and how many of
/// more than one request for which there is no room.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub(super) chosen: Vec<Chosen>,
    pub(super) alike: BTreeMap<usize, u64>,
    pub(super) too_many: u64,
}

/// A session as far as it was read.
#[derive(Default)]
struct Open {
    /// For each kind of call where it stands first and last.
    kinds: HashMap<u64, (usize, usize)>,
    writes: Vec<bool>,
    requests: usize,
}

/// Chooses among the sessions of all recordings; with `only`, that one.
pub(super) fn choose(manifest: &Manifest, recordings: &[Recording], only: Option<&Only>) -> Result<Choice, CheckError> {
    let mut choice = Choice::default();
    let mut shown = HashSet::new();
    for (number, (spec, recording)) in manifest.recordings.iter().zip(recordings).enumerate() {
        let service = manifest.services.iter().find(|service| service.name == spec.service);
        if service.is_none_or(|service| Side::BOTH.iter().any(|side| service.builds.get(*side).run.is_none()))
            || only.is_some_and(|only| only.recording != spec.name)
        {
            continue;
        }
        let mut open: HashMap<u64, Open> = HashMap::new();
        for exchange in recording.exchanges()? {
            let exchange = exchange?;
            let session = exchange.session;
            let is_last = exchange.last;
            if !is_left_out(manifest, &spec.service, &exchange.call) {
                open.entry(session).or_default().take(&exchange);
            }
            if is_last && let Some(whole) = open.remove(&session) {
                choice.consider(number, session, whole, only, &mut shown);
            }
        }
    }
    Ok(choice)
}

impl Open {
    fn take(&mut self, exchange: &Exchange) {
        let at = self.requests;
        self.requests += 1;
        if at >= LONGEST {
            return;
        }
        self.writes.push(!exchange.call.is_safe());
        self.kinds.entry(kind(exchange)).and_modify(|(_, last)| *last = at).or_insert((at, at));
    }
}

impl Choice {
    fn consider(
        &mut self,
        recording: usize,
        session: u64,
        open: Open,
        only: Option<&Only>,
        shown: &mut HashSet<(u64, u64)>,
    ) {
        match only.map(|only| only.session) {
            Some(Some(wanted)) if wanted != session => return,
            None | Some(None) if open.requests < 2 => return,
            _ => {}
        }
        let pairs = open.kinds.iter().flat_map(|(earlier, (first, _))| {
            let later = open.kinds.iter().filter(move |(_, (_, last))| first < last);
            later.map(move |(later, _)| (*earlier, *later))
        });
        let news: Vec<(u64, u64)> = pairs.filter(|pair| !shown.contains(pair)).collect();
        if news.is_empty() && only.is_none() {
            *self.alike.entry(recording).or_default() += 1;
        } else if self.chosen.len() >= MOST_SESSIONS {
            self.too_many += 1;
        } else {
            shown.extend(news);
            let beyond = open.requests - open.writes.len();
            self.chosen.push(Chosen { recording, session, writes: open.writes, beyond });
        }
    }
}

/// What makes two calls the same kind: surface, names of what is given in query and body, and how it was answered.
fn kind(exchange: &Exchange) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let call = &exchange.call;
    let mut hasher = DefaultHasher::new();
    surface(exchange).hash(&mut hasher);
    let names = call.query().into_iter().flat_map(|query| query.split('&'));
    names.map(|pair| pair.split('=').next()).for_each(|name| name.hash(&mut hasher));
    if call.body.bytes().is_some_and(|bytes| !bytes.is_empty())
        && let crate::model::Document::Fields(fields) = crate::wire::carried(call, None).document()
    {
        for (name, _) in fields {
            name.hash(&mut hasher);
        }
    }
    let ending = |reply: &Reply| {
        let rpc = [&reply.trailers, &reply.metadata].into_iter().find_map(|all| all.get("grpc-status"));
        (reply.status, rpc.map(str::to_owned))
    };
    exchange.reply.as_ref().map(ending).hash(&mut hasher);
    hasher.finish()
}

/// The requests of a session that are spliced.
pub(super) fn requests(
    manifest: &Manifest,
    service: &str,
    recording: &Recording,
    session: u64,
) -> Result<Vec<Exchange>, TrafficError> {
    let its = recording.exchanges()?.filter(|exchange| {
        exchange.as_ref().map_or(true, |e| e.session == session && !is_left_out(manifest, service, &e.call))
    });
    its.take(LONGEST).collect()
}

/// What other sessions had called before this exchange, up to so many calls.
pub(super) fn before(
    manifest: &Manifest,
    service: &str,
    recording: &Recording,
    first: &Exchange,
    most: usize,
) -> Result<Vec<Exchange>, TrafficError> {
    let mut all = Vec::new();
    for exchange in recording.exchanges()? {
        let exchange = exchange?;
        if exchange.index >= first.index || all.len() >= most {
            break;
        }
        if exchange.session != first.session && !is_left_out(manifest, service, &exchange.call) {
            all.push(exchange);
        }
    }
    Ok(all)
}
