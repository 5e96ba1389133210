//! What a contract is written in, and the comparing of each kind.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Comparison, ContractError, Place, Source, Surface, Terms, Unknown, json_schema, openapi, protobuf, text};
use crate::manifest::ContractKind;
use crate::model::{Direction, Pair, Rule, Side};

/// How files of texts end.
const TEXTS: [&str; 3] = [".json", ".yaml", ".yml"];
/// How files of descriptors end.
const DESCRIPTORS: [&str; 6] = [".fds", ".binpb", ".desc", ".descriptor", ".pb", ".protoset"];

/// The rules by which contracts are found to differ.
pub fn rules() -> impl Iterator<Item = &'static Rule> + Clone {
    json_schema::rules::ALL.iter().chain(openapi::rules::ALL).chain(protobuf::RULES).copied()
}

/// What two contracts are written in, as far as their files say so.
pub fn kind(sources: &Pair<Source>) -> Result<ContractKind, ContractError> {
    let (old, new) = (of(&sources.old)?, of(&sources.new)?);
    match (old, new) {
        (Some(old), Some(new)) if old != new => Err(no_contract(format!(
            "`{}` and `{}` are of different kinds: give two of one kind, or say with --kind how to read both",
            named(&sources.old),
            named(&sources.new)
        ))),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => Err(no_contract(format!(
            "nothing in `{}` says what it is written in: say it with --kind openapi, json-schema or protobuf",
            named(&sources.new)
        ))),
    }
}

/// Compares two contracts of a kind in both directions.
pub fn compare(kind: ContractKind, sources: &Pair<Source>, terms: &Terms) -> Result<Comparison, ContractError> {
    let both = Pair::new(&sources.old, &sources.new);
    match kind {
        ContractKind::Protobuf => protobuf::compare(both, terms),
        ContractKind::OpenApi => texts(both, terms, is_openapi, openapi::compare),
        ContractKind::JsonSchema => {
            texts(both, terms, |_| true, |sources, terms| json_schema::compare(sources, None, terms))
        }
    }
}

type Compare = fn(Pair<&Source>, &Terms) -> Result<Comparison, ContractError>;

/// Two files; of folders those with the same path in both.
fn texts(
    sources: Pair<&Source>,
    terms: &Terms,
    is_one: fn(&Value) -> bool,
    compare: Compare,
) -> Result<Comparison, ContractError> {
    if !sources.old.path.is_empty() && !sources.new.path.is_empty() {
        return compare(sources, terms);
    }
    let (old, new) = (all(sources.old, is_one)?, all(sources.new, is_one)?);
    // Of a folder and a file, or of one each, there is no doubt which are meant.
    if let ([old], [new]) = (old.as_slice(), new.as_slice()) {
        return compare(Pair::new(&at(sources.old, old), &at(sources.new, new)), terms);
    }
    let names: BTreeSet<&String> = old.iter().chain(&new).collect();
    let mut whole = Comparison::default();
    for name in names {
        let known = Pair::new(old.contains(name), new.contains(name));
        if known.old && known.new {
            whole.append(compare(Pair::new(&at(sources.old, name), &at(sources.new, name)), terms)?);
            continue;
        }
        let (has, lacks) = if known.old { (Side::Old, Side::New) } else { (Side::New, Side::Old) };
        let subject = format!("file {name}");
        whole.surfaces.push(Surface { subject: subject.clone(), known });
        let place = Place {
            subject,
            direction: Direction { from: has, to: lacks },
            at: "$".to_owned(),
            positions: Pair::default(),
        };
        whole
            .unknown
            .push(Unknown { place, why: format!("{lacks} has no such file, so nothing says what its reader accepts") });
    }
    Ok(whole)
}

/// The paths of what is wanted: the file that is named, or all of a folder that are of the kind.
fn all(source: &Source, is_one: fn(&Value) -> bool) -> Result<Vec<String>, ContractError> {
    if !source.path.is_empty() {
        return Ok(vec![source.path.clone()]);
    }
    let mut found = Vec::new();
    for path in source.tree.files(&TEXTS)? {
        if is_one(text::Document::parse(&path, &source.tree.read(&path)?)?.value()) {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(no_contract("the folder has no file of that kind: name one that has".to_owned()));
    }
    Ok(found)
}

fn at(source: &Source, path: &str) -> Source {
    Source { path: path.to_owned(), ..source.clone() }
}

/// The kind of one contract; none where nothing tells.
fn of(source: &Source) -> Result<Option<ContractKind>, ContractError> {
    let ends = |path: &str, endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    if source.path.is_empty() {
        if !source.tree.files(&[".proto"])?.is_empty() {
            return Ok(Some(ContractKind::Protobuf));
        }
        let mut kinds = BTreeSet::new();
        for path in source.tree.files(&TEXTS)? {
            let document = text::Document::parse(&path, &source.tree.read(&path)?);
            // What can't be read says nothing here; where it is wanted it is an error.
            kinds.extend(
                document.ok().and_then(|document| written(document.value())).map(|kind| kind == ContractKind::OpenApi),
            );
        }
        return Ok(kinds
            .last()
            .map(|is_openapi| if *is_openapi { ContractKind::OpenApi } else { ContractKind::JsonSchema }));
    }
    if ends(&source.path, &[".proto"]) || ends(&source.path, &DESCRIPTORS) {
        return Ok(Some(ContractKind::Protobuf));
    }
    if !ends(&source.path, &TEXTS) {
        return Ok(None);
    }
    let bytes = source.tree.read(&source.path)?;
    Ok(written(text::Document::parse(&source.path, &bytes)?.value()))
}

fn is_openapi(value: &Value) -> bool {
    value.get("openapi").is_some() || value.get("swagger").is_some()
}

/// What a text is, by the words that only this kind has.
fn written(value: &Value) -> Option<ContractKind> {
    const SCHEMA: [&str; 12] = [
        "$schema",
        "$ref",
        "$defs",
        "definitions",
        "type",
        "properties",
        "items",
        "enum",
        "const",
        "allOf",
        "anyOf",
        "oneOf",
    ];
    if is_openapi(value) {
        Some(ContractKind::OpenApi)
    } else if value.is_boolean() || SCHEMA.iter().any(|word| value.get(word).is_some()) {
        Some(ContractKind::JsonSchema)
    } else {
        None
    }
}

fn named(source: &Source) -> &str {
    if source.path.is_empty() { "the folder" } else { &source.path }
}

fn no_contract(what: String) -> ContractError {
    ContractError::NoContract { what }
}

#[cfg(test)]
mod tests {
    use super::{ContractKind, Pair, Source, Terms, compare, kind};
    use crate::contract::Tree;
    use crate::model::{Direction, Mark};

    fn source(path: &str, files: &[(&str, &str)]) -> Source {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Source { tree: Tree::Held(files), path: path.to_owned() }
    }

    #[test]
    fn a_kind_is_told_by_the_files() {
        #[track_caller]
        fn check(path: &str, files: &[(&str, &str)], expected: Option<ContractKind>) {
            let pair = Pair::new(source(path, files), source(path, files));
            assert_eq!(kind(&pair).ok(), expected);
        }
        check("a.yaml", &[("a.yaml", "openapi: 3.0.3")], Some(ContractKind::OpenApi));
        check("a.json", &[("a.json", r#"{"type": "string"}"#)], Some(ContractKind::JsonSchema));
        check("a.json", &[("a.json", r#"{"name": "string"}"#)], None);
        check("a.fds", &[("a.fds", "")], Some(ContractKind::Protobuf));
        check("", &[("x/a.proto", ""), ("a.json", "{}")], Some(ContractKind::Protobuf));
        check("", &[("b.json", r#"{"type": "string"}"#), ("a.yml", "openapi: 3.1.0")], Some(ContractKind::OpenApi));
        check("", &[("b.txt", "")], None);
    }

    #[test]
    fn of_folders_the_files_of_the_same_path_are_compared_and_a_missing_one_is_not_decided() {
        let old = source("", &[("a.json", r#"{"type": "string"}"#), ("b.json", r#"{"type": "string"}"#)]);
        let new = source("", &[("a.json", r#"{"type": "integer"}"#)]);
        let said = compare(ContractKind::JsonSchema, &Pair::new(old, new), &Terms::DOCUMENTS).unwrap();
        let subjects: Vec<&str> = said.surfaces.iter().map(|surface| surface.subject.as_str()).collect();
        assert_eq!(subjects, ["schema a.json", "file b.json"]);
        assert_eq!(said.mark("schema a.json", Direction::OLD_TO_NEW), Mark::Breaking);
        assert_eq!(said.mark("file b.json", Direction::OLD_TO_NEW), Mark::Unknown);
        assert_eq!(said.mark("file b.json", Direction::NEW_TO_OLD), Mark::Ok);
    }
}
