//! Processes: which of the mixed replicas ended or logged a panic, where no control did.

use std::collections::BTreeSet;

use super::ledger::{Ledger, Phase};
use super::stand::{MIXED, NEW, OLD, Stand};
use crate::checks::conduct::{self, Misdeed};
use crate::fleet::Replicas;
use crate::model::{Direction, Question, Side};

impl Stand {
    /// Looks at all processes. Says whether all of the mixed ones live.
    pub(super) fn watch(&self, ledger: &mut Ledger) -> bool {
        let is_back = ledger.phase == Phase::Back;
        let mut shown = Vec::new();
        let death = self.mixed.died();
        if let Some(death) = &death
            && self.control_died().is_none()
        {
            let direction = Direction::mixed_from(death.side.other());
            let misdeed = conduct::died(&death.exit.to_string(), direction);
            shown.extend(misdeed.map(|misdeed| (death.service.clone(), direction, misdeed)));
        }
        let services: BTreeSet<String> = self.services();
        for (side, service) in Side::BOTH.iter().flat_map(|side| services.iter().map(move |service| (*side, service))) {
            let direction = Direction::mixed_from(side.other());
            let control = if side == Side::Old { OLD } else { NEW };
            let mut known: BTreeSet<String> = self.troubles(control, side, service);
            known.extend(self.troubles(control + 1, side, service));
            let mixed = self.troubles(MIXED, side, service);
            let misdeeds = conduct::logged(service, mixed.difference(&known), direction);
            shown.extend(misdeeds.into_iter().map(|misdeed| (service.clone(), direction, misdeed)));
        }
        for (service, direction, Misdeed { at, rule, hit }) in shown {
            let breaks: &[Question] = if is_back { &[Question::RollBack] } else { direction.breaks() };
            let subject = format!("process {service}");
            ledger.show(rule, &hit, (&subject, direction, &at), breaks, None, conduct::evidence());
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
