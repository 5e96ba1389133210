//! `straddle man`: the manual pages, made of what `--help` says.

use clap::{Args, CommandFactory as _};
use clap_mangen::Man as Page;

use super::args::Cli;
use super::exit::Exit;
use super::failure::Failure;
use super::output;

/// Print the manual page of straddle, or of one of its commands
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  straddle man > ~/.local/share/man/man1/straddle.1
  straddle man check | man -l -")]
pub(super) struct Man {
    /// Which command's page; straddle's own where none is named
    command: Option<String>,
}

impl Man {
    pub fn run(self) -> Result<Exit, Failure> {
        let mut straddle = Cli::command();
        straddle.build();
        let page = match &self.command {
            None => Page::new(straddle),
            Some(name) => {
                let known =
                    straddle.find_subcommand(name).filter(|command| !command.is_hide_set()).ok_or_else(|| {
                        Failure::usage(format!("`{name}` is no command of straddle; `straddle --help` lists them"))
                    })?;
                Page::new(known.clone())
            }
        };
        let mut text = Vec::new();
        page.render(&mut text).map_err(|error| Failure::usage(format!("the page can't be written: {error}")))?;
        output::print(&String::from_utf8_lossy(&text)).map(|()| Exit::COMPATIBLE)
    }
}
