//! Processes: which ended or logged a panic at a checkpoint, where no control did.

use std::collections::BTreeSet;

use super::sheet::{Sheet, asked};
use super::stand::{Role, Stand};
use super::tally::Raw;
use crate::checks::seam::Job;
use crate::compare::What;
use crate::fleet::Server;
use crate::model::{Direction, Event, Evidence, Replay, Side, fingerprint};

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
                for (at, told) in misdeeds(stands, side, server) {
                    let Some((rule, hit)) = told else { continue };
                    self.push(Raw {
                        rule: rule.id.to_owned(),
                        severity: hit.severity,
                        subject: format!("process {}", server.service),
                        at,
                        point,
                        side,
                        message: hit.message,
                        breaks: None,
                        evidence: Evidence {
                            expected: "a process that goes on in silence".into(),
                            ..Evidence::default()
                        },
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

type Told = (String, Option<(&'static crate::model::Rule, crate::compare::Hit)>);

fn misdeeds(stands: &[Stand], side: Side, server: &Server) -> Vec<Told> {
    let controls = || {
        let of_side = stands.iter().filter(move |stand| matches!(stand.role, Role::Control(of, _) if of == side));
        of_side.flat_map(Stand::servers).map(|(_, server)| server).filter(|other| other.service == server.service)
    };
    let direction = Direction::mixed_from(side.other());
    let mut found = Vec::new();
    if let Some(death) = server.died()
        && controls().all(|control| control.died().is_none())
    {
        let how = death.exit.to_string();
        found.push(("process".to_owned(), asked(What::Process { died: Some(&how), trouble: None }, direction)));
    }
    let known: BTreeSet<String> = controls().flat_map(Server::troubles).map(|trouble| trouble.shape).collect();
    let shapes: BTreeSet<String> = server.troubles().into_iter().map(|trouble| trouble.shape).collect();
    for shape in shapes.difference(&known) {
        let id = fingerprint("log", &server.service, direction, shape);
        let told = asked(What::Process { died: None, trouble: Some(shape) }, direction);
        found.push((format!("log {}", &id[..8]), told));
    }
    found
}
