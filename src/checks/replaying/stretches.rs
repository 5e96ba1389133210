//! A pass through arrangements: stood up, sent through, taken down. Where a call ends a server, the pass goes on in a fresh
//! arrangement without that call, so that one crash doesn't hide what comes after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::pass::{Chosen, Pass, Rest, Selection, Visit};
use super::processes;
use super::run::{Leg, Recorded};
use super::tally::{Death, ProcessCandidate};
use super::watch::Watch;
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::drive::{Lane, Lanes};
use crate::fleet::{Arrangement, Member, Server, Standing, Stores};
use crate::model::Side;
use crate::wire::Limits;

/// After as many calls that ended a server, what is left of a pass is not sent: each costs a fresh start.
const MOST_DEATHS: usize = 5;

/// How the processes did in a pass.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) found: Vec<ProcessCandidate>,
    pub(super) control_trouble: Option<Death>,
    pub(super) known_logs: BTreeSet<(String, String)>,
    /// Mixed servers that ended where their twins went on.
    pub(super) halves: BTreeSet<String>,
}

impl Job<'_> {
    /// Sends what is selected through fresh arrangements: one, and one more for each call that ends a server.
    pub(super) async fn pass(
        &self,
        leg: &Leg<'_>,
        selection: Selection,
        visit: &mut Visit<'_>,
    ) -> Result<Ended, CheckError> {
        let Recorded { spec, recording, surfaces } = leg.recorded;
        let (service, rest) = (&spec.service, Rest::default());
        let mut chosen = Chosen { manifest: self.manifest, service, recording, surfaces, selection, rest };
        let mut ended = Ended::default();
        loop {
            if let Some(why) = self.deadline.as_ref().and_then(Deadline::passed) {
                chosen.none(&why, visit)?;
                return Ok(ended);
            }
            match self.stretch(leg, &chosen, &mut ended, visit).await? {
                Some(deadly) => chosen.rest.without(deadly),
                None => return Ok(ended),
            }
        }
    }

    /// Stands a fresh arrangement up, sends what is left through it, and takes it down. Gives the call that ended a server,
    /// where that may be left out and the pass go on.
    async fn stretch(
        &self,
        leg: &Leg<'_>,
        chosen: &Chosen<'_>,
        ended: &mut Ended,
        visit: &mut Visit<'_>,
    ) -> Result<Option<u64>, CheckError> {
        let Leg { recorded: Recorded { spec, .. }, direction, .. } = *leg;
        let (from, to) = (direction.from, direction.to);
        let members = vec![Member::of(from), Member::twin_of(from), Member::of(to), Member::twin_of(to)];
        let arrangement = Arrangement { members, stores: Stores::Own };
        let standing = self.bench.stand_up(&arrangement).await?;
        let servers = servers(&standing, &arrangement, &spec.service);
        let lanes = Arc::new(Lanes {
            lanes: servers.iter().enumerate().filter_map(|(lane, server)| self.lane(lane, server, from)).collect(),
            protocol: Arc::clone(&self.protocol),
            limits: Limits { timeout: self.manifest.replay.timeout, ..Limits::default() },
            settle: self.manifest.replay.settle,
            secrets: Arc::clone(&self.secrets),
            own_values: false,
            force_bindings: self.force_bindings,
        });
        let watch = Watch { standing: &standing, servers: &servers, deadline: self.deadline };
        let may_go_on = chosen.rest.deaths() < MOST_DEATHS;
        let deadly = Pass { chosen, lanes, jobs: self.jobs, watch: &watch, may_go_on }.run(visit).await?;
        watch.settled().await;
        let after = deadly.unwrap_or(u64::MAX);
        // A call may end a process that another service of its cell runs.
        for name in self.manifest.services.iter().map(|service| service.name.as_str()) {
            let of_one = self::servers(&standing, &arrangement, name);
            for found in processes::look(name, &of_one, direction) {
                let found = ProcessCandidate { after, ..found };
                if !ended.found.iter().any(|known| known.is_same(&found)) {
                    ended.found.push(found);
                }
            }
            ended.known_logs.extend(processes::known(name, &of_one, direction));
            ended.halves.extend(processes::half(name, &of_one, direction));
            let trouble = || processes::control_trouble(&of_one).map(|how| Death { after, how });
            ended.control_trouble = ended.control_trouble.take().or_else(trouble);
        }
        for server in &servers {
            server.endpoints.iter().for_each(|(_, endpoint)| self.protocol.hang_up(endpoint));
        }
        standing.take_down().await?;
        Ok(deadly)
    }

    /// An instance as the clients of that side meet it.
    fn lane(&self, lane: usize, server: &Server, clients: Side) -> Option<Lane> {
        let service = self.manifest.services.iter().find(|service| service.name == server.service)?;
        Some(Lane {
            name: server.name.clone(),
            endpoint: server.endpoint()?.clone(),
            grpc: server.grpc().cloned(),
            reading: self.readings.between(&server.service, clients, server.side),
            host: None,
            identity: server.identity.needles().to_vec(),
            // A server that straddle can't start a second time is its own twin: the lane before it.
            shares: (server.shared_instance && server.twin).then(|| lane.saturating_sub(1)),
            writes: !server.shared_instance || service.builds.get(server.side).writes,
        })
    }
}

/// The servers of one service, in the order of the arrangement's members.
fn servers<'s>(standing: &'s Standing, arrangement: &Arrangement, service: &str) -> Vec<&'s Server> {
    arrangement.members.iter().filter_map(|member| standing.server(&member.name, service)).collect()
}
