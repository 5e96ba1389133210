//! A balancer in this process, and what its log says. The main type is [`Balancer`].

use std::net::{SocketAddr, TcpStream};

use straddle::proxy::{Limits, Mixer, Plan, Upstream};
use straddle::wire::Endpoint;
use tokio::runtime::{Builder, Runtime};

use super::server::{Response, Server};
use super::tape::Peer;

/// A balancer until it is ended or dropped.
pub struct Balancer {
    pub mixer: Mixer,
    pub runtime: Runtime,
}

/// An instance as a test names it.
pub fn upstream(name: &str, address: SocketAddr) -> Upstream {
    Upstream::new(name, Endpoint::new(address.ip().to_string(), address.port()))
}

/// A server that answers with its name and what it was asked for.
pub fn named(name: &'static str) -> Server {
    Server::start(move |request| Response::json(200, &format!("{name} {}", request.target)))
}

impl Balancer {
    /// Before those instances.
    pub fn before(instances: &[(&str, SocketAddr)], plan: Plan) -> Self {
        Self::with(instances.iter().map(|(name, address)| upstream(name, *address)).collect(), plan, Limits::default())
    }

    /// With other limits.
    pub fn with(instances: Vec<Upstream>, plan: Plan, limits: Limits) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.unwrap_or_else(|e| panic!("{e}"));
        let at = SocketAddr::from(([127, 0, 0, 1], 0));
        let mixer = runtime.block_on(Mixer::listen(at, instances, plan, limits)).unwrap_or_else(|e| panic!("{e}"));
        Self { mixer, runtime }
    }

    /// A client's connection to it.
    pub fn client(&self) -> Peer {
        Peer::of(TcpStream::connect(self.mixer.address()).unwrap_or_else(|e| panic!("{e}")))
    }

    /// The lines since the last time.
    pub fn lines(&self) -> Vec<String> {
        let taken = self.mixer.log().take();
        assert_eq!(taken.lost, 0);
        taken.lines.iter().map(ToString::to_string).collect()
    }

    /// Ends it in order.
    pub fn end(self) {
        self.runtime.block_on(self.mixer.end());
    }
}

/// Asks over a kept connection; the reply's body.
#[track_caller]
pub fn ask(client: &mut Peer, call: &str, headers: &str) -> String {
    client.send(format!("{call} HTTP/1.1\r\nHost: h\r\n{headers}\r\n"));
    let head = client.head();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or_else(|| panic!("no length in {head}"))];
    std::io::Read::read_exact(&mut client.0, &mut body).unwrap_or_else(|e| panic!("{e}"));
    String::from_utf8_lossy(&body).into_owned()
}
