//! The cache of git builds: `CACHE/<repository>/<commit>/` with
//!
//! - `tree/`, the checkout in which commands are built,
//! - `lock`, held by the run that makes something in it, so that two runs that share a cache build once,
//! - `making`, there while something is being made: where it is left over, a run was ended in the middle of its work,
//! - `built-HASH`, one for each build command that has come to its end; the hash is of the command and its environment.
//!
//! Owns these files; refuses to know how a checkout is made or a command is run.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::FleetError;

/// How often a lock that another run holds is tried again.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// The folder of one commit, locked until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    folder: PathBuf,
    _lock: File,
}

impl Slot {
    /// Waits until no other run works on this commit. `waiting` is told once, if there is a wait.
    pub(super) async fn lock(
        cache: &Path,
        repo: &Path,
        commit: &str,
        waiting: impl FnOnce(),
    ) -> Result<Self, FleetError> {
        let key = blake3::hash(repo.as_os_str().as_encoded_bytes()).to_hex();
        let folder = cache.join(&key.as_str()[..16]).join(commit);
        fs::create_dir_all(&folder).map_err(FleetError::io("cannot make the folder", &folder))?;
        let folder = fs::canonicalize(&folder).map_err(FleetError::io("cannot resolve", &folder))?;
        let path = folder.join("lock");
        let file =
            File::options().create(true).append(true).open(&path).map_err(FleetError::io("cannot open", &path))?;
        let mut waiting = Some(waiting);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { folder, _lock: file }),
                Err(TryLockError::WouldBlock) => {
                    if let Some(tell) = waiting.take() {
                        tell();
                    }
                    tokio::time::sleep(LOCK_POLL).await;
                }
                Err(TryLockError::Error(error)) => return Err(FleetError::io("cannot lock", &path)(error)),
            }
        }
    }

    /// Where the checkout is, or is to be.
    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// Whether the checkout has to be made anew: it isn't there, or a run was ended while it worked on it, and nothing that
    /// was built in it before would be lost.
    pub(super) fn needs_tree(&self) -> bool {
        !self.tree().exists() || (self.making().exists() && !self.anything_built())
    }

    /// Whether this command has come to its end here before.
    pub(super) fn is_built(&self, stamp: &Stamp) -> bool {
        self.tree().exists() && self.folder.join(&stamp.0).exists()
    }

    /// Says that the work begins: until [`end`](Self::end) or [`built`](Self::built), what lies here is not to be relied on.
    pub(super) fn begin(&self) -> Result<(), FleetError> {
        fs::write(self.making(), "").map_err(FleetError::io("cannot write", &self.making()))
    }

    /// Says that the work came to its end.
    pub(super) fn end(&self) -> Result<(), FleetError> {
        fs::remove_file(self.making()).map_err(FleetError::io("cannot remove", &self.making()))
    }

    /// Says that this command came to its end.
    pub(super) fn built(&self, stamp: &Stamp) -> Result<(), FleetError> {
        let path = self.folder.join(&stamp.0);
        fs::write(&path, "").map_err(FleetError::io("cannot write", &path))?;
        self.end()
    }

    /// Removes the checkout and all that was said about it.
    pub(super) fn clear(&self) -> Result<(), FleetError> {
        let tree = self.tree();
        if tree.exists() {
            fs::remove_dir_all(&tree).map_err(FleetError::io("cannot remove", &tree))?;
        }
        for stamp in self.stamps() {
            fs::remove_file(&stamp).map_err(FleetError::io("cannot remove", &stamp))?;
        }
        Ok(())
    }

    fn making(&self) -> PathBuf {
        self.folder.join("making")
    }

    fn anything_built(&self) -> bool {
        !self.stamps().is_empty()
    }

    fn stamps(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(b"built-"))
            .map(|entry| entry.path())
            .collect()
    }
}

/// Stands for a command with its environment and folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp(String);

impl Stamp {
    /// `parts` in this order, each taken for itself.
    pub(super) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(format!("built-{}", &hasher.finalize().to_hex().as_str()[..16]))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Slot, Stamp};

    async fn slot(cache: &Path) -> Slot {
        Slot::lock(cache, Path::new("/repo"), "abc", || {}).await.unwrap()
    }

    #[tokio::test]
    async fn a_build_that_was_cut_off_is_made_again_from_nothing() {
        let cache = tempfile::tempdir().unwrap();
        let make = Stamp::of([b"make".as_slice()]);
        let first = slot(cache.path()).await;
        assert!(first.needs_tree());
        first.begin().unwrap();
        std::fs::create_dir(first.tree()).unwrap();
        drop(first);
        let second = slot(cache.path()).await;
        assert!(second.needs_tree(), "the first never said that it was done");
        assert!(!second.is_built(&make));
        second.built(&make).unwrap();
        drop(second);
        let third = slot(cache.path()).await;
        assert!(!third.needs_tree());
        assert!(third.is_built(&make));
        assert!(!third.is_built(&Stamp::of([b"ma".as_slice(), b"ke"])), "another command");
    }

    #[tokio::test]
    async fn a_second_run_waits_for_the_first() {
        let cache = tempfile::tempdir().unwrap();
        let first = slot(cache.path()).await;
        let path = cache.path().to_owned();
        let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
        let second = tokio::spawn(async move {
            Slot::lock(&path, Path::new("/repo"), "abc", || told.send(()).unwrap()).await.unwrap()
        });
        hears.recv().await.unwrap();
        assert!(!second.is_finished());
        drop(first);
        second.await.unwrap();
    }
}
