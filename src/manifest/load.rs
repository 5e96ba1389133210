//! From a file, a text or a command line to a [`Manifest`].

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use toml::de::DeTable;

use super::error::Problems;
use super::read::Reader;
use super::reading::{Reading, Recordings};
use super::sections::{self, ROOT};
use super::{Manifest, ManifestError, SourceSpec};
use crate::model::Pair;

/// A manifest is written by people: more than this, in bytes, is some other file.
const LONGEST: u64 = 1024 * 1024;

/// Reads and checks a manifest.
pub fn load(path: &Path) -> Result<Manifest, ManifestError> {
    load_with(path, &Pair::default())
}

/// Reads and checks a manifest in which the command line puts other sources in the place of its own: `--old`, `--new`.
///
/// They replace the source alone, of every service: commands and environment stay. A label goes, since it named the
/// other source; and a URL that is said here needs no `allow_remote`.
pub fn load_with(path: &Path, sources: &Pair<Option<SourceSpec>>) -> Result<Manifest, ManifestError> {
    let text = text_of(path)?;
    parse_with(&text, path, sources)
}

/// Reads and checks a manifest whose recordings need not be there: they may be what is about to be made.
pub fn load_before_recording(path: &Path) -> Result<Manifest, ManifestError> {
    let text = text_of(path)?;
    checked(&text, path, &Pair::default(), Recordings::MayLack)
}

/// Checks the text of a manifest that stands, or would stand, at `file`.
pub fn parse(text: &str, file: &Path) -> Result<Manifest, ManifestError> {
    parse_with(text, file, &Pair::default())
}

/// [`parse`] with other sources, as [`load_with`] has it.
pub fn parse_with(text: &str, file: &Path, sources: &Pair<Option<SourceSpec>>) -> Result<Manifest, ManifestError> {
    checked(text, file, sources, Recordings::MustExist)
}

fn checked(
    text: &str,
    file: &Path,
    sources: &Pair<Option<SourceSpec>>,
    recordings: Recordings,
) -> Result<Manifest, ManifestError> {
    if text.len() as u64 > LONGEST {
        return Err(too_long(file));
    }
    // Editors on Windows begin a file with a mark of its encoding; columns are counted without it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        let (message, help) = ("the manifest is empty".to_owned(), "`straddle init` writes one".to_owned());
        return Err(ManifestError::of_file("manifest::empty", file, message, help));
    }
    let absolute = std::path::absolute(file).map_err(|error| unreadable(file, &error))?;
    let folder = absolute.parent().unwrap_or(&absolute);

    let mut problems = Problems::default();
    let (raw, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        super::syntax::report(&errors, text, &mut problems);
        return Err(problems.into_error(file, text));
    }
    let root = Reader { problems: &mut problems }.root(raw.get_ref(), &ROOT);
    let mut reading = Reading::new(text, folder, sources, recordings, problems);
    let manifest = sections::manifest(&root, &absolute, &mut reading);
    if manifest.is_none() && reading.problems.is_empty() {
        reading.problems.push(
            "manifest::bug",
            0..0,
            "this manifest is right and yet can't be used: that is a bug in straddle",
            "please report it with the manifest",
        );
    }
    match manifest {
        Some(manifest) if reading.problems.is_empty() => Ok(manifest),
        _ => Err(reading.problems.into_error(file, text)),
    }
}

fn text_of(path: &Path) -> Result<String, ManifestError> {
    if path.is_dir() {
        return Err(ManifestError::of_file(
            "manifest::unreadable",
            path,
            "this is a folder, not a manifest".to_owned(),
            "name the file in it: `--manifest FOLDER/straddle.toml`".to_owned(),
        ));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    // By what is read and not by the file's size, which a pipe or a device doesn't know.
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(too_long(path));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].split(|byte| *byte == b'\n').count();
        ManifestError::of_file(
            "manifest::encoding",
            path,
            format!("the manifest is not UTF-8: line {line}, byte {good} of the file is no character"),
            "save it as UTF-8".to_owned(),
        )
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> ManifestError {
    let (message, help) = match error.kind() {
        ErrorKind::NotFound => (
            "there is no manifest here".to_owned(),
            "`--manifest FILE` names one that is elsewhere; `straddle schema manifest` says what one holds".to_owned(),
        ),
        _ => (format!("the manifest can't be read: {error}"), "make the file readable to you".to_owned()),
    };
    ManifestError::of_file("manifest::unreadable", path, message, help)
}

fn too_long(path: &Path) -> ManifestError {
    ManifestError::of_file(
        "manifest::too-long",
        path,
        "this is longer than 1 MiB, which no manifest is".to_owned(),
        "name a manifest; recordings go into files of their own, named under `[[recording]]`".to_owned(),
    )
}
