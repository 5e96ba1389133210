//! Where PostgreSQL's programs are, and as whom its server runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::PostgresError;
use crate::process::{Finished, Guardian, ProcessError, Program, Spec, User, run_to_end};

/// Variables by which a person leads PostgreSQL's programs elsewhere.
const LEADING: [&str; 15] = [
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGOPTIONS",
    "PGSSLMODE",
    "PGDATA",
    "PGTZ",
    "PGDATESTYLE",
    "PGCLIENTENCODING",
];

/// Prints every folder in which PostgreSQL's programs may be, a line each.
const FOLDERS: &str = "for program in initdb psql; do dirname \"$(command -v $program)\" 2>/dev/null; done
pg_config --bindir 2>/dev/null
ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /usr/local/pgsql/bin 2>/dev/null
exit 0";
/// How long a program may take to say where or which it is.
const GLANCE: Duration = Duration::from_secs(20);

/// The folder with the newest of those programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The newest that are installed, a server's among them.
    pub(super) async fn of_server(guardian: &Guardian) -> Result<Self, PostgresError> {
        Self::newest(guardian, &["initdb", "postgres"]).await
    }

    /// The newest that are installed, a client's at least.
    pub(super) async fn of_client(guardian: &Guardian) -> Result<Self, PostgresError> {
        Self::newest(guardian, &["psql", "pg_dump", "pg_restore"]).await
    }

    async fn newest(guardian: &Guardian, needed: &[&'static str]) -> Result<Self, PostgresError> {
        let missing = || PostgresError::Missing { program: needed.first().copied().unwrap_or_default() };
        let told = printed(guardian, Program::Sh(FOLDERS.to_owned())).await.map_err(|_| missing())?;
        let mut folders: Vec<PathBuf> = Vec::new();
        for line in told.lines().filter(|line| line.starts_with('/')) {
            // A program on the PATH may be a link to where its siblings are.
            let program = Path::new(line).join(needed.first().copied().unwrap_or_default());
            let real = std::fs::canonicalize(program).ok().and_then(|real| real.parent().map(Path::to_owned));
            if let Some(folder) = real.filter(|folder| needed.iter().all(|program| folder.join(program).is_file()))
                && !folders.contains(&folder)
            {
                folders.push(folder);
            }
        }
        if let [only] = folders.as_slice() {
            return Ok(Self { folder: only.clone() });
        }
        let mut found = Vec::new();
        for folder in folders {
            let program = folder.join(needed.last().copied().unwrap_or_default());
            let said = printed(guardian, Program::words([program.as_os_str(), "--version".as_ref()])).await;
            found.extend(said.ok().and_then(|said| version(&said)).map(|version| (version, folder)));
        }
        // Of equal ones the first that was looked at.
        let newest = found.into_iter().rev().max_by_key(|(version, _)| *version);
        newest.map(|(_, folder)| Self { folder }).ok_or_else(missing)
    }

    /// A command of one of them, in a folder, by straddle's own environment without what would lead it elsewhere.
    pub(super) fn spec(&self, name: &str, program: &str, arguments: &[&str], dir: &Path) -> Spec {
        let path = self.folder.join(program).into_os_string();
        let words = std::iter::once(path).chain(arguments.iter().map(std::ffi::OsString::from));
        Spec {
            // What they say is read.
            env: vec![("LC_ALL".to_owned(), "C".to_owned())],
            without: LEADING.map(str::to_owned).to_vec(),
            ..Spec::new(name, Program::words(words), dir)
        }
    }
}

/// Whom the server runs as: itself, unless that is root, which PostgreSQL refuses.
pub(super) fn user() -> Result<Option<User>, PostgresError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "nobody"].into_iter().find_map(|name| entry(&users, name));
    found.map(Some).ok_or(PostgresError::NoUser)
}

async fn printed(guardian: &Guardian, program: Program) -> Result<String, ProcessError> {
    let spec = Spec { capture_stdout: true, ..Spec::new("the search for PostgreSQL", program, "/") };
    let Finished { stdout, .. } = run_to_end(guardian, spec, GLANCE).await?.success()?;
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15, 18
fn version(said: &str) -> Option<(u32, u32)> {
    let number = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or_default());
    Some((parts.next()?, parts.next().unwrap_or_default()))
}

/// `NAME:x:UID:GID:…`
fn entry(users: &str, name: &str) -> Option<User> {
    let mut fields = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.split(':').skip(1);
    Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{User, entry, version};

    #[test]
    fn versions_are_read_from_what_programs_say() {
        for (said, expected) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some((15, 18))),
            ("psql (PostgreSQL) 9.6.24", Some((9, 6))),
            ("postgres (PostgreSQL) 18beta1", Some((18, 0))),
            ("nothing", None),
        ] {
            assert_eq!(version(said), expected, "{said}");
        }
    }

    #[test]
    fn a_user_is_known_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:7::/:\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(entry(users, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(entry(users, "nobody"), None);
    }
}
