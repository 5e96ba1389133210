//! The command line: arguments in, an exit code out.
//!
//! Owns every word that a person types or reads beside the reports: one file a subcommand, and the exit codes
//! (`exit`). Refuses to know how anything is found out; that is the engine's.
//!
//! **Invariant:** nothing else in straddle prints, reads the environment, listens to signals or ends the process.

mod args;
mod builds;
mod check;
mod completions;
mod contracts;
mod crash;
mod exit;
mod explain;
mod export;
mod failure;
mod import;
mod interrupt;
mod job;
mod man;
mod merge;
mod output;
mod progress;
mod record;
mod replay;
mod report;
mod reports;
mod reproduce;
mod rules;
mod schema;
mod surroundings;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use failure::Failure;

/// Runs straddle with these arguments, the program's name first.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Straddle was run again, as the guardian of another one's processes. A test harness may stand around this call: the
    // guardian must not go on into it.
    if std::env::var_os(crate::process::GUARDIAN_VARIABLE).is_some() {
        std::process::exit(i32::from(crate::process::guard().is_err()) * 2);
    }
    crash::told(|| {
        if let Err(failure) = interrupt::listen() {
            return failure.tell();
        }
        match args::parse(args) {
            Ok(command) => command.run().unwrap_or_else(Failure::tell),
            Err(exit) => exit,
        }
    })
    .into()
}
