//! The demo shop: a small service that can be its old or its new self and shows, by name, faults and benign changes
//! of the public catalogue. Its replies are noisy on purpose: ids, clocks, tokens and orders that nobody promised.
//!
//! `straddle-demo-shop --side new --port 8080` serves; `seed`, `migrate`, `record` and `faults` are chores.

mod app;
mod ask;
mod baskets;
mod clock;
mod contracts;
mod counter;
mod database;
mod desk;
mod dialect;
mod faults;
mod grpc;
mod orders;
mod passwords;
mod people;
mod profile;
mod random;
mod record;
mod schema;
mod serve;
mod shelves;
mod sids;
mod store;
mod till;
mod tokens;

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser};
use tokio::runtime::{Builder, Runtime};

use dialect::{Dialect, Side};
use faults::Case;
use store::Store;

/// The demo shop, old or new. As `straddle-demo-shop seed`, `record` or `faults` it does a chore instead
#[derive(Debug, Parser)]
struct Serve {
    #[command(flatten)]
    generation: Generation,
    /// Where to listen on loopback; 0: anywhere, and said on stdout
    #[arg(long)]
    port: u16,
    /// Where to listen for gRPC; not at all by default
    #[arg(long)]
    grpc: Option<u16>,
    /// The database to remember in, a file of SQLite's or a `postgres://` URL; a temporary file by default
    #[arg(long)]
    db: Option<String>,
}

#[derive(Debug, Args)]
struct Generation {
    /// Which self
    #[arg(long)]
    side: Side,
    /// A fault between the two, by its name in the catalogue
    #[arg(long, value_parser = fault)]
    fault: Option<&'static Case>,
    /// A change that is fine, by its name in the catalogue
    #[arg(long, value_parser = benign, conflicts_with = "fault")]
    benign: Option<&'static Case>,
}

/// The demo shop's chores
#[derive(Debug, Parser)]
enum Chore {
    /// Fills an empty database with what a new shop holds
    Seed {
        #[command(flatten)]
        generation: Generation,
        /// The database
        #[arg(long)]
        db: String,
    },
    /// Takes a database to another version of its schema
    Migrate {
        #[command(flatten)]
        generation: Generation,
        /// The database
        #[arg(long)]
        db: String,
        /// The version: OLD's is 1, NEW's 2
        #[arg(long)]
        to: u64,
    },
    /// Serves in this process, lets that generation's clients loose on it, and writes down what they say
    Record {
        #[command(flatten)]
        generation: Generation,
        /// Only what the fault is about
        #[arg(long)]
        short: bool,
        /// The HAR file
        #[arg(long)]
        out: PathBuf,
    },
    /// Lists what it can show
    Faults,
}

fn main() -> ExitCode {
    let is_chore = std::env::args().nth(1).is_some_and(|first| !first.starts_with('-'));
    match if is_chore { run(Chore::parse()) } else { serve(&Serve::parse()) } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "straddle-demo-shop: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(serve: &Serve) -> Result<(), Box<dyn Error>> {
    serve::run(&runtime()?, serve.generation.dialect(), serve.port, serve.grpc, serve.db.as_deref())
}

fn run(chore: Chore) -> Result<(), Box<dyn Error>> {
    match chore {
        Chore::Seed { generation, db } => {
            let runtime = runtime()?;
            let _entered = runtime.enter();
            Ok(Store::open(&db, generation.dialect()).map(drop)?)
        }
        Chore::Migrate { generation, db, to } => {
            let runtime = runtime()?;
            let _entered = runtime.enter();
            Ok(schema::migrate(&db, generation.dialect(), to)?)
        }
        Chore::Record { generation, short, out } => record::run(&runtime()?, generation.dialect(), short, &out),
        Chore::Faults => list(&mut io::stdout()),
    }
}

/// Several threads: one may wait for a database whose connection another drives.
fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

impl Generation {
    fn dialect(&self) -> Dialect {
        Dialect::new(self.side, self.fault.or(self.benign))
    }
}

fn list(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    for case in faults::all() {
        writeln!(out, "{:4} {:18} {:14} {}", case.id, case.name, case.edge, case.breaks)?;
        if let Some(what) = case.waits_for {
            writeln!(out, "     waits for {what}")?;
        }
        for side in ["old", "new"] {
            writeln!(out, "     {side} clients: {}", case.recording(side))?;
        }
        for found in case.finds {
            writeln!(out, "     {} {} {} {}", found.direction, found.rule, found.subject, found.at)?;
        }
    }
    Ok(())
}

fn fault(name: &str) -> Result<&'static Case, String> {
    named(name, false)
}

fn benign(name: &str) -> Result<&'static Case, String> {
    named(name, true)
}

fn named(name: &str, benign: bool) -> Result<&'static Case, String> {
    let known = || faults::all().filter(|case| case.is_benign() == benign);
    faults::find(name)
        .filter(|case| case.is_benign() == benign)
        .ok_or_else(|| format!("it is none of {}", known().map(|case| case.name).collect::<Vec<_>>().join(", ")))
}
