//! The arguments, and what each command is called.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use super::exit::Exit;
use super::failure::Failure;
use super::{
    check, completions, contracts, explain, export, import, man, merge, output, record, replay, report, reproduce,
    rules, schema,
};

/// Finds out whether two versions of a service can serve at once, before a release does.
///
/// A release straddles two versions while it rolls out. straddle stands both up, sends recorded traffic of each to the
/// other, and answers: can we roll forward, can both serve at once, can we roll back?
#[derive(Debug, Parser)]
#[command(name = "straddle", bin_name = "straddle", version, max_term_width = 100, after_help = AFTER)]
#[command(subcommand_required = true, arg_required_else_help = false, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
Exit codes: 0 compatible, 1 incompatible, 2 usage or manifest, 3 environment, 4 inconclusive,
70 a bug in straddle, 130 interrupted.

Example: straddle check --old git:latest-tag --report terminal --report junit=straddle.xml";

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(check::Check),
    Replay(replay::Replay),
    Contracts(contracts::Contracts),
    Record(record::Record),
    Import(import::Import),
    Export(export::Export),
    Reproduce(reproduce::Reproduce),
    Report(report::Report),
    Merge(merge::Merge),
    Explain(explain::Explain),
    Rules(rules::Rules),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Does it.
    pub fn run(self) -> Result<Exit, Failure> {
        match self {
            Self::Check(check) => check.run(),
            Self::Replay(replay) => replay.run(),
            Self::Contracts(contracts) => contracts.run(),
            Self::Record(record) => record.run(),
            Self::Import(import) => import.run(),
            Self::Export(export) => export.run(),
            Self::Reproduce(reproduce) => reproduce.run(),
            Self::Report(report) => report.run(),
            Self::Merge(merge) => merge.run(),
            Self::Explain(explain) => explain.run(),
            Self::Rules(rules) => rules.run(),
            Self::Schema(schema) => schema.run(),
            Self::Completions(completions) => completions.run(),
            Self::Man(man) => man.run(),
        }
    }
}

/// Public names of commands that a later release brings.
const LATER: [&str; 2] = ["assets", "init"];

/// The command that the arguments name. Where they name none, what is to be said has been, and the exit code is given.
pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Exit> {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(later) = args.get(1).and_then(|arg| arg.to_str()).filter(|arg| LATER.contains(arg)) {
        let text = format!("`straddle {later}` is not in this release; `straddle --help` lists what is");
        return Err(Failure::usage(text).tell());
    }
    match Cli::try_parse_from(args) {
        Ok(cli) => Ok(cli.command),
        Err(error) => {
            let exit = if error.use_stderr() { Exit::USAGE } else { Exit::COMPATIBLE };
            output::tolerate(error.print());
            Err(exit)
        }
    }
}
