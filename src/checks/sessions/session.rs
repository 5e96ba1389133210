//! One session, spliced in all its ways: first each is sent and judged; then what was found is brought to its shortest story,
//! and that is tried again on fresh copies.
//!
//! Splices run one after the other on the same arrangements, since all of them take the same calls and so evolve alike. After
//! a splice that shows something, all stand anew: what was left behind would be found again and again. So they do where the
//! clients' own servers show that the session works only once.

use std::time::Duration;

use super::attempt::{Attempt, Focus, Raw, attempt};
use super::cells::{Cells, Kept};
use super::choose::Chosen;
use super::effects::Effects;
use super::play::{Sides, whole};
use super::splices::Ways;
use super::stand::{NoStand, Stand};
use super::tally::{Candidate, Chapter};
use crate::checks::concluding::RUNS;
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::manifest::RecordingSpec;
use crate::model::{Event, Exchange, Replay, Side, StoryStep, told};
use crate::traffic::Recording;

/// As many calls of a session go out in all its splices, where nothing is waited for after them.
const MOST_STEPS: usize = 6_000;
/// As many splices has any session.
const LEAST: usize = 20;
/// As many splices has a session that works only once, each on fresh copies.
pub(super) const MOST_FRESH: usize = 40;

/// A session on its way.
pub(super) struct Splicing<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) spec: &'a RecordingSpec,
    pub(super) recording: &'a Recording,
    pub(super) chosen: &'a Chosen,
    pub(super) exchanges: Vec<Exchange>,
    /// What other sessions had called before it began.
    pub(super) earlier: Vec<Exchange>,
    pub(super) cells: Cells<'a>,
    pub(super) chapter: Chapter,
    stand: Option<(Stand, Effects)>,
    /// It works only once.
    once: bool,
    /// It needs what other sessions did before it.
    led: bool,
    /// What was found.
    raws: Vec<Shown>,
}

/// What was found, with the first splices that showed it, and in how many it was seen.
struct Shown {
    raw: Raw,
    splices: Vec<Sides>,
    count: u64,
}

/// As many splices that show the same are tried again, one after the other, until one shows it by itself: what an earlier splice
/// has left may have shown it in the first.
const MOST_SHOWN: usize = 4;

/// How many splices a session of so many requests has, with that wait after each that writes: ten milliseconds of it are as
/// much as a call.
pub(super) fn most(requests: usize, settle: Duration) -> usize {
    let weight = 1 + usize::try_from(settle.as_millis() / 10).unwrap_or(MOST_STEPS);
    (MOST_STEPS / weight / requests.max(1)).max(LEAST)
}

/// What ends a session early, and nothing else.
enum End {
    NoStand(NoStand),
    Failed(CheckError),
}

impl From<NoStand> for End {
    fn from(why: NoStand) -> Self {
        Self::NoStand(why)
    }
}

impl From<CheckError> for End {
    fn from(error: CheckError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Splicing<'a> {
    pub(super) fn new(
        job: &'a Job<'a>,
        spec: &'a RecordingSpec,
        recording: &'a Recording,
        chosen: &'a Chosen,
        (exchanges, earlier): (Vec<Exchange>, Vec<Exchange>),
    ) -> Self {
        let cells = Cells::new(job, spec);
        let chapter = Chapter::new(chosen.recording, spec.name.clone(), chosen.session);
        let (stand, raws) = (None, Vec::new());
        Self { job, spec, recording, chosen, exchanges, earlier, cells, chapter, stand, once: false, led: false, raws }
    }

    /// All of it. What ends it early takes nothing from what was written down by then.
    pub(super) async fn all(mut self) -> (Chapter, Option<CheckError>) {
        let story = self.job.only.as_ref().map(|only| only.story.clone()).unwrap_or_default();
        let done = if story.is_empty() { self.every_way().await } else { self.again(&story).await };
        let down = self.down().await;
        let trouble = match done {
            Ok(()) => down.err(),
            Err(End::NoStand(NoStand::Apart(why))) => {
                self.chapter.apart = Some(why);
                down.err()
            }
            Err(End::NoStand(NoStand::Other(error)) | End::Failed(error)) => Some(error),
        };
        (self.chapter, trouble)
    }

    async fn every_way(&mut self) -> Result<(), End> {
        let mut splices = self.ways(most(self.exchanges.len(), self.job.manifest.replay.settle)).all();
        let (recording, session) = (self.spec.name.clone(), self.chosen.session);
        (self.job.events)(Event::Splicing { recording, session, splices: splices.len() as u64 });
        let first = self.first(&whole(&splices[0])).await?;
        let (stale, gained) = (first.stale(), first.gained.clone());
        let mut goes_on = self.take(first, &whole(&splices[0])).await?;
        let mut next = 1;
        while goes_on && next < splices.len() {
            if next == 2 {
                // What both have left by themselves would hide what two of a kind don't tell each other.
                self.down().await?;
            }
            if let Some(why) = self.job.deadline.as_ref().and_then(Deadline::passed) {
                self.chapter.cut = Some((why, (splices.len() - next) as u64));
                break;
            }
            let sides = whole(&splices[next]);
            let tried = self.try_once(&sides, None).await?;
            let gains_other = tried.gained.is_some() && gained.is_some() && tried.gained != gained;
            let is_other = !tried.stale().is_subset(&stale) || gains_other;
            if !self.once && !tried.is_troubled() && is_other {
                // What was done once is in the way of doing it again.
                self.once = true;
                self.down().await?;
                splices = self.ways(MOST_FRESH).all();
                next = 1;
                continue;
            }
            goes_on = self.take(tried, &sides).await?;
            (self.job.events)(Event::Exchanged);
            next += 1;
        }
        self.confirm_all().await
    }

    fn ways(&self, most: usize) -> Ways<'_> {
        let seed = self.job.seed ^ self.chosen.session.rotate_left(32);
        Ways { writes: &self.chosen.writes, home: self.cells.home, most, seed }
    }

    /// Sends it as it was recorded, all to one build; after what other sessions did before it, where it needs that.
    async fn first(&mut self, sides: &Sides) -> Result<Attempt, End> {
        let first = self.try_once(sides, None).await?;
        if first.stale().is_empty() || self.earlier.is_empty() || self.led {
            return Ok(first);
        }
        self.led = true;
        self.down().await?;
        let led = self.try_once(sides, None).await?;
        if led.stale().len() < first.stale().len() {
            return Ok(led);
        }
        self.led = false;
        self.down().await?;
        Ok(first)
    }

    /// Takes in what came of a splice. Says whether the session may go on.
    async fn take(&mut self, tried: Attempt, sides: &Sides) -> Result<bool, End> {
        let mut tried = tried;
        if tried.is_troubled() {
            // By chance, or always?
            self.down().await?;
            tried = self.try_once(sides, None).await?;
        }
        if tried.is_troubled() {
            self.trouble(&tried);
            return Ok(false);
        }
        tried.note(&mut self.chapter);
        let is_clean = tried.found.is_empty();
        for raw in tried.found {
            match self.raws.iter_mut().find(|known| known.raw.is_same(&raw)) {
                Some(known) => {
                    known.count += 1;
                    known.splices.push(sides.clone());
                    known.splices.truncate(MOST_SHOWN);
                }
                None => self.raws.push(Shown { raw, splices: vec![sides.clone()], count: 1 }),
            }
        }
        if self.once || !is_clean {
            self.down().await?;
        }
        Ok(true)
    }

    /// Writes down what two of a kind did to each other.
    fn trouble(&mut self, tried: &Attempt) {
        for side in Side::BOTH {
            self.chapter.troubles.get_mut(side).extend(tried.troubles.get(side).iter().cloned());
        }
    }

    /// Sends a splice once; where nothing stands, fresh copies do then.
    async fn try_once(&mut self, sides: &Sides, focus: Option<Focus<'_>>) -> Result<Attempt, End> {
        if self.stand.is_none() {
            let stand = Stand::up(self.job, &self.spec.service, self.cells.home).await?;
            if self.led {
                stand.lead(&self.earlier, self.cells.home).await;
            }
            let effects = stand.effects().await?;
            self.stand = Some((stand, effects));
        }
        let Some((stand, before)) = &mut self.stand else { return Ok(Attempt::default()) };
        Ok(attempt(stand, &self.cells, &self.exchanges, sides, before, focus).await?)
    }

    async fn down(&mut self) -> Result<(), CheckError> {
        match self.stand.take() {
            Some((stand, _)) => stand.down(self.job).await,
            None => Ok(()),
        }
    }

    /// One story again, and nothing else.
    async fn again(&mut self, story: &[StoryStep]) -> Result<(), End> {
        let home = self.cells.home;
        self.first(&vec![Some(home); self.exchanges.len()]).await?;
        self.down().await?;
        let side = |exchange: &Exchange| story.iter().find(|s| s.exchange == exchange.index).map(|s| s.side);
        let sides: Sides = self.exchanges.iter().map(side).collect();
        let tried = self.try_once(&sides, None).await?;
        if self.take(tried, &sides).await? {
            self.confirm_all().await?;
        }
        Ok(())
    }

    /// Brings what was found to its shortest story, and tries that again.
    async fn confirm_all(&mut self) -> Result<(), End> {
        let raws = std::mem::take(&mut self.raws);
        if raws.is_empty() {
            return Ok(());
        }
        (self.job.events)(Event::Confirming { candidates: raws.len() });
        for Shown { raw, splices, count } in raws {
            let shortest = self.shortest(&raw, splices).await?;
            let Some(candidate) = self.confirm(&raw, &shortest, count).await? else { continue };
            let known = self.chapter.candidates.iter().any(|known| {
                (&known.rule, &known.subject, &known.at, known.direction)
                    == (&candidate.rule, &candidate.subject, &candidate.at, candidate.direction)
            });
            if !known {
                self.chapter.candidates.push(candidate);
            }
        }
        Ok(())
    }

    /// The shortest story of the first splice that shows it by itself.
    async fn shortest(&mut self, raw: &Raw, splices: Vec<Sides>) -> Result<Sides, CheckError> {
        let last = splices.last().cloned().unwrap_or_default();
        if self.job.only.is_some() {
            return Ok(last);
        }
        for sides in splices {
            let sides: Sides = sides.into_iter().take(raw.step + 1).collect();
            if self.passed().is_none() && self.shows(raw, &sides).await? {
                return self.shorten(raw, sides).await;
            }
        }
        Ok(last)
    }

    /// Whether a story shows it by itself: on fresh copies, where it does on used ones.
    pub(super) async fn shows(&mut self, raw: &Raw, sides: &Sides) -> Result<bool, CheckError> {
        let was_fresh = self.stand.is_none();
        if !self.shows_here(raw, sides).await? {
            return Ok(false);
        }
        if was_fresh {
            return Ok(true);
        }
        self.down().await?;
        self.shows_here(raw, sides).await
    }

    async fn shows_here(&mut self, raw: &Raw, sides: &Sides) -> Result<bool, CheckError> {
        let nothing = Kept::default();
        let focus = Focus { raw, kept: &nothing };
        let tried = match self.try_once(sides, Some(focus)).await {
            Ok(tried) => tried,
            Err(End::Failed(error) | End::NoStand(NoStand::Other(error))) => return Err(error),
            Err(End::NoStand(NoStand::Apart(_))) => return Ok(false),
        };
        let shown = !tried.is_troubled() && tried.found.iter().any(|found| found.is_same(raw));
        if self.once || tried.is_troubled() || !tried.found.is_empty() {
            self.down().await?;
        }
        Ok(shown)
    }

    /// Whether no more may be tried, and why.
    pub(super) fn passed(&self) -> Option<String> {
        self.job.deadline.as_ref().and_then(Deadline::passed)
    }

    /// Runs a story again, on fresh copies; none where two of a kind get into each other's way there, which is written down.
    async fn confirm(&mut self, raw: &Raw, sides: &Sides, count: u64) -> Result<Option<Candidate>, End> {
        let story = self.story(sides);
        let mut candidate = Candidate {
            rule: raw.rule.clone(),
            severity: raw.severity,
            subject: raw.subject.clone(),
            direction: self.direction(raw, sides),
            at: raw.at.clone(),
            message: format!("{}: {}", told(&story), raw.what),
            count,
            story,
            replay: Replay {
                recording: self.spec.name.clone(),
                digest: self.recording.digest.clone(),
                session: self.chosen.session,
                exchange: self.exchanges.get(raw.step).map_or(0, |exchange| exchange.index),
            },
            evidence: raw.evidence.clone(),
            mixed: 0,
            control: 0,
            noisy: false,
            cut: None,
        };
        let mut kept = Kept::default();
        for _ in 0..RUNS {
            if let Some(why) = self.passed() {
                candidate.cut = Some(why);
                break;
            }
            self.down().await?;
            let tried = self.try_once(sides, Some(Focus { raw, kept: &kept })).await?;
            if tried.is_troubled() {
                self.trouble(&tried);
                self.down().await?;
                return Ok(None);
            }
            if let Some(found) = tried.found.iter().find(|found| found.is_same(raw)) {
                candidate.mixed += 1;
                candidate.evidence = found.evidence.clone();
            }
            if let Some(focused) = tried.focused {
                candidate.control += u32::from(focused.control);
                candidate.noisy |= focused.noisy;
                kept.append(focused.kept);
            }
        }
        self.down().await?;
        Ok(Some(candidate))
    }
}
