//! Copies of databases: by template where nobody is connected to the original, else by a dump, which a database in use
//! allows too. What PostgreSQL holds beside schema and rows (the layout of pages, unused values of transactions) a dump
//! does not carry over, and no client can see.

use std::path::Path;
use std::time::{Duration, Instant};

use super::super::StoreError;
use super::seed::enter;
use super::server::LIMIT;
use super::{PostgresError, Server};
use crate::process::run_to_end;

/// A client that has ended is connected for a moment more.
const LEAVING: Duration = Duration::from_millis(500);
/// How long between two looks at who is connected.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a dump, and its reading in, may take.
const DUMPING: Duration = Duration::from_mins(10);
/// As many lines of a tool's output as an error shows.
const SHOWN: usize = 20;

/// A copy of a database as it is at this moment; `folder` is for what is needed on the way.
pub(super) async fn copy(server: &Server, from: &str, folder: &Path) -> Result<String, StoreError> {
    if is_left_alone(server, from).await? {
        match server.make(Some(from)).await {
            // Somebody came in between.
            Err(PostgresError::Refused { why, .. }) if why.contains("is being accessed by other users") => {}
            made => return Ok(made?),
        }
    }
    dumped(server, from, folder).await
}

async fn is_left_alone(server: &Server, database: &str) -> Result<bool, PostgresError> {
    let session = server.session(&server.home()).await?;
    let begun = Instant::now();
    loop {
        let users = server.bounded("say who is connected", session.users(database)).await?;
        if users == 0 || begun.elapsed() > LEAVING {
            return Ok(users == 0);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn dumped(server: &Server, from: &str, folder: &Path) -> Result<String, StoreError> {
    let file = folder.join(format!("{from}.dump"));
    let path = file.display().to_string();
    let wait = format!("--lock-wait-timeout={}", LIMIT.as_millis());
    let (url, _) = server.for_program(from);
    tool(server, "pg_dump", &["-w", "-Fc", "-Z0", &wait, "-f", &path, "-d", &url], folder).await?;
    let copy = server.make(None).await?;
    let (url, _) = server.for_program(&copy);
    let restored = tool(server, "pg_restore", &["-w", "--exit-on-error", "-d", &url, &path], folder).await;
    std::fs::remove_file(&file).map_err(StoreError::io("cannot remove", &file))?;
    restored?;
    Ok(copy)
}

async fn tool(server: &Server, program: &str, arguments: &[&str], folder: &Path) -> Result<(), StoreError> {
    let what = format!("the copy of a database in use by `{program}`");
    let mut spec = server.programs().spec(&what, program, arguments, folder);
    enter(&mut spec, server.for_program("").1);
    let done = run_to_end(&server.guardian, spec, DUMPING).await?;
    if done.exit.success() {
        return Ok(());
    }
    Err(PostgresError::Tool { what, why: done.exit.to_string(), lines: done.log.tail(SHOWN) }.into())
}
