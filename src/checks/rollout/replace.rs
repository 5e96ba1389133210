//! A replica is replaced, in all dances at the same time: it gets no more calls, is asked to end while a slow call is under way, and
//! the next one starts while the others serve.

use std::sync::Arc;
use std::time::Duration;

use super::dance::{Dance, LIVE, Next};
use super::ledger::Phase;
use super::live::send;
use super::stand::{MIXED, NEW, OLD, not_ready};
use crate::checks::seam::CheckError;
use crate::compare::{What, rules};
use crate::drive::Session;
use crate::fleet::{FleetError, Replica, Replicas};
use crate::model::{Direction, Evidence, Question, Side};

/// The longest that a slow call is let run before the replica is asked to end.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

impl Dance<'_> {
    /// Replaces that replica of each dance.
    pub(super) async fn replace(&mut self, number: usize) -> Result<Next, CheckError> {
        self.stop(number).await;
        let rota = self.rota();
        let stand = &self.stand;
        let starting = async {
            tokio::join!(
                stand.same.old.start(number, Side::Old),
                stand.mixed.start(number, Side::New),
                stand.same.new.start(number, Side::New),
            )
        };
        self.ledger.phase = Phase::Replacing;
        let playing = self.live.play(self.cast, stand, &rota, LIVE, &mut self.ledger);
        let ((old, mixed, new), ()) = tokio::join!(starting, playing);
        self.ledger.phase = Phase::Serving;
        for (side, result) in [(Side::Old, old), (Side::New, new)] {
            match self.ready(result)? {
                Ok(replica) => self.stand.same.get_mut(side).put(number, replica),
                Err((_, why)) => {
                    self.ledger.gap(&Question::ALL, &format!("{side} does not start again where {side} serves: {why}"));
                    return Ok(Next::Ends);
                }
            }
        }
        match self.ready(mixed)? {
            Ok(replica) => self.stand.mixed.put(number, replica),
            Err((service, why)) => {
                self.refused(&service, &why, Direction::OLD_TO_NEW);
                self.ledger
                    .gap(&[Question::Coexist], "a new replica did not come up, and the roll-out was not gone on with");
                self.go_back().await?;
                return Ok(Next::Ends);
            }
        }
        self.stand.make_lanes(self.job);
        self.live.moved(self.cast, &self.stand);
        Ok(self.look())
    }

    fn ready(&self, result: Result<Replica, FleetError>) -> Result<Result<Replica, (String, String)>, CheckError> {
        match result {
            Ok(replica) => Ok(Ok(replica)),
            Err(error) => Ok(Err(not_ready(self.job, error)?)),
        }
    }

    /// Writes down that a build does not come up on what the other has left.
    pub(super) fn refused(&mut self, service: &str, why: &str, direction: Direction) {
        let Some((rule, hit)) = rules::beyond_replies(What::Start { refused: Some(why), early: false }, direction)
        else {
            return;
        };
        let evidence =
            Evidence { expected: "a server that becomes ready".into(), got: why.into(), ..Evidence::default() };
        let subject = format!("process {service}");
        let back: &[Question] = &[Question::RollBack];
        let breaks = if direction == Direction::NEW_TO_OLD { back } else { direction.breaks() };
        self.ledger.show(rule, &hit, (&subject, direction, "start"), breaks, None, evidence);
    }

    /// Ends that replica of each dance, if there is a slow call, while it is under way.
    async fn stop(&mut self, number: usize) {
        let cast = self.cast;
        let Some((piece, at, took)) = self.probe else {
            let out = self.take_out(number);
            return self.ended(out).await;
        };
        let piece = &cast.pieces[piece];
        let (Some(lanes), Some(exchange)) = (self.stand.lanes(&piece.service).map(Arc::clone), piece.exchanges.get(at))
        else {
            return;
        };
        let mut session = Session::new(&lanes);
        self.stand.tell(number);
        for before in piece.exchanges.iter().take(at) {
            // What the slow call needs is got here, and looked at elsewhere.
            let _ = send(&self.stand, &piece.service, &mut session, before).await;
        }
        let mut calling = Box::pin(session.step(&lanes, exchange));
        let early = tokio::time::timeout((took / 2).min(LONGEST_WAIT), &mut calling).await.ok();
        let out = self.take_out(number);
        let is_late = early.is_some();
        let under_way = out.iter().filter(|(.., open)| *open > 0 && !is_late).map(|(lane, ..)| *lane);
        let under_way: Vec<usize> = under_way.collect();
        let calling = async {
            match early {
                Some(step) => step,
                None => calling.await,
            }
        };
        let (step, ()) = tokio::join!(calling, self.ended(out));
        lanes.let_go(piece.session);
        let lost = self.stand.lost(&piece.service, &step.observations);
        let stage = self.ledger.place();
        let drains = &mut self.ledger.book.drains;
        drains.service.clone_from(&piece.service);
        for lane in under_way {
            let drain = match lane {
                OLD => &mut drains.same.old,
                NEW => &mut drains.same.new,
                _ => &mut drains.mixed,
            };
            match lost.get(lane).cloned().flatten() {
                Some(how) => {
                    drain.lost += 1;
                    drain.how.get_or_insert(how);
                    drain.stages.push(stage.clone());
                }
                None => drain.whole += 1,
            }
        }
    }

    /// Takes that replica of each dance out of its balancer, with how many calls it has.
    fn take_out(&mut self, number: usize) -> Vec<(usize, Replica, usize)> {
        let stand = &mut self.stand;
        let dances = [(OLD, &mut stand.same.old), (MIXED, &mut stand.mixed), (NEW, &mut stand.same.new)];
        let out = |(lane, replicas): (usize, &mut Replicas)| {
            let (replica, open) = replicas.take_out(number)?;
            Some((lane, replica, open))
        };
        dances.into_iter().filter_map(out).collect()
    }

    /// Asks replicas to end, and waits until they have.
    async fn ended(&mut self, out: Vec<(usize, Replica, usize)>) {
        let mut stopping = tokio::task::JoinSet::new();
        for (lane, replica, _) in out {
            let side = replica.side();
            stopping.spawn(async move { (lane, side, replica.stop().await) });
        }
        while let Some(Ok((lane, side, stopped))) = stopping.join_next().await {
            self.stand.remember(lane, side, stopped);
        }
    }
}
