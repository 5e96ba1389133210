//! Processes: which of the mixed replicas ended or logged a panic, where no control did.

use std::collections::BTreeSet;

use super::ledger::{Ledger, Phase, ask};
use super::stand::{MIXED, NEW, OLD, Stand};
use crate::compare::What;
use crate::fleet::Replicas;
use crate::model::{At, Direction, Evidence, Question, Side, fingerprint};

impl Stand {
    /// Looks at all processes. Says whether all of the mixed ones live.
    pub(super) fn watch(&self, ledger: &mut Ledger) -> bool {
        let evidence = || Evidence { expected: "a process that goes on in silence".into(), ..Evidence::default() };
        let is_back = ledger.phase == Phase::Back;
        let mut shown = Vec::new();
        let death = self.mixed.died();
        if let Some(death) = &death
            && self.control_died().is_none()
        {
            let (direction, how) = (Direction::mixed_from(death.side.other()), death.exit.to_string());
            let what = What::Process { died: Some(&how), trouble: None };
            shown.extend(
                ask(At::Header("process".to_owned()), direction, what).map(|(rule, hit)| {
                    (rule, hit, format!("process {}", death.service), direction, "process".to_owned())
                }),
            );
        }
        let services: BTreeSet<String> = self.services();
        for (side, service) in Side::BOTH.iter().flat_map(|side| services.iter().map(move |service| (*side, service))) {
            let direction = Direction::mixed_from(side.other());
            let control = if side == Side::Old { OLD } else { NEW };
            let known: BTreeSet<String> = self.troubles(control, side, service);
            let alone: BTreeSet<String> = self.troubles(control + 1, side, service);
            let mixed = self.troubles(MIXED, side, service);
            for shape in mixed.iter().filter(|shape| !known.contains(*shape) && !alone.contains(*shape)) {
                let at = format!("log {}", &fingerprint("log", service, direction, shape)[..8]);
                let what = What::Process { died: None, trouble: Some(shape) };
                shown.extend(
                    ask(At::Header(at.clone()), direction, what)
                        .map(|(rule, hit)| (rule, hit, format!("process {service}"), direction, at)),
                );
            }
        }
        for (rule, hit, subject, direction, at) in shown {
            let breaks: &[Question] = if is_back { &[Question::RollBack] } else { direction.breaks() };
            ledger.show(rule, &hit, (&subject, direction, &at), breaks, None, evidence());
        }
        death.is_none()
    }

    fn services(&self) -> BTreeSet<String> {
        let servers = self.mixed.members().flat_map(|(_, replica)| replica.servers());
        servers.map(|server| server.service.clone()).collect()
    }

    /// The shapes of all panics that replicas of that side have logged in a lane.
    fn troubles(&self, lane: usize, side: Side, service: &str) -> BTreeSet<String> {
        let replicas: &Replicas = self.all()[lane];
        let now = replicas.members().filter(|(_, replica)| replica.side() == side);
        let mut all: BTreeSet<String> =
            now.flat_map(|(_, replica)| replica.troubles().remove(service).unwrap_or_default()).collect();
        all.extend(self.gone.get(&(lane, side, service.to_owned())).into_iter().flatten().cloned());
        all
    }
}
