//! Writes recordings, one exchange after the other, so that there is never half a file under the final name.

use std::fs::{File, TryLockError};
use std::io::{BufWriter, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, PersistError};

use super::TrafficError;
use super::format::{Header, Line, Written};
use super::part::leads_to;
use crate::model::Exchange;

/// How hard zstd works: its own default.
const LEVEL: i32 = 3;

/// A recording that is being written. Until [`finish`](Self::finish) it has another name; dropped before, nothing is
/// left.
pub struct Writer {
    path: PathBuf,
    out: Output,
    /// The line that is written next.
    line: Line,
}

enum Output {
    Plain(BufWriter<NamedTempFile>),
    /// Without a name, and never to have one.
    Nameless(BufWriter<File>),
    Zstd(Box<zstd::stream::write::Encoder<'static, BufWriter<NamedTempFile>>>),
}

impl Writer {
    /// Begins a recording; compressed where the name ends in `.zst`. `redacted`: credentials have been taken out of it.
    pub fn create(path: &Path, redacted: bool) -> Result<Self, TrafficError> {
        let failed = || TrafficError::io("write", path);
        if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            // A recording is written under another name first, and then takes this one's place.
            return Err(failed()(std::io::Error::other("it is there already, and is no file")));
        }
        // A temporary file is its owner's alone; a recording is a file like any other, as the umask has it.
        let mode = std::fs::Permissions::from_mode(0o666);
        let file = unnamed(folder_of(path), mode).map_err(failed())?;
        let file = BufWriter::new(file);
        let out = if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zst")) {
            Output::Zstd(Box::new(zstd::stream::write::Encoder::new(file, LEVEL).map_err(failed())?))
        } else {
            Output::Plain(file)
        };
        Self::begin(path, out, redacted)
    }

    /// Begins a recording in a file that has no name: `path` is what errors call it.
    pub(super) fn temporary(path: &Path, file: File) -> Result<Self, TrafficError> {
        Self::begin(path, Output::Nameless(BufWriter::new(file)), false)
    }

    fn begin(path: &Path, out: Output, redacted: bool) -> Result<Self, TrafficError> {
        let mut writer = Self { path: path.to_owned(), out, line: Line::new() };
        writer.line.header(&Header::current(true, redacted));
        writer.write()?;
        Ok(writer)
    }

    /// Adds an exchange, unless it can't be written.
    pub fn push(&mut self, exchange: &Exchange) -> Result<Written, TrafficError> {
        let written = self.line.exchange(exchange);
        self.write().map(|()| written)
    }

    /// Ends the recording and gives it its name: when it has that, it is on the disk, whole.
    pub fn finish(self) -> Result<(), TrafficError> {
        self.end(|file, path| file.persist(path))
    }

    /// The same, where nothing has that name.
    pub fn finish_new(self) -> Result<(), TrafficError> {
        self.end(|file, path| file.persist_noclobber(path))
    }

    fn end(self, name: impl FnOnce(NamedTempFile, &Path) -> Result<File, PersistError>) -> Result<(), TrafficError> {
        let failed = || TrafficError::io("write", &self.path);
        let file = match self.out {
            Output::Plain(file) => file,
            Output::Zstd(encoder) => encoder.finish().map_err(failed())?,
            Output::Nameless(mut file) => return file.flush().map_err(failed()),
        };
        let file = file.into_inner().map_err(|e| failed()(e.into_error()))?;
        // What it was made of may be removed next.
        file.as_file().sync_all().map_err(failed())?;
        name(file, &self.path).map_err(|e| match e.error.kind() {
            ErrorKind::AlreadyExists => TrafficError::Taken { path: self.path.clone() },
            _ => failed()(e.error),
        })?;
        // Some file systems can't; then the name follows when they see fit.
        let _ = File::open(folder_of(&self.path)).and_then(|folder| folder.sync_all());
        Ok(())
    }

    /// Ends a recording without a name, and gives its file.
    pub(super) fn into_file(self) -> Result<File, TrafficError> {
        let failed = || TrafficError::io("write", &self.path);
        match self.out {
            Output::Nameless(file) => file.into_inner().map_err(|e| failed()(e.into_error())),
            Output::Plain(_) | Output::Zstd(_) => Err(failed()(std::io::Error::other("it has a name"))),
        }
    }

    fn write(&mut self) -> Result<(), TrafficError> {
        let out: &mut dyn Write = match &mut self.out {
            Output::Plain(file) => file,
            Output::Zstd(encoder) => encoder,
            Output::Nameless(file) => file,
        };
        out.write_all(self.line.bytes()).map_err(TrafficError::io("write", &self.path))
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file under a temporary name, which whoever writes into this folder next removes, should this program be killed: the lock,
/// which says that it is being written, goes with it. The command line names and locks its own files in the same way.
fn unnamed(folder: &Path, mode: std::fs::Permissions) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".straddle-").suffix(".tmp").permissions(mode);
    loop {
        let file = builder.tempfile_in(folder)?;
        let is_ours = match file.as_file().try_lock() {
            Ok(()) => leads_to(file.path(), file.as_file()),
            Err(TryLockError::WouldBlock) => false,
            // Where there are no locks, nobody can take it for left behind.
            Err(TryLockError::Error(_)) => true,
        };
        if is_ours {
            return Ok(file);
        }
        // Another straddle took it for left behind before it was locked.
    }
}
