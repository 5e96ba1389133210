//! `straddle reproduce`: one finding again, alone.

use std::path::PathBuf;

use clap::Args;

use super::builds::Builds;
use super::exit::Exit;
use super::failure::Failure;
use super::{job, output, report};
use crate::engine::{self, Options, Target};
use crate::manifest::{self, Manifest};
use crate::model::{Direction, Finding, Mark, Run, Status};
use crate::report::visible;
use crate::traffic::Recording;

/// Run one finding again, alone: CONFIRMED (exit 1), GONE (0) or CHANGED (4)
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle reproduce 3f9c1a20")]
pub(super) struct Reproduce {
    /// The finding's id, or enough of it to tell it from the others
    id: String,
    /// The run that found it [default: .straddle/last.json beside the manifest]
    #[arg(long = "run", value_name = "REPORT")]
    report: Option<PathBuf>,
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "straddle.toml")]
    manifest: PathBuf,
    #[command(flatten)]
    builds: Builds,
}

impl Reproduce {
    pub fn run(self) -> Result<Exit, Failure> {
        let manifest = manifest::load_with(&self.manifest, &self.builds.sources())?;
        let path = self.report.unwrap_or_else(|| job::last(&manifest.folder));
        let before = report::read(&path)?;
        let finding = find(&before, &self.id).map_err(Failure::usage)?.clone();
        if finding.rule.starts_with("accept/") {
            return Err(Failure::usage(about_the_manifest(&finding)));
        }
        if let Some(reason) = another(&finding, &manifest)? {
            return output::print(&tell("CHANGED", &finding, &[reason])).map(|()| Exit::INCONCLUSIVE);
        }
        let options = Options {
            only: vec![finding.check.clone()],
            seed: before.seed,
            self_side: self.builds.self_side,
            reproduce: Some(Target { finding: finding.clone() }),
            ..job::options(&manifest)?
        };
        let outcome = job::run(engine::plan(manifest, options)?)?;
        let exit = Exit::of(outcome.exit);
        if let Some(trouble) = outcome.trouble {
            return Ok(Failure::environment(trouble).tell());
        }
        if exit == Exit::INTERRUPTED {
            return Ok(exit);
        }
        let (exit, text) = compare(&finding, &outcome.run);
        output::print(&text).map(|()| exit)
    }
}

/// The finding that `id` is the beginning of.
fn find<'a>(run: &'a Run, id: &str) -> Result<&'a Finding, String> {
    let exact = run.findings.iter().find(|finding| finding.id == id);
    let near: Vec<&Finding> = run.findings.iter().filter(|finding| finding.id.starts_with(id)).collect();
    match (exact, near.as_slice()) {
        (Some(finding), _) => Ok(finding),
        (None, [finding]) => Ok(finding),
        (None, []) if run.findings.is_empty() => Err(format!("no finding `{id}`: the run has none at all")),
        (None, []) => {
            let ids = run.findings.iter().take(8).map(|finding| finding.id.as_str()).collect::<Vec<_>>().join(", ");
            let more = if run.findings.len() > 8 { ", …" } else { "" };
            Err(format!("no finding `{id}` in the run; it has {ids}{more}"))
        }
        (None, several) => {
            let ids = several.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>().join(", ");
            Err(format!("`{id}` may be any of {ids}; give more of it"))
        }
    }
}

fn about_the_manifest(finding: &Finding) -> String {
    let Finding { id, rule, message, .. } = finding;
    format!(
        "{id} is {rule}, which is about the manifest and not about the builds: {message}. \
         No exchange shows it; mend the manifest and run `straddle check` again"
    )
}

/// Why what showed the finding is not there any more, if so: then a second run would say nothing about the first.
fn another(finding: &Finding, manifest: &Manifest) -> Result<Option<String>, Failure> {
    let Some(replay) = &finding.replay else { return Ok(None) };
    let name = &replay.recording;
    if finding.check == "generated" {
        // Its messages are made again, by the contracts and the seed, or lie among the kept cases.
        return Ok(None);
    }
    let Some(spec) = manifest.recordings.iter().find(|spec| spec.name == *name) else {
        return Ok(Some(format!("the manifest doesn't name the recording {name} any more")));
    };
    let digest = Recording::open(&spec.file).map_err(Failure::usage)?.digest;
    let changed = digest != replay.digest;
    Ok(changed.then(|| {
        format!(
            "the recording {name} is another than the one that showed it; run `straddle check` for what it shows now"
        )
    }))
}

/// What the second run says of the finding.
fn compare(before: &Finding, run: &Run) -> (Exit, String) {
    let same = |finding: &&Finding| {
        (&finding.rule, &finding.subject, finding.direction, &finding.at)
            == (&before.rule, &before.subject, before.direction, &before.at)
    };
    if let Some(again) = run.findings.iter().find(same) {
        return (Exit::INCOMPATIBLE, tell("CONFIRMED", again, &[again.message.clone(), difference(again)]));
    }
    let here = |subject: &str, direction: Direction| subject == before.subject && direction == before.direction;
    let others: Vec<String> = run
        .findings
        .iter()
        .filter(|finding| here(&finding.subject, finding.direction))
        .map(|finding| format!("instead {} at {}: {}", finding.rule, finding.at, finding.message))
        .chain(
            run.unstable
                .iter()
                .filter(|case| here(&case.subject, case.direction))
                .map(|case| format!("unstable {} at {}: {}", case.rule, case.at, case.reason)),
        )
        .collect();
    if !others.is_empty() {
        return (Exit::INCONCLUSIVE, tell("CHANGED", before, &others));
    }
    if !shown(before, run) {
        let mut lines = vec!["it can't be shown any more, so that it is not there proves nothing".to_owned()];
        lines.extend(run.notes.iter().cloned());
        return (Exit::INCONCLUSIVE, tell("CHANGED", before, &lines));
    }
    (Exit::COMPATIBLE, tell("GONE", before, &[]))
}

/// Whether the second run looked at the place at all.
fn shown(before: &Finding, run: &Run) -> bool {
    let ran = run.checks.iter().any(|check| {
        check.name == before.check
            && check.status == Status::Ran
            && check.observations > 0
            && check.faithful != Some(0.0)
    });
    let row = run.matrix.iter().find(|row| row.subject == before.subject);
    let mark = row.map(|row| row.mixed(before.direction));
    // Processes and stores have no row; a surface without one was not reached.
    let is_apart = ["process ", "state "].iter().any(|kind| before.subject.starts_with(kind));
    ran && mark.map_or(is_apart, |mark| !matches!(mark, Mark::Unknown | Mark::Unshown))
}

fn difference(finding: &Finding) -> String {
    format!("expected {}, got {}", finding.evidence.expected, finding.evidence.got)
}

fn tell(word: &str, finding: &Finding, lines: &[String]) -> String {
    let Finding { id, rule, subject, at, direction, .. } = finding;
    let head = format!("{word} {id}: {rule} at {at} of {subject}, {} -> {}", direction.from, direction.to);
    let mut text = format!("{}\n", visible(&head));
    for line in lines {
        text.push_str("  ");
        text.push_str(&visible(line));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{compare, find};
    use crate::cli::exit::Exit;
    use crate::model::Run;

    fn sample() -> Run {
        crate::report::read(include_bytes!("../../tests/formats/report-1.0.json")).unwrap_or_else(|e| panic!("{e}"))
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Run), exit: Exit, word: &str) {
        let before = sample();
        let finding = find(&before, "3f9c").unwrap_or_else(|error| panic!("{error}"));
        let mut run = sample();
        change(&mut run);
        let (got, text) = compare(finding, &run);
        assert_eq!(got, exit, "{text}");
        assert!(text.starts_with(&format!("{word} 3f9c1a20")), "{text}");
    }

    #[test]
    fn the_same_finding_is_confirmed_whatever_its_id_grew_to() {
        check(|run| run.findings[0].id = "3f9c1a20ff".to_owned(), Exit::INCOMPATIBLE, "CONFIRMED");
    }

    #[test]
    fn no_finding_at_the_same_subject_and_direction_is_gone() {
        check(|run| drop(run.findings.remove(0)), Exit::COMPATIBLE, "GONE");
    }

    #[test]
    fn another_finding_there_is_changed() {
        check(|run| run.findings[0].rule = "http/status-changed".to_owned(), Exit::INCONCLUSIVE, "CHANGED");
    }

    #[test]
    fn what_was_not_looked_at_is_not_gone() {
        let unlooked = |run: &mut Run| {
            run.findings.clear();
            run.checks[0].faithful = Some(0.0);
        };
        check(unlooked, Exit::INCONCLUSIVE, "CHANGED");
    }

    #[test]
    fn what_was_not_reached_is_not_gone() {
        let unreached = |run: &mut Run| {
            run.findings.clear();
            run.matrix.clear();
        };
        check(unreached, Exit::INCONCLUSIVE, "CHANGED");
    }

    #[test]
    fn an_id_is_found_by_its_beginning_where_that_is_enough() {
        let run = sample();
        let of = |id| find(&run, id).map(|finding| finding.id.clone());
        assert_eq!(of("6b20d1fe"), Ok("6b20d1fe".to_owned()));
        assert_eq!(of("6b"), Ok("6b20d1fe".to_owned()));
        assert_eq!(of("a"), Err("`a` may be any of a1e40c11, a0b1c2d3; give more of it".to_owned()));
        assert!(of("zz").is_err_and(|error| error.starts_with("no finding `zz` in the run; it has 3f9c1a20")));
    }
}
