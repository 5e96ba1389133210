//! Processes: which ended or logged a panic at a checkpoint, where no control did.

use super::sheet::Sheet;
use super::stand::{Role, Stand};
use super::tally::Raw;
use crate::checks::conduct::{self, Misdeed};
use crate::checks::seam::Job;
use crate::model::{Direction, Event, Replay};

impl Sheet {
    /// Looks at all processes, or at those of one stand.
    pub(super) fn misdeeds(
        &mut self,
        job: &Job<'_>,
        stands: &[Stand],
        only: Option<usize>,
        pass: u8,
        replay: Option<&Replay>,
    ) {
        for (number, stand) in stands.iter().enumerate() {
            let Some((point, _)) = stand.role.shows(pass).filter(|_| stand.role != Role::Early) else {
                self.own_trouble(job, stand);
                continue;
            };
            if only.is_some_and(|only| only != number) {
                continue;
            }
            for (side, server) in stand.servers() {
                let of_side = stands.iter().filter(|stand| matches!(stand.role, Role::Control(of, _) if of == side));
                let controls = of_side.flat_map(Stand::servers).map(|(_, server)| server);
                let controls = controls.filter(|other| other.service == server.service);
                for Misdeed { at, rule, hit } in
                    conduct::misdeeds(server, controls, Direction::mixed_from(side.other()))
                {
                    self.push(Raw {
                        rule: rule.id.to_owned(),
                        severity: hit.severity,
                        subject: format!("process {}", server.service),
                        at,
                        point,
                        side,
                        message: hit.message,
                        breaks: None,
                        evidence: conduct::evidence(),
                        replay: replay.cloned(),
                        moment: None,
                    });
                }
            }
        }
    }

    /// What ends a control is its own trouble.
    fn own_trouble(&mut self, job: &Job<'_>, stand: &Stand) {
        let Role::Control(side, _) = stand.role else { return };
        if let Some(death) = stand.servers().find_map(|(_, server)| server.died()) {
            (job.events)(Event::Warning(format!("`{}` died ({})", death.server, death.exit)));
            self.trouble(side, format!("a {side} server died on a store of its own ({})", death.exit));
        }
    }
}
