//! `[[contract]]`

use crate::manifest::node::Table;
use crate::manifest::reading::{Existing, Reading};
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{ContractAt, ContractKind, ContractSpec};
use crate::model::Pair;

pub(super) static CONTRACT: Section = Section {
    name: "contract",
    doc: "An API description, as each version has it.",
    keys: &[
        Key::required("service", Shape::Text, "The service that it is about."),
        Key::required("kind", Shape::Choice(&["openapi", "json-schema", "protobuf"]), "What it is written in."),
        Key::required("old", Shape::Section(&AT), "Where the old version's stands."),
        Key::required("new", Shape::Section(&AT), "Where the new version's stands."),
        Key::defaulted(
            "unknown_fields",
            Shape::Choice(&["ignored", "rejected"]),
            "\"ignored\"",
            "What the readers do with fields that they don't know.",
        ),
    ],
};

static AT: Section = Section {
    name: "contract_at",
    doc: "Where a contract stands: `path`, or `git` with `path`, or `url`.",
    keys: &[
        Key::optional("path", Shape::Text, "A file or folder; with `git`, in the repository at that ref."),
        Key::optional("git", Shape::GitRef, "A branch, tag or commit of the manifest's repository."),
        Key::optional("url", Shape::Target, "A path on the running build."),
    ],
};

pub(super) fn read(table: &Table, reading: &mut Reading<'_>) -> Option<ContractSpec> {
    let service = reading.service(table);
    let old = table.table("old").and_then(|table| at(table, reading));
    let new = table.table("new").and_then(|table| at(table, reading));
    let kinds = [
        ("openapi", ContractKind::OpenApi),
        ("json-schema", ContractKind::JsonSchema),
        ("protobuf", ContractKind::Protobuf),
    ];
    Some(ContractSpec {
        service: service?,
        kind: table.choice("kind", &kinds)?,
        at: Pair::new(old?, new?),
        rejects_unknown_fields: table.choice("unknown_fields", &[("ignored", false), ("rejected", true)])?,
    })
}

fn at(table: &Table, reading: &mut Reading<'_>) -> Option<ContractAt> {
    const HELP: &str = "write `{ path = \"api/openapi.yaml\" }`, `{ git = \"v1.4.2\", path = \"api/openapi.yaml\" }` or `{ url = \"/openapi.json\" }`";
    let has = |key| table.is_written(key);
    if has("url") {
        for key in ["path", "git"].into_iter().filter(|key| has(key)) {
            reading.conflict(table, key, format!("`{key}` stands beside `url` in {}", table.title), HELP);
        }
        return table.text("url").map(|target| ContractAt::Url(target.to_owned()));
    }
    if !has("path") {
        let message = format!("{} doesn't say where the contract stands: `path` or `url` is missing", table.title);
        reading.problems.push("manifest::missing-key", table.span.clone(), message, HELP);
        return None;
    }
    if !has("git") {
        return reading.existing(table, "path", Existing::Either).map(ContractAt::Path);
    }
    let (reference, path) = (table.text("git"), table.get("path")?);
    let text = path.as_text()?;
    if std::path::Path::new(text).is_absolute() {
        reading.problems.push(
            "manifest::bad-value",
            path.span.clone(),
            format!("`path` in {} is absolute, and nothing outside of a repository stands at a ref", table.title),
            "write it relative to the manifest: `api/openapi.yaml`",
        );
    }
    Some(ContractAt::Git { reference: reference?.to_owned(), path: text.to_owned() })
}
