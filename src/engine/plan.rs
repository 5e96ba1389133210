//! The plan: what will be done, fully resolved, before anything is started.

use std::collections::BTreeMap;
use std::fmt;

use super::close::Terms;
use super::{EngineError, Options, descriptors};
use crate::checks::{self, Part, Readings};
use crate::manifest::{Client, ContractKind, Manifest, SourceSpec, StateKind, nearest};
use crate::model::{BuildFacts, Ended, Pair, Severity, Shard, ShardedRecording, Side};

/// What will be done, fully resolved. Its `Display` is what `--plan` prints.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) manifest: Manifest,
    pub(super) options: Options,
    pub(super) parts: Vec<Part>,
    /// Checks that the manifest asks for and this release doesn't have.
    pub(super) unavailable: Vec<String>,
    /// Checks that this release has, with the reason why they do not run.
    pub(super) skipped: Vec<(String, String)>,
    /// By what messages of gRPC are read.
    pub(super) readings: Readings,
    /// Where this is a part of a run: which one, and of what.
    pub(super) shard: Option<Shard>,
}

/// Checks that nobody expects where the manifest has no section of theirs.
const ASKED_FOR: [&str; 3] = ["contracts", "generated", "rollout"];

/// Resolves what was asked for. Starts nothing.
pub fn plan(mut manifest: Manifest, options: Options) -> Result<Plan, EngineError> {
    if let Some(side) = options.self_side {
        play_both(&mut manifest, side);
    }
    for accept in &manifest.accept {
        if !checks::rules().any(|rule| rule.id == accept.rule) {
            let nearest = nearest(&accept.rule, checks::rules().map(|rule| rule.id));
            let hint =
                nearest.map_or_else(|| "`straddle rules` lists them".to_owned(), |id| format!("did you mean `{id}`?"));
            return Err(EngineError::Usage(format!(
                "{}:{}: there is no rule `{}` to accept; {hint}",
                manifest.file.display(),
                accept.line,
                accept.rule
            )));
        }
    }
    let wanted = |name: &str| {
        (options.only.is_empty() || options.only.iter().any(|only| only == name))
            && !options.skip.iter().any(|skip| skip == name)
    };
    let (mut parts, mut skipped) = (Vec::new(), Vec::new());
    for check in checks::all() {
        let name = check.name().to_owned();
        if ASKED_FOR.contains(&check.name()) && !has_section(&manifest, &name) && !options.only.contains(&name) {
            // Nobody asked for it.
            continue;
        }
        if !wanted(&name) {
            skipped.push((name, "left out by the command line".to_owned()));
            continue;
        }
        if let Some(mut part) = check.plan(&manifest, &options.secrets)? {
            part.steps.extend(check.seeded(&manifest, &part, options.seed)?);
            parts.push(part);
        } else {
            let why = check.unfit(&manifest);
            skipped.push((name, why.unwrap_or_else(|| "the manifest gives it nothing to look at".to_owned())));
        }
    }
    let here: Vec<&str> = checks::all().iter().map(|check| check.name()).collect();
    let unavailable = checks::NAMES
        .into_iter()
        .filter(|name| !here.contains(name) && wanted(name))
        .filter(|name| has_section(&manifest, name) || options.only.iter().any(|only| only == name))
        .map(str::to_owned)
        .collect();
    let readings = descriptors::readings(&manifest, options.self_side)?;
    let mut plan = Plan { manifest, options, parts, unavailable, skipped, readings, shard: None };
    plan.shard = plan.options.shard.map(|(part, of)| shard(&plan, part, of)).transpose()?;
    Ok(plan)
}

/// What tells the shards of this run from those of another.
fn shard(plan: &Plan, part: u32, of: u32) -> Result<Shard, EngineError> {
    let file = &plan.manifest.file;
    let text = std::fs::read(file)
        .map_err(|error| EngineError::Usage(format!("the manifest {} can't be read again: {error}", file.display())))?;
    let recordings =
        plan.parts.iter().find(|part| !part.recordings.is_empty()).map_or(&[][..], |part| &part.recordings);
    let recordings = plan
        .manifest
        .recordings
        .iter()
        .zip(recordings)
        .map(|(spec, recording)| ShardedRecording { name: spec.name.clone(), digest: recording.digest.clone() });
    Ok(Shard {
        part,
        of,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        manifest: blake3::hash(&text).to_hex().to_string(),
        asked: plan.options.asked(),
        recordings: recordings.collect(),
        ended: Ended::Whole,
        terms: serde_json::to_value(Terms::of(plan)).unwrap_or_default(),
        books: BTreeMap::new(),
    })
}

impl Plan {
    /// What is known of the builds before they are made.
    pub(super) fn builds(&self) -> Pair<BuildFacts> {
        let facts = |side: Side| {
            let build = self.manifest.services.first().map(|service| service.builds.get(side));
            let label = build.map(|build| build.label.clone().unwrap_or_else(|| source(&build.source)));
            BuildFacts { label: label.unwrap_or_default(), ..BuildFacts::default() }
        };
        Pair::new(facts(Side::Old), facts(Side::New))
    }
}

/// Whether the manifest has a section that only this check reads.
fn has_section(manifest: &Manifest, check: &str) -> bool {
    match check {
        "contracts" => !manifest.contracts.is_empty(),
        "generated" => manifest.contracts.iter().any(|spec| spec.kind != ContractKind::JsonSchema),
        "assets" => manifest.assets.is_some(),
        "messages" => !manifest.messages.is_empty(),
        "rollout" => manifest.rollout.is_some(),
        "canary" => manifest.canary.is_some(),
        _ => false,
    }
}

/// One side as both: its own clients' traffic counts for both directions, the other's is left out.
fn play_both(manifest: &mut Manifest, side: Side) {
    let other = if side == Side::Old { Client::New } else { Client::Old };
    manifest.recordings.retain(|recording| recording.client != other);
    for recording in &mut manifest.recordings {
        recording.client = Client::Any;
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let manifest = &self.manifest;
        writeln!(out, "project {}, seed {}", manifest.project, self.options.seed)?;
        writeln!(out, "manifest {}", manifest.file.display())?;
        if let Some(Shard { part, of, .. }) = &self.shard {
            writeln!(
                out,
                "shard {part} of {of}: every unsafe call and what it needs; the safe calls of this shard's sessions alone, and only they are judged"
            )?;
        }
        for service in &manifest.services {
            writeln!(out, "\nservice {}", service.name)?;
            for (side, build) in service.builds.iter() {
                let played = self.options.self_side.map_or(side, |side| side);
                let build = if played == side { build } else { service.builds.get(played) };
                writeln!(out, "  {side}: {}", source(&build.source))?;
                if let Some(command) = &build.build {
                    writeln!(out, "    build  {command}")?;
                }
                if let Some(command) = &build.run {
                    writeln!(out, "    run    {command}")?;
                }
                for (name, value) in &build.env {
                    writeln!(out, "    env    {name}={value}")?;
                }
            }
            writeln!(
                out,
                "  ports {}; ready within {:?}; stopped within {:?}",
                service.ports.join(", "),
                service.ready_timeout,
                service.stop_timeout
            )?;
        }
        for state in &manifest.states {
            let kind = match state.kind {
                StateKind::Sqlite => "sqlite",
                StateKind::Directory => "directory",
                StateKind::Postgres => "postgres",
                StateKind::Mysql => "mysql",
                StateKind::Redis => "redis",
            };
            writeln!(out, "\nstate {}: {kind}; one seeded copy for each instance", state.name)?;
            for (what, command) in [
                ("migrate old", &state.migrate_old),
                ("migrate new", &state.migrate_new),
                ("migrate down", &state.migrate_down),
            ] {
                if let Some(command) = command {
                    writeln!(out, "  {what}: {command}")?;
                }
            }
            if let Some(seed) = &state.seed {
                writeln!(out, "  seed: {seed}")?;
            }
        }
        for part in &self.parts {
            writeln!(out, "\ncheck {}", part.check)?;
            for step in &part.steps {
                writeln!(out, "  {step}")?;
            }
        }
        for name in &self.unavailable {
            writeln!(out, "\ncheck {name}: not in this release; the verdict stays inconclusive unless it is left out")?;
        }
        for (name, why) in &self.skipped {
            writeln!(out, "\ncheck {name}: skipped, {why}")?;
        }
        let gate = &manifest.gate;
        let fail_on = if gate.fail_on == Severity::Risk { "risks" } else { "breaks" };
        let inconclusive = if gate.inconclusive_fails { "fails" } else { "only warns" };
        writeln!(
            out,
            "\ngate: fails on {fail_on}; what can't be shown {inconclusive}; coverage of at least {}",
            gate.coverage
        )?;
        writeln!(
            out,
            "acceptances: {}; places left out of comparing: {}",
            manifest.accept.len(),
            manifest.compare.ignore.len()
        )
    }
}

fn source(source: &SourceSpec) -> String {
    match source {
        SourceSpec::Path(path) => format!("path {}", path.display()),
        SourceSpec::Git { repo, reference } => format!("git {reference} of {}", repo.display()),
        SourceSpec::Image(image) => format!("image {image}"),
        SourceSpec::Url(url) => format!("url {url}"),
    }
}
