//! cli

use std::process::ExitCode;

/// Runs straddle with these arguments, the program's name first.
pub fn main(_args: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    ExitCode::SUCCESS
}
