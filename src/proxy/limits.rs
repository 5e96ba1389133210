//! Bounds: how long anything is waited for, and how much of it is held.

use std::time::Duration;

/// What a proxy holds and waits for at most. The numbers are far above what well-behaved peers need.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once; more wait until one closes. Several times what a browser, or a load test, opens.
    pub connections: usize,
    /// The longest head, in bytes: what the replay client takes too.
    pub head: usize,
    /// The most headers of one message.
    pub headers: usize,
    /// The longest line before a chunk, extensions included, in bytes.
    pub chunk_line: usize,
    /// Requests on one connection which their client sends before it has the replies to earlier ones.
    pub pipelined: usize,
    /// Interim (1xx) replies to one request.
    pub interim: usize,
    /// From the first byte of a head to its last.
    pub head_time: Duration,
    /// How long a peer that owes something may send and take nothing. Longer than long polls last.
    pub stall: Duration,
    /// How long open exchanges have to end when the proxy is asked to stop.
    pub grace: Duration,
    /// The longest body that is recorded, in bytes. A longer one goes through and is recorded as unknown.
    pub kept: u64,
    /// A body that is longer waits on disk until it is recorded, in bytes.
    pub in_memory: usize,
    /// All bodies in memory together, in bytes: beyond it shorter ones go to the disk too.
    pub all_in_memory: usize,
    /// Exchanges that have ended and are not written yet: with more of them, new ones wait.
    pub unwritten: usize,
    /// Lines of a balancer's log that nobody has taken yet: beyond it the oldest are let go of, and counted.
    pub lines: usize,
    /// Values of a cookie of which a balancer remembers who gave them.
    pub remembered: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            head: 256 << 10,
            headers: 1000,
            chunk_line: 16 << 10,
            pipelined: 32,
            interim: 100,
            head_time: Duration::from_secs(30),
            stall: Duration::from_mins(5),
            grace: Duration::from_secs(5),
            kept: 16 << 20,
            in_memory: 512 << 10,
            all_in_memory: 32 << 20,
            unwritten: 256,
            lines: 64 << 10,
            remembered: 64 << 10,
        }
    }
}
