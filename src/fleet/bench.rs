//! The bench: what a check is handed to stand arrangements up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::builds::{Builds, name};
use super::folders::Scratch;
use super::instance::Start;
use super::source::Build;
use super::standing::{Server, Standing};
use super::waves::waves;
use super::{Arrangement, FleetError, Member, RunFolder, Stores};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;
use crate::model::{Event, Events, Pair, Side};
use crate::process::Guardian;
use crate::store::{Location, Preparation, Templates};
use crate::wire::Endpoint;

/// Stands arrangements up. Clones are the same bench.
#[derive(Clone)]
pub struct Bench {
    pub(super) inner: Arc<Inner>,
}

/// What all instances of a run are started from.
pub(super) struct Inner {
    pub(super) manifest: Arc<Manifest>,
    pub(super) builds: Pair<Builds>,
    pub(super) templates: Arc<Templates>,
    pub(super) guardian: Guardian,
    pub(super) events: Events,
    pub(super) run: Arc<RunFolder>,
    /// The side that stands in for both, where a build is held against itself.
    pub(super) plays: Option<Side>,
    pub(super) stood_up: AtomicUsize,
    /// What builds gave of their contracts, by service, side and target: they are asked once.
    pub(super) served: Mutex<BTreeMap<(String, Side, String), Vec<u8>>>,
    // The templates lie in it.
    _scratch: Scratch,
}

/// What a member that stands has.
pub(super) struct Stood {
    pub(super) servers: Vec<Server>,
    pub(super) scratches: Vec<Scratch>,
    copies: BTreeMap<String, Location>,
}

impl Bench {
    /// A bench for these builds. Seeds and migrates the stores that every instance will get a copy of. With `plays` that
    /// side's build stands up for both sides, and members keep their names. `secrets` has the passwords of database servers.
    pub async fn new(
        manifest: Arc<Manifest>,
        builds: Pair<Builds>,
        guardian: Guardian,
        events: Events,
        run: Arc<RunFolder>,
        plays: Option<Side>,
        secrets: &Secrets,
    ) -> Result<Self, FleetError> {
        let scratch = run.scratch()?;
        let log = |name: &str| run.log(name);
        let (checkouts, environments) = sites(&manifest, &builds);
        let preparation = Preparation {
            states: &manifest.states,
            manifest_folder: &manifest.folder,
            checkouts,
            environments,
            guardian: &guardian,
            secrets,
            log: &log,
            folder: scratch.path(),
        };
        let templates = Arc::new(Templates::prepare(&preparation).await?);
        let inner = Inner {
            manifest,
            builds,
            templates,
            guardian,
            events,
            run,
            plays,
            stood_up: AtomicUsize::new(0),
            served: Mutex::new(BTreeMap::new()),
            _scratch: scratch,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The builds that it stands up.
    pub fn builds(&self) -> &Pair<Builds> {
        &self.inner.builds
    }

    /// The folder of this run's files.
    pub fn folder(&self) -> &Path {
        self.inner.run.path()
    }

    /// Starts all instances of an arrangement at once and waits until all are ready.
    pub async fn stand_up(&self, arrangement: &Arrangement) -> Result<Standing, FleetError> {
        let inner = &self.inner;
        inner.can_share(arrangement)?;
        let round = inner.stood_up.fetch_add(1, Ordering::Relaxed) + 1;
        (inner.events)(Event::Booting { instances: inner.names(arrangement) });
        let mut standing = Standing {
            servers: Vec::new(),
            copies: Vec::new(),
            scratches: Vec::new(),
            templates: inner.templates.clone(),
        };
        let shared = match arrangement.stores {
            Stores::Own => None,
            Stores::Shared(side) => {
                let scratch = inner.run.scratch()?;
                let copies = inner.templates.copy(inner.plays.unwrap_or(side), scratch.path()).await?;
                standing.scratches.push(scratch);
                standing.copies.push(copies.clone());
                Some(copies)
            }
        };
        let mut starting = JoinSet::new();
        for (index, member) in arrangement.members.iter().enumerate() {
            let side = inner.plays.unwrap_or(member.side);
            let (inner, member, shared) = (inner.clone(), Member { side, ..member.clone() }, shared.clone());
            starting.spawn(async move { Ok((index, inner.stand_up(&member, shared, round).await?)) });
        }
        let mut stood = all(starting).await?;
        stood.sort_by_key(|(index, _)| *index);
        for (_, member) in stood {
            standing.servers.extend(member.servers);
            standing.scratches.extend(member.scratches);
            standing.copies.push(member.copies);
        }
        Ok(standing)
    }
}

impl Inner {
    /// Stands a member up, on those stores or on copies of its own.
    pub(super) async fn stand_up(
        self: &Arc<Self>,
        member: &Member,
        shared: Option<BTreeMap<String, Location>>,
        round: usize,
    ) -> Result<Stood, FleetError> {
        let mut stood = Stood { servers: Vec::new(), scratches: Vec::new(), copies: BTreeMap::new() };
        let states = if let Some(states) = shared {
            states
        } else {
            let scratch = self.run.scratch()?;
            stood.copies = self.templates.copy(member.side, scratch.path()).await?;
            stood.scratches.push(scratch);
            stood.copies.clone()
        };
        let mut servers: BTreeMap<usize, Server> = BTreeMap::new();
        let mut siblings: BTreeMap<String, Endpoint> = BTreeMap::new();
        for wave in waves(&self.manifest.services, member.side)? {
            let mut starting = JoinSet::new();
            for index in wave {
                let (inner, member, states, siblings) =
                    (self.clone(), member.clone(), states.clone(), siblings.clone());
                starting
                    .spawn(async move { Ok((index, inner.start(index, &member, &states, &siblings, round).await?)) });
            }
            for (index, (server, scratch)) in all(starting).await? {
                if let Some(endpoint) = server.endpoint() {
                    siblings.insert(server.service.clone(), endpoint.clone());
                }
                servers.insert(index, server);
                stood.scratches.push(scratch);
            }
        }
        stood.servers.extend(servers.into_values());
        Ok(stood)
    }

    async fn start(
        &self,
        index: usize,
        member: &Member,
        states: &BTreeMap<String, Location>,
        siblings: &BTreeMap<String, Endpoint>,
        round: usize,
    ) -> Result<(Server, Scratch), FleetError> {
        let service = &self.manifest.services[index];
        let build: &Build = &self.builds.get(member.side).all()[index];
        let name = name(&self.manifest, service, &member.name);
        let log = self.run.log(&if round == 1 { name.clone() } else { format!("{name}.{round}") });
        Start { inner: self, member, service, build, states, siblings, name, log }.start().await
    }

    fn can_share(&self, arrangement: &Arrangement) -> Result<(), FleetError> {
        if arrangement.stores == Stores::Own || arrangement.members.len() < 2 {
            return Ok(());
        }
        match self.manifest.states.iter().find(|state| !state.shared) {
            Some(state) => Err(FleetError::NotShared {
                state: state.name.clone(),
                members: arrangement.members.iter().map(|member| member.name.clone()).collect(),
            }),
            None => Ok(()),
        }
    }

    pub(super) fn names(&self, arrangement: &Arrangement) -> Vec<String> {
        let services = &self.manifest.services;
        let of = |member: &Member| {
            services.iter().map(|service| name(&self.manifest, service, &member.name)).collect::<Vec<_>>()
        };
        arrangement.members.iter().flat_map(of).collect()
    }
}

/// Where migrations of each side run, and what they get as environment: those of the first service whose build lies in a
/// folder, since a state belongs to no service.
pub(super) fn sites<'b>(
    manifest: &'b Manifest,
    builds: &'b Pair<Builds>,
) -> (Pair<Option<&'b Path>>, Pair<&'b BTreeMap<String, String>>) {
    static NONE: BTreeMap<String, String> = BTreeMap::new();
    let first = |side: Side| {
        let mut with_folder = builds.get(side).all().iter().zip(&manifest.services);
        with_folder.find_map(|(build, service)| Some((build.site.folder()?, &service.builds.get(side).env)))
    };
    let sides = Pair::new(Side::Old, Side::New);
    (
        sides.map(|side| first(side).map(|(folder, _)| folder)),
        sides.map(|side| first(side).map_or(&NONE, |(_, env)| env)),
    )
}

/// What all tasks give, in whatever order; the first error ends the others.
async fn all<T: 'static>(mut tasks: JoinSet<Result<T, FleetError>>) -> Result<Vec<T>, FleetError> {
    let mut results = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        match joined {
            Ok(result) => results.push(result?),
            Err(error) => match error.try_into_panic() {
                // A bug stays a bug: it is told where it happened.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(FleetError::CutOff),
            },
        }
    }
    Ok(results)
}
