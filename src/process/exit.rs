//! How a process ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a process ended. With neither a code nor a signal, nobody saw it: its guardian was killed, and it with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Exit {
    /// What it returned, if it ended by itself.
    pub code: Option<i32>,
    /// What killed it, if something did.
    pub signal: Option<i32>,
}

impl Exit {
    /// The end that nobody saw.
    pub const UNSEEN: Self = Self { code: None, signal: None };

    /// Whether it said that all went well.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(out, "exit code {code}"),
            (None, Some(signal)) => match signal_name(signal) {
                Some(name) => write!(out, "killed by signal {signal} ({name})"),
                None => write!(out, "killed by signal {signal}"),
            },
            (None, None) => out.write_str("killed after straddle's guardian died"),
        }
    }
}

/// The names of the signals whose numbers are the same on every system that straddle runs on, and of the two bus errors.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ if signal == rustix::process::Signal::BUS.as_raw() => "SIGBUS",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: Option<i32>, signal: Option<i32>, expected: &str) {
        assert_eq!(Exit { code, signal }.to_string(), expected);
    }

    #[test]
    fn an_exit_reads_as_a_person_would_say_it() {
        check(Some(3), None, "exit code 3");
        check(None, Some(9), "killed by signal 9 (SIGKILL)");
        check(None, Some(40), "killed by signal 40");
        check(None, None, "killed after straddle's guardian died");
    }
}
