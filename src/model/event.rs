//! What is happening: the one thing between what runs and what shows it.

use super::{Direction, Severity};

/// Something that happened during a run. Whoever shows progress or writes logs lives on these; nobody else prints.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A build began: whose (`old`, `new`), and what is run.
    Building {
        /// The build's name.
        build: String,
        /// The command.
        command: String,
    },
    /// A build's result was there already, or is now.
    Built {
        /// The build's name.
        build: String,
        /// Whether it had been built before.
        cached: bool,
    },
    /// Instances are being started.
    Booting {
        /// Their names.
        instances: Vec<String>,
    },
    /// An instance answers.
    Ready {
        /// Its name.
        instance: String,
        /// How long it took, in milliseconds.
        after_ms: u64,
    },
    /// A recording is about to be replayed.
    Replaying {
        /// Its name.
        recording: String,
        /// The generation of client whose traffic it holds, as a mixed direction.
        direction: Direction,
        /// How many exchanges it has.
        exchanges: u64,
    },
    /// A session is about to be sent again and again, each time with another split between the builds.
    Splicing {
        /// The recording's name.
        recording: String,
        /// The session's number in it.
        session: u64,
        /// How many times.
        splices: u64,
    },
    /// Replicas are about to be replaced one by one.
    RollingOut {
        /// How many there are.
        replicas: usize,
        /// How many checkpoints there are.
        stages: u64,
    },
    /// One more exchange, or one more splice, went through all its cells; or a checkpoint of a roll-out is behind.
    Exchanged,
    /// Candidates are being tried again.
    Confirming {
        /// How many.
        candidates: usize,
    },
    /// A finding stands.
    Found {
        /// How bad it is.
        severity: Severity,
        /// The rule's id.
        rule: String,
        /// The surface.
        subject: String,
        /// Who starts, who takes it up.
        direction: Direction,
        /// Where.
        at: String,
    },
    /// A check ended.
    Checked {
        /// Its name.
        check: String,
    },
    /// Something a person should know now.
    Warning(String),
}

/// Where events go.
pub type Events = std::sync::Arc<dyn Fn(Event) + Send + Sync>;
