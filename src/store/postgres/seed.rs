//! Seeds: what `pg_dump` writes, and any other file for `psql`.

use std::io::{self, BufRead, BufReader};
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
/// As much of a line as is read at once: no command that leaves the database is longer.
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
    for more in ["DETAIL:  ", "HINT:  ", "CONTEXT:  "] {
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
    let reader = BufReader::new(std::fs::File::open(file).map_err(failed())?);
    match leaving(reader).map_err(failed())? {
        None => Ok(()),
        Some((line, statement)) => Err(PostgresError::Leaves { file: file.to_owned(), line, statement }.into()),
    }
}

/// The first line that leads elsewhere. What stands between `COPY … FROM stdin` and its end is no command.
fn leaving(mut reader: impl BufRead) -> io::Result<Option<(usize, String)>> {
    let (mut number, mut is_data, mut begins) = (0, false, true);
    let mut line = Vec::new();
    loop {
        line.clear();
        // As long as a line can be, it is read in parts, and only the first of them looked at.
        if io::Read::take(&mut reader, LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let is_first = std::mem::replace(&mut begins, line.ends_with(b"\n"));
        number += usize::from(is_first);
        let text = String::from_utf8_lossy(&line);
        if is_data {
            is_data = !(is_first && text.trim_end() == "\\.");
        } else if is_first && leaves(&text) {
            return Ok(Some((number, text.trim().chars().take(SHOWN).collect())));
        } else if is_first {
            let text = text.trim_start().to_ascii_lowercase();
            is_data = text.starts_with("copy ") && text.contains("from stdin");
        }
    }
}

/// Whether a line is a command for another database.
fn leaves(line: &str) -> bool {
    let text = line.trim_start().to_ascii_lowercase();
    let mut words = text.split(|c: char| c.is_whitespace() || c == ';');
    matches!(
        (words.next(), words.next()),
        (Some("\\c" | "\\connect"), _) | (Some("create" | "drop" | "alter"), Some("database"))
    )
}

#[cfg(test)]
mod tests {
    use super::leaving;

    fn check(text: &str, expected: Option<usize>) {
        let found = leaving(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(found.map(|(line, _)| line), expected, "{text}");
    }

    #[test]
    fn a_line_that_leaves_the_database_is_found() {
        check("SELECT 1;\n\\connect shop\n", Some(2));
        check("  \\c shop", Some(1));
        check("CREATE DATABASE shop WITH TEMPLATE = template0;", Some(1));
        check("DROP DATABASE shop;", Some(1));
        check("\\copy item FROM 'x.csv'\nCREATE TABLE database (id int);\n", None);
        check("", None);
    }

    #[test]
    fn rows_that_read_like_commands_are_rows() {
        check("COPY public.note (text) FROM stdin;\ncreate database now\n\\.\n\\c x\n", Some(4));
        let long = format!("SELECT '{}\\c x';\n\\c y\n", "x".repeat(64 * 1024 - 8));
        check(&long, Some(2));
    }
}
