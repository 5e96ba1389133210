//! Traffic: several sessions at once, one call of one of them after the other, each to a replica that is drawn.
//!
//! The order of calls is a function of the seed alone, so that all lanes and all dances of a run get the same.

use std::time::{Duration, Instant};

use super::cells::{Cells, Seen};
use super::choose::Piece;
use super::draws::Draws;
use super::ledger::Ledger;
use super::schedule::Schedule;
use super::stand::{MIXED, Stand};
use crate::compare::subject;
use crate::drive::{Session, Step};
use crate::model::{Exchange, Observation, Side};

/// As many sessions are open at once.
pub(super) const AT_ONCE: usize = 4;
/// As many calls go out at a checkpoint.
const MOST_CALLS: usize = 240;
/// As many, where every session a few times is so many.
const LEAST_CALLS: usize = 48;
/// Every session as often at the most, for the sake of that.
const MOST_ROUNDS: usize = 6;
/// How long the death of a process is waited for that may explain why a call was lost.
const GRACE: Duration = Duration::from_millis(500);

/// What is the same in all dances of a run.
pub(super) struct Cast<'a> {
    pub(super) pieces: Vec<Piece>,
    /// By recording.
    pub(super) cells: Vec<Cells<'a>>,
    /// Names and digests of the recordings.
    pub(super) recordings: Vec<(String, String)>,
    pub(super) schedule: Schedule,
}

/// Sessions on their way.
#[derive(Clone)]
pub(super) struct Live {
    next: usize,
    open: Vec<Open>,
    draws: Draws,
}

#[derive(Clone)]
struct Open {
    piece: usize,
    at: usize,
    session: Session,
}

/// Who takes calls: a replica, and whose it is where OLD goes to NEW.
pub(super) type Rota = Vec<(usize, Side)>;

impl Cast<'_> {
    /// So many calls are every session once.
    pub(super) fn once(&self) -> usize {
        self.pieces.iter().map(|piece| piece.exchanges.len()).sum::<usize>().min(MOST_CALLS)
    }

    /// So many calls go out at a checkpoint: where there are few, more than once, so that both builds get some of each kind.
    pub(super) fn round(&self) -> usize {
        let once = self.once();
        once.max(LEAST_CALLS.min(once * MOST_ROUNDS))
    }
}

impl Live {
    pub(super) fn new(cast: &Cast<'_>) -> Self {
        Self { next: 0, open: Vec::new(), draws: Draws::new(cast.schedule.seed.rotate_left(17)) }
    }

    /// Sends so many calls. It ends early where nobody takes calls, or a replica has died.
    pub(super) async fn play(
        &mut self,
        cast: &Cast<'_>,
        stand: &Stand,
        rota: &Rota,
        calls: usize,
        ledger: &mut Ledger,
    ) {
        for _ in 0..calls {
            if rota.is_empty() || !stand.lives() {
                return;
            }
            self.call(cast, stand, rota, ledger).await;
        }
    }

    /// Sessions that are open learn of instances that are new.
    pub(super) fn moved(&mut self, cast: &Cast<'_>, stand: &Stand) {
        for open in &mut self.open {
            if let Some(lanes) = stand.lanes(&cast.pieces[open.piece].service) {
                open.session.moved(lanes);
            }
        }
    }

    async fn call(&mut self, cast: &Cast<'_>, stand: &Stand, rota: &Rota, ledger: &mut Ledger) {
        self.begin(cast, stand);
        if !self.open.is_empty() {
            let index = self.draws.below(self.open.len());
            self.step(index, cast, stand, rota, ledger).await;
        }
    }

    /// Begins each session anew, where it can all with NEW, up to a call that leaves something behind.
    pub(super) async fn halves(&self, cast: &Cast<'_>, stand: &Stand, rota: &Rota, ledger: &mut Ledger) -> Self {
        let mut halves = Self { next: 0, open: Vec::new(), draws: self.draws.clone() };
        let of_new: Rota = rota.iter().filter(|(_, side)| *side == Side::New).copied().collect();
        let rota = if of_new.is_empty() { rota } else { &of_new };
        let mut left = MOST_CALLS;
        for (piece, cut) in cast.pieces.iter().enumerate().flat_map(|(number, piece)| {
            let cuts = piece.cuts();
            cuts.into_iter().map(move |cut| (number, cut))
        }) {
            let Some(lanes) = stand.lanes(&cast.pieces[piece].service).filter(|_| cut <= left) else { continue };
            left -= cut;
            halves.open.push(Open { piece, at: 0, session: Session::new(lanes) });
            let (here, before) = (halves.open.len() - 1, halves.open.len());
            for _ in 0..cut {
                // Where it breaks off it is over.
                if halves.open.len() == before && !rota.is_empty() && stand.lives() {
                    halves.step(here, cast, stand, rota, ledger).await;
                }
            }
        }
        halves
    }

    /// Brings the sessions that are open to their end, and begins no others.
    pub(super) async fn finish(&mut self, cast: &Cast<'_>, stand: &Stand, rota: &Rota, ledger: &mut Ledger) {
        while !self.open.is_empty() && stand.lives() {
            let index = self.draws.below(self.open.len());
            self.step(index, cast, stand, rota, ledger).await;
        }
    }

    async fn step(&mut self, index: usize, cast: &Cast<'_>, stand: &Stand, rota: &Rota, ledger: &mut Ledger) {
        let (number, turn) = self.who(rota);
        let Open { piece: place, at, session } = &mut self.open[index];
        let piece = &cast.pieces[*place];
        let Some(exchange) = piece.exchanges.get(*at) else { return };
        stand.tell(number);
        let begun = Instant::now();
        let Some((step, lost)) = send(stand, &piece.service, session, exchange).await else { return };
        if exchange.call.is_safe() {
            let took = begun.elapsed();
            let known = ledger.times.entry((*place, *at)).or_insert(took);
            *known = (*known).min(took);
        }
        let (recording, digest) = &cast.recordings[piece.recording];
        let recording = (recording.as_str(), digest.as_str());
        let cells = &cast.cells[piece.recording];
        let sent = Sent { exchange, turn, session, step, lost, is_deadly: stand.mixed.died().is_some() };
        let goes_on = sent.weigh(cells, recording, piece, ledger);
        *at += 1;
        if !goes_on || *at >= piece.exchanges.len() {
            let over = self.open.remove(index);
            let piece = &cast.pieces[over.piece];
            if let Some(lanes) = stand.lanes(&piece.service) {
                lanes.let_go(piece.session);
            }
        }
    }

    /// Opens as many sessions as run at once, in their order, and from its beginning again.
    fn begin(&mut self, cast: &Cast<'_>, stand: &Stand) {
        let order = &cast.schedule.sessions;
        while self.open.len() < AT_ONCE.min(order.len()) {
            let piece = order[self.next % order.len()];
            self.next += 1;
            if self.open.iter().any(|open| open.piece == piece) {
                continue;
            }
            let Some(lanes) = stand.lanes(&cast.pieces[piece].service) else { return };
            self.open.push(Open { piece, at: 0, session: Session::new(lanes) });
        }
    }

    /// One side or the other, as often; then one of its replicas.
    fn who(&mut self, rota: &Rota) -> (usize, Side) {
        let side = Side::BOTH[self.draws.below(2)];
        let of = |side: Side| rota.iter().filter(|(_, whose)| *whose == side).copied().collect::<Vec<_>>();
        let its = Some(of(side)).filter(|its| !its.is_empty()).unwrap_or_else(|| of(side.other()));
        its[self.draws.below(its.len())]
    }
}

/// Sends a call to all lanes; and why each has less than a whole reply, where that is so.
pub(super) async fn send(
    stand: &Stand,
    service: &str,
    session: &mut Session,
    exchange: &Exchange,
) -> Option<(Step, Vec<Option<String>>)> {
    let step = session.step(stand.lanes(service)?, exchange).await;
    let lost = stand.lost(service, &step.observations);
    if lost.get(MIXED).is_some_and(Option::is_some) {
        let dead = || stand.mixed.died().is_some();
        let until = Instant::now() + GRACE;
        // That they live on is an answer too.
        while !dead() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Some((step, lost))
}

/// A call that was sent.
struct Sent<'s> {
    exchange: &'s Exchange,
    turn: Side,
    session: &'s Session,
    step: Step,
    lost: Vec<Option<String>>,
    is_deadly: bool,
}

impl Sent<'_> {
    fn weigh(mut self, cells: &Cells<'_>, recording: (&str, &str), piece: &Piece, ledger: &mut Ledger) -> bool {
        let recorded = self.step.recorded.take().map(Observation::Answer);
        let Self { exchange, turn, session, step, lost, is_deadly } = self;
        let subject = subject(&exchange.call, |segment| step.made_anew.contains(&segment));
        let seen = Seen { exchange, turn, session, step: &step, recorded, lost, is_deadly, subject: &subject };
        ledger.take(cells, recording, piece, &seen)
    }
}
