//! The schema that is committed is the one that the parser lives by.

use std::path::Path;

use serde_json::Value;

use super::super::sections::ROOT;
use super::super::shape::{Key, Need, Section, Shape};
use super::Folder;
use super::accepted::WHOLE;
use crate::manifest::schema;

#[test]
fn the_committed_schema_is_the_parsers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/manifest.schema.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let current = format!("{:#}\n", schema());
    assert!(committed == current, "{} is out of date: run `cargo xtask codegen`", path.display());
}

/// Every section that can be reached, once.
fn sections() -> Vec<&'static Section> {
    fn add(section: &'static Section, found: &mut Vec<&'static Section>) {
        if !found.iter().any(|known| known.name == section.name) {
            found.push(section);
            section.keys.iter().for_each(|key| within(&key.shape, found));
        }
    }
    fn within(shape: &'static Shape, found: &mut Vec<&'static Section>) {
        match shape {
            Shape::Section(section) | Shape::Either(_, section) => add(section, found),
            Shape::Named(item) | Shape::Numbered(item) | Shape::List(item) | Shape::Some(item) => within(item, found),
            _ => {}
        }
    }
    let mut found = Vec::new();
    add(&ROOT, &mut found);
    found
}

fn keys() -> impl Iterator<Item = (&'static Section, &'static Key)> {
    sections().into_iter().flat_map(|section| section.keys.iter().map(move |key| (section, key)))
}

#[test]
fn every_default_is_toml_and_json_alike() {
    for (section, key) in keys() {
        if let Need::Default(text) = key.need {
            let json: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", key.name));
            let toml = toml::de::DeValue::parse(text).unwrap_or_else(|error| panic!("{}: {error}", key.name));
            assert_eq!(json.is_string(), toml.get_ref().is_str(), "{}.{}", section.name, key.name);
        }
    }
}

#[test]
fn every_key_says_what_it_is_for() {
    for (section, key) in keys() {
        assert!(key.doc.ends_with('.') || key.doc.ends_with('`'), "{}.{}: {}", section.name, key.name, key.doc);
    }
}

#[test]
fn every_word_of_a_choice_is_understood() {
    let lines: Vec<_> = WHOLE.lines().filter(|line| !line.starts_with("seed")).collect();
    let (whole, folder, mut tried) = (lines.join("\n"), Folder::new(), 0);
    for (_, key) in keys() {
        let Shape::Choice(words) = key.shape else { continue };
        for (from, to) in words.iter().flat_map(|from| words.iter().map(move |to| (from, to))) {
            let written = |word: &str| format!("{} = \"{word}\"", key.name);
            let changed = whole.replacen(&written(from), &written(to), 1);
            tried += usize::from(changed != whole);
            folder.accept(&changed);
        }
    }
    assert!(tried >= 16, "{tried}");
}

#[test]
fn the_whole_manifest_names_nearly_every_key() {
    let absent: Vec<_> = keys()
        .filter(|(_, key)| !WHOLE.contains(&format!("{} =", key.name)) && !WHOLE.contains(&format!("[{}", key.name)))
        .map(|(section, key)| format!("{}.{}", section.name, key.name))
        .collect();
    assert_eq!(
        absent,
        [
            "build.repo",
            "build.image",
            "build.url",
            "build.writes",
            "build.allow_remote",
            "state.url",
            "state.allow_remote",
            "state.migrate",
            "contract_at.url"
        ]
    );
}
