//! Exit codes: public, and fixed for good.

use std::process::ExitCode;

/// How straddle ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit(u8);

impl Exit {
    /// Compatible, or simply done.
    pub const COMPATIBLE: Self = Self(0);
    /// The gate says no.
    pub const INCOMPATIBLE: Self = Self(1);
    /// The command line or the manifest is wrong.
    pub const USAGE: Self = Self(2);
    /// A build did not build or become ready, a file could not be written.
    pub const ENVIRONMENT: Self = Self(3);
    /// Nothing broke, but something that had to be shown could not be.
    pub const INCONCLUSIVE: Self = Self(4);
    /// A bug in straddle.
    pub const BUG: Self = Self(70);
    /// Ctrl-c, or SIGTERM.
    pub const INTERRUPTED: Self = Self(130);

    /// The code that the engine decided on.
    pub fn of(code: u8) -> Self {
        Self(code)
    }

    /// As the operating system takes it.
    pub fn code(self) -> i32 {
        i32::from(self.0)
    }

    /// Of two things to say, the one that goes first.
    pub fn over(self, other: Self) -> Self {
        let rank = |exit: Self| PRECEDENCE.iter().position(|known| *known == exit).unwrap_or(PRECEDENCE.len());
        if rank(other) < rank(self) { other } else { self }
    }
}

const PRECEDENCE: [Exit; 7] = [
    Exit::INTERRUPTED,
    Exit::BUG,
    Exit::USAGE,
    Exit::INCOMPATIBLE,
    Exit::ENVIRONMENT,
    Exit::INCONCLUSIVE,
    Exit::COMPATIBLE,
];

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn a_break_is_said_before_a_report_that_could_not_be_written() {
        assert_eq!(Exit::INCOMPATIBLE.over(Exit::ENVIRONMENT), Exit::INCOMPATIBLE);
        assert_eq!(Exit::COMPATIBLE.over(Exit::ENVIRONMENT), Exit::ENVIRONMENT);
        assert_eq!(Exit::INCONCLUSIVE.over(Exit::ENVIRONMENT), Exit::ENVIRONMENT);
        assert_eq!(Exit::INCOMPATIBLE.over(Exit::INTERRUPTED), Exit::INTERRUPTED);
    }
}
