//! One instance: ports, placeholders, process, readiness.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::bench::Inner;
use super::folders::Scratch;
use super::identity::{self, Identity};
use super::ports::{Port, pick, says_port_taken};
use super::readiness::Readiness;
use super::running::Running;
use super::source::{Build, Site};
use super::standing::Server;
use super::{FleetError, Member};
use crate::manifest::{BuildSpec, Service};
use crate::model::Event;
use crate::process::{Process, Spec};
use crate::store::{Location, Values};
use crate::wire::Endpoint;

/// Where instances listen. The same as what `{host}` is filled with.
const HOST: &str = "127.0.0.1";
/// How often a build that finds its port taken is started again with others.
const PORT_RETRIES: usize = 3;
/// As many lines of a log as an error shows.
const SHOWN: usize = 20;

/// What an instance is started from.
pub(super) struct Start<'a> {
    pub(super) inner: &'a Inner,
    pub(super) member: &'a Member,
    pub(super) service: &'a Service,
    pub(super) build: &'a Build,
    pub(super) states: &'a BTreeMap<String, Location>,
    /// The services of this member that are ready: their names and addresses.
    pub(super) siblings: &'a BTreeMap<String, Endpoint>,
    /// The instance's name.
    pub(super) name: String,
    /// The file for its log.
    pub(super) log: PathBuf,
}

enum Failure {
    PortTaken(FleetError),
    Other(FleetError),
}

impl Start<'_> {
    /// Starts it and waits until it is ready.
    pub(super) async fn start(&self) -> Result<(Server, Scratch), FleetError> {
        let scratch = self.inner.run.scratch()?;
        if let Site::Running(url) = &self.build.site {
            return Ok((self.running(url, &scratch).await?, scratch));
        }
        let mut tries = 0;
        loop {
            match self.launch(&scratch).await {
                Ok(server) => return Ok((server, scratch)),
                Err(Failure::PortTaken(_)) if tries < PORT_RETRIES => tries += 1,
                Err(Failure::PortTaken(error) | Failure::Other(error)) => return Err(error),
            }
        }
    }

    /// A build that somebody else runs: it is asked whether it is there.
    async fn running(&self, url: &str, scratch: &Scratch) -> Result<Server, FleetError> {
        let at = Running::parse(url)
            .map_err(|message| FleetError::Service { service: self.service.name.clone(), message })?;
        let readiness = Readiness::of(self.service)?;
        let limit = self.service.ready_timeout;
        if tokio::time::timeout(limit, readiness.wait(&at.endpoint, None)).await.is_err() {
            return Err(FleetError::NotThere { instance: self.name.clone(), url: url.to_owned(), limit });
        }
        let needles = identity::authority(&at.authority).into_iter().chain(self.sibling_needles());
        let mut server = self.server(scratch, Identity::new(needles), None);
        server.endpoints = self.service.ports.first().map(|name| (name.clone(), at.endpoint)).into_iter().collect();
        server.shared_instance = true;
        Ok(server)
    }

    async fn launch(&self, scratch: &Scratch) -> Result<Server, Failure> {
        let begun = Instant::now();
        let unavailable = |error| Failure::Other(FleetError::Port { instance: self.name.clone(), error });
        let ports = pick(&self.service.ports).map_err(unavailable)?;
        let process = self.spawn(scratch, &ports).await.map_err(Failure::Other)?;
        let endpoints: Vec<(String, Endpoint)> =
            ports.iter().map(|port| (port.name.clone(), Endpoint::new(HOST, port.number))).collect();
        self.until_ready(&process, &endpoints).await?;
        let after_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        (self.inner.events)(Event::Ready { instance: self.name.clone(), after_ms });
        let mut server = self.server(scratch, self.identity(scratch, &ports), Some(process));
        server.endpoints = endpoints;
        server.ports = ports;
        Ok(server)
    }

    async fn spawn(&self, scratch: &Scratch, ports: &[Port]) -> Result<Process, FleetError> {
        let spec = self.build_spec();
        let (Some(run), Some(folder)) = (&spec.run, self.build.site.folder()) else {
            return Err(FleetError::NoRun { service: self.service.name.clone(), side: self.member.side });
        };
        let values = self.values(scratch, ports);
        let unfilled = |message| FleetError::Placeholder { instance: self.name.clone(), message };
        let program = values.command(run).map_err(unfilled)?;
        let env = values.environment(&spec.env).map_err(unfilled)?;
        let spec = Spec { env, log: Some(self.log.clone()), ..Spec::new(format!("`{}`", self.name), program, folder) };
        Ok(self.inner.guardian.spawn(spec).await?)
    }

    async fn until_ready(&self, process: &Process, endpoints: &[(String, Endpoint)]) -> Result<(), Failure> {
        let readiness = Readiness::of(self.service).map_err(Failure::Other)?;
        let limit = self.service.ready_timeout;
        let Some(endpoint) = readiness.asked(endpoints) else {
            return Ok(());
        };
        let waited = tokio::select! {
            biased;
            exit = process.wait() => Ok(Some(exit)),
            // Somebody else may have answered on its port, while it found that taken.
            () = readiness.wait(endpoint, Some(process.log())) => Ok(process.exited()),
            () = tokio::time::sleep(limit) => Err(format!("waited {} for {}", seconds(limit), readiness.as_phrase())),
        };
        let died = waited.map_err(|why| Failure::Other(self.not_ready(process, why)))?;
        let Some(exit) = died else { return Ok(()) };
        // Ends what it may have left, and waits for the last lines of its log.
        process.stop(Duration::ZERO).await;
        let hint = if exit.success() { ": `run` must start it in the foreground" } else { "" };
        let error = self.not_ready(process, format!("it ended, {exit}{hint}"));
        let lines = process.log().tail(usize::MAX);
        if says_port_taken(lines.iter().map(String::as_str)) {
            return Err(Failure::PortTaken(error));
        }
        Err(Failure::Other(error))
    }

    fn not_ready(&self, process: &Process, why: String) -> FleetError {
        FleetError::NotReady { instance: self.name.clone(), why, lines: process.log().tail(SHOWN) }
    }

    fn values(&self, scratch: &Scratch, ports: &[Port]) -> Values {
        let mut values = Values::of(self.member.side);
        values.set_dir(scratch.path());
        if let Some(port) = ports.first() {
            values.set("port", port.number.to_string());
            values.set(format!("service.{}.url", self.service.name), format!("http://{HOST}:{}", port.number));
        }
        for port in ports {
            values.set(format!("port.{}", port.name), port.number.to_string());
        }
        for (name, location) in self.states {
            values.set_state(name, location);
        }
        for (name, endpoint) in self.siblings {
            values.set(format!("service.{name}.url"), format!("http://{endpoint}"));
        }
        values
    }

    fn identity(&self, scratch: &Scratch, ports: &[Port]) -> Identity {
        let mut needles = Vec::new();
        for (index, port) in ports.iter().enumerate() {
            let placeholder = if index == 0 { "{host}".to_owned() } else { format!("{{host.{}}}", port.name) };
            needles.extend(identity::address(port.number, &placeholder));
        }
        needles.extend(self.sibling_needles());
        needles.extend(identity::path(scratch.path(), "{dir}"));
        for (name, location) in self.states {
            needles.extend(identity::path(&location.path, &format!("{{state.{name}.path}}")));
            for (seen, of) in &location.seen_as {
                needles.push((seen.clone(), format!("{{state.{name}.{of}}}")));
            }
        }
        if let Site::Folder { path, ours: true } = &self.build.site {
            needles.extend(identity::path(path, "{checkout}"));
        }
        Identity::new(needles)
    }

    fn sibling_needles(&self) -> Vec<(String, String)> {
        let of =
            |(name, endpoint): (&String, &Endpoint)| identity::address(endpoint.port, &format!("{{service.{name}}}"));
        self.siblings.iter().flat_map(of).collect()
    }

    fn server(&self, scratch: &Scratch, identity: Identity, process: Option<Process>) -> Server {
        Server {
            name: self.name.clone(),
            member: self.member.name.clone(),
            service: self.service.name.clone(),
            side: self.member.side,
            twin: self.member.twin,
            endpoints: Vec::new(),
            dir: scratch.path().to_owned(),
            states: self.states.clone(),
            identity,
            shared_instance: false,
            process,
            stop_timeout: self.service.stop_timeout,
            ports: Vec::new(),
        }
    }

    fn build_spec(&self) -> &BuildSpec {
        self.service.builds.get(self.member.side)
    }
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
