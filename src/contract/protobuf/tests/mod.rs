//! What the protobuf contracts promise, held by small pairs of texts.

mod cases;
mod loading;
mod pairs;
mod shown;

use std::collections::BTreeMap;

use super::compare;
use crate::contract::{Comparison, ContractError, Encoding, Source, Terms, Tree, UnknownFields};
use crate::model::{Direction, Mark, Pair};

/// A contract of one file.
pub fn one(text: &str) -> Source {
    held(&[("a.proto", text)])
}

/// A contract of several files.
pub fn held(files: &[(&str, &str)]) -> Source {
    let files: BTreeMap<_, _> =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    Source { tree: Tree::Held(files), path: String::new() }
}

/// Compares two texts; those without a syntax are proto3 in a package `a`.
pub fn compared(old: &str, new: &str, terms: &Terms) -> Result<Comparison, ContractError> {
    let whole = |text: &str| match text.strip_prefix("proto2 ") {
        Some(rest) => format!("syntax = \"proto2\";\npackage a;\n{rest}"),
        None if text.starts_with("syntax") => text.to_owned(),
        None => format!("syntax = \"proto3\";\npackage a;\n{text}"),
    };
    compare(Pair::new(&one(&whole(old)), &one(&whole(new))), terms)
}

/// The worst of all surfaces in a direction: `ok`, `risk`, `break` or `unknown`.
pub fn cell(comparison: &Comparison, direction: Direction) -> &'static str {
    let rank = |mark: &Mark| match mark {
        Mark::Breaking => 3,
        Mark::Unknown => 2,
        Mark::Risk => 1,
        _ => 0,
    };
    let marks = comparison.surfaces.iter().map(|surface| comparison.mark(&surface.subject, direction));
    match marks.max_by_key(rank) {
        Some(Mark::Breaking) => "break",
        Some(Mark::Unknown) => "unknown",
        Some(Mark::Risk) => "risk",
        _ => "ok",
    }
}

/// The cells of binary and JSON, each old→new and new→old: `ok risk, break ok`.
pub fn cells(old: &str, new: &str) -> String {
    let of = |encoding| {
        let terms = Terms { encoding, unknown_fields: UnknownFields::Ignored, ..Terms::SERVICE };
        match compared(old, new, &terms) {
            Ok(found) => format!("{} {}", cell(&found, Direction::OLD_TO_NEW), cell(&found, Direction::NEW_TO_OLD)),
            Err(error) => error.to_string(),
        }
    };
    format!("{}, {}", of(Encoding::Binary), of(Encoding::Json))
}
