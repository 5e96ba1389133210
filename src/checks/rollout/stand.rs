//! What stands: replicas that go from OLD to NEW, as controls as many that go from OLD to OLD and from NEW to NEW, and one of each
//! that stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::checks::seam::{CheckError, Job};
use crate::drive::{Lane, Lanes};
use crate::fleet::{FleetError, Ground, Passed, Replicas, Stopped};
use crate::model::{Fault, Observation, Pair, Side};
use crate::wire::Limits;

/// The lanes by number: OLD's own dance, and beside it OLD alone.
pub(super) const OLD: usize = 0;
/// From OLD to NEW.
pub(super) const MIXED: usize = 2;
/// NEW's own dance, and beside it NEW alone.
pub(super) const NEW: usize = 3;

/// Who is the control of what that side answers.
pub(super) fn control_of(side: Side) -> usize {
    if side == Side::Old { OLD } else { NEW }
}

/// All of them.
pub(super) struct Stand {
    pub(super) mixed: Replicas,
    pub(super) same: Pair<Replicas>,
    pub(super) alone: Pair<Replicas>,
    /// By service.
    lanes: BTreeMap<String, Arc<Lanes>>,
    /// What replicas that are gone had logged, by who they belonged to, their side and service.
    pub(super) gone: BTreeMap<(usize, Side, String), BTreeSet<String>>,
}

/// Why they don't stand.
#[derive(Debug)]
pub(super) enum NoStand {
    /// A control does not come up: that is its own trouble, in words for a person.
    Own(String),
    /// The mixed one does not come up, and its control does: the service, and why.
    Refused(String, String),
    /// It is another trouble altogether.
    Other(CheckError),
}

impl From<CheckError> for NoStand {
    fn from(error: CheckError) -> Self {
        Self::Other(error)
    }
}

/// A replica that did not become ready: the service, and why; any other error is none of a build's.
pub(super) fn not_ready(job: &Job<'_>, error: FleetError) -> Result<(String, String), CheckError> {
    match error {
        FleetError::NotReady { instance, why, .. } => {
            let services = &job.manifest.services;
            let service = services.iter().find(|service| instance.ends_with(&format!(" {}", service.name)));
            let service = service.or(services.first()).map(|service| service.name.clone());
            Ok((service.unwrap_or_default(), why))
        }
        other => Err(other.into()),
    }
}

impl Stand {
    /// Stands up so many replicas, all as they are before the release.
    pub(super) async fn up(job: &Job<'_>, replicas: usize) -> Result<Self, NoStand> {
        let (old, new) = (Ground::Fresh(Side::Old), Ground::Fresh(Side::New));
        // A build that does not stand by itself says nothing of the other.
        let (alone_old, alone_new) = tokio::try_join!(
            job.bench.replicas("old alone", &[Side::Old], old),
            job.bench.replicas("new alone", &[Side::New], new),
        )
        .map_err(CheckError::from)?;
        let (olds, news) = (vec![Side::Old; replicas], vec![Side::New; replicas]);
        let (mixed, same_old, same_new) = tokio::join!(
            job.bench.replicas("old+new", &olds, old),
            job.bench.replicas("old+old", &olds, old),
            job.bench.replicas("new+new", &news, new),
        );
        let own = |side: Side, result: Result<Replicas, FleetError>| match result {
            Ok(replicas) => Ok(replicas),
            Err(error) => {
                let (_, why) = not_ready(job, error)?;
                Err(NoStand::Own(format!("{replicas} replicas of {side} do not come up on one store: {why}")))
            }
        };
        // OLD stands there by itself as in its own dance.
        let (same_old, same_new, mixed) =
            (own(Side::Old, same_old)?, own(Side::New, same_new)?, own(Side::Old, mixed)?);
        Ok(Self::of(job, mixed, Pair::new(same_old, same_new), Pair::new(alone_old, alone_new)))
    }

    /// One of each on copies of what those have now: OLD, to which all go back, and each control with its own kind.
    /// A store that was migrated is taken back first, where the manifest has a command for that.
    pub(super) async fn back(job: &Job<'_>, from: &Self, is_migrated: bool) -> Result<Self, NoStand> {
        let bench = job.bench;
        let left = if is_migrated { Ground::TakenBack(&from.mixed) } else { Ground::CopyOf(&from.mixed) };
        let (mixed, same_old, same_new, alone_old, alone_new) = tokio::join!(
            bench.replicas("old+new back", &[Side::Old], left),
            bench.replicas("old+old back", &[Side::Old], Ground::CopyOf(&from.same.old)),
            bench.replicas("new+new back", &[Side::New], Ground::CopyOf(&from.same.new)),
            bench.replicas("old alone back", &[Side::Old], Ground::CopyOf(&from.alone.old)),
            bench.replicas("new alone back", &[Side::New], Ground::CopyOf(&from.alone.new)),
        );
        let own = |side: Side, result: Result<Replicas, FleetError>| match result {
            Ok(replicas) => Ok(replicas),
            Err(error) => {
                let (_, why) = not_ready(job, error)?;
                Err(NoStand::Own(format!("{side} does not start again on what {side} has left: {why}")))
            }
        };
        let same = Pair::new(own(Side::Old, same_old)?, own(Side::New, same_new)?);
        let alone = Pair::new(own(Side::Old, alone_old)?, own(Side::New, alone_new)?);
        match mixed {
            Ok(mixed) => Ok(Self::of(job, mixed, same, alone)),
            Err(error) => {
                if let Some((step, why)) = error.failed_command() {
                    return Err(NoStand::Own(format!("`{step}` fails there: {why}")));
                }
                let (service, why) = not_ready(job, error)?;
                Err(NoStand::Refused(service, why))
            }
        }
    }

    fn of(job: &Job<'_>, mixed: Replicas, same: Pair<Replicas>, alone: Pair<Replicas>) -> Self {
        let mut stand = Self { mixed, same, alone, lanes: BTreeMap::new(), gone: BTreeMap::new() };
        stand.make_lanes(job);
        stand
    }

    /// Makes the lanes anew: other instances have other names of their own.
    pub(super) fn make_lanes(&mut self, job: &Job<'_>) {
        let lanes = |service: &str| Lanes {
            lanes: self.all().into_iter().filter_map(|replicas| lane(replicas, service)).collect(),
            protocol: Arc::clone(&job.protocol),
            limits: Limits { timeout: job.manifest.replay.timeout, ..Limits::default() },
            settle: job.manifest.replay.settle,
            secrets: Arc::clone(&job.secrets),
            own_values: true,
            force_bindings: job.force_bindings,
        };
        let services = job.manifest.services.iter();
        self.lanes = services.map(|service| (service.name.clone(), Arc::new(lanes(&service.name)))).collect();
    }

    /// The lanes of a service.
    pub(super) fn lanes(&self, service: &str) -> Option<&Arc<Lanes>> {
        self.lanes.get(service)
    }

    /// All of them, in the order of the lanes.
    pub(super) fn all(&self) -> [&Replicas; 5] {
        [&self.same.old, &self.alone.old, &self.mixed, &self.same.new, &self.alone.new]
    }

    /// The dances, with the numbers of their lanes.
    pub(super) fn dances(&self) -> [(usize, &Replicas); 3] {
        [(OLD, &self.same.old), (MIXED, &self.mixed), (NEW, &self.same.new)]
    }

    /// From now on calls go to that replica of each dance.
    pub(super) fn tell(&self, number: usize) {
        self.dances().iter().for_each(|(_, replicas)| replicas.tell(number));
    }

    /// Why each lane has less than a whole reply, where that is so.
    pub(super) fn lost(&self, service: &str, observations: &[Observation]) -> Vec<Option<String>> {
        let of = |(replicas, observation): (&Replicas, &Observation)| {
            let told = replicas.passed(service).into_iter().find_map(|Passed { lost, .. }| lost);
            told.or_else(|| match observation {
                // What is no HTTP is another matter.
                Observation::Fault(fault) if !matches!(fault, Fault::Malformed(_)) => Some(fault.to_string()),
                _ => None,
            })
        };
        self.all().into_iter().zip(observations).map(of).collect()
    }

    /// Remembers what a replica had logged that is gone.
    pub(super) fn remember(&mut self, lane: usize, side: Side, stopped: Stopped) {
        for (service, troubles) in stopped.troubles {
            self.gone.entry((lane, side, service)).or_default().extend(troubles);
        }
    }

    /// Whether nobody has ended by itself.
    pub(super) fn lives(&self) -> bool {
        self.all().iter().all(|replicas| replicas.died().is_none())
    }

    /// The first control that has ended by itself.
    pub(super) fn control_died(&self) -> Option<String> {
        let [old, old_alone, _, new, new_alone] = self.all();
        let death = [old, old_alone, new, new_alone].into_iter().find_map(Replicas::died)?;
        Some(format!("the {} died ({})", death.server, death.exit))
    }

    /// Takes all of them down.
    pub(super) async fn down(self, job: &Job<'_>) -> Result<(), CheckError> {
        for (service, replicas) in job.manifest.services.iter().flat_map(|s| self.all().map(|replicas| (s, replicas))) {
            replicas.endpoint(&service.name).iter().for_each(|endpoint| job.protocol.hang_up(endpoint));
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

/// Replicas as a lane. Clients know their balancer alone.
fn lane(replicas: &Replicas, service: &str) -> Option<Lane> {
    Some(Lane {
        name: replicas.name().to_owned(),
        endpoint: replicas.endpoint(service)?,
        // A balancer stands before the first port only.
        grpc: None,
        reading: None,
        host: None,
        identity: replicas.needles(service),
        writes: true,
        shares: None,
    })
}
