//! `cargo xtask record-demo`: the demo's recordings, made anew by the demo itself.

use std::process::{Command, ExitCode};

use crate::faults::{self, CASES};
use crate::options::Options;
use crate::steps::{self, Done};

/// The clean pair's, and those of each fault and change that needs its own; with names, those of these alone.
pub fn run(words: Vec<String>) -> Done {
    let names = Options::new(words).names()?;
    if let Some(unknown) = names.iter().find(|name| faults::find(name).is_none()) {
        return Err(format!("the demo can't show `{unknown}`").into());
    }
    steps::build()?;
    let folder = steps::root().join("tests/demo/recordings");
    let shop = steps::binary("straddle-demo-shop");
    for side in ["old", "new"].into_iter().filter(|_| names.is_empty()) {
        let record = ["record", "--side", side, "--out"];
        steps::must(Command::new(&shop).args(record).arg(folder.join(format!("{side}.har"))))?;
    }
    for case in CASES.iter().filter(|case| names.is_empty() || names.iter().any(|name| name == case.name)) {
        let option = if case.is_benign() { "--benign" } else { "--fault" };
        for side in case.recorded {
            let record = ["record", "--side", side, option, case.name, "--short", "--out"];
            steps::must(Command::new(&shop).args(record).arg(folder.join(case.recording(side))))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
