//! Why a proxy can't stand, or can't go on recording.

use std::io;
use std::net::SocketAddr;

use crate::traffic::TrafficError;

/// Why a proxy can't stand, or can't go on recording. All of them are about the surroundings.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// Nobody can listen there.
    #[error("can't listen on {address}: {error}; give another address to --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// A balancer is for this machine's instances alone.
    #[error("a balancer listens on loopback only, and {0} is not: give it 127.0.0.1 or ::1")]
    NotLoopback(SocketAddr),
    /// The recording can't be written.
    #[error(transparent)]
    Write(#[from] TrafficError),
    /// A body that waits to be recorded can't be held on disk.
    #[error("can't hold a long body beside the recording: {0}; make room there, or record into another folder")]
    Hold(io::Error),
    /// No thread for the writer.
    #[error("can't start the thread that writes the recording: {0}")]
    Thread(io::Error),
    /// The recording was ended before.
    #[error("the recording was ended before; begin another")]
    Finished,
}
