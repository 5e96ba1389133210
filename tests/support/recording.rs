//! `straddle record` as a process. The main type is [`Recording`].

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A recorder that runs.
pub struct Recording {
    pub child: Child,
    /// Where clients connect.
    pub address: SocketAddr,
    said: String,
    rest: BufReader<ChildStderr>,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it said, on stderr and then on stdout.
    pub said: String,
}

impl Recording {
    /// `straddle record` with these options, in that folder. It listens when this is back.
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
        command.arg("record").args(options);
        Self::of(command, folder)
    }

    /// A command that leads to `straddle record`.
    pub fn of(mut command: Command, folder: &Path) -> Self {
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{e}"));
        let mut rest = BufReader::new(child.stderr.take().unwrap_or_else(|| panic!("no stderr")));
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            let read = rest.read_line(&mut line).unwrap_or_else(|e| panic!("{e}"));
            said.push_str(&line);
            assert!(read > 0, "it ended: {said}");
            let address = line.strip_prefix("recording at http://").and_then(|rest| rest.split(',').next());
            if let Some(address) = address {
                break address.parse().unwrap_or_else(|e| panic!("{e}: {line}"));
            }
        };
        Self { child, address, said, rest }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Asks it to end, and waits until it has.
    pub fn end(self, signal: Signal) -> Ended {
        self.signal(signal);
        self.wait()
    }

    /// Waits until it has ended.
    pub fn wait(mut self) -> Ended {
        let mut stdout = self.child.stdout.take().unwrap_or_else(|| panic!("no stdout"));
        let mut said = self.said;
        self.rest.read_to_string(&mut said).unwrap_or_else(|e| panic!("{e}"));
        stdout.read_to_string(&mut said).unwrap_or_else(|e| panic!("{e}"));
        let status = self.child.wait().unwrap_or_else(|e| panic!("{e}"));
        Ended { code: status.code(), said }
    }
}

/// Runs straddle with these arguments in that folder, to its end.
pub fn straddle<A: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = A>) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_straddle")).args(args).current_dir(folder).output();
    let output = output.unwrap_or_else(|e| panic!("{e}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    Ended { code: output.status.code(), said }
}
