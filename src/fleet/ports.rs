//! Ports from the operating system. One is found by binding to port 0, and let go for the build to bind: in between anybody
//! may take it, which is why a build that finds its port taken is started again with others.
//!
//! What must not happen is that another run's build takes it and answers in its stead: both would look ready. So a port is
//! claimed, for as long as an instance has it, in a place that all runs of a machine see and that a killed run leaves free.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

/// How many ports may be refused, since others have claimed them, before that is an error.
const TRIES: usize = 1000;

/// A port that one instance has to itself, as far as runs of straddle go. Dropping it lets it go.
#[derive(Debug)]
pub(super) struct Port {
    /// Its name in the manifest.
    pub(super) name: String,
    /// The number.
    pub(super) number: u16,
    _claim: Claim,
}

/// One free port for each name, in the order of the names.
pub(super) fn pick(names: &[String]) -> io::Result<Vec<Port>> {
    let mut held = Vec::new();
    let mut picked = Vec::new();
    while let Some(name) = names.get(picked.len()) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let number = listener.local_addr()?.port();
        // Held until all are picked, or the system may offer the same one again.
        held.push(listener);
        if let Some(claim) = claim(number)? {
            picked.push(Port { name: name.clone(), number, _claim: claim });
        } else if held.len() > TRIES {
            return Err(io::Error::other("other runs have claimed every port that the system offers"));
        }
    }
    Ok(picked)
}

/// A socket with a name and no file: the kernel holds names and ports in the same namespace, and frees both with the process.
#[cfg(target_os = "linux")]
type Claim = std::os::unix::net::UnixListener;

/// Elsewhere there are no such names, and a port is only as safe as its number is unlikely.
#[cfg(not(target_os = "linux"))]
type Claim = ();

#[cfg(target_os = "linux")]
fn claim(port: u16) -> io::Result<Option<Claim>> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    let name = SocketAddr::from_abstract_name(format!("straddle-port-{port}"))?;
    match UnixListener::bind_addr(&name) {
        Ok(claim) => Ok(Some(claim)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(target_os = "linux"))]
fn claim(_: u16) -> io::Result<Option<Claim>> {
    Ok(Some(()))
}

/// Whether a build says that it could not have its port. Programs word it in their own ways: what the system calls the
/// error is in nearly all of them.
pub(super) fn says_port_taken<'a>(lines: impl IntoIterator<Item = &'a str>) -> bool {
    const SIGNS: [&str; 4] = ["address already in use", "address in use", "eaddrinuse", "port is already"];
    lines.into_iter().any(|line| {
        let line = line.to_ascii_lowercase();
        SIGNS.iter().any(|sign| line.contains(sign)) || (line.contains("port") && line.contains("already in use"))
    })
}

#[cfg(test)]
mod tests {
    use super::{claim, pick, says_port_taken};

    #[test]
    fn ports_come_in_the_order_of_their_names_and_no_two_are_the_same() {
        let names: Vec<String> = ["http", "grpc"].map(String::from).into();
        let picked: Vec<_> = (0..50).flat_map(|_| pick(&names).unwrap()).collect();
        let different: std::collections::BTreeSet<_> = picked.iter().map(|port| port.number).collect();
        assert_eq!(different.len(), 100);
        assert_eq!((picked[0].name.as_str(), picked[1].name.as_str()), ("http", "grpc"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_port_is_claimed_until_it_is_dropped() {
        let picked = pick(&["http".to_owned()]).unwrap();
        let number = picked[0].number;
        assert!(claim(number).unwrap().is_none());
        drop(picked);
        assert!(claim(number).unwrap().is_some());
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
