//! `cargo xtask protos`: a folder of `.proto` files as large APIs have them, once as they are and once a little later.

mod text;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::options::Options;
use crate::steps::Done;

/// Files where nothing is said.
const COUNT: usize = 900;

/// Writes them under `--out`, in `old` and `new`.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let count = options.value("--count")?.map_or(Ok(COUNT), |text| text.parse())?;
    let seed = options.value("--seed")?.map_or(Ok(1), |text| text.parse())?;
    let out = options.value("--out")?.map(PathBuf::from).ok_or("`--out DIR` says where to")?;
    options.names()?;
    for (side, later) in [("old", false), ("new", true)] {
        for (path, text) in text::files(count, seed, later) {
            let path = out.join(side).join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            fs::write(path, text)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
