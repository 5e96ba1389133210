//! `[service.NAME.old]` and `[service.NAME.new]`

use std::collections::BTreeMap;

use crate::manifest::node::Table;
use crate::manifest::reading::{Existing, Filled, Reading};
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{BuildSpec, SourceSpec, scalar};
use crate::model::Side;

pub(super) static BUILD: Section = Section {
    name: "build",
    doc: "One version of a service: where it comes from (one of `git`, `path`, `image`, `url`) and how it starts.",
    keys: &[
        Key::optional("git", Shape::GitRef, "A branch, tag or commit; `latest-tag` is the newest tag before HEAD."),
        Key::optional(
            "repo",
            Shape::Text,
            "With `git`: the repository's folder, by default the manifest's own repository.",
        ),
        Key::optional("path", Shape::Text, "A folder."),
        Key::optional("image", Shape::Text, "A container image."),
        Key::optional("url", Shape::Url, "Where it is running already."),
        Key::optional("label", Shape::Text, "What reports call it."),
        Key::optional("build", Shape::Command, "What makes it, run in the checkout; the result is kept by commit."),
        Key::optional("run", Shape::Command, "What starts it, with placeholders. Needed with `git` and `path`."),
        Key::defaulted("env", Shape::Env, "{}", "Environment variables, added to the service's, with placeholders."),
        Key::defaulted("writes", Shape::Flag, "false", "With `url`: whether unsafe methods may be sent to it."),
        Key::defaulted(
            "allow_remote",
            Shape::Flag,
            "false",
            "With `url`: whether a host other than loopback is meant.",
        ),
    ],
};

const SOURCES: [&str; 4] = ["git", "path", "image", "url"];

pub(super) fn read(table: &Table, side: Side, filled: Filled<'_>, reading: &mut Reading<'_>) -> Option<BuildSpec> {
    refuse_strays(table, reading);
    if let Some(node) = table.get("run") {
        reading.placeholders(node, "run", filled);
    }
    if let Some(node) = table.get("build") {
        reading.placeholders(node, "build", Filled::Build);
    }
    check_env(table, filled, reading);
    let written = written_source(table, reading);
    let replaced = reading.sources.get(side).clone();
    let is_replaced = replaced.is_some();
    let source = match replaced {
        Some(source) => Some(source),
        None => written.and_then(|key| source(table, key, reading)),
    };
    let needs_run = matches!(source, Some(SourceSpec::Path(_) | SourceSpec::Git { .. }));
    if needs_run && !table.is_written("run") {
        reading.problems.push(
            "manifest::missing-key",
            table.span.clone(),
            format!("`run` is missing in {}", table.title),
            "say what starts it: `run = \"target/release/shop --port {port}\"`",
        );
    }
    let source = source?;
    let is_url = matches!(source, SourceSpec::Url(_));
    // What the command line puts in a source's place may be running already; then its commands are not needed.
    let command = |key| if is_url { None } else { table.command(key).cloned() };
    Some(BuildSpec {
        label: if is_replaced { None } else { table.text("label").map(str::to_owned) },
        build: command("build"),
        run: command("run"),
        env: if is_url { BTreeMap::new() } else { env(table) },
        writes: table.flag("writes")?,
        allow_remote: table.flag("allow_remote")? || (is_replaced && is_url),
        source,
    })
}

/// The service's variables under the build's own.
pub(super) fn with_env(mut build: BuildSpec, service: &BTreeMap<String, String>) -> BuildSpec {
    if !matches!(build.source, SourceSpec::Url(_)) {
        for (name, value) in service {
            build.env.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    build
}

/// The variables of a service or a build.
pub(super) fn env(table: &Table) -> BTreeMap<String, String> {
    let entries = table.table("env").map(|env| env.entries.as_slice()).unwrap_or_default();
    let variable =
        |entry: &crate::manifest::node::Entry| Some((entry.key.clone(), entry.node.as_ref()?.as_text()?.to_owned()));
    entries.iter().filter_map(variable).collect()
}

/// Checks the placeholders of the variables of a service or a build.
pub(super) fn check_env(table: &Table, filled: Filled<'_>, reading: &mut Reading<'_>) {
    let entries = table.table("env").map(|env| env.entries.as_slice()).unwrap_or_default();
    for entry in entries {
        if let Some(node) = &entry.node {
            reading.placeholders(node, &entry.key, filled);
        }
    }
}

/// Whether straddle starts that side's build itself.
pub(super) fn is_started(service: &Table, side: Side, reading: &Reading<'_>) -> bool {
    match reading.sources.get(side) {
        Some(source) => !matches!(source, SourceSpec::Url(_)),
        None => service.table(side.as_str()).is_some_and(|build| !build.is_written("url")),
    }
}

/// A running build's store can't be seeded, so that state and `url` exclude each other.
pub(super) fn refuse_state(root: &Table, reading: &mut Reading<'_>) {
    if reading.states.is_empty() {
        return;
    }
    let message = "a build that is running already can't be given the `[state]` of this manifest";
    let help = "take `[state]` out, or let straddle start the build: `git` or `path` in place of `url`";
    for (_, service) in root.named("service") {
        for side in Side::BOTH {
            let Some(build) = service.table(side.as_str()) else { continue };
            let span = match reading.sources.get(side) {
                Some(SourceSpec::Url(_)) => build.span.clone(),
                None if build.is_written("url") => build.key_span("url"),
                _ => continue,
            };
            reading.problems.push("manifest::conflict", span, message, help);
        }
    }
}

/// The one key that says where the build comes from.
fn written_source(table: &Table, reading: &mut Reading<'_>) -> Option<&'static str> {
    let mut written: Vec<_> = SOURCES.into_iter().filter(|key| table.is_written(key)).collect();
    written.sort_by_key(|key| table.key_span(key).start);
    match written.as_slice() {
        [] => {
            reading.problems.push(
                "manifest::missing-key",
                table.span.clone(),
                format!("{} doesn't say where the build comes from", table.title),
                "add one of `git = \"REF\"`, `path = \"DIR\"`, `image = \"NAME\"`, `url = \"http://127.0.0.1:8080\"`",
            );
            None
        }
        [only] => Some(only),
        [first, others @ ..] => {
            for other in others {
                let message = format!("`{other}` is a second source in {}, beside `{first}`", table.title);
                reading.conflict(table, other, message, "a build has one source: keep one of them");
            }
            None
        }
    }
}

fn source(table: &Table, key: &str, reading: &mut Reading<'_>) -> Option<SourceSpec> {
    let text = table.text(key)?;
    match key {
        "path" => reading.existing(table, "path", Existing::Folder).map(SourceSpec::Path),
        "git" => {
            let repo = if table.is_written("repo") {
                reading.existing(table, "repo", Existing::Folder)?
            } else {
                reading.folder.to_owned()
            };
            Some(SourceSpec::Git { repo, reference: text.to_owned() })
        }
        "image" => Some(SourceSpec::Image(text.to_owned())),
        _ => {
            let is_local = scalar::base_url(text).is_ok_and(|(_, is_local)| is_local);
            if !is_local && table.flag("allow_remote") == Some(false) {
                reading.problems.push(
                    "manifest::conflict",
                    table.get(key)?.span.clone(),
                    format!("`url` in {} leads to another machine", table.title),
                    "straddle sends recorded traffic there: add `allow_remote = true` if that is meant",
                );
            }
            Some(SourceSpec::Url(text.to_owned()))
        }
    }
}

/// Keys that mean nothing with the source that is written.
fn refuse_strays(table: &Table, reading: &mut Reading<'_>) {
    if table.is_written("url") {
        for key in ["build", "run", "env"].into_iter().filter(|key| table.is_written(key)) {
            let message = format!("`{key}` in {} has no meaning: a `url` build is running already", table.title);
            reading.conflict(
                table,
                key,
                message,
                format!("take `{key}` out, or name a source that straddle can start"),
            );
        }
    } else if SOURCES.iter().any(|key| table.is_written(key)) {
        for key in ["writes", "allow_remote"].into_iter().filter(|key| table.is_written(key)) {
            let message = format!("`{key}` in {} has no meaning without `url`", table.title);
            reading.conflict(table, key, message, format!("take `{key}` out: straddle starts this build itself"));
        }
        if table.is_written("repo") && !table.is_written("git") {
            let message = format!("`repo` in {} has no meaning without `git`", table.title);
            reading.conflict(table, "repo", message, "take `repo` out, or add `git = \"REF\"`");
        }
        if table.is_written("image") && table.is_written("build") {
            let message = format!("`build` in {} has no checkout to run in: the image is built already", table.title);
            reading.conflict(table, "build", message, "take `build` out, or use `git` or `path`");
        }
    }
}
