//! Replicas: several instances of the builds on one store behind a balancer, replaced one by one while the others serve.
//!
//! Clients know the balancer alone, and so does whoever sends calls: a replica is told to take the next ones, and what became of
//! each is told. A replica is all services of the manifest, each as one instance; each service has a balancer. The main type is
//! [`Replicas`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::task::JoinSet;

use super::bench::Bench;
use super::identity;
use super::place::Place;
use super::standing::{Death, Server, Standing};
use super::{FleetError, Member};
use crate::model::Side;
use crate::proxy::{Draining, Instances, Limits, Mixer, Outcome, Plan, Told, Upstream};
use crate::store::{Migration, MigrationFailed};
use crate::wire::Endpoint;

/// How long a balancer whose instances are gone has to end.
const GRACE: Duration = Duration::from_millis(200);

/// What replicas stand on.
#[derive(Clone, Copy)]
pub enum Ground<'a> {
    /// A fresh copy of what that side expects.
    Fresh(Side),
    /// A copy of what those others have now, who may be serving.
    CopyOf(&'a Replicas),
    /// The same, taken back by the manifest's down-migrations.
    TakenBack(&'a Replicas),
}

/// Instances behind balancers. Dropping them ends all.
pub struct Replicas {
    name: String,
    members: Vec<Option<Replica>>,
    balancers: BTreeMap<String, Balancer>,
    /// What must be folded out of the messages of each service, of all instances that it ever had.
    known: BTreeMap<String, Vec<(String, String)>>,
    // Goes after the processes that use it.
    place: Place,
}

/// One of them: an instance of each service.
#[derive(Debug)]
pub struct Replica {
    side: Side,
    standing: Standing,
}

/// What became of a replica that was stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stopped {
    /// By service the shapes of the panics and uncaught exceptions in its log.
    pub troubles: BTreeMap<String, BTreeSet<String>>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// The replica that it was sent to, by its number.
    pub replica: Option<usize>,
    /// Why its client has less than a replica's whole reply, where that is so.
    pub lost: Option<String>,
}

struct Balancer {
    mixer: Mixer,
    told: Told,
}

impl Bench {
    /// Stands up one replica for each of those sides, one after the other as in production, and a balancer before them.
    pub async fn replicas(&self, name: &str, sides: &[Side], ground: Ground<'_>) -> Result<Replicas, FleetError> {
        let place = match ground {
            Ground::Fresh(side) => self.place(side).await?,
            Ground::CopyOf(others) => others.place.copy().await?,
            Ground::TakenBack(others) => {
                let place = others.place.copy().await?;
                if let Err(failed) = place.migrate(Migration::Down).await? {
                    place.remove().await?;
                    return Err(FleetError::Store(failed.into()));
                }
                place
            }
        };
        let (members, known) = (Vec::new(), BTreeMap::new());
        let mut replicas = Replicas { name: name.to_owned(), members, balancers: BTreeMap::new(), known, place };
        for service in &self.inner.manifest.services {
            replicas.balancers.insert(service.name.clone(), Balancer::listen(&service.name).await?);
        }
        for (number, side) in sides.iter().enumerate() {
            let replica = match replicas.start(number, *side).await {
                Ok(replica) => replica,
                Err(error) => {
                    replicas.take_down().await?;
                    return Err(error);
                }
            };
            replicas.put(number, replica);
        }
        Ok(replicas)
    }
}

impl Replicas {
    /// What logs and errors call them.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the balancer of that service listens.
    pub fn endpoint(&self, service: &str) -> Option<Endpoint> {
        let address = self.balancers.get(service)?.mixer.address();
        Some(Endpoint::new(address.ip().to_string(), address.port()))
    }

    /// What must be folded out of the messages of that service.
    pub fn needles(&self, service: &str) -> Vec<(String, String)> {
        let own = self.balancers.get(service).map(|balancer| balancer.mixer.address().port());
        let own = own.into_iter().flat_map(|port| identity::address(port, "{host}"));
        own.chain(self.known.get(service).into_iter().flatten().cloned()).collect()
    }

    /// From now on calls go to that replica.
    pub fn tell(&self, number: usize) {
        self.balancers.values().for_each(|balancer| balancer.told.to(&upstream(number)));
    }

    /// What became of the calls to that service since this was asked last.
    pub fn passed(&self, service: &str) -> Vec<Passed> {
        let taken = self.balancers.get(service).map(|balancer| balancer.mixer.log().take()).unwrap_or_default();
        let told = |outcome: &Outcome| outcome.is_loss().then(|| outcome.to_string());
        let number = |name: &str| name.strip_prefix('r').and_then(|number| number.parse::<usize>().ok());
        taken
            .lines
            .iter()
            .map(|line| Passed { replica: line.instance.as_deref().and_then(number), lost: told(&line.outcome) })
            .collect()
    }

    /// Takes a replica out: the calls that it has may end, and it gets no more. How many calls it has is told.
    pub fn take_out(&mut self, number: usize) -> Option<(Replica, usize)> {
        let replica = self.members.get_mut(number)?.take()?;
        let out = self.balancers.values().filter_map(|balancer| balancer.mixer.instances().take_out(&upstream(number)));
        let open = out.map(|draining| draining.open()).sum();
        Some((replica, open))
    }

    /// Starts an instance of each service on their store, for that place. It gets no calls until it is [`put`](Self::put) there.
    pub async fn start(&self, number: usize, side: Side) -> Result<Replica, FleetError> {
        let member = Member { name: format!("{} r{}", self.name, number + 1), side, twin: false };
        Ok(Replica { side, standing: self.place.stand_up(&member).await? })
    }

    /// Puts a replica in its place.
    pub fn put(&mut self, number: usize, replica: Replica) {
        for server in replica.servers() {
            let known = self.known.entry(server.service.clone()).or_default();
            known.extend(
                server.identity.needles().iter().filter(|new| !known.contains(new)).cloned().collect::<Vec<_>>(),
            );
            if let (Some(balancer), Some(endpoint)) = (self.balancers.get(&server.service), server.endpoint()) {
                // Nobody of that name is there.
                let _: Option<Draining> =
                    balancer.mixer.instances().add(Upstream::new(upstream(number), endpoint.clone()));
            }
        }
        if self.members.len() <= number {
            self.members.resize_with(number + 1, || None);
        }
        self.members[number] = Some(replica);
    }

    /// Runs `migrate.new` on their store while they serve. That it fails is no error.
    pub async fn migrate(&self) -> Result<Result<(), MigrationFailed>, FleetError> {
        self.place.migrate(Migration::New).await
    }

    /// Those that are there, with their numbers.
    pub fn members(&self) -> impl Iterator<Item = (usize, &Replica)> {
        self.members.iter().enumerate().filter_map(|(number, member)| Some((number, member.as_ref()?)))
    }

    /// The first server that has ended by itself, if one has.
    pub fn died(&self) -> Option<Death> {
        self.members().find_map(|(_, replica)| replica.died())
    }

    /// Ends all of them, each with the time that its service has for it, and removes their store.
    pub async fn take_down(mut self) -> Result<(), FleetError> {
        let mut stopping = JoinSet::new();
        for number in 0..self.members.len() {
            // A server that is asked to end need not wait for connections that nobody uses.
            if let Some((replica, _)) = self.take_out(number) {
                stopping.spawn(replica.stop());
            }
        }
        while stopping.join_next().await.is_some() {}
        for balancer in std::mem::take(&mut self.balancers).into_values() {
            balancer.mixer.end().await;
        }
        self.place.remove().await
    }
}

impl Replica {
    /// Whose build it stands for.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Its servers, in the order of the manifest's services.
    pub fn servers(&self) -> &[Server] {
        &self.standing.servers
    }

    /// The first of its servers that has ended by itself, with the side that it stands for.
    pub fn died(&self) -> Option<Death> {
        let death = self.standing.died()?;
        Some(Death { side: self.side, ..death })
    }

    /// By service the shapes of the panics and uncaught exceptions in its log.
    pub fn troubles(&self) -> BTreeMap<String, BTreeSet<String>> {
        let of = |server: &Server| server.troubles().into_iter().map(|trouble| trouble.shape).collect();
        self.servers().iter().map(|server| (server.service.clone(), of(server))).collect()
    }

    /// Asks it to end (SIGTERM), and ends it where it doesn't within the time that its service has for that.
    pub async fn stop(mut self) -> Stopped {
        let mut stopping = JoinSet::new();
        for server in &mut self.standing.servers {
            if let Some(process) = server.process.take() {
                let (service, grace) = (server.service.clone(), server.stop_timeout());
                stopping.spawn(async move {
                    let log = process.log().clone();
                    process.stop(grace).await;
                    (service, log.troubles().into_iter().map(|trouble| trouble.shape).collect())
                });
            }
        }
        let mut stopped = Stopped::default();
        while let Some(Ok((service, troubles))) = stopping.join_next().await {
            stopped.troubles.insert(service, troubles);
        }
        // Nothing of it runs: what is left is folders.
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
        stopped
    }
}

impl Balancer {
    async fn listen(service: &str) -> Result<Self, FleetError> {
        let told = Told::new(&upstream(0));
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let limits = Limits { grace: GRACE, ..Limits::default() };
        let mixer = Mixer::listen(at, Instances::default(), Plan::Told(told.clone()), limits).await;
        let mixer =
            mixer.map_err(|error| FleetError::Balancer { service: service.to_owned(), message: error.to_string() })?;
        Ok(Self { mixer, told })
    }
}

/// What balancers call the replica of that number.
fn upstream(number: usize) -> String {
    format!("r{number}")
}
