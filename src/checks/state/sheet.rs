//! What one run of a stage writes down, and what is looked at closely when it runs again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::calls::Calls;
use super::point::Point;
use super::stand::{Refusal, Role};
use super::tally::{Candidate, Counts, Raw, Surface};
use super::weigh::{Kept, Seen};
use crate::checks::seam::Job;
use crate::compare::{Found, Hit, Judgement, Standing, Way, What, rules};
use crate::model::{Direction, Evidence, Pair, Question, Replay, Rule, Side};

/// What one run of a stage came to.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) candidates: Vec<Candidate>,
    pub(super) points: BTreeMap<Point, Counts>,
    pub(super) surfaces: BTreeMap<String, Pair<Surface>>,
    pub(super) held: u64,
    pub(super) faithful: u64,
    pub(super) leaves: u64,
    pub(super) compared: u64,
    pub(super) assets: u64,
    pub(super) troubles: Pair<BTreeSet<String>>,
    pub(super) cut: Option<String>,
}

impl Sheet {
    /// Writes something down, or that it was seen once more.
    pub(super) fn push(&mut self, raw: Raw) {
        match self.candidates.iter_mut().find(|known| known.raw.is_same(&raw)) {
            Some(known) => {
                known.count += 1;
                known.raw.severity = known.raw.severity.max(raw.severity);
            }
            None => self.candidates.push(Candidate::first(raw)),
        }
    }

    /// What a control did by itself.
    pub(super) fn trouble(&mut self, side: Side, what: String) {
        self.troubles.get_mut(side).insert(what);
    }

    /// A checkpoint was reached.
    pub(super) fn reach(&mut self, point: Point) {
        self.points.entry(point).or_default().reached = true;
    }

    /// Somebody serves in a pass: which checkpoints that is.
    pub(super) fn reached(&mut self, role: Role, pass: u8) {
        match (role.shows(pass), role, pass) {
            (Some((point, _)), _, _) => self.reach(point),
            (None, Role::Control(Side::Old, _), 1) => {
                self.reach(Point::C0);
                self.reach(Point::C1);
            }
            (None, Role::Back, 1) => self.reach(Point::C6),
            _ => {}
        }
    }

    /// Counts how a reply came out.
    pub(super) fn count(&mut self, point: Point, turn: Side, subject: &str, judgement: &Judgement) {
        if judgement.standing == Standing::Asset {
            self.assets += 1;
            return;
        }
        self.leaves += judgement.leaves;
        self.compared += judgement.compared;
        let counts = self.points.entry(point).or_default();
        let surface = self.surfaces.entry(subject.to_owned()).or_default().get_mut(turn);
        counts.steps += 1;
        surface.steps += 1;
        let mut reason = |why: &str| *counts.reasons.entry(why.to_owned()).or_default() += 1;
        match &judgement.standing {
            Standing::Compared { .. } => {
                counts.compared += 1;
                surface.compared += 1;
            }
            Standing::Stale(how) if how.is_empty() => counts.steps -= 1,
            Standing::Stale(how) => reason(&format!("the control has left its recording: {how}")),
            Standing::ControlTrouble(how) | Standing::NotSent(how) => reason(how),
            Standing::Blocked => reason("a value is missing that an earlier reply should have given"),
            Standing::MostlyNoise => reason("nearly all of the reply is noise"),
            Standing::Asset => {}
        }
    }

    /// A reply that differs.
    pub(super) fn reply(
        &mut self,
        seen: &Seen<'_>,
        (point, turn): (Point, Side),
        found: &Found,
        evidence: Evidence,
        replay: Option<Replay>,
    ) {
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let what = if matches!(found.at.as_str(), "status" | "reply") {
            format!("{} instead of {}", text(&found.got), text(&found.expected))
        } else {
            // The clients are the same ones all along.
            let (from, to) = (turn.other(), turn);
            format!("{}: {}", found.at, found.message.replace(&format!("{from} clients"), &format!("clients of {to}")))
        };
        self.push(Raw {
            rule: found.rule.id.to_owned(),
            severity: found.severity,
            subject: seen.subject.to_owned(),
            at: found.at.clone(),
            point,
            side: turn,
            message: format!("{}@{turn}: {what}", seen.subject),
            breaks: None,
            evidence: Evidence { expected: found.expected.clone(), got: found.got.clone(), ..evidence },
            replay,
            moment: Some((seen.pass, seen.exchange.index)),
        });
    }

    /// NEW answered otherwise before the migration.
    pub(super) fn early(&mut self, job: &Job<'_>, differ: u64) {
        let told = rules::beyond_replies(What::Early { differ }, Direction::OLD_TO_NEW);
        self.extend(told, &process(job), "replies", (Point::C4, Side::New), None);
    }

    /// Somebody does not serve, or a migration failed.
    pub(super) fn refusal(&mut self, job: &Job<'_>, refusal: Refusal) {
        match refusal {
            Refusal::Start(point, side, why) => {
                self.reach(point);
                let what = What::Start { refused: Some(&why), early: point == Point::C4 };
                let told = rules::beyond_replies(what, Direction::mixed_from(side.other()));
                let breaks = (point == Point::C6).then(|| vec![Question::RollForward, Question::Coexist]);
                self.extend(told, &process(job), "start", (point, side), breaks);
            }
            Refusal::Migration(point, way, blocked) => {
                self.reach(point);
                let Some(state) = blocked.state else {
                    let what = What::Start { refused: Some(&blocked.why), early: false };
                    let told = rules::beyond_replies(what, Direction::OLD_TO_NEW);
                    let breaks = Some(vec![Question::RollForward, Question::Coexist]);
                    return self.extend(told, &process(job), "start", (point, Side::New), breaks);
                };
                let (at, side, question) = match way {
                    Way::Up => ("migrate.new", Side::New, Question::RollForward),
                    Way::Down => ("migrate.down", Side::Old, Question::RollBack),
                    Way::Again => ("migrate.new again", Side::New, Question::RollBack),
                };
                let told = rules::beyond_replies(
                    What::Migration { way, failed: Some(&blocked.why) },
                    Direction::mixed_from(side.other()),
                );
                self.extend(told, &format!("state {state}"), at, (point, side), Some(vec![question]));
            }
        }
    }

    /// What a rule said of something that no reply shows.
    pub(super) fn extend(
        &mut self,
        told: Option<(&'static Rule, Hit)>,
        subject: &str,
        at: &str,
        (point, side): (Point, Side),
        breaks: Option<Vec<Question>>,
    ) {
        let Some((rule, hit)) = told else { return };
        self.push(Raw {
            rule: rule.id.to_owned(),
            severity: hit.severity,
            subject: subject.to_owned(),
            at: at.to_owned(),
            point,
            side,
            message: hit.message,
            breaks,
            evidence: Evidence::default(),
            replay: None,
            moment: None,
        });
    }
}

/// The subject of what is of a build as a whole.
fn process(job: &Job<'_>) -> String {
    let service = job.manifest.services.first().map(|service| service.name.as_str()).unwrap_or_default();
    format!("process {service}")
}

/// What is looked at closely when a stage runs again.
#[derive(Debug, Default)]
pub(super) struct Focus {
    candidates: Vec<Raw>,
    kept: HashMap<(u8, u64, Role), Kept>,
    nothing: Kept,
    /// Of this run: candidates that the control shows too, and those whose places are noise.
    control: BTreeSet<usize>,
    noisy: BTreeSet<usize>,
}

impl Focus {
    /// On these.
    pub(super) fn on(candidates: &[Candidate]) -> Self {
        Self { candidates: candidates.iter().map(|candidate| candidate.raw.clone()).collect(), ..Self::default() }
    }

    /// Another run begins.
    pub(super) fn begin(&mut self) {
        self.control.clear();
        self.noisy.clear();
    }

    /// Whether the control showed that candidate in this run, and whether its place was noise.
    pub(super) fn says(&self, candidate: usize) -> (bool, bool) {
        (self.control.contains(&candidate), self.noisy.contains(&candidate))
    }

    /// What earlier runs gave at that moment.
    pub(super) fn kept(&self, moment: (u8, u64, Role)) -> &Kept {
        self.kept.get(&moment).unwrap_or(&self.nothing)
    }

    /// The evidence of what was just judged.
    pub(super) fn evidence(&self, seen: &Seen<'_>, role: Role, turn: Side) -> Evidence {
        seen.evidence(role, turn, self.kept((seen.pass, seen.exchange.index, role)))
    }

    /// Looks at what was just judged, where a candidate was seen there.
    pub(super) fn look(
        &mut self,
        calls: &Calls<'_>,
        seen: &Seen<'_>,
        (role, point, turn): (Role, Point, Side),
        judgement: &Judgement,
    ) {
        let moment = (seen.pass, seen.exchange.index);
        let mut is_looked_at = false;
        for (number, raw) in self.candidates.iter().enumerate() {
            // At one moment several stands may show the same checkpoint.
            if raw.moment != Some(moment) || (raw.point, raw.side) != (point, turn) {
                continue;
            }
            is_looked_at = true;
            if calls.judge.shows_it_too(seen, turn, &raw.rule, &raw.at) {
                self.control.insert(number);
            }
            if judgement.noisy.contains(&raw.at) {
                self.noisy.insert(number);
            }
        }
        if is_looked_at {
            self.kept.entry((moment.0, moment.1, role)).or_default().take(seen, role, turn);
        }
    }
}
