//! `straddle completions`: what a shell needs to complete straddle's arguments.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::failure::Failure;
use super::output;

/// Print what a shell needs to complete straddle's arguments
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  straddle completions bash > ~/.local/share/bash-completion/completions/straddle
  straddle completions zsh > ~/.zfunc/_straddle          # a folder of $fpath
  straddle completions fish > ~/.config/fish/completions/straddle.fish")]
pub(super) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub fn run(self) -> Result<Exit, Failure> {
        // Into memory first: what generates it panics where it can't write.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "straddle", &mut script);
        output::print(&String::from_utf8_lossy(&script)).map(|()| Exit::COMPATIBLE)
    }
}
