//! How straddle runs itself once more, as the guardian.

use std::ffi::OsString;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Set in the guardian's environment, and in no other: by it `straddle::main` knows what it is.
pub const GUARDIAN_VARIABLE: &str = "STRADDLE_GUARDIAN";

/// The command that leads to `straddle::main` again: in the `straddle` binary, in a project's own xtask, and in a test
/// that calls `straddle::main`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    exe: PathBuf,
    args: Vec<OsString>,
    /// Whether `exe` is the running program itself: then the kernel knows it better than its path does.
    itself: bool,
}

impl Launch {
    /// The running program. Call it in the thread that entered `straddle::main`, as a test's thread bears the test's
    /// name, and that name is how to get back there.
    pub fn detect() -> io::Result<Self> {
        let current = std::thread::current();
        let args: Vec<OsString> = match current.name() {
            // Threads of libtest bear the path of their test; a program's main thread is always called this.
            Some(test) if test != "main" => {
                [test, "--exact", "--nocapture", "--test-threads=1"].iter().map(OsString::from).collect()
            }
            _ => std::env::args_os().skip(1).collect(),
        };
        Self::itself(args)
    }

    /// The running program, with these arguments.
    pub fn itself<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> io::Result<Self> {
        Ok(Self { itself: true, ..Self::of(std::env::current_exe()?, args) })
    }

    /// Another program that calls `straddle::main` with these arguments or none.
    pub fn of<A: Into<OsString>>(exe: impl Into<PathBuf>, args: impl IntoIterator<Item = A>) -> Self {
        Self { exe: exe.into(), args: args.into_iter().map(Into::into).collect(), itself: false }
    }

    /// The program.
    pub fn exe(&self) -> &Path {
        &self.exe
    }

    /// The command as a person would type it.
    pub fn command(&self) -> String {
        let mut words = vec![self.exe.display().to_string()];
        words.extend(self.args.iter().map(|word| word.to_string_lossy().into_owned()));
        words.join(" ")
    }

    /// Starts the guardian with its end of the socket as its standard input. Its outputs lead nowhere: a test harness
    /// around it prints, and an inherited pipe would keep whoever reads straddle's output waiting.
    pub(super) fn start(&self, control: UnixStream) -> io::Result<Child> {
        let mut command = Command::new(self.program());
        command
            .arg0(&self.exe)
            .args(&self.args)
            .env(GUARDIAN_VARIABLE, "1")
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(control)))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.spawn()
    }

    /// A build may replace the very binary that runs (`cargo xtask` does): Linux still has it under this name.
    fn program(&self) -> &Path {
        if self.itself && cfg!(target_os = "linux") { Path::new("/proc/self/exe") } else { &self.exe }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_started_again_by_its_name() {
        let launch = Launch::detect().unwrap();
        let expected =
            "process::launch::tests::a_test_is_started_again_by_its_name --exact --nocapture --test-threads=1";
        assert!(launch.command().ends_with(expected), "{}", launch.command());
    }

    #[test]
    fn a_named_program_keeps_its_arguments() {
        assert_eq!(Launch::of("/bin/xtask", ["compat"]).command(), "/bin/xtask compat");
    }
}
