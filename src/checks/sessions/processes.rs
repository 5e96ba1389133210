//! Processes: which of OLD and NEW on one store ended or logged a panic, where no control did.

use std::collections::BTreeSet;
use std::time::Duration;

use super::stand::Stand;
use crate::compare::{Hit, Reader, Spot, What, rules};
use crate::fleet::{Server, Standing};
use crate::model::{At, Direction, Rule, Side, fingerprint};

/// How long a death or a line of a log is waited for that a story is expected to end in.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// What a process did that none of the controls' did.
#[derive(Debug)]
pub(super) struct Misdeed {
    pub(super) service: String,
    pub(super) side: Side,
    pub(super) at: String,
    pub(super) rule: &'static Rule,
    pub(super) hit: Hit,
}

impl Stand {
    /// Looks at all processes.
    pub(super) fn misdeeds(&self) -> Vec<Misdeed> {
        self.mixed().servers.iter().flat_map(|server| self.misdeeds_of(server)).collect()
    }

    /// Waits until that misdeed is there, if it comes.
    pub(super) async fn patiently(&self, service: &str, side: Side, at: &str) -> Option<Misdeed> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let is_it = |misdeed: &Misdeed| misdeed.service == service && misdeed.side == side && misdeed.at == at;
            if let Some(misdeed) = self.misdeeds().into_iter().find(is_it) {
                return Some(misdeed);
            }
            if tokio::time::Instant::now() >= until {
                return None;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn misdeeds_of(&self, server: &Server) -> Vec<Misdeed> {
        // Under `--self` one build plays both sides: its place in the arrangement tells which.
        let place = self
            .mixed()
            .servers
            .iter()
            .filter(|other| other.service == server.service)
            .position(|other| other.name == server.name);
        let side = if place == Some(0) { Side::Old } else { Side::New };
        let controls = [self.same(side), self.alone(side)];
        let of_controls = || controls.iter().flat_map(|standing| of_service(standing, &server.service));
        let (reader, direction) = (Reader::default(), Direction::mixed_from(side.other()));
        let ask = |at: &str, what: What<'_>| {
            let spot = Spot {
                at: At::Header(at.to_owned()),
                direction,
                failing: false,
                used: false,
                sent: false,
                reader: &reader,
                what,
            };
            let (rule, hit) = rules::first(&spot)?;
            Some(Misdeed { service: server.service.clone(), side, at: at.to_owned(), rule, hit })
        };
        let mut found = Vec::new();
        if let Some(death) = server.died()
            && of_controls().all(|control| control.died().is_none())
        {
            let how = death.exit.to_string();
            found.extend(ask("process", What::Process { died: Some(&how), trouble: None }));
        }
        let known: BTreeSet<String> = of_controls().flat_map(Server::troubles).map(|trouble| trouble.shape).collect();
        let shapes: BTreeSet<String> = server.troubles().into_iter().map(|trouble| trouble.shape).collect();
        for shape in shapes.difference(&known) {
            let id = fingerprint("log", &server.service, direction, shape);
            found.extend(ask(&format!("log {}", &id[..8]), What::Process { died: None, trouble: Some(shape) }));
        }
        found
    }
}

fn of_service<'s>(standing: &'s Standing, service: &'s str) -> impl Iterator<Item = &'s Server> {
    standing.servers.iter().filter(move |server| server.service == service)
}
