//! Where a run keeps its files: `.straddle/runs/ID/`, with `logs/` that stay and scratch folders that go. The folders of the last
//! runs are kept; older ones go when a new one is made.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::FleetError;

/// The folder of one run. No two runs have the same, however near to each other they start.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    scratches: AtomicU64,
    /// Held for as long as the run goes on, so that no other takes its folder for an old one.
    _lock: Option<File>,
}

/// The folders of as many runs are kept, the newest one's among them.
const KEPT: usize = 10;

impl RunFolder {
    /// Makes a new one under `straddle`, a project's `.straddle` folder, which is made too where it is missing.
    pub fn create(straddle: &Path) -> Result<Self, FleetError> {
        let runs = straddle.join("runs");
        fs::create_dir_all(&runs).map_err(FleetError::io("cannot make the folder", &runs))?;
        keep_out_of_git(straddle)?;
        // Resolved, so that a program that resolves its folder shows the same text.
        let runs = fs::canonicalize(&runs).map_err(FleetError::io("cannot resolve", &runs))?;
        if runs.to_str().is_none() {
            let why = std::io::Error::other("its path is not UTF-8, so `{dir}` can't be filled in: move the project");
            return Err(FleetError::io("cannot work in", &runs)(why));
        }
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut again = 0_u32;
        loop {
            let path = runs.join(format!("{seconds}-{}-{again}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => {
                    let made = Self::in_folder(path)?;
                    prune(&runs);
                    return Ok(made);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => again += 1,
                Err(error) => return Err(FleetError::io("cannot make the folder", &path)(error)),
            }
        }
    }

    fn in_folder(path: PathBuf) -> Result<Self, FleetError> {
        let logs = path.join("logs");
        fs::create_dir(&logs).map_err(FleetError::io("cannot make the folder", &logs))?;
        // Where there are no locks, a run is told from an old one by there being enough newer ones.
        let lock = File::open(&path).ok().filter(|folder| folder.try_lock().is_ok());
        Ok(Self { path, scratches: AtomicU64::new(0), _lock: lock })
    }

    /// Where all scratch folders lie; made with the first of them, after the guardian has heard of it.
    pub(super) fn scratches(&self) -> PathBuf {
        self.path.join("scratch")
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file for the log of `name`: `old twin` → `logs/old-twin.log`.
    pub fn log(&self, name: &str) -> PathBuf {
        let safe: String = name.chars().map(|c| if c.is_alphanumeric() || c == '.' { c } else { '-' }).collect();
        self.path.join("logs").join(format!("{safe}.log"))
    }

    /// A new, empty folder, which goes when its owner does. All have names of one length, so that nothing that an instance
    /// cuts or pads hangs on which one it was given.
    pub(super) fn scratch(&self) -> Result<Scratch, FleetError> {
        let number = self.scratches.fetch_add(1, Ordering::Relaxed);
        let path = self.scratches().join(format!("{number:06}"));
        fs::create_dir_all(&path).map_err(FleetError::io("cannot make the folder", &path))?;
        Ok(Scratch { path })
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // Empty by now, unless a scratch folder could not be removed; then that one stays for a person to look at.
        let _ = fs::remove_dir(self.scratches());
    }
}

/// Removes the folders of runs that are over, the oldest first, until only the last ones are left.
fn prune(runs: &Path) {
    // `SECONDS-PID-NUMBER`: what is named otherwise is none of ours.
    let began = |path: &PathBuf| path.file_name()?.to_str()?.split('-').next()?.parse::<u64>().ok();
    let entries = fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<(u64, PathBuf)> = entries.filter_map(|path| Some((began(&path)?, path))).collect();
    all.sort();
    let old = all.len().saturating_sub(KEPT);
    for (_, path) in all.into_iter().take(old) {
        let is_over = File::open(&path).is_ok_and(|folder| folder.try_lock().is_ok());
        if is_over {
            remove(&path);
        }
    }
}

/// A folder that is removed with all its content when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(folder: &Path) {
    if fs::remove_dir_all(folder).is_err() {
        // A build may have made folders that even their owner can't write in.
        make_writable(folder);
        let _ = fs::remove_dir_all(folder);
    }
}

fn make_writable(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

/// What straddle leaves in a project is nobody's to commit, and must not make its tree dirty.
fn keep_out_of_git(straddle: &Path) -> Result<(), FleetError> {
    let ignore = straddle.join(".gitignore");
    if ignore.exists() {
        return Ok(());
    }
    fs::write(&ignore, "*\n").map_err(FleetError::io("cannot write", &ignore))
}

#[cfg(test)]
mod tests {
    use super::RunFolder;

    #[test]
    fn two_runs_in_one_folder_get_folders_of_their_own() {
        let project = tempfile::tempdir().unwrap();
        let runs: Vec<_> = (0..20).map(|_| RunFolder::create(project.path()).unwrap()).collect();
        let different: std::collections::BTreeSet<_> = runs.iter().map(RunFolder::path).collect();
        assert_eq!(different.len(), 20);
        assert_eq!(std::fs::read_to_string(project.path().join(".gitignore")).unwrap(), "*\n");
    }

    #[test]
    fn the_folders_of_the_last_ten_runs_are_kept_and_those_of_runs_that_go_on() {
        let project = tempfile::tempdir().unwrap();
        let runs = project.path().join("runs");
        let old: Vec<_> = (1..=12).map(|second| runs.join(format!("{second}-77-0"))).collect();
        for folder in &old {
            std::fs::create_dir_all(folder.join("logs")).unwrap();
        }
        std::fs::create_dir(runs.join("mine")).unwrap();
        let going_on = std::fs::File::open(&old[0]).unwrap();
        going_on.lock().unwrap();
        let _newest = RunFolder::create(project.path()).unwrap();
        let kept: Vec<usize> = (0..12).filter(|number| old[*number].exists()).map(|number| number + 1).collect();
        assert_eq!(kept, [1, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert!(runs.join("mine").exists());
    }

    #[test]
    fn scratch_folders_go_with_their_owner_even_where_they_are_read_only() {
        use std::os::unix::fs::PermissionsExt;
        let project = tempfile::tempdir().unwrap();
        let run = RunFolder::create(project.path()).unwrap();
        let scratch = run.scratch().unwrap();
        let path = scratch.path().to_owned();
        std::fs::create_dir(path.join("closed")).unwrap();
        std::fs::write(path.join("closed/file"), "x").unwrap();
        std::fs::set_permissions(path.join("closed"), std::fs::Permissions::from_mode(0o500)).unwrap();
        drop(scratch);
        assert!(!path.exists());
    }

    #[test]
    fn a_run_has_no_scratch_folder_before_its_first_and_none_after_its_last() {
        let project = tempfile::tempdir().unwrap();
        let run = RunFolder::create(project.path()).unwrap();
        let scratches = run.scratches();
        assert!(!scratches.exists());
        let scratch = run.scratch().unwrap();
        assert!(scratches.exists());
        drop((scratch, run));
        assert!(!scratches.exists());
    }

    #[test]
    fn a_log_is_named_after_its_instance() {
        let project = tempfile::tempdir().unwrap();
        let run = RunFolder::create(project.path()).unwrap();
        assert!(run.log("new twin/cart").ends_with("logs/new-twin-cart.log"));
    }
}
