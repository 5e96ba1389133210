//! What the compiler says of a wrong file, as an error with the file, line and column.

use std::collections::BTreeMap;

use miette::{Diagnostic, LabeledSpan};
use protox::Error;

use crate::contract::{ContractError, Position};

/// Where in a text an offset lies; the line and column are counted from 1.
pub fn position(file: &str, text: &str, offset: usize) -> Position {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Position { file: file.to_owned(), line, column }
}

/// Turns the compiler's error into ours; `texts` are the files by the names that the compiler knows, with their paths.
pub fn from_compiler(error: &Error, file: &str, texts: &BTreeMap<String, (String, String)>) -> ContractError {
    let name = error.file().unwrap_or(file);
    let (path, text) = texts.get(name).map_or((name, ""), |(path, text)| (path.as_str(), text.as_str()));
    let labels: Vec<_> = error.labels().into_iter().flatten().collect();
    // Of a name that is there twice, the second is the one that this file is about.
    let label = labels.last();
    let offset = label.map_or(0, LabeledSpan::offset);
    let what = shortened(error.to_string().trim());
    // A name that two files define has its first place in another file: the compiler labels only this one.
    let what = match error.help() {
        Some(help) => format!("{what}: {}", shortened(help.to_string().trim())),
        None => what,
    };
    ContractError::Wrong { at: position(path, text, offset), what: hinted(what) }
}

fn hinted(what: String) -> String {
    if what.starts_with("import ") && what.contains("not found") {
        return format!("{what}: give the folder that imports start from, with that file in it");
    }
    what
}

/// Texts out of contracts may be long; what counts stands at the start.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 300;
    let line = text.replace('\n', " ");
    if line.chars().count() <= LONGEST {
        line
    } else {
        format!("{}…", line.chars().take(LONGEST).collect::<String>())
    }
}
