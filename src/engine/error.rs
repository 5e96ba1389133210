//! Why there is no run at all.

use crate::checks::CheckError;

/// Why there is no run at all. What goes wrong later stands in the run.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The command line asks for what can't be.
    #[error("{0}")]
    Usage(String),
    /// A check could not plan its part.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl EngineError {
    /// The exit code that this comes to.
    pub fn exit(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Check(CheckError::Traffic(_) | CheckError::Contract(_)) => 2,
            Self::Check(CheckError::Fleet(_)) => 3,
        }
    }
}
