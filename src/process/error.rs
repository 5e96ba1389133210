//! What can go wrong around a process.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::Exit;

/// Why a process, or the guardian, could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The command has no words.
    #[error("the command of {name} is empty; give it a program to run")]
    Empty {
        /// The process.
        name: String,
    },
    /// The folder to run in is missing.
    #[error("the folder of {name} does not exist: {}; create it, or name another", dir.display())]
    NoFolder {
        /// The process.
        name: String,
        /// The folder.
        dir: PathBuf,
    },
    /// The program is missing.
    #[error("the program of {name} was not found: `{program}`, in {}; {next}", dir.display())]
    NoProgram {
        /// The process.
        name: String,
        /// The program as it was written.
        program: String,
        /// The folder it was to run in.
        dir: PathBuf,
        /// What to do.
        next: &'static str,
    },
    /// The program is there and can't be run.
    #[error("the program of {name} cannot be run: `{program}`, in {}: {reason}; {next}", dir.display())]
    NotRunnable {
        /// The process.
        name: String,
        /// The program as it was written.
        program: String,
        /// The folder it was to run in.
        dir: PathBuf,
        /// What the system said.
        reason: String,
        /// What to do.
        next: &'static str,
    },
    /// Its log can't be written.
    #[error("the log of {name} cannot be written to {}: {source}; make the folder writable", path.display())]
    Log {
        /// The process.
        name: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What it prints can't be read.
    #[error("the output of {name} cannot be followed: {source}; allow straddle more threads (ulimit -u)")]
    NoThread {
        /// The process.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A command took too long and was killed.
    #[error("{name} did not end within {} s and was killed; give it more time, or see why it hangs{}", after.as_secs_f32(), shown(tail))]
    TimedOut {
        /// The process.
        name: String,
        /// How long it had.
        after: Duration,
        /// Its last lines.
        tail: Vec<String>,
    },
    /// A command failed.
    #[error("{name} failed: {exit}{}", shown(tail))]
    Failed {
        /// The process.
        name: String,
        /// How it ended.
        exit: Exit,
        /// Its last lines.
        tail: Vec<String>,
    },
    /// The guardian can't be started.
    #[error(
        "straddle cannot run itself again as its guardian: `{command}`: {reason}; call straddle::main before anything else in the program's main"
    )]
    NoGuardian {
        /// The command.
        command: String,
        /// What happened.
        reason: String,
    },
    /// The guardian is gone, and all processes with it.
    #[error(
        "straddle's guardian process has died, and every build with it; run the check again, and see whether the machine is out of memory"
    )]
    GuardianDied,
    /// This process was told that it is a guardian, but not by a straddle.
    #[error("STRADDLE_GUARDIAN is set, but straddle did not set it; unset it")]
    NotAGuardian,
    /// A folder that is not to be removed.
    #[error("{} is no scratch folder: it must be an absolute path to a folder, in one that exists, and not a link", path.display())]
    NotScratch {
        /// The folder.
        path: PathBuf,
    },
}

/// The last lines of a log, below the sentence that they explain.
fn shown(tail: &[String]) -> String {
    if tail.is_empty() {
        String::from("; it printed nothing")
    } else {
        format!("; it ended with:\n  {}", tail.join("\n  "))
    }
}
