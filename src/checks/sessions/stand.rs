//! What a session is sent to: OLD and NEW on one store, and beside them the controls, each as two instances of one build on one
//! store, and each as one instance alone, which tells what two of a kind do to each other from what anything does by chance.

use std::sync::Arc;

use crate::checks::seam::{CheckError, Job};
use crate::drive::{Lane, Lanes};
use crate::fleet::{Arrangement, Bench, FleetError, Server, Standing};
use crate::model::{Pair, Side};
use crate::wire::Limits;
use crate::wire::grpc::Reading;

/// The lanes by number. The side whose clients were recorded is at home.
pub(super) const HOME: usize = 0;
/// OLD and NEW.
pub(super) const MIXED: usize = 2;
/// Two of the other side. Beside each pair of a kind stands one alone, in the lane after it.
pub(super) const AWAY: usize = 3;

/// Five arrangements that take the same calls.
pub(super) struct Stand {
    mixed: Standing,
    same: Pair<Standing>,
    alone: Pair<Standing>,
    /// The lanes where that side's turn it is: they differ in the instances alone.
    pub(super) lanes: Pair<Arc<Lanes>>,
    service: String,
    /// Whose clients were recorded.
    home: Side,
    /// By what they read what each side writes.
    readings: Pair<Option<Reading>>,
}

/// Why two of them don't stand on one store.
#[derive(Debug)]
pub(super) enum NoStand {
    /// An instance did not come up there, or can't: in words for a person.
    Apart(String),
    /// It is another trouble altogether.
    Other(CheckError),
}

impl From<CheckError> for NoStand {
    fn from(error: CheckError) -> Self {
        Self::Other(error)
    }
}

impl Stand {
    /// Stands all of them up, on fresh copies of the store.
    pub(super) async fn up(job: &Job<'_>, service: &str, home: Side) -> Result<Self, NoStand> {
        // One after the other in this order, so that what fails is told of the smallest arrangement that shows it.
        let bench = job.bench;
        let (alone_old, alone_new) =
            tokio::try_join!(up(bench, Arrangement::one(Side::Old)), up(bench, Arrangement::one(Side::New)))?;
        let (old, new, mixed) = tokio::try_join!(
            up(bench, Arrangement::two(Side::Old, Side::Old)),
            up(bench, Arrangement::two(Side::New, Side::New)),
            up(bench, Arrangement::two(Side::Old, Side::New)),
        )?;
        let mut stand = Self {
            mixed,
            same: Pair::new(old, new),
            alone: Pair::new(alone_old, alone_new),
            lanes: Pair::new(Side::Old, Side::New).map(|_| Arc::new(lanes(job, Vec::new()))),
            service: service.to_owned(),
            home,
            readings: Pair::new(Side::Old, Side::New).map(|side| job.readings.between(service, home, side)),
        };
        let made = Pair::new(Side::Old, Side::New).map(|turn| Arc::new(lanes(job, stand.lanes_at(turn))));
        stand.lanes = made;
        Ok(stand)
    }

    fn lanes_at(&self, turn: Side) -> Vec<Lane> {
        self.standings().into_iter().filter_map(|standing| self.lane(standing, turn)).collect()
    }

    /// The arrangements in the order of the lanes.
    pub(super) fn standings(&self) -> [&Standing; 5] {
        let (home, away) = (self.home, self.home.other());
        [self.same.get(home), self.alone.get(home), &self.mixed, self.same.get(away), self.alone.get(away)]
    }

    /// Who answers in an arrangement where that side's turn it is: its own server where both are there, or the one that stands in
    /// its place.
    pub(super) fn answering<'s>(&'s self, standing: &'s Standing, turn: Side) -> Option<&'s Server> {
        let mut servers = self.of_service(standing);
        if turn == Side::Old { servers.next() } else { servers.last() }
    }

    fn lane(&self, standing: &Standing, turn: Side) -> Option<Lane> {
        let server = self.answering(standing, turn)?;
        Some(Lane {
            name: server.name.clone(),
            endpoint: server.endpoint()?.clone(),
            grpc: server.grpc().cloned(),
            reading: self.readings.get(server.side).clone(),
            // Clients know a balancer, whichever instance stands behind it.
            host: self.answering(standing, Side::Old)?.endpoint().map(ToString::to_string),
            identity: self.of_service(standing).flat_map(|server| server.identity.needles()).cloned().collect(),
            writes: true,
            shares: None,
        })
    }

    /// The servers of the recorded service, of OLD and NEW on one store: OLD's first.
    pub(super) fn mixed(&self) -> &Standing {
        &self.mixed
    }

    /// Two of a kind on one store.
    pub(super) fn same(&self, side: Side) -> &Standing {
        self.same.get(side)
    }

    /// One of a kind alone.
    pub(super) fn alone(&self, side: Side) -> &Standing {
        self.alone.get(side)
    }

    /// The servers of the recorded service in one of the arrangements.
    fn of_service<'s>(&'s self, standing: &'s Standing) -> impl Iterator<Item = &'s Server> {
        standing.servers.iter().filter(|server| server.service == self.service)
    }

    /// Whether all of its servers live.
    pub(super) fn lives(&self) -> bool {
        self.standings().iter().all(|standing| standing.died().is_none())
    }

    /// Takes all of them down.
    pub(super) async fn down(self, job: &Job<'_>) -> Result<(), CheckError> {
        for server in self.standings().iter().flat_map(|standing| &standing.servers) {
            server.endpoints.iter().for_each(|(_, endpoint)| job.protocol.hang_up(endpoint));
        }
        let Self { mixed, same, alone, .. } = self;
        tokio::try_join!(
            mixed.take_down(),
            same.old.take_down(),
            same.new.take_down(),
            alone.old.take_down(),
            alone.new.take_down()
        )?;
        Ok(())
    }
}

async fn up(bench: &Bench, arrangement: Arrangement) -> Result<Standing, NoStand> {
    bench.stand_up(&arrangement).await.map_err(|error| match error {
        FleetError::NotReady { .. } | FleetError::NotShared { .. } => {
            let text = error.to_string();
            NoStand::Apart(text.lines().next().unwrap_or_default().to_owned())
        }
        other => NoStand::Other(other.into()),
    })
}

fn lanes(job: &Job<'_>, lanes: Vec<Lane>) -> Lanes {
    Lanes {
        lanes,
        protocol: Arc::clone(&job.protocol),
        limits: Limits { timeout: job.manifest.replay.timeout, ..Limits::default() },
        settle: job.manifest.replay.settle,
        secrets: Arc::clone(&job.secrets),
        own_values: true,
        force_bindings: job.force_bindings,
    }
}
