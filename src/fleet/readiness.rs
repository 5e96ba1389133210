//! When an instance counts as up: an answer, a connection, a line of its log, its gRPC health.

use std::time::Duration;

use regex::Regex;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::FleetError;
use super::standing::GRPC;
use crate::manifest::{Ready, Service};
use crate::model::Call;
use crate::process::Log;
use crate::wire::http::Http;
use crate::wire::{Endpoint, Limits, Protocol, grpc};

/// The first wait between two probes; each is twice as long as the one before, up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest wait between two probes.
const LAST_PAUSE: Duration = Duration::from_millis(250);
/// What one probe may cost: a build that takes a connection and says nothing is asked again.
const PROBE: Limits = Limits { timeout: Duration::from_secs(5), max_body: 1 << 20 };

/// What is waited for.
#[derive(Debug, Clone)]
pub(super) enum Readiness {
    /// GET of this target answers 2xx.
    Http(String),
    /// The first port takes a connection.
    Tcp,
    /// A line of the log matches.
    Log(Regex),
    /// Its gRPC health service says SERVING.
    Grpc,
}

impl Readiness {
    /// What the manifest asks for; a connection where it asks for nothing.
    pub(super) fn of(service: &Service) -> Result<Self, FleetError> {
        match &service.ready {
            None | Some(Ready::Tcp) => Ok(Self::Tcp),
            Some(Ready::Http(target)) => Ok(Self::Http(target.clone())),
            Some(Ready::Log(pattern)) => match Regex::new(pattern) {
                Ok(pattern) => Ok(Self::Log(pattern)),
                Err(error) => {
                    let message = format!("`ready = {{ log = … }}` is no regular expression: {error}");
                    Err(FleetError::Service { service: service.name.clone(), message })
                }
            },
            Some(Ready::Grpc) => Ok(Self::Grpc),
        }
    }

    /// Which of an instance's endpoints is asked: the first, or the one for gRPC.
    pub(super) fn asked<'e>(&self, endpoints: &'e [(String, Endpoint)]) -> Option<&'e Endpoint> {
        let grpc = endpoints.iter().find(|(name, _)| matches!(self, Self::Grpc) && name == GRPC);
        grpc.or_else(|| endpoints.first()).map(|(_, endpoint)| endpoint)
    }

    /// Waits until it is so, for as long as it takes. A build that straddle did not start has no log: for it, a connection
    /// stands for any line.
    pub(super) async fn wait(&self, endpoint: &Endpoint, log: Option<&Log>) {
        if let (Self::Log(pattern), Some(log)) = (self, log) {
            if log.wait_for(pattern).await.is_none() {
                // The log ended without such a line, so the process did too: whoever waits for that will hear of it.
                std::future::pending::<()>().await;
            }
            return;
        }
        let http = Http::new();
        let mut pause = FIRST_PAUSE;
        while !self.probe(&http, endpoint).await {
            sleep(pause).await;
            pause = (pause * 2).min(LAST_PAUSE);
        }
        http.hang_up(endpoint);
    }

    async fn probe(&self, http: &Http, endpoint: &Endpoint) -> bool {
        if let Self::Grpc = self {
            grpc::is_serving(http, endpoint, &PROBE).await
        } else if let Self::Http(target) = self {
            let call = Call { method: "GET".to_owned(), target: target.clone(), ..Call::default() };
            let reply = http.send(endpoint, &call, &PROBE).await;
            matches!(reply, Ok(reply) if (200..300).contains(&reply.status))
        } else {
            let address = (endpoint.host.as_str(), endpoint.port);
            matches!(timeout(PROBE.timeout, TcpStream::connect(address)).await, Ok(Ok(_)))
        }
    }

    /// What is waited for, as an error says it.
    pub(super) fn as_phrase(&self) -> String {
        match self {
            Self::Http(target) => format!("GET {target} to answer 2xx"),
            Self::Tcp => "its first port to take a connection".to_owned(),
            Self::Grpc => "its gRPC health service to say SERVING".to_owned(),
            Self::Log(pattern) => format!("a line in its log that matches `{pattern}`"),
        }
    }
}
