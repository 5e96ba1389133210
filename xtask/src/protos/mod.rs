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

#[cfg(test)]
mod tests {
    use super::text::files;

    #[test]
    fn the_same_seed_gives_the_same_files_and_another_gives_others() {
        let all = |seed, later| files(20, seed, later).collect::<Vec<_>>();
        assert_eq!(all(1, false), all(1, false));
        assert_ne!(all(1, false), all(2, false));
        let (old, new) = (all(1, false), all(1, true));
        let changed = old.iter().zip(&new).filter(|(old, new)| old != new).count();
        assert!(changed > 0 && changed < old.len(), "{changed}");
    }
}
