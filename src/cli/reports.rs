//! `--report FORMAT[=PATH]`, as often as wanted.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use super::surroundings::{FILE_STYLE, stdout_style};
use crate::model::Run;
use crate::report::{Renderer, renderer};

/// The reports that were asked for.
#[derive(Debug, Clone, Args)]
pub(super) struct Reports {
    /// A report to write: terminal, json or junit, to standard output (also `-`) or to a file; repeatable
    #[arg(long = "report", value_name = "FORMAT[=PATH]", default_value = "terminal", value_parser = wanted)]
    wanted: Vec<Wanted>,
}

#[derive(Clone)]
struct Wanted {
    format: &'static dyn Renderer,
    /// None: standard output.
    path: Option<PathBuf>,
}

impl std::fmt::Debug for Wanted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}={:?}", self.format.name(), self.path)
    }
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, path) = text.split_once('=').map_or((text, None), |(name, path)| (name, Some(path)));
    let format = renderer(name).map_err(|error| error.to_string())?;
    match path {
        Some("") => Err(format!("there is no path after `{name}=`; leave out the `=` for standard output")),
        Some("-") | None => Ok(Wanted { format, path: None }),
        Some(path) => Ok(Wanted { format, path: Some(PathBuf::from(path)) }),
    }
}

impl Reports {
    /// Finds out before anything long is begun whether the reports would overwrite each other or a folder.
    pub fn check(&self) -> Result<(), Failure> {
        for (index, one) in self.wanted.iter().enumerate() {
            let name = one.format.name();
            if let Some(other) = self.wanted[..index].iter().find(|other| other.path == one.path) {
                let place = one.path.as_ref().map_or("standard output".into(), |path| path.display().to_string());
                let text = format!(
                    "both the {} and the {name} report would go to {place}; give one a path of its own: --report {name}=PATH",
                    other.format.name(),
                );
                return Err(Failure::usage(text));
            }
            if let Some(path) = one.path.as_ref().filter(|path| path.is_dir()) {
                let text = format!("--report {name}={0}: that is a folder; give a file in it", path.display());
                return Err(Failure::usage(text));
            }
        }
        Ok(())
    }

    /// Writes all of them. One that can't be written keeps none of the others from being so.
    pub fn write(&self, run: &Run) -> Exit {
        let mut exit = Exit::COMPATIBLE;
        for Wanted { format, path } in &self.wanted {
            let written = match path {
                None => output::print(&format.render(run, &stdout_style())),
                Some(path) => {
                    output::write(path, format.render(run, &FILE_STYLE).as_bytes()).map_err(Failure::environment)
                }
            };
            if let Err(failure) = written {
                exit = exit.over(failure.tell());
            }
        }
        exit
    }

    /// The files that the reports go to, where none goes to standard output.
    pub fn files_alone(&self) -> Option<String> {
        let files: Option<Vec<String>> =
            self.wanted.iter().map(|wanted| Some(wanted.path.as_ref()?.display().to_string())).collect();
        Some(files?.join(", "))
    }
}
