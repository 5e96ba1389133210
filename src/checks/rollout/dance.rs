//! A roll-out from its first checkpoint to its last, or to an earlier one.

use std::time::Duration;

use super::ledger::{Ledger, Phase};
pub(super) use super::live::AT_ONCE;
use super::live::{Cast, Live, Rota};
use super::schedule::Stage;
use super::stand::{NoStand, Stand};
use super::tally::{Drain, Raw};
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::compare::{What, rules};
use crate::model::{Direction, Event, Evidence, Pair, Question, Side};

/// As many calls go out while a replica is replaced.
pub(super) const LIVE: usize = 12;
/// A call is slow that takes so long: it can be under way when something else happens.
const SLOW: Duration = Duration::from_millis(60);

/// A call that takes its time: its piece, its place in it, and how long.
pub(super) type Probe = (usize, usize, Duration);

/// A roll-out on its way.
pub(super) struct Dance<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) cast: &'a Cast<'a>,
    pub(super) stand: Stand,
    pub(super) live: Live,
    pub(super) ledger: Ledger,
    /// The call that is under way when a replica is asked to end.
    pub(super) probe: Option<Probe>,
}

/// What it came to.
pub(super) struct Danced {
    pub(super) ledger: Ledger,
    pub(super) probe: Option<Probe>,
    /// What ended it before its time, that is none of a build's.
    pub(super) trouble: Option<CheckError>,
}

/// Whether the roll-out goes on.
pub(super) enum Next {
    GoesOn,
    Ends,
}

/// Goes through the first so many checkpoints. The probe is that of an earlier run, or is found.
pub(super) async fn dance(job: &Job<'_>, cast: &Cast<'_>, stages: usize, probe: Option<Probe>) -> Danced {
    let mut ledger = Ledger::new();
    let stand = match Stand::up(job, cast.schedule.replicas).await {
        Ok(stand) => stand,
        Err(NoStand::Own(why) | NoStand::Refused(_, why)) => {
            ledger.begin(&cast.schedule.stages[0]);
            ledger.gap(&Question::ALL, &why);
            return Danced { ledger, probe, trouble: None };
        }
        Err(NoStand::Other(error)) => return Danced { ledger, probe, trouble: Some(error) },
    };
    let mut dance = Dance { job, cast, stand, live: Live::new(cast), ledger, probe };
    let mut trouble = dance.go(stages).await.err();
    let Dance { stand, mut ledger, probe, .. } = dance;
    ledger.drains();
    let down = stand.down(job).await;
    trouble = trouble.or(down.err());
    Danced { ledger, probe, trouble }
}

impl Dance<'_> {
    async fn go(&mut self, stages: usize) -> Result<(), CheckError> {
        for stage in self.cast.schedule.stages.iter().take(stages) {
            self.ledger.begin(stage);
            if let Some(why) = self.job.deadline.as_ref().and_then(Deadline::passed) {
                self.ledger.gap(&Question::ALL, &why);
                return Ok(());
            }
            if let Next::Ends = self.stage(stage).await? {
                return Ok(());
            }
            if stage.is_first() && self.probe.is_none() {
                self.probe = self.slowest();
            }
        }
        Ok(())
    }

    async fn stage(&mut self, stage: &Stage) -> Result<Next, CheckError> {
        self.ledger.is_crossed |= !stage.is_first();
        if stage.migrates
            && let Err(failed) = self.stand.mixed.migrate().await?
        {
            self.ledger.gap(&Question::ALL, &format!("`{}` fails where old serves: {}", failed.step, failed.why));
            return Ok(Next::Ends);
        }
        self.ledger.is_migrated |= stage.migrates;
        for number in &stage.replaces {
            if let Next::Ends = self.replace(*number).await? {
                return Ok(Next::Ends);
            }
        }
        let rota = self.rota();
        self.play(Phase::Serving, &rota, self.cast.round()).await;
        (self.job.events)(Event::Exchanged);
        self.ledger.stage().reached = true;
        if let Next::Ends = self.look() {
            return Ok(Next::Ends);
        }
        if !stage.is_first() {
            self.go_back().await?;
        }
        Ok(Next::GoesOn)
    }

    /// Sends so many calls.
    pub(super) async fn play(&mut self, phase: Phase, rota: &Rota, calls: usize) {
        self.ledger.phase = phase;
        self.live.play(self.cast, &self.stand, rota, calls, &mut self.ledger).await;
        self.ledger.phase = Phase::Serving;
    }

    /// Looks whether all live.
    pub(super) fn look(&mut self) -> Next {
        let lives = self.stand.watch(&mut self.ledger);
        if let Some(how) = self.stand.control_died() {
            self.ledger.gap(&Question::ALL, &format!("{how}, as it does without the other build"));
            return Next::Ends;
        }
        if !lives {
            self.ledger.gap(&Question::ALL, "a replica died, and the roll-out was not gone on with");
            return Next::Ends;
        }
        Next::GoesOn
    }

    /// All replicas that are there, and whose they are.
    pub(super) fn rota(&self) -> Rota {
        self.stand.mixed.members().map(|(number, replica)| (number, replica.side())).collect()
    }

    /// The slowest call, where one is slow.
    fn slowest(&self) -> Option<Probe> {
        let ((piece, at), took) = self.ledger.times.iter().max_by_key(|(_, took)| **took)?;
        (*took >= SLOW).then_some((*piece, *at, *took))
    }
}

impl Ledger {
    /// What calls that were under way when their replica was asked to end say of the builds. OLD's way to end is what there is
    /// today: what NEW loses where OLD loses nothing is new, and so is what OLD loses only where NEW comes after it.
    fn drains(&mut self) {
        let drains = self.book.drains.clone();
        let Pair { old, new } = &drains.same;
        let is_good = old.whole > 0 && old.lost == 0;
        let cases: [(&Drain, Direction, &[Question]); 2] = [
            (new, Direction::NEW_TO_OLD, &[Question::RollBack]),
            (&drains.mixed, Direction::OLD_TO_NEW, &[Question::RollForward]),
        ];
        for (drain, direction, breaks) in cases {
            let (true, Some(how)) = (is_good && drain.lost > 0, &drain.how) else { continue };
            let Some((rule, hit)) = rules::beyond_replies(What::Dropped { how }, direction) else {
                continue;
            };
            // It is NEW that is asked to end on the way back, and OLD on the way there.
            let who = if direction == Direction::NEW_TO_OLD { Side::New } else { Side::Old };
            self.put(Raw {
                rule: rule.id.to_owned(),
                severity: hit.severity,
                subject: format!("process {}", drains.service),
                direction,
                at: "stop".to_owned(),
                what: format!(
                    "the {who} server, asked to end (SIGTERM), does not finish a request that is under way: {how}; where old replaces old it is finished"
                ),
                breaks: breaks.iter().copied().collect(),
                stages: drain.stages.clone(),
                count: drain.lost,
                replay: None,
                evidence: Evidence {
                    expected: serde_json::json!({ "answered": old.whole, "lost": old.lost }),
                    got: serde_json::json!({ "answered": drain.whole, "lost": drain.lost }),
                    ..Evidence::default()
                },
            });
        }
    }
}
