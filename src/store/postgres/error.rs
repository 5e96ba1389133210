//! What can go wrong with PostgreSQL. Each error names the server or the database, and the next step; none shows a password.

use std::path::PathBuf;

use crate::process::Exit;

/// Why a PostgreSQL server could not do what a store needs.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// It is not installed.
    #[error(
        "PostgreSQL is missing: there is no `{program}` on the PATH, by `pg_config --bindir` or in /usr/lib/postgresql: \
         install it (`apt-get install postgresql`), or give a server as `url` in `[state.NAME]`"
    )]
    Missing {
        /// The program that was looked for.
        program: &'static str,
    },
    /// Root has nobody to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` in /etc/passwd: make one, or run straddle as another user"
    )]
    NoUser,
    /// The cluster could not be made.
    #[error("`initdb` failed, {exit}{}{}", reason(lines), tail(lines))]
    Initdb {
        /// How it ended.
        exit: Exit,
        /// Its last lines.
        lines: Vec<String>,
    },
    /// The server did not come up.
    #[error("the PostgreSQL server of this run did not come up: {why}{}{}", reason(lines), tail(lines))]
    NotUp {
        /// It ended, or took too long.
        why: String,
        /// Its last lines.
        lines: Vec<String>,
    },
    /// The server is gone.
    #[error("the PostgreSQL server of this run has died, {exit}: run it again{}", tail(lines))]
    Died {
        /// How it ended.
        exit: Exit,
        /// Its last lines.
        lines: Vec<String>,
    },
    /// The server's password was not given.
    #[error("no password was drawn for the PostgreSQL server of this run")]
    NoPassword,
    /// The variable with a URL is not set.
    #[error(
        "the variable {variable}, which `url` of state `{state}` names, is not set: set it to `postgres://USER:PASSWORD@HOST:PORT/DATABASE`"
    )]
    NoVariable {
        /// The state.
        state: String,
        /// The variable.
        variable: String,
    },
    /// A URL that can't be used.
    #[error("`url` of state `{state}` can't be used: {why}")]
    Url {
        /// The state.
        state: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server does not let us in, or is not there.
    #[error("{server} can't be reached: {why}")]
    Unreachable {
        /// Which one.
        server: String,
        /// What happened, and what to do.
        why: String,
    },
    /// The server refused.
    #[error("{server} could not {doing}: {why}")]
    Refused {
        /// Which one.
        server: String,
        /// What was asked for: `make a database`.
        doing: String,
        /// What it says.
        why: String,
    },
    /// The server does not answer.
    #[error(
        "{server} did not {doing} within {seconds} s: does a build hold a lock on the database, or on all of the server?"
    )]
    Slow {
        /// Which one.
        server: String,
        /// What was asked for.
        doing: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A database that straddle did not make.
    #[error("`{database}` is no database that this run has made: straddle does nothing to others")]
    Foreign {
        /// Its name.
        database: String,
    },
    /// A seed leaves its database.
    #[error(
        "{}:{line}: `{statement}` leaves the store's own database, and straddle touches no other: make the dump without `--create` (and no `pg_dumpall`)",
        file.display()
    )]
    Leaves {
        /// The seed.
        file: PathBuf,
        /// Where, from 1.
        line: usize,
        /// The line's beginning.
        statement: String,
    },
    /// A tool of PostgreSQL failed at something that is no statement.
    #[error("{what} failed, {why}{}", tail(lines))]
    Tool {
        /// `the seed FILE`, `the copy of a database in use`.
        what: String,
        /// How it ended.
        why: String,
        /// Its last lines.
        lines: Vec<String>,
    },
}

/// The line that says why: reports have the first line of an error alone.
fn reason(lines: &[String]) -> String {
    let said = |line: &String| {
        ["FATAL:  ", "PANIC:  ", " error: "].iter().find_map(|sign| Some(line.split_once(sign)?.1.to_owned()))
    };
    lines.iter().rev().find_map(said).map(|said| format!(": {said}")).unwrap_or_default()
}

fn tail(lines: &[String]) -> String {
    if lines.is_empty() { String::new() } else { format!("\n  {}", lines.join("\n  ")) }
}

#[cfg(test)]
mod tests {
    use super::PostgresError;
    use crate::process::Exit;

    #[test]
    fn the_first_line_says_why() {
        for (line, expected) in [
            (
                "initdb: error: could not create directory: No space left on device",
                ": could not create directory: No space left on device",
            ),
            (
                "2026-01-01 UTC [7] FATAL:  could not write lock file: No space left on device",
                ": could not write lock file: No space left on device",
            ),
            ("creating subdirectories ... ok", ""),
        ] {
            let exit = Exit { code: Some(1), signal: None };
            let error = PostgresError::Initdb {
                exit,
                lines: vec![line.to_owned(), "child process exited with exit code 1".to_owned()],
            };
            let told = error.to_string();
            assert_eq!(told.lines().next(), Some(&*format!("`initdb` failed, exit code 1{expected}")), "{told}");
        }
    }
}
