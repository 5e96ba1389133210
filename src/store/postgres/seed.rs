//! Seeds: what `pg_dump` writes, and any other file for `psql`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::Duration;

use regex::Regex;

use super::super::StoreError;
use super::{PostgresError, Server};
use crate::process::{Finished, Log, Spec, run_to_end};

/// As much of a statement as an error shows, in characters.
const SHOWN: usize = 120;
/// As many lines of a tool's output as an error shows.
const LINES: usize = 20;
/// As much of a line as is looked at: no command that leaves the database is longer.
const LINE: u64 = 64 * 1024;

/// Runs a file on a database, statement by statement, until one fails.
pub(super) async fn run(server: &Server, database: &str, file: &Path, limit: Duration) -> Result<(), StoreError> {
    refuse_leaving(file)?;
    let (url, password) = server.for_program(database);
    let name = format!("the seed {}", file.display());
    let (folder, path) = (file.parent().unwrap_or(Path::new("/")), file.display().to_string());
    let arguments =
        ["-X", "-q", "-w", "-b", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-d", url.as_str(), "-f", path.as_str()];
    let mut spec = server.programs().spec(&name, "psql", &arguments, folder);
    enter(&mut spec, password);
    spec.env.push(("PGOPTIONS".to_owned(), "-c client_min_messages=warning".to_owned()));
    let Finished { exit, log, .. } = run_to_end(&server.guardian, spec, limit).await?;
    if exit.success() {
        return Ok(());
    }
    let error = match described(file, &log).await {
        Some(error) => error,
        None => PostgresError::Tool { what: name, why: exit.to_string(), lines: log.tail(LINES) }.into(),
    };
    // That the server is gone says more than what the seed saw of it.
    server.session(database).await?;
    Err(error)
}

/// Gives a program the password.
pub(super) fn enter(spec: &mut Spec, password: Option<String>) {
    spec.without.retain(|name| name != "PGPASSWORD" && name != "PGOPTIONS");
    spec.without.push("PGPASSFILE".to_owned());
    spec.env.extend(password.map(|password| ("PGPASSWORD".to_owned(), password)));
}

/// `psql:FILE:LINE: ERROR:  …`, then perhaps `LINE n: …`, and `psql:FILE:LINE: STATEMENT:  …`.
async fn described(file: &Path, log: &Log) -> Option<StoreError> {
    let first = Regex::new(r"^psql:.*:(\d+): (?:ERROR|FATAL|error):\s+(.*)$").ok()?;
    let told = log.wait_for(&first).await?;
    let found = first.captures(&told)?;
    let (end, mut message) = (found[1].parse::<usize>().ok()?, found[2].to_owned());
    let lines = log.tail(usize::MAX);
    let after = lines.iter().position(|line| *line == told).map_or(&[][..], |at| &lines[at + 1..]);
    let (notes, statement) = match after.iter().position(|line| line.contains(": STATEMENT:  ")) {
        Some(at) => after.split_at(at),
        None => (after, &[][..]),
    };
    let within = |line: &String| line.strip_prefix("LINE ")?.split_once(':')?.0.parse::<usize>().ok();
    let context = |name: &str| notes.iter().find_map(|line| line.strip_prefix(name).map(str::to_owned));
    for more in ["DETAIL:  ", "CONTEXT:  "] {
        message.extend(context(more).map(|text| format!(" ({text})")));
    }
    let mut text = statement.join("\n");
    if let Some((_, statement)) = text.split_once(": STATEMENT:  ") {
        text = statement.trim_end().to_owned();
    }
    // What psql names is the line on which the statement ended.
    let begin = (end + 1).saturating_sub(text.lines().count().max(1));
    let line = begin + notes.iter().find_map(within).map_or(0, |within| within - 1);
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    Some(StoreError::Statement { file: file.to_owned(), line, message, statement: shown })
}

/// A dump of a whole server makes databases and goes there.
fn refuse_leaving(file: &Path) -> Result<(), StoreError> {
    let failed = || StoreError::io("cannot read the seed", file);
    let mut reader = BufReader::new(std::fs::File::open(file).map_err(failed())?);
    let mut text = Vec::new();
    let mut line = 0;
    loop {
        text.clear();
        let read = std::io::Read::take(&mut reader, LINE).read_until(b'\n', &mut text).map_err(failed())?;
        if read == 0 {
            return Ok(());
        }
        line += 1;
        if leaves(&text) {
            let statement = String::from_utf8_lossy(&text).trim().chars().take(SHOWN).collect();
            return Err(PostgresError::Leaves { file: file.to_owned(), line, statement }.into());
        }
        while !text.ends_with(b"\n") {
            text.clear();
            if std::io::Read::take(&mut reader, LINE).read_until(b'\n', &mut text).map_err(failed())? == 0 {
                return Ok(());
            }
        }
    }
}

/// Whether a line is a command for another database.
fn leaves(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line).trim_start().to_ascii_lowercase();
    let mut words = text.split(|c: char| c.is_whitespace() || c == ';');
    matches!(
        (words.next(), words.next()),
        (Some("\\c" | "\\connect"), _) | (Some("create" | "drop" | "alter"), Some("database"))
    )
}

#[cfg(test)]
mod tests {
    use super::leaves;

    fn check(line: &str, expected: bool) {
        assert_eq!(leaves(line.as_bytes()), expected, "{line}");
    }

    #[test]
    fn a_line_that_leaves_the_database_is_known() {
        check("\\connect shop\n", true);
        check("  \\c shop", true);
        check("CREATE DATABASE shop WITH TEMPLATE = template0;", true);
        check("DROP DATABASE shop;", true);
        check("\\copy item FROM 'x.csv'", false);
        check("\\.", false);
        check("CREATE TABLE database (id int);", false);
        check("", false);
    }
}
