//! Ports from the operating system. One is found by binding to port 0, and let go for the build to bind: in between anybody
//! may take it, which is why a build that finds its port taken is started again with others.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// How often a port that was given out before is offered again before that is an error.
const TRIES: usize = 1000;

/// Remembers which ports were given out, so that no two instances of a run are handed the same.
#[derive(Debug, Default)]
pub(super) struct Ports(Mutex<BTreeSet<u16>>);

impl Ports {
    /// One free port for each name, in the order of the names.
    pub(super) fn pick(&self, names: &[String]) -> io::Result<Vec<(String, u16)>> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = Vec::new();
        let mut picked = Vec::new();
        for name in names {
            let port = loop {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
                let port = listener.local_addr()?.port();
                // Held until all are picked, or the system may offer the same one again.
                held.push(listener);
                if given.insert(port) {
                    break port;
                }
                if held.len() > TRIES {
                    return Err(io::Error::other("the system offers no port that is not in use"));
                }
            };
            picked.push((name.clone(), port));
        }
        Ok(picked)
    }

    /// These may be given out again.
    pub(super) fn release(&self, ports: impl IntoIterator<Item = u16>) {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for port in ports {
            given.remove(&port);
        }
    }
}

/// Whether a build says that it could not have its port. Programs word it in their own ways: what the system calls the
/// error is in nearly all of them.
pub(super) fn says_port_taken<'a>(lines: impl IntoIterator<Item = &'a str>) -> bool {
    const SIGNS: [&str; 5] = [
        "address already in use",
        "address in use",
        "eaddrinuse",
        "only one usage of each socket address",
        "port is already",
    ];
    lines.into_iter().any(|line| {
        let line = line.to_ascii_lowercase();
        SIGNS.iter().any(|sign| line.contains(sign)) || (line.contains("port") && line.contains("already in use"))
    })
}

#[cfg(test)]
mod tests {
    use super::{Ports, says_port_taken};

    #[test]
    fn no_port_is_given_out_twice() {
        let ports = Ports::default();
        let names: Vec<String> = ["http", "grpc"].map(String::from).into();
        let picked: Vec<_> = (0..50).flat_map(|_| ports.pick(&names).unwrap()).collect();
        let different: std::collections::BTreeSet<_> = picked.iter().map(|(_, port)| port).collect();
        assert_eq!(different.len(), 100);
        assert_eq!(picked[0].0, "http");
        assert_eq!(picked[1].0, "grpc");
    }

    #[test]
    fn a_taken_port_is_known_by_what_programs_say() {
        let check = |line: &str, taken: bool| assert_eq!(says_port_taken([line]), taken, "{line}");
        check("Error: listen EADDRINUSE: address already in use 127.0.0.1:4000", true);
        check("OSError: [Errno 98] error while attempting to bind on address: Address already in use", true);
        check("Error: AddrInUse: Address in use (os error 98)", true);
        check("Port 8000 is already in use by another program.", true);
        check("Email address is required", false);
        check("user already in use", false);
    }
}
