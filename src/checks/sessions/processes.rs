//! Processes: which of OLD and NEW on one store ended or logged a panic, where no control did.

use std::time::Duration;

use super::stand::Stand;
use crate::checks::conduct::{self, Misdeed};
use crate::fleet::{Death, Server, Standing};
use crate::model::{Direction, Side};

/// How long a death or a line of a log is waited for that a story is expected to end in.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(20);

impl Stand {
    /// Looks at all processes: which service's, on which side, and what it did.
    pub(super) fn misdeeds(&self) -> Vec<(String, Side, Misdeed)> {
        let of = |server: &Server| {
            let side = self.side(server);
            let controls = [self.same(side), self.alone(side)];
            let controls = controls.iter().flat_map(|standing| of_service(standing, &server.service));
            let misdeeds = conduct::misdeeds(server, controls, Direction::mixed_from(side.other()));
            misdeeds.into_iter().map(|misdeed| (server.service.clone(), side, misdeed)).collect::<Vec<_>>()
        };
        self.mixed().servers.iter().flat_map(of).collect()
    }

    /// A control of that side that has ended. What one dies of the other may be dying of too: that is waited for, so that it is
    /// not chance which of them is named.
    pub(super) async fn control_died(&self, side: Side) -> Option<Death> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let (same, alone) = (self.same(side).died(), self.alone(side).died());
            if same.is_some() == alone.is_some() || tokio::time::Instant::now() >= until {
                return same.or(alone);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until that misdeed is there, if it comes.
    pub(super) async fn patiently(&self, service: &str, side: Side, at: &str) {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let is_it = |(of, by, misdeed): &(String, Side, Misdeed)| of == service && *by == side && misdeed.at == at;
            if self.misdeeds().iter().any(is_it) || tokio::time::Instant::now() >= until {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Under `--self` one build plays both sides: its place in the arrangement tells which.
    fn side(&self, server: &Server) -> Side {
        let place = of_service(self.mixed(), &server.service).position(|other| other.name == server.name);
        if place == Some(0) { Side::Old } else { Side::New }
    }
}

fn of_service<'s>(standing: &'s Standing, service: &'s str) -> impl Iterator<Item = &'s Server> {
    standing.servers.iter().filter(move |server| server.service == service)
}
