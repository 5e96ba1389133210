//! Spawning: cargo and the binaries that it built. Every chore's failure is a [`Failure`]: a sentence.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

/// Why a chore could not be done.
pub type Failure = Box<dyn std::error::Error>;

/// How a chore ended.
pub type Done = Result<ExitCode, Failure>;

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A binary of the development profile.
pub fn binary(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// Cargo, in the root.
pub fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// Builds straddle and the demo, and gives straddle.
pub fn build() -> Result<PathBuf, Failure> {
    must(&mut cargo(&["build", "--quiet", "--package", "straddle", "--bins", "--features", "demo"]))?;
    Ok(binary("straddle"))
}

/// Runs a command that has to succeed.
pub fn must(command: &mut Command) -> Result<(), Failure> {
    let status = status(command)?;
    if status.success() { Ok(()) } else { Err(format!("`{}` gave {status}", shown(command)).into()) }
}

/// Runs a command that has to succeed, and gives what it printed.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(|error| format!("`{}` did not start: {error}", shown(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{}` gave {}\n{}", shown(command), output.status, said.trim_end()).into())
}

/// Runs a command.
pub fn status(command: &mut Command) -> Result<ExitStatus, Failure> {
    Ok(command.status().map_err(|error| format!("`{}` did not start: {error}", shown(command)))?)
}

/// The exit code that passes a child's on.
pub fn passed_on(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn shown(command: &Command) -> String {
    let words: Vec<_> =
        [command.get_program()].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}
