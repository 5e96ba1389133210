//! Bytes on their way out: to standard output, which may be closed, or to a file, which is whole or not there.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use thiserror::Error;

use super::failure::Failure;
use crate::model::secret::{Mask, Secrets};
use crate::traffic::redaction::Redactor;

/// What nothing that leaves here shows. Read once, by the command that needs secrets, before anything is printed.
static MASK: OnceLock<Mask> = OnceLock::new();

/// What is a credential by what goes through while this records.
static REDACTOR: OnceLock<Arc<Mutex<Redactor>>> = OnceLock::new();

/// Hides these from here on, wherever bytes leave: on standard output and stderr, and in files.
pub(super) fn hide(secrets: &Secrets) {
    // One command runs, and reads its secrets once.
    let _ = MASK.set(Mask::new(secrets));
}

/// Hides from here on what this has seen by the time at which something is printed.
pub(super) fn redact(redactor: &Arc<Mutex<Redactor>>) {
    // One command runs, and records once.
    let _ = REDACTOR.set(Arc::clone(redactor));
}

/// The text with placeholders in place of secrets.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let masked = MASK.get().map_or(Cow::Borrowed(text), |mask| mask.text(text));
    let seen = REDACTOR
        .get()
        .and_then(|redactor| redactor.lock().unwrap_or_else(PoisonError::into_inner).text(masked.as_bytes()));
    seen.map_or(masked, |redacted| Cow::Owned(String::from_utf8_lossy(&redacted).into_owned()))
}

/// Whether that is a report in JSON.
fn is_json(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Prints to standard output. That its reader has gone away is no trouble of ours.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let text = if is_json(text.as_bytes()) { Cow::Borrowed(text) } else { masked(text) };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::environment(format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// A line on stderr. There is nobody to tell that it is closed.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{}", masked(text));
}

/// For what is printed by others: nobody is left to hear of its failure.
pub(super) fn tolerate(_: io::Result<()>) {}

/// A file that can't be written.
#[derive(Debug, Error)]
#[error("can't write {path}: {source}; give a path in a folder that can be written")]
pub(super) struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// Writes a file under a temporary name in its own folder and renames it. Its folder is made where it is missing. What is
/// no file (a pipe, `/dev/stderr`) is written to as it is.
///
/// A report in JSON is that of a run whose texts were masked already. To mask its bytes would put placeholders in place of
/// numbers and of its own words too, and nobody could read it any more.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let bytes = MASK.get().filter(|_| !is_json(bytes)).map_or(Cow::Borrowed(bytes), |mask| mask.bytes(bytes));
    stream(path, &mut |out| out.write_all(&bytes))
}

/// The same for what is too long to be held: `fill` writes it.
pub(super) fn stream(path: &Path, fill: &mut Fill<'_>) -> Result<(), WriteError> {
    try_write(path, fill).map_err(|source| WriteError { path: path.to_owned(), source })
}

/// Writes what belongs there.
pub(super) type Fill<'f> = dyn FnMut(&mut dyn Write) -> io::Result<()> + 'f;

fn try_write(path: &Path, filler: &mut Fill<'_>) -> io::Result<()> {
    // A link is followed, so that what it leads to is replaced and not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = std::fs::metadata(&path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        let mut out = io::BufWriter::new(std::fs::OpenOptions::new().write(true).open(&path)?);
        return filler(&mut out).and_then(|()| out.flush());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder)?;
    sweep(folder);
    let mut file = new_file(folder, there.map(|there| there.permissions()))?;
    let mut out = io::BufWriter::new(file.as_file_mut());
    filler(&mut out).and_then(|()| out.flush())?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// Whether both lead to the same file, which is there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// How temporary names begin and end.
const PREFIX: &str = ".straddle-";
const SUFFIX: &str = ".tmp";

/// Removes what was left beside a file that is about to be written.
pub(super) fn sweep_beside(path: &Path) {
    sweep(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
}

/// Removes what a run left here that was killed while it wrote: its lock went with it.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if is_ours && std::fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            // What can't be removed is in nobody's way.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// As any program makes a file: open to whom the umask says. A file that is replaced keeps its permissions.
fn new_file(folder: &Path, as_before: Option<std::fs::Permissions>) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).permissions(std::fs::Permissions::from_mode(0o666));
    let file = builder.tempfile_in(folder)?;
    // Held for as long as it is being written, so that nobody takes it for left behind. Where there are no locks, nobody can.
    let _ = file.as_file().try_lock();
    if let Some(permissions) = as_before {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/out.json");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_and_what_another_is_writing_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (left, held) = (folder.path().join(".straddle-left.tmp"), folder.path().join(".straddle-held.tmp"));
        std::fs::write(&left, b"half").unwrap();
        let writing = std::fs::File::create(&held).unwrap();
        writing.lock().unwrap();
        write(&folder.path().join("out.json"), b"{}").unwrap();
        assert!(!left.exists() && held.exists());
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "before").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, b"after").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"after");
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path(), b"x").unwrap_err().to_string();
        assert!(error.starts_with("can't write "), "{error}");
        assert!(error.contains("directory"), "{error}");
    }

    #[test]
    fn what_is_no_file_is_written_to_and_not_replaced() {
        write(std::path::Path::new("/dev/null"), b"x").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }
}
