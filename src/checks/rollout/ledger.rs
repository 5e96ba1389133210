//! What is written down of each call as it comes: what was compared, what was found and at which checkpoint, and what the controls
//! did by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cells::{Cells, Seen, Weighed, evidence, parts_ways};
use super::choose::Piece;
use super::schedule::Stage;
use super::tally::{Book, Raw, StageBook};
use crate::checks::concluding::Key;
use crate::compare::{Found, Hit, Standing, What, rules};
use crate::model::{Direction, Evidence, Question, Replay, Rule, Side};

/// Where in the roll-out it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// At a checkpoint.
    Serving,
    /// A replica is being replaced.
    Replacing,
    /// On a copy, after all have gone back to OLD.
    Back,
}

/// What is written down of a dance.
pub(super) struct Ledger {
    pub(super) book: Book,
    pub(super) raws: Vec<Raw>,
    /// What shows before anything is replaced: chance, and nothing else.
    pub(super) noise: BTreeSet<Key>,
    /// Places that a control's witnesses don't agree on: subject and place.
    pub(super) noisy: BTreeSet<(String, String)>,
    /// How long each safe call took at least, by its piece and its place in it.
    pub(super) times: BTreeMap<(usize, usize), Duration>,
    pub(super) phase: Phase,
    /// The store has been migrated.
    pub(super) is_migrated: bool,
    /// Whether OLD's replicas meet what NEW has left.
    pub(super) is_crossed: bool,
    /// An unsafe call has not done everywhere what it has done in one place: from there on stores are not alike.
    pub(super) parted: Option<String>,
}

impl Phase {
    /// The questions that a lost call answers with no.
    fn breaks(self) -> &'static [Question] {
        match self {
            Self::Serving => &[Question::Coexist],
            Self::Replacing => &[Question::RollForward, Question::Coexist],
            Self::Back => &[Question::RollBack],
        }
    }
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            book: Book::default(),
            raws: Vec::new(),
            noise: BTreeSet::new(),
            noisy: BTreeSet::new(),
            times: BTreeMap::new(),
            phase: Phase::Serving,
            is_migrated: false,
            is_crossed: false,
            parted: None,
        }
    }

    /// A checkpoint begins, with all that leads to it.
    pub(super) fn begin(&mut self, stage: &Stage) {
        self.book.stages.push(StageBook::of(stage));
    }

    pub(super) fn stage(&mut self) -> &mut StageBook {
        if self.book.stages.is_empty() {
            self.book.stages.push(StageBook::default());
        }
        let last = self.book.stages.len() - 1;
        &mut self.book.stages[last]
    }

    /// Where it is, in words.
    pub(super) fn place(&self) -> String {
        let name = self.book.stages.last().map(|stage| stage.name.clone()).unwrap_or_default();
        if self.phase == Phase::Back { StageBook::back_from(&name) } else { name }
    }

    /// What is left open, and why.
    pub(super) fn gap(&mut self, questions: &[Question], why: &str) {
        let gap = (questions.to_vec(), format!("{}: {why}", self.place()));
        if !self.book.gaps.contains(&gap) {
            self.book.gaps.push(gap);
        }
    }

    /// Takes in a call. Says whether its session may go on: what follows from a break or a trouble is no news.
    pub(super) fn take(
        &mut self,
        cells: &Cells<'_>,
        (recording, digest): (&str, &str),
        piece: &Piece,
        seen: &Seen<'_>,
    ) -> bool {
        let weighed = cells.weigh(seen);
        let is_troubled = weighed.troubles.old.is_some() || weighed.troubles.new.is_some();
        for side in Side::BOTH {
            self.book.troubles.get_mut(side).extend(weighed.troubles.get(side).clone());
        }
        self.count(seen, &weighed, is_troubled);
        let replay = Replay {
            recording: recording.to_owned(),
            digest: digest.to_owned(),
            session: piece.session,
            exchange: seen.exchange.index,
        };
        let direction = Direction::mixed_from(seen.turn.other());
        if let Some(how) = &weighed.lost
            && let Some((rule, hit)) = rules::beyond_replies(What::Dropped { how }, direction)
        {
            let breaks = self.phase.breaks();
            let evidence = evidence(seen);
            self.show(rule, &hit, (seen.subject, direction, "reply"), breaks, Some(replay.clone()), evidence);
        }
        let mut is_broken = false;
        if self.parted.is_none() {
            for found in &weighed.judgement.found {
                is_broken |= matches!(found.at.as_str(), "status" | "reply");
                self.found(found, seen, direction, &replay);
            }
            let noisy = weighed.judgement.noisy.iter().map(|at| (seen.subject.to_owned(), at.clone()));
            self.noisy.extend(noisy);
        }
        if parts_ways(seen) && self.parted.is_none() {
            self.parted = Some(seen.subject.to_owned());
            let why = format!("{} did not come out alike everywhere: replies are not compared after it", seen.subject);
            // Whatever comes after it, going back included, is seen less well for it.
            self.gap(if self.phase == Phase::Back { &[Question::RollBack] } else { &Question::ALL }, &why);
        }
        !(is_troubled || is_broken || weighed.lost.is_some())
    }

    fn found(&mut self, found: &Found, seen: &Seen<'_>, direction: Direction, replay: &Replay) {
        let outcome = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let what = if matches!(found.at.as_str(), "status" | "reply") {
            format!("{} instead of {}", outcome(&found.got), outcome(&found.expected))
        } else {
            format!("{}: {}", found.at, found.message)
        };
        let hit = Hit { severity: found.severity, message: format!("{}@{}: {what}", seen.subject, seen.turn) };
        let evidence = Evidence { expected: found.expected.clone(), got: found.got.clone(), ..evidence(seen) };
        let breaks = match self.phase {
            Phase::Back => Phase::Back.breaks(),
            // What OLD makes of a migrated store says nothing of the way back, which may take the migration back: that is tried.
            _ if self.is_migrated && direction == Direction::NEW_TO_OLD => &[Question::Coexist],
            _ => direction.breaks(),
        };
        self.show(found.rule, &hit, (seen.subject, direction, &found.at), breaks, Some(replay.clone()), evidence);
    }

    /// Writes down what a rule says of a place.
    pub(super) fn show(
        &mut self,
        rule: &Rule,
        hit: &Hit,
        (subject, direction, at): (&str, Direction, &str),
        breaks: &[Question],
        replay: Option<Replay>,
        evidence: Evidence,
    ) {
        let stages = vec![self.place()];
        self.put(Raw {
            rule: rule.id.to_owned(),
            severity: hit.severity,
            subject: subject.to_owned(),
            direction,
            at: at.to_owned(),
            what: hit.message.clone(),
            breaks: breaks.iter().copied().collect(),
            stages,
            count: 1,
            replay,
            evidence,
        });
    }

    /// Writes down what was found, once for each place.
    pub(super) fn put(&mut self, raw: Raw) {
        let key = raw.key();
        if self.book.stages.len() == 1 {
            self.noise.insert(key);
            return;
        }
        match self.raws.iter_mut().find(|known| known.key() == key) {
            Some(known) => {
                known.count += raw.count;
                known.severity = known.severity.max(raw.severity);
                known.breaks.extend(raw.breaks);
                let news: Vec<String> = raw.stages.into_iter().filter(|stage| !known.stages.contains(stage)).collect();
                known.stages.extend(news);
            }
            None if self.noise.contains(&key) => {}
            None => self.raws.push(raw),
        }
    }

    fn count(&mut self, seen: &Seen<'_>, weighed: &Weighed, is_troubled: bool) {
        let (phase, is_parted) = (self.phase, self.parted.is_some());
        let is_crossed = self.is_crossed || seen.turn == Side::New;
        let judgement = &weighed.judgement;
        let counts = &mut self.book.counts;
        if judgement.standing == Standing::Asset {
            counts.assets += 1;
            return;
        }
        counts.held += u64::from(weighed.faithful.is_some());
        counts.faithful += u64::from(weighed.faithful == Some(true));
        counts.leaves += judgement.leaves;
        counts.compared += judgement.compared;
        let surface = self.book.surfaces.entry(seen.subject.to_owned()).or_default().get_mut(seen.turn);
        surface.calls += 1;
        let reason = match &judgement.standing {
            _ if is_troubled => Some("a build that replaces itself has trouble there".to_owned()),
            _ if is_parted => Some("stores were no longer alike".to_owned()),
            Standing::Stale(how) => Some(format!("the control has left its recording: {how}")),
            Standing::ControlTrouble(how) | Standing::NotSent(how) => Some(how.clone()),
            Standing::Blocked => Some("a value is missing that an earlier reply should have given".to_owned()),
            Standing::MostlyNoise => Some("nearly all of the reply is noise".to_owned()),
            Standing::Compared { .. } | Standing::Asset => None,
        };
        if let Some(reason) = reason {
            *surface.reasons.entry(reason).or_default() += 1;
            return;
        }
        surface.compared += 1;
        surface.crossed += u64::from(is_crossed);
        self.book.counts.observations += 1;
        let stage = self.stage();
        if phase == Phase::Back {
            *stage.back.get_or_insert_default() += 1;
        } else {
            *stage.compared.get_mut(seen.turn) += 1;
        }
    }
}
