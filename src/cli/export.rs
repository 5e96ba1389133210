//! `straddle export`: our recordings to formats of others.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::import::counted;
use super::output;
use crate::report::visible;
use crate::traffic::{self, Exported, TrafficError};

/// Turn a recording into a HAR file
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle export recordings/shop.jsonl --har --out shop.har")]
pub(super) struct Export {
    /// What to read
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write HAR 1.2
    #[arg(long, required = true)]
    har: bool,
    /// What to write; standard output where it is left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    pub fn run(self) -> Result<Exit, Failure> {
        let recording = traffic::open(&self.file).map_err(Failure::usage)?;
        let exported = match &self.out {
            Some(out) if output::is_same(&self.file, out) => {
                let text = format!("--out {} would overwrite what is read; name another file", out.display());
                return Err(Failure::usage(text));
            }
            Some(out) => {
                let mut result = None;
                let written = output::stream(out, &mut |to| fill(&mut result, traffic::export(&recording, to)));
                match (result, written) {
                    (Some(Err(error)), _) => return Err(Failure::usage(error)),
                    (_, Err(error)) => return Err(Failure::environment(error)),
                    (result, Ok(())) => result.and_then(Result::ok).unwrap_or_default(),
                }
            }
            None => {
                let mut to = io::BufWriter::new(io::stdout().lock());
                match traffic::export(&recording, &mut to).map_err(Failure::usage)? {
                    Ok(exported) => exported,
                    // Whoever reads it has seen enough.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::COMPATIBLE),
                    Err(error) => {
                        return Err(Failure::environment(format!("standard output can't be written: {error}")));
                    }
                }
            }
        };
        for note in recording.notes().iter().chain(&exported.notes) {
            output::say(&format!("note: {}", visible(note)));
        }
        if let Some(out) = &self.out {
            let text = format!("{}: {}\n", out.display(), counted(exported.exchanges, "exchange"));
            return output::print(&text).map(|()| Exit::COMPATIBLE);
        }
        Ok(Exit::COMPATIBLE)
    }
}

/// Keeps what came of it; what is wrong with the recording ends the writing too.
fn fill(
    result: &mut Option<Result<Exported, TrafficError>>,
    came: Result<io::Result<Exported>, TrafficError>,
) -> io::Result<()> {
    match came {
        Ok(Ok(exported)) => {
            *result = Some(Ok(exported));
            Ok(())
        }
        Ok(Err(error)) => Err(error),
        Err(error) => {
            *result = Some(Err(error));
            Err(io::Error::other("the recording can't be read"))
        }
    }
}
