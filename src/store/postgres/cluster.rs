//! A cluster of straddle's own: made from nothing, on a free port of loopback, for as long as the run goes on.
//!
//! Nothing of it has to outlive the machine, so nothing is made durable. Whoever connects needs the password, over TCP and
//! over the socket alike: others use this machine too.

use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::super::StoreError;
use super::PostgresError;
use super::place::{Place, give};
use super::programs::{Programs, user};
use crate::process::{Guardian, Process, Spec, User, run_to_end};

/// Dumps of development machines are full of `OWNER TO postgres`.
const SUPERUSER: &str = "postgres";
/// How long making a cluster may take on a machine that has other things to do.
const MAKING: Duration = Duration::from_mins(2);
/// How long a server may take until it lets somebody in.
const STARTING: Duration = Duration::from_mins(1);
/// How long between two looks at a server that starts.
const PAUSE: Duration = Duration::from_millis(10);
/// So many ports are tried: between the choice of one and the server's start it may become another's.
const PORTS: usize = 5;
/// As many lines of a log as an error shows.
const SHOWN: usize = 20;

/// Thrown away at the end: no syncing, no log for others, no process that wakes up by itself and looks into a database just
/// when that is to be copied. Room for the pools of many instances; the same time zone wherever a run is.
const SETTINGS: &str = "
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
checkpoint_timeout = 1h
max_wal_size = 4GB
max_connections = 500
dynamic_shared_memory_type = mmap
listen_addresses = '127.0.0.1'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = off
log_destination = 'stderr'
";

/// A server that runs, with its cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    // Ended before its folder goes.
    process: Process,
    port: u16,
    place: Place,
    programs: Programs,
}

impl Cluster {
    /// Makes a cluster and starts its server; `lets_in` says whether it can be entered by now.
    pub(super) async fn start<F: Future<Output = bool> + Send>(
        guardian: &Guardian,
        folder: &Path,
        log: PathBuf,
        password: &str,
        lets_in: impl Fn(u16) -> F + Send,
    ) -> Result<Self, StoreError> {
        let programs = Programs::of_server(guardian).await?;
        let user = user()?;
        let place = Place::make(folder, user, guardian)?;
        initdb(guardian, &programs, &place, user, password).await?;
        let mut last = None;
        for _ in 0..PORTS {
            let port = free_port().map_err(StoreError::io("no free port on 127.0.0.1 for", place.path()))?;
            let spec = Spec {
                log: Some(log.clone()),
                user,
                // At SIGTERM it would wait for all clients, and SIGKILL leaves its shared memory behind.
                ends_by: Some(Signal::QUIT),
                ..programs.spec(
                    "the PostgreSQL server of this run",
                    "postgres",
                    &["-D", "data", "-p", &port.to_string()],
                    place.path(),
                )
            };
            let process = guardian.spawn(spec).await?;
            match until_up(&process, || lets_in(port)).await {
                Ok(()) => return Ok(Self { process, port, place, programs }),
                Err(error) => last = Some(error),
            }
            process.stop(Duration::ZERO).await;
            if !process.log().tail(SHOWN).iter().any(|line| line.contains("Address already in use")) {
                break;
            }
        }
        let why = "it was not tried".to_owned();
        Err(last.unwrap_or(PostgresError::NotUp { why, lines: Vec::new() }).into())
    }

    /// Where it listens on loopback.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Its user, who may do everything there.
    pub(super) fn superuser() -> &'static str {
        SUPERUSER
    }

    /// The folder with its socket.
    pub(super) fn sockets(&self) -> &Path {
        self.place.path()
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The error that it has died, if it has.
    pub(super) fn death(&self) -> Option<PostgresError> {
        let exit = self.process.exited()?;
        Some(PostgresError::Died { exit, lines: self.process.log().tail(SHOWN) })
    }

    /// Waits until it has died.
    pub(super) async fn died(&self) -> PostgresError {
        let exit = self.process.wait().await;
        PostgresError::Died { exit, lines: self.process.log().tail(SHOWN) }
    }
}

async fn initdb(
    guardian: &Guardian,
    programs: &Programs,
    place: &Place,
    user: Option<User>,
    password: &str,
) -> Result<(), StoreError> {
    let file = place.path().join("password");
    fs::write(&file, "").and_then(|()| give(&file, user)).map_err(StoreError::io("cannot write", &file))?;
    fs::write(&file, password).map_err(StoreError::io("cannot write", &file))?;
    let data = place.path().join("data");
    let mut failed = None;
    // Not every system has a locale that knows all letters and nobody's habits.
    for locale in ["C.UTF-8", "C"] {
        let arguments = [
            "-D",
            "data",
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--locale",
            locale,
            "--auth",
            "scram-sha-256",
            "--pwfile",
            "password",
            "--no-sync",
        ];
        let spec = Spec { user, ..programs.spec("initdb", "initdb", &arguments, place.path()) };
        let made = run_to_end(guardian, spec, MAKING).await?;
        if made.exit.success() {
            failed = None;
            break;
        }
        let lines = made.log.tail(SHOWN);
        let again = lines.iter().any(|line| line.contains("locale"));
        failed = Some(PostgresError::Initdb { exit: made.exit, lines });
        if !again {
            break;
        }
        let _ = fs::remove_dir_all(&data);
    }
    let _ = fs::remove_file(&file);
    if let Some(error) = failed {
        return Err(error.into());
    }
    let sockets = place.path().display().to_string().replace('\'', "''");
    let settings = format!("{SETTINGS}unix_socket_directories = '{sockets}'\n");
    let file = data.join("postgresql.conf");
    fs::File::options()
        .append(true)
        .open(&file)
        .and_then(|mut conf| conf.write_all(settings.as_bytes()))
        .map_err(StoreError::io("cannot write", &file))
}

/// Waits until the server lets us in.
async fn until_up<F: Future<Output = bool>>(process: &Process, lets_in: impl Fn() -> F) -> Result<(), PostgresError> {
    let begun = Instant::now();
    while !lets_in().await && process.exited().is_none() {
        if begun.elapsed() > STARTING {
            let why = format!("it let nobody in within {} s", STARTING.as_secs());
            return Err(PostgresError::NotUp { why, lines: process.log().tail(SHOWN) });
        }
        tokio::time::sleep(PAUSE).await;
    }
    // Somebody else may have answered on its port.
    match process.exited() {
        None => Ok(()),
        Some(exit) => {
            process.stop(Duration::ZERO).await;
            Err(PostgresError::NotUp { why: format!("it ended, {exit}"), lines: process.log().tail(SHOWN) })
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
