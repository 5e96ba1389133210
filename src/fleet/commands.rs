//! Build commands: what makes a checkout ready to run.

use std::path::Path;
use std::time::Duration;

use super::FleetError;
use super::source::Job;
use crate::model::Event;
use crate::process::{Program, Spec, run_to_end};
use crate::store::{Values, program, shown};

/// How long a build may take: longer than any that a person would wait for, so that one that hangs ends.
const LIMIT: Duration = Duration::from_hours(1);
/// As many lines of a build's output as an error shows.
const SHOWN: usize = 20;

/// A build command with its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BuildCommand {
    program: Program,
    env: Vec<(String, String)>,
    shown: String,
}

impl BuildCommand {
    /// The command of that build, where it has one. It is run as it is written: nothing that a placeholder could stand for
    /// exists yet. Of the environment it gets what doesn't depend on an instance.
    pub(super) fn of(job: &Job<'_>) -> Option<Self> {
        let build = job.service.builds.get(job.side);
        let program = program(build.build.clone()?);
        let env = Values::of(job.side).known_environment(&build.env);
        let shown = shown(&program);
        Some(Self { program, env, shown })
    }

    /// All that the result of the command depends on, besides the commit.
    pub(super) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let (kind, words): (&str, Vec<&[u8]>) = match &self.program {
            Program::Words(words) => ("words", words.iter().map(|word| word.as_encoded_bytes()).collect()),
            Program::Sh(script) => ("sh", vec![script.as_bytes()]),
        };
        let env = self.env.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        std::iter::once(kind.as_bytes()).chain(words).chain(std::iter::once(b"env".as_slice())).chain(env)
    }

    /// Runs it in `folder` to its end.
    pub(super) async fn run(self, job: &Job<'_>, folder: &Path) -> Result<(), FleetError> {
        (job.events)(Event::Building { build: job.name.to_owned(), command: self.shown.clone() });
        let name = format!("the {} build of service `{}`", job.side, job.service.name);
        let log = Some(job.run.log(&format!("{} build", job.name)));
        let spec = Spec { env: self.env, log, ..Spec::new(name, self.program, folder) };
        let finished = run_to_end(job.guardian, spec, LIMIT).await?;
        if !finished.exit.success() {
            return Err(FleetError::Build {
                service: job.service.name.clone(),
                side: job.side,
                why: finished.exit.to_string(),
                command: self.shown,
                lines: finished.log.tail(SHOWN),
            });
        }
        (job.events)(Event::Built { build: job.name.to_owned(), cached: false });
        Ok(())
    }
}
