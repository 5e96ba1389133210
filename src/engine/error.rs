//! Why there is no run at all.

use crate::checks::CheckError;
use crate::fleet::FleetError;
use crate::process::ProcessError;

/// Why there is no run at all, or no end of it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The command line asks for what can't be.
    #[error("{0}")]
    Usage(String),
    /// A file of straddle's own can't be written.
    #[error("can't write in {path}: {source}; make the folder writable, or put the manifest elsewhere")]
    Folder {
        /// Where.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A build, a store or a process did not come up.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// The guardian could not be started.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A check could not plan its part.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl EngineError {
    /// The exit code that this comes to.
    pub fn exit(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Check(CheckError::Traffic(_)) => 2,
            Self::Folder { .. } | Self::Fleet(_) | Self::Process(_) | Self::Check(CheckError::Fleet(_)) => 3,
        }
    }
}
