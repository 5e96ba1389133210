//! Whether a pass may go on: all instances are up, and the budget has not passed.
//!
//! The main type is [`Watch`]. That a call failed is known before the end of the process that it killed is; so after a call
//! that found nobody, a moment is waited for the death that may explain it.

use std::time::Duration;

use crate::checks::seam::Deadline;
use crate::drive::Step;
use crate::fleet::{Server, Standing};
use crate::model::{Fault, Observation};

/// How long the death of a process is waited for, when something speaks for it: a crash may write a core file first.
const GRACE: Duration = Duration::from_millis(500);

/// What stands while calls go out, and for how long.
pub(super) struct Watch<'a> {
    pub(super) standing: &'a Standing,
    /// The servers that calls go to, lane by lane.
    pub(super) servers: &'a [&'a Server],
    pub(super) deadline: Option<Deadline>,
}

impl Watch<'_> {
    /// Why no further call may go out, where that is so: nothing that is sent after this would be compared.
    pub(super) fn stop(&self) -> Option<String> {
        self.died().or_else(|| self.deadline.as_ref().and_then(Deadline::passed))
    }

    /// Which server has ended, and how.
    pub(super) fn died(&self) -> Option<String> {
        self.standing.died().map(|death| format!("the {} died ({})", death.server, death.exit))
    }

    /// Waits for the deaths that may explain what a step came to. Some: the step reached nobody, since an earlier one had
    /// ended a server, and says nothing.
    pub(super) async fn after(&self, step: &Step) -> Option<String> {
        let lost = |lane: &usize| {
            matches!(
                step.observations.get(*lane),
                Some(Observation::Fault(Fault::Refused | Fault::Closed | Fault::Truncated))
            )
        };
        let lost: Vec<usize> = (0..self.servers.len()).filter(lost).collect();
        let servers: Vec<&Server> = lost.iter().map(|lane| self.servers[*lane]).collect();
        self.wait_for(&servers).await;
        let refused = |lane: &usize| matches!(step.observations.get(*lane), Some(Observation::Fault(Fault::Refused)));
        let too_late = lost.iter().filter(|lane| refused(lane)).any(|lane| self.servers[*lane].died().is_some());
        if too_late { self.died() } else { None }
    }

    /// Waits until what killed one of two twins has killed the other, if it does.
    pub(super) async fn settled(&self) {
        let all = &self.standing.servers;
        let is_half = |one: &&Server| {
            let mut others = all
                .iter()
                .filter(|other| (&other.service, other.side) == (&one.service, one.side) && other.twin != one.twin);
            one.died().is_none() && others.any(|other| other.died().is_some())
        };
        let waited: Vec<&Server> = all.iter().filter(is_half).collect();
        self.wait_for(&waited).await;
    }

    async fn wait_for(&self, servers: &[&Server]) {
        let all = async {
            for server in servers {
                server.ended().await;
            }
        };
        // That it lives on is an answer too.
        let _ = tokio::time::timeout(GRACE, all).await;
    }
}
