//! One splice, sent and judged: what each step came to, and what was found.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::cells::{Cells, Kept, Weighed};
use super::effects::{Effects, Gained};
use super::evidence::evidence;
use super::play::{Seen, Sides};
use super::stand::{MIXED, Stand};
use super::tally::Chapter;
use crate::checks::conduct::{self, Misdeed};
use crate::checks::seam::CheckError;
use crate::compare::{Found, Standing};
use crate::model::{Direction, Evidence, Exchange, Observation, Pair, Severity, Side};

/// Something that a splice shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raw {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) subject: String,
    pub(super) at: String,
    /// Who stumbled.
    pub(super) side: Side,
    /// The step at which it shows, or the last that was sent.
    pub(super) step: usize,
    /// What happened, after the story's last step and a colon.
    pub(super) what: String,
    pub(super) sort: Sort,
    pub(super) evidence: Evidence,
}

/// Where a splice shows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sort {
    /// In a reply.
    Reply,
    /// In a process of that service.
    Process(String),
    /// In a store.
    Effect,
}

/// A step as far as books need it.
#[derive(Debug)]
pub(super) struct Noted {
    at: usize,
    subject: String,
    turn: Side,
    crossed: bool,
    weighed: Weighed,
}

/// What came of a splice.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    pub(super) found: Vec<Raw>,
    /// What two servers of a kind did to each other.
    pub(super) troubles: Pair<BTreeSet<String>>,
    /// How many rows two of the clients' own kind left; none where not all of it was sent.
    pub(super) gained: Option<Gained>,
    noted: Vec<Noted>,
    /// What the step that is looked at came to.
    pub(super) focused: Option<Focused>,
}

/// A step that is looked at closely.
pub(super) struct Focus<'f> {
    pub(super) raw: &'f Raw,
    /// What earlier runs gave there.
    pub(super) kept: &'f Kept,
}

/// What a step that is looked at closely came to.
#[derive(Debug, Default)]
pub(super) struct Focused {
    /// The control shows it too.
    pub(super) control: bool,
    /// The place is noise.
    pub(super) noisy: bool,
    /// What this run gave there.
    pub(super) kept: Kept,
}

impl Raw {
    /// Whether both say the same of the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.rule, &self.subject, &self.at, self.side) == (&other.rule, &other.subject, &other.at, other.side)
    }

    fn of_reply(seen: &Seen<'_>, found: &Found, evidence: Evidence) -> Self {
        let (from, to) = (seen.turn.other(), seen.turn);
        let outcome = |found: &serde_json::Value| found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        let what = if matches!(found.at.as_str(), "status" | "reply") {
            format!("{} instead of {}", outcome(&found.got), outcome(&found.expected))
        } else {
            // The clients are the same ones all along.
            format!("{}: {}", found.at, found.message.replace(&format!("{from} clients"), &format!("clients of {to}")))
        };
        let evidence = Evidence { expected: found.expected.clone(), got: found.got.clone(), ..evidence };
        Self {
            rule: found.rule.id.to_owned(),
            severity: found.severity,
            subject: seen.subject.to_owned(),
            at: found.at.clone(),
            side: seen.turn,
            step: seen.at,
            what,
            sort: Sort::Reply,
            evidence,
        }
    }

    fn of_process((service, side, misdeed): (String, Side, Misdeed), step: usize) -> Self {
        Self {
            rule: misdeed.rule.id.to_owned(),
            severity: misdeed.hit.severity,
            subject: format!("process {service}"),
            at: misdeed.at,
            side,
            step,
            what: misdeed.hit.message,
            sort: Sort::Process(service),
            evidence: conduct::evidence(),
        }
    }
}

impl Attempt {
    /// The steps at which the clients' own server does not answer as it was recorded.
    pub(super) fn stale(&self) -> BTreeSet<usize> {
        self.noted.iter().filter(|noted| noted.weighed.faithful == Some(false)).map(|noted| noted.at).collect()
    }

    /// Whether a step failed or a process died: what is in the store then follows from that.
    fn is_broken(&self) -> bool {
        self.found.iter().any(|raw| raw.sort != Sort::Reply || matches!(raw.at.as_str(), "status" | "reply"))
    }

    /// Whether two of a kind did anything to each other.
    pub(super) fn is_troubled(&self) -> bool {
        Side::BOTH.iter().any(|side| !self.troubles.get(*side).is_empty())
    }

    /// Writes down how its steps came out.
    pub(super) fn note(&self, chapter: &mut Chapter) {
        for noted in &self.noted {
            let judgement = &noted.weighed.judgement;
            let counts = &mut chapter.counts;
            if judgement.standing == Standing::Asset {
                counts.assets += 1;
                continue;
            }
            counts.held += u64::from(noted.weighed.faithful.is_some());
            counts.faithful += u64::from(noted.weighed.faithful == Some(true));
            counts.leaves += judgement.leaves;
            counts.compared += judgement.compared;
            let surface = chapter.surfaces.entry(noted.subject.clone()).or_default().get_mut(noted.turn);
            surface.steps += 1;
            let mut reason = |why: &str| *surface.reasons.entry(why.to_owned()).or_default() += 1;
            match &judgement.standing {
                Standing::Compared { .. } => {
                    counts.observations += 1;
                    surface.compared += 1;
                    surface.crossed += u64::from(noted.crossed);
                }
                Standing::Stale(_) if noted.weighed.is_told_elsewhere => surface.told_elsewhere += 1,
                Standing::Stale(how) => reason(&format!("the control has left its recording: {how}")),
                Standing::ControlTrouble(how) | Standing::NotSent(how) => reason(how),
                Standing::Blocked => reason("a value is missing that an earlier reply should have given"),
                Standing::MostlyNoise => reason("nearly all of the reply is noise"),
                Standing::Asset => {}
            }
        }
    }
}

/// Sends a splice and judges it. `before` are the rows of the stores, where they are to be compared; they are counted anew.
pub(super) async fn attempt(
    stand: &Stand,
    cells: &Cells<'_>,
    exchanges: &[Exchange],
    sides: &Sides,
    before: &mut Effects,
    focus: Option<Focus<'_>>,
) -> Result<Attempt, CheckError> {
    let mut attempt = Attempt::default();
    let mut all_sent = true;
    let nothing = Kept::default();
    let mut visit = |seen: &Seen<'_>| {
        let looked_at = focus.as_ref().filter(|focus| focus.raw.sort == Sort::Reply && focus.raw.step == seen.at);
        let kept = looked_at.map_or(&nothing, |focus| focus.kept);
        let weighed = cells.weigh(seen, kept);
        for found in &weighed.judgement.found {
            let shown = looked_at.map(|_| evidence(seen, cells.home, kept)).unwrap_or_default();
            let raw = Raw::of_reply(seen, found, shown);
            if !attempt.found.iter().any(|known| known.is_same(&raw)) {
                attempt.found.push(raw);
            }
        }
        if let Some(Focus { raw, .. }) = looked_at {
            let mut focused = Focused {
                control: cells.shows_it_too(seen, &raw.rule, &raw.at),
                noisy: weighed.judgement.noisy.contains(&raw.at),
                kept: Kept::default(),
            };
            focused.kept.take(seen, cells.home);
            attempt.focused = Some(focused);
        }
        let is_broken = weighed.judgement.found.iter().any(|f| matches!(f.at.as_str(), "status" | "reply"));
        for side in Side::BOTH {
            attempt.troubles.get_mut(side).extend(weighed.troubles.get(side).clone());
        }
        let is_troubled = Side::BOTH.iter().any(|side| weighed.troubles.get(*side).is_some());
        all_sent &= matches!(seen.step.observations.get(MIXED), Some(Observation::Answer(_)));
        attempt.noted.push(Noted {
            at: seen.at,
            subject: seen.subject.to_owned(),
            turn: seen.turn,
            crossed: seen.is_crossed(),
            weighed,
        });
        // What follows from a break is no news, and neither is what follows from a trouble.
        if is_broken || is_troubled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let last = stand.play(exchanges, sides, &mut visit).await.unwrap_or_default();
    if let Some(Focus { raw: Raw { sort: Sort::Process(service), side, at, .. }, .. }) = &focus {
        stand.patiently(service, *side, at).await;
    }
    for side in Side::BOTH {
        if let Some(death) = stand.control_died(side).await {
            attempt.troubles.get_mut(side).insert(format!("the {} died ({})", death.server, death.exit));
        }
    }
    attempt.found.extend(stand.misdeeds().into_iter().map(|misdeed| Raw::of_process(misdeed, last)));
    let now = stand.effects().await?;
    let is_whole = sides.iter().rposition(Option::is_some) == Some(last) && all_sent;
    attempt.gained = is_whole.then(|| now.gained(before, cells.home));
    if is_whole && !attempt.is_broken() && !attempt.is_troubled() {
        effects(&mut attempt, &now, before, sides, last);
    }
    *before = now;
    Ok(attempt)
}

fn effects(attempt: &mut Attempt, now: &Effects, before: &Effects, sides: &Sides, last: usize) {
    let troubles = now.troubles(before);
    for side in Side::BOTH {
        attempt.troubles.get_mut(side).extend(troubles.get(side).iter().cloned());
    }
    let side = sides.get(last).copied().flatten().unwrap_or(Side::New);
    for effect in now.found(before, Direction::mixed_from(side.other())) {
        attempt.found.push(Raw {
            rule: effect.rule.id.to_owned(),
            severity: effect.hit.severity,
            subject: format!("state {}", effect.state),
            what: format!("{}: {}", effect.table, effect.hit.message),
            at: effect.table,
            side,
            step: last,
            sort: Sort::Effect,
            evidence: Evidence {
                expected: serde_json::json!({ "rows": effect.control }),
                got: serde_json::json!({ "rows": effect.mixed }),
                ..Evidence::default()
            },
        });
    }
}
