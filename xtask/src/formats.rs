//! `cargo xtask formats`: recordings that others made, through import, export and import again.
//!
//! What comes back is what went out, byte for byte: all that a recording says, HAR says too.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::options::Options;
use crate::steps::{self, Done, Failure};

/// Where recordings of real programs lie beside a checkout.
const SOURCE: &str = "../shared/pairs";

/// Goes through all HAR files under `--source DIR`.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let source = options.value("--source")?.map_or_else(|| steps::root().join(SOURCE), PathBuf::from);
    let straddle = steps::build()?;
    let mut files = Vec::new();
    recordings(&source, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(format!("no HAR file under {}", source.display()).into());
    }
    let folder = steps::target().join("formats");
    std::fs::create_dir_all(&folder)?;
    let mut same = true;
    for file in &files {
        let (first, har, again) = (folder.join("first.jsonl"), folder.join("again.har"), folder.join("again.jsonl"));
        let command = || Command::new(&straddle);
        let said = steps::output(command().arg("import").arg(file).arg("--out").arg(&first))?;
        steps::output(command().arg("export").arg(&first).arg("--har").arg("--out").arg(&har))?;
        steps::output(command().arg("import").arg(&har).arg("--out").arg(&again))?;
        let is_same = std::fs::read(&first)? == std::fs::read(&again)?;
        println!("{} {}: {}", if is_same { "same " } else { "OTHER" }, file.display(), said.trim_end());
        same &= is_same;
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn recordings(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            recordings(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "har") {
            found.push(path);
        }
    }
    Ok(())
}
