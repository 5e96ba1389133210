//! Where a server's files are: in the run's own folder, or, where its user can't get there or a socket's path would be too
//! long, in a folder of its own in /tmp, which the guardian removes.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::super::StoreError;
use crate::process::{Guardian, User};

/// Systems differ; no shorter limit is known than 104 bytes, with the zero at its end.
const LONGEST_SOCKET: usize = 103;
/// What a server puts into its folder: `.s.PGSQL.65535`, and a lock beside it.
const LONGEST_NAME: usize = "/.s.PGSQL.65535.lock".len();

/// A private folder of a server.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Whether it lies in no folder that somebody else removes.
    apart: bool,
}

impl Place {
    /// A new folder, in `folder` where that will do. It is the user's, and nobody else gets in.
    pub(super) fn make(folder: &Path, user: Option<User>, guardian: &Guardian) -> Result<Self, StoreError> {
        let within = folder.join("postgres");
        let fits = within.as_os_str().len() + LONGEST_NAME <= LONGEST_SOCKET;
        if fits && user.is_none_or(|user| lets_in(folder, user)) {
            make(&within, user).map_err(StoreError::io("cannot make the folder", &within))?;
            return Ok(Self { path: within, apart: false });
        }
        for number in 0_u32.. {
            let path = PathBuf::from(format!("/tmp/straddle-{}-{number}", std::process::id()));
            match make(&path, user) {
                Ok(()) => {
                    guardian.cleanup_on_exit(&path)?;
                    return Ok(Self { path, apart: true });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
                Err(error) => return Err(StoreError::io("cannot make the folder", &path)(error)),
            }
        }
        Ok(Self { path: within, apart: false })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.apart {
            // What the server still writes while it ends, the guardian removes.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn make(path: &Path, user: Option<User>) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    give(path, user)
}

/// Makes a file or folder the user's.
pub(super) fn give(path: &Path, user: Option<User>) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(if path.is_dir() { 0o700 } else { 0o600 }))?;
    user.map_or(Ok(()), |user| chown(path, Some(user.uid), Some(user.gid)))
}

/// Whether that user can go through this folder and all above it.
fn lets_in(folder: &Path, user: User) -> bool {
    let passes = |facts: &Metadata| {
        let bit = match (facts.uid() == user.uid, facts.gid() == user.gid) {
            (true, _) => 0o100,
            (false, true) => 0o010,
            (false, false) => 0o001,
        };
        facts.mode() & bit != 0
    };
    fs::canonicalize(folder)
        .is_ok_and(|folder| folder.ancestors().all(|one| fs::metadata(one).is_ok_and(|it| passes(&it))))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use super::{User, lets_in};

    #[test]
    fn a_folder_lets_in_whom_all_folders_above_it_let_in() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let within = folder.path().join("a");
        std::fs::create_dir(&within).unwrap_or_else(|e| panic!("{e}"));
        let stranger = User { uid: 54321, gid: 54321 };
        let check = |mode: u32, expected: bool| {
            std::fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(lets_in(&within, stranger), expected, "{mode:o}");
        };
        check(0o700, false);
        check(0o701, true);
        check(0o755, true);
    }
}
