//! What a manifest says, parsed and checked: every path absolute, every default filled in, placeholders still in place.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::State;
use crate::model::{At, Direction, Pair};

/// A whole `straddle.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The manifest's own file.
    pub file: PathBuf,
    /// The folder that its paths are relative to.
    pub folder: PathBuf,
    /// `[project] name`
    pub project: String,
    /// `[service.NAME]`, in the order of the file.
    pub services: Vec<Service>,
    /// `[state.NAME]`
    pub states: Vec<State>,
    /// `[[recording]]`
    pub recordings: Vec<RecordingSpec>,
    /// `[secrets]`
    pub secrets: BTreeMap<String, Secret>,
    /// `[replay]`
    pub replay: ReplaySpec,
    /// `[[contract]]`
    pub contracts: Vec<ContractSpec>,
    /// `[generated]`
    pub generated: GeneratedSpec,
    /// `[assets]`
    pub assets: Option<AssetsSpec>,
    /// `[messages.NAME]`
    pub messages: BTreeMap<String, MessagesSpec>,
    /// `[rollout]`
    pub rollout: Option<RolloutSpec>,
    /// `[canary]`
    pub canary: Option<CanarySpec>,
    /// `[compare]`
    pub compare: CompareSpec,
    /// `[[accept]]`
    pub accept: Vec<Accept>,
    /// `[gate]`
    pub gate: Gate,
}

/// `[service.NAME]`: a server, in both its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// When it counts as up. A `url` build needs none.
    pub ready: Option<Ready>,
    /// How long it may take.
    pub ready_timeout: Duration,
    /// How long it has between SIGTERM and SIGKILL.
    pub stop_timeout: Duration,
    /// The names of its ports; the first is the one that traffic goes to. One port called `http` by default.
    pub ports: Vec<String>,
    /// Its builds; each with the service's environment and its own, the latter winning.
    pub builds: Pair<BuildSpec>,
}

/// When an instance counts as up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// GET of this target answers 2xx.
    Http(String),
    /// The first port takes a connection.
    Tcp,
    /// A line of its log matches this regular expression.
    Log(String),
    /// The gRPC health service says SERVING.
    Grpc,
}

/// `[service.NAME.old]` or `.new`.
#[derive(Debug, Clone, PartialEq)]
pub struct BuildSpec {
    /// Where it comes from.
    pub source: SourceSpec,
    /// What reports call it, where the manifest says so.
    pub label: Option<String>,
    /// What makes it.
    pub build: Option<CommandSpec>,
    /// What starts it. A `url` build has none.
    pub run: Option<CommandSpec>,
    /// Environment variables, values with placeholders.
    pub env: BTreeMap<String, String>,
    /// For `url`: whether unsafe methods may be sent.
    pub writes: bool,
    /// For `url`: whether a host other than loopback is meant.
    pub allow_remote: bool,
}

/// Where a build comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceSpec {
    /// A folder.
    Path(PathBuf),
    /// A ref of a repository; `latest-tag` is the newest tag before HEAD.
    Git {
        /// The repository's folder.
        repo: PathBuf,
        /// A branch, tag or commit.
        reference: String,
    },
    /// A container image.
    Image(String),
    /// Already running: `http://127.0.0.1:8080`.
    Url(String),
}

/// A command with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandSpec {
    /// Split into words, run without a shell.
    Words(Vec<String>),
    /// `{ sh = "…" }`: run by `sh -c`.
    Sh(String),
}

impl std::fmt::Display for CommandSpec {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Words(words) => out.write_str(&words.join(" ")),
            Self::Sh(script) => write!(out, "sh -c {script:?}"),
        }
    }
}

/// `[[recording]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingSpec {
    /// The file.
    pub file: PathBuf,
    /// As the manifest writes it: what reports call it.
    pub name: String,
    /// The service that it talks to.
    pub service: String,
    /// Who made these requests.
    pub client: Client,
}

/// Which generation of client made a recording's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Clients that ship with OLD.
    Old,
    /// Clients that ship with NEW.
    New,
    /// Clients that don't ship with the server: counts for both directions.
    Any,
}

impl Client {
    /// The mixed directions that this traffic shows.
    pub fn directions(self) -> &'static [Direction] {
        match self {
            Self::Old => &[Direction::OLD_TO_NEW],
            Self::New => &[Direction::NEW_TO_OLD],
            Self::Any => &[Direction::OLD_TO_NEW, Direction::NEW_TO_OLD],
        }
    }
}

/// `[secrets] NAME`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The environment variable that holds it.
    pub env: String,
}

/// `[replay]`
#[derive(Debug, Clone, PartialEq)]
pub struct ReplaySpec {
    /// Whether the recorded order is kept over all sessions.
    pub order: Order,
    /// How long a reply may take.
    pub timeout: Duration,
    /// Waited after each unsafe call.
    pub settle: Duration,
    /// Subjects that are not sent: `GET /metrics`.
    pub skip: Vec<String>,
}

impl Default for ReplaySpec {
    fn default() -> Self {
        Self { order: Order::Recorded, timeout: Duration::from_secs(30), settle: Duration::ZERO, skip: Vec::new() }
    }
}

/// The order in which calls go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// As recorded, over all sessions.
    Recorded,
    /// As recorded within each session.
    Free,
}

/// `[[contract]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractSpec {
    /// The service that it is about.
    pub service: String,
    /// What it is written in.
    pub kind: ContractKind,
    /// Where each version stands.
    pub at: Pair<ContractAt>,
    /// Whether readers reject fields that they don't know.
    pub rejects_unknown_fields: bool,
}

/// `[generated]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedSpec {
    /// Messages of each operation or method, at most.
    pub messages: usize,
    /// The folder of the cases that showed something.
    pub cases: PathBuf,
    /// Headers that every message carries, with placeholders for secrets.
    pub headers: Vec<(String, String)>,
}

impl GeneratedSpec {
    /// What a manifest means that says nothing of it.
    pub fn of(folder: &std::path::Path) -> Self {
        Self { messages: 24, cases: folder.join(".straddle/cases"), headers: Vec::new() }
    }
}

/// What a contract is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContractKind {
    /// OpenAPI 3
    OpenApi,
    /// JSON Schema
    JsonSchema,
    /// Protocol Buffers
    Protobuf,
}

/// Where a contract stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractAt {
    /// A file or folder.
    Path(PathBuf),
    /// A file or folder at a git ref of the manifest's repository.
    Git {
        /// The ref.
        reference: String,
        /// The path in it.
        path: String,
    },
    /// A target on the running build: `/openapi.json`.
    Url(String),
}

/// `[assets]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetsSpec {
    /// The service whose pages these are.
    pub service: String,
    /// Where crawling begins.
    pub pages: Vec<String>,
    /// `auto`, `off`, `required`.
    pub browser: String,
}

/// `[messages.NAME]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagesSpec {
    /// `nats`, `amqp`, `redis`, `kafka`, `directory`.
    pub broker: String,
    /// The subject, queue or topic.
    pub subject: String,
}

/// `[rollout]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutSpec {
    /// How many instances serve.
    pub replicas: u32,
    /// How many of them are NEW at each checkpoint.
    pub stages: Vec<u32>,
}

/// `[canary]`
#[derive(Debug, Clone, PartialEq)]
pub struct CanarySpec {
    /// How many requests.
    pub requests: u64,
    /// How many at once.
    pub concurrency: u32,
    /// By measure, as a share: `p50` → 0.1.
    pub margin: BTreeMap<String, f64>,
}

/// `[compare]`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CompareSpec {
    /// Lists whose order nobody promised.
    pub unordered: Vec<Selector>,
    /// Places that are not compared, each with its reason.
    pub ignore: Vec<Selector>,
}

/// A place of a subject, in a direction where it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// The surface: `GET /orders/{}`.
    pub subject: String,
    /// Where.
    pub at: At,
    /// Absent: both.
    pub direction: Option<Direction>,
    /// Why; required for `ignore`.
    pub reason: Option<String>,
}

/// `[[accept]]`: a break that was decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The rule's id.
    pub rule: String,
    /// The surface.
    pub subject: String,
    /// Where, exactly as the finding says it.
    pub at: String,
    /// Absent: both.
    pub direction: Option<Direction>,
    /// Why.
    pub reason: String,
    /// `YYYY-MM-DD`: the last day on which it holds.
    pub expires: String,
    /// The line of the manifest where it stands, from 1.
    pub line: usize,
}

impl Accept {
    /// The mixed directions that it is about.
    pub fn directions(&self) -> Vec<Direction> {
        self.direction.map_or_else(|| vec![Direction::OLD_TO_NEW, Direction::NEW_TO_OLD], |direction| vec![direction])
    }
}

/// `[gate]`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The severity from which a finding says no.
    pub fail_on: crate::model::Severity,
    /// Whether what could not be shown fails the gate (exit 4).
    pub inconclusive_fails: bool,
    /// The share of known operations that must have been exercised, 0 to 1.
    pub coverage: f64,
}

impl Default for Gate {
    fn default() -> Self {
        Self { fail_on: crate::model::Severity::Breaking, inconclusive_fails: true, coverage: 0.0 }
    }
}
