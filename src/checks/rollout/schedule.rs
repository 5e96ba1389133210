//! What happens in which order: a pure function of the manifest and the seed, the same in every dance of a run.

use super::draws::Draws;
use crate::manifest::{Manifest, RolloutSpec};

/// The whole roll-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    /// How many replicas there are.
    pub(super) replicas: usize,
    /// The checkpoints, each with what is done to come there.
    pub(super) stages: Vec<Stage>,
    /// In which order sessions begin.
    pub(super) sessions: Vec<usize>,
    /// The seed of who answers what.
    pub(super) seed: u64,
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    /// What a person calls it: `1 of 4 new`.
    pub(super) name: String,
    /// Who serves there, on what.
    pub(super) title: &'static str,
    /// Whether `migrate.new` runs before it.
    pub(super) migrates: bool,
    /// The replicas that are replaced before it, by their numbers, one after the other.
    pub(super) replaces: Vec<usize>,
}

impl Schedule {
    pub(super) fn new(manifest: &Manifest, spec: &RolloutSpec, sessions: usize, seed: u64) -> Self {
        let migrates = manifest.states.iter().any(|state| state.migrate_new.is_some());
        Self::of(spec, migrates, sessions, seed)
    }

    fn of(spec: &RolloutSpec, migrates: bool, sessions: usize, seed: u64) -> Self {
        let replicas = usize::try_from(spec.replicas).unwrap_or(usize::MAX);
        let mut draws = Draws::new(seed);
        let mut order = draws.shuffled(replicas).into_iter();
        let stage = |name: String, title, migrates, replaces| Stage { name, title, migrates, replaces };
        let mut stages = vec![stage(format!("0 of {replicas} new"), "old serves", false, Vec::new())];
        if migrates {
            stages.push(stage(
                format!("0 of {replicas} new, migrated"),
                "old serves on the migrated store",
                true,
                Vec::new(),
            ));
        }
        let mut there = 0;
        for new in spec.stages.iter().filter_map(|new| usize::try_from(*new).ok()).filter(|new| *new > 0) {
            let replaces = order.by_ref().take(new - there).collect();
            let title = if new == replicas { "new serves" } else { "both serve" };
            stages.push(stage(format!("{new} of {replicas} new"), title, false, replaces));
            there = new;
        }
        Self { replicas, stages, sessions: draws.shuffled(sessions), seed }
    }

    /// How a replica is called.
    pub(super) fn replica(number: usize) -> String {
        format!("r{}", number + 1)
    }
}

impl Stage {
    /// Whether all is as it was before the release.
    pub(super) fn is_first(&self) -> bool {
        !self.migrates && self.replaces.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::manifest::RolloutSpec;

    /// What is replaced before each checkpoint, in numbers, and that each replica is replaced once.
    #[track_caller]
    fn check(replicas: u32, stages: &[u32], migrates: bool, expected: &[(&str, usize)]) {
        let spec = RolloutSpec { replicas, stages: stages.to_vec() };
        let schedule = Schedule::of(&spec, migrates, 3, 5);
        let told: Vec<(&str, usize)> =
            schedule.stages.iter().map(|stage| (stage.name.as_str(), stage.replaces.len())).collect();
        assert_eq!(told, expected);
        let mut replaced: Vec<usize> = schedule.stages.iter().flat_map(|stage| stage.replaces.clone()).collect();
        let all = replaced.len();
        replaced.sort_unstable();
        replaced.dedup();
        assert_eq!(replaced.len(), all);
    }

    #[test]
    fn replicas_are_replaced_up_to_the_number_of_each_stage() {
        check(4, &[1, 2, 4], false, &[("0 of 4 new", 0), ("1 of 4 new", 1), ("2 of 4 new", 1), ("4 of 4 new", 2)]);
        check(3, &[2], true, &[("0 of 3 new", 0), ("0 of 3 new, migrated", 0), ("2 of 3 new", 2)]);
        check(1, &[1], false, &[("0 of 1 new", 0), ("1 of 1 new", 1)]);
    }
}
