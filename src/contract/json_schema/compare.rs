//! Two bare JSON Schemas, in both directions.

use serde_json::Value;

use super::judge::Judge;
use super::{Dialect, Inclusion, inclusion};
use crate::contract::text::Document;
use crate::contract::{Comparison, ContractError, Counterexample, Difference, Place, Source, Surface, Terms, Unknown};
use crate::model::{Direction, Pair, Severity, Side};

/// Compares two schemas: what OLD writes and NEW reads, and the other way round. `dialect` is taken where a schema doesn't say its own.
pub fn compare(sources: Pair<&Source>, dialect: Option<Dialect>, terms: &Terms) -> Result<Comparison, ContractError> {
    let texts = Pair::new(load(sources.old, dialect)?, load(sources.new, dialect)?);
    let subject = subject(sources);
    let surface = Surface { subject: subject.clone(), known: Pair::new(true, true) };
    let mut comparison = Comparison { surfaces: vec![surface], ..Comparison::default() };
    for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
        let (writer, reader) = (texts.get(direction.from), texts.get(direction.to));
        let place = |at: &str, written: Option<&str>, read: Option<&str>| {
            let position = |text: &Text, pointer: Option<&str>| pointer.and_then(|at| text.document.position(at));
            let (written, read) = (position(writer, written), position(reader, read));
            let positions =
                if direction.from == Side::Old { Pair::new(written, read) } else { Pair::new(read, written) };
            Place { subject: subject.clone(), direction, at: at.to_owned(), positions }
        };
        match inclusion(&writer.schema, &reader.schema, terms) {
            Inclusion::Holds => {}
            Inclusion::Unknown(why) => {
                comparison.unknown.push(Unknown { place: place("$", Some(""), Some("")), why });
            }
            Inclusion::Breaks(breaks) => comparison.differences.extend(breaks.into_iter().map(|broken| Difference {
                rule: broken.rule,
                severity: Severity::Breaking,
                place: place(&broken.at, Some(&broken.writer), Some(&broken.reader)),
                message: format!(
                    "`{}`: {} refuses what {} may write: {}",
                    broken.at, direction.to, direction.from, broken.refusal
                ),
                counterexample: Some(Counterexample {
                    written: broken.written,
                    bytes: None,
                    read: Value::String(broken.refusal),
                }),
            })),
        }
    }
    Ok(comparison)
}

/// A schema with its text.
struct Text {
    document: Document,
    /// It says its dialect.
    schema: Value,
}

fn load(source: &Source, default: Option<Dialect>) -> Result<Text, ContractError> {
    let document = Document::parse(&source.path, &source.tree.read(&source.path)?)?;
    let wrong = |pointer: &str, what: String| match document.position(pointer) {
        Some(at) => ContractError::Wrong { at, what },
        None => ContractError::NoContract { what: format!("`{}`: {what}", source.path) },
    };
    let mut schema = document.value().clone();
    if !schema.is_object() && !schema.is_boolean() {
        let what = "a JSON Schema is an object, or `true` or `false`: is it the right file?".to_owned();
        return Err(wrong("", what));
    }
    let named = Dialect::named(&schema).map_err(|what| wrong("/$schema", what))?;
    let dialect = named.or(default).unwrap_or(Dialect::Draft202012);
    if let Err(invalid) = Judge::of(&schema, dialect)
        && !invalid.is_elsewhere
    {
        return Err(wrong(&invalid.pointer, invalid.what));
    }
    if let Value::Object(map) = &mut schema
        && named.is_none()
    {
        map.insert("$schema".to_owned(), Value::from(dialect.uri()));
    }
    Ok(Text { document, schema })
}

/// The files' name; both where they differ, whichever is the old one.
fn subject(sources: Pair<&Source>) -> String {
    let name = |source: &Source| source.path.rsplit('/').next().unwrap_or_default().to_owned();
    let (one, other) = (name(sources.old), name(sources.new));
    if one == other {
        return format!("schema {one}");
    }
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    format!("schema {first}, {second}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::compare;
    use crate::contract::{Source, Terms, Tree};
    use crate::model::{Direction, Mark, Pair};

    fn source(text: &str) -> Source {
        let files = BTreeMap::from([("order.json".to_owned(), text.as_bytes().to_vec())]);
        Source { tree: Tree::Held(files), path: "order.json".to_owned() }
    }

    const OLD: &str = "{\n  \"type\": \"object\",\n  \"properties\": {\"note\": {\"type\": \"string\"}}\n}";
    const NEW: &str = "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"note\": {\"type\": \"string\", \"maxLength\": 5}\n  }\n}";

    #[test]
    fn a_break_is_told_with_its_document_and_its_places_in_both_texts() {
        let (old, new) = (source(OLD), source(NEW));
        let comparison = compare(Pair::new(&old, &new), None, &Terms::DOCUMENTS).unwrap();
        let marks = |comparison: &super::Comparison| {
            [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD].map(|way| comparison.mark("schema order.json", way))
        };
        assert_eq!(marks(&comparison), [Mark::Breaking, Mark::Ok]);
        let [difference] = &comparison.differences[..] else { panic!("{:?}", comparison.differences) };
        assert_eq!(
            difference.message,
            "`$.note`: new refuses what old may write: \"aaaaaa\" is longer than 5 characters"
        );
        let positions = &difference.place.positions;
        let told = |position: &Option<crate::contract::Position>| position.as_ref().unwrap().to_string();
        assert_eq!((told(&positions.old), told(&positions.new)), ("order.json:3:18".into(), "order.json:4:32".into()));
        let swapped = compare(Pair::new(&new, &old), None, &Terms::DOCUMENTS).unwrap();
        assert_eq!(marks(&swapped), [Mark::Ok, Mark::Breaking]);
        let same = compare(Pair::new(&old, &old), None, &Terms::SERVICE).unwrap();
        assert!(same.differences.is_empty() && same.unknown.is_empty());
    }

    #[test]
    fn what_is_no_schema_is_an_error_with_its_place() {
        let fine = source("true");
        for (text, expected) in [
            ("{\"a\": ", "order.json:1:"),
            ("[1]", "order.json:1:1: a JSON Schema is an object, or `true` or `false`: is it the right file?"),
            ("{\"$schema\": \"http://x.test/own\"}", "order.json:1:2: `$schema` names the dialect `http://x.test/own`"),
            ("{\n \"pattern\": \"(a\"}", "order.json:2:2: "),
            ("{\n \"minimum\": \"a\"}", "order.json:2:2: \"a\" is not of type \"number\""),
            ("{\"$ref\": \"#/$defs/none\"}", "order.json:1:1: "),
        ] {
            let told = compare(Pair::new(&source(text), &fine), None, &Terms::DOCUMENTS).unwrap_err().to_string();
            assert!(told.starts_with(expected), "{text}: {told}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_unknown_and_named() {
        let remote = source("{\"$ref\": \"http://x.test/a.json\"}");
        let comparison = compare(Pair::new(&remote, &source("true")), None, &Terms::DOCUMENTS).unwrap();
        let whys: Vec<&str> = comparison.unknown.iter().map(|unknown| unknown.why.as_str()).collect();
        assert!(!whys.is_empty() && whys.iter().all(|why| why.contains("`http://x.test/a.json`")), "{whys:?}");
    }
}
